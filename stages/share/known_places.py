"""What recordings do not say of themselves: their space, and where they were obtained."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stages.core.run.files import read_json

# Voxels in millimetres of the MNI template of SPM, as the release of Wehbe et al. has them.
_MNI = ("wehbe", "simulated")
# What the names of templates begin with whose coordinates NIfTI calls standard.
TEMPLATES = "MNI"
# Names of spaces that are a person's own; all others are templates.
OWN = ("T1w", "T2w", "func", "boldref", "orig", "fsnative", "individual")
_PUBLISHED = {
    "wehbe": "https://doi.org/10.5061/dryad.gt413",
    "nsd": "https://naturalscenesdataset.org",
}


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


def space_of(dataset: str, space: str) -> Space:
    """Say where the voxels of a recording lie; `space` is what it says itself, if anything."""
    if space.startswith(TEMPLATES):
        return Space(True, space, space)
    if space:
        whose = f"{space} of each person" if space in OWN else f"of the template {space}"
        return Space(False, f"The space {whose}, as the recording has it", space)
    if dataset in _MNI:
        return Space(True, "MNI coordinates by SPM's normalisation; the release names no template")
    return Space(False, "The person's own space, as the recording has it")


def is_simulated(raw: Path) -> bool:
    """Whether nobody was measured: raw data that are simulated have their truth beside them."""
    return (raw / "truth.json").exists()


def sources_of(dataset: str, raw: Path) -> list[dict[str, Any]]:
    """List where a recording was obtained, as `SourceDatasets`; nothing where it is not known.

    Parameters
    ----------
    dataset : str
    raw : Path
        Folder of the raw data, with `sources.json` if they are public.
    """
    listed = raw / "sources.json"
    if listed.exists():
        about = read_json(listed, "Restore it from Git.")
        repository, revision = about.get("repository"), about.get("revision")
        if repository and revision:
            url = f"https://github.com/{repository}/tree/{revision}"
            return [{"URL": url, "Version": str(revision)}]
    return [{"URL": _PUBLISHED[dataset]}] if dataset in _PUBLISHED else []
