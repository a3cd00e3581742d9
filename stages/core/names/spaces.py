"""Spaces that voxels and vertices are of, and which of them are a template's."""

from dataclasses import dataclass

# Voxels in millimetres of the MNI template of SPM, as the release of Wehbe et al. has them.
_MNI = ("wehbe", "simulated")
# What the names of templates begin with whose coordinates NIfTI calls standard.
_TEMPLATES = "MNI"
# Those of them that are of the brains of the ICBM, in their coordinates.
_ICBM = "MNI152"
# Names of spaces that are a person's own; all others are templates.
_OWN = ("T1w", "T2w", "func", "boldref", "orig", "fsnative", "individual")


@dataclass(frozen=True)
class Space:
    """Where the affine of a recording leads to.

    Attributes
    ----------
    standard : bool
        To the coordinates of a template.
    reference : str
        In words, for `SpatialReference`.
    label : str
        As names of files say it; empty where they need not.
    """

    standard: bool
    reference: str
    label: str = ""

    @property
    def of_icbm(self) -> bool:
        """Whether a template of MNI152 is this space, or near to it by millimetres."""
        return self.standard and (not self.label or self.label.startswith(_ICBM))


def space_of(dataset: str, space: str) -> Space:
    """Say where the voxels of a recording lie; `space` is what it says itself, if anything."""
    if space.startswith(_TEMPLATES):
        return Space(True, space, space)
    if space:
        whose = f"{space} of each person" if space in _OWN else f"of the template {space}"
        return Space(False, f"The space {whose}, as the recording has it", space)
    if dataset in _MNI:
        return Space(True, "MNI coordinates by SPM's normalisation; the release names no template")
    return Space(False, "The person's own space, as the recording has it")
