"""The files of a dataset and of its derivative, sorted by what they belong to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stages.core.run.errors import InputError
from stages.prepare.bids.entities import BidsFile, walk
from stages.prepare.inner_paths import UNSEEN

# By the kind of space, the files of a series.
VOLUME = (".nii.gz", ".nii")
SURFACE = (".func.gii",)
CIFTI = (".dtseries.nii",)
TIME_SERIES = (*VOLUME, *SURFACE, *CIFTI)
BOLD = "bold"
CONFOUNDS = ("desc-confounds_timeseries.tsv", "desc-confounds_regressors.tsv")


@dataclass(frozen=True)
class Dataset:
    """A dataset and its derivative, as files.

    Attributes
    ----------
    root, derivative : Path
    raw, derived : tuple of BidsFile
    """

    root: Path
    derivative: Path
    raw: tuple[BidsFile, ...]
    derived: tuple[BidsFile, ...]


def open_dataset(root: Path, derivative: str) -> Dataset:
    """List the files of a dataset and of its derivative.

    Raises
    ------
    InputError
        If there is no such folder.
    """
    place = root / derivative
    if not place.is_dir():
        others = sorted(path for path in root.glob("derivatives/*") if path.is_dir())
        raise InputError(
            "no such folder",
            where=place,
            expected="a preprocessed derivative, such as that of fMRIPrep",
            got=", ".join(str(path.relative_to(root)) for path in others) or "no derivatives",
            do="Set bids.derivative, from the dataset's folder on: `.` is that folder itself. "
            + UNSEEN,
        )
    raw = (file for file in walk(root, below=False) if not file.path.is_relative_to(place))
    return Dataset(root, place, tuple(raw), tuple(walk(place)))


@dataclass(frozen=True)
class Shelves:
    """Files that may belong to a run, sorted once for all runs.

    `derived` and `raw` are by acquisition, the others those that may describe many runs.
    """

    derived: Mapping[tuple[str, ...], Sequence[BidsFile]]
    raw: Mapping[tuple[str, ...], Sequence[BidsFile]]
    events: Sequence[BidsFile]
    about: Sequence[BidsFile]
    raw_about: Sequence[BidsFile]


def shelves(data: Dataset) -> Shelves:
    """Sort the files of a dataset."""
    return Shelves(
        derived=by_acquisition(data.derived),
        raw=by_acquisition(data.raw),
        events=[file for file in data.raw if file.extension == ".tsv"],
        about=[file for file in data.derived if file.extension.endswith("json")],
        raw_about=[file for file in data.raw if file.extension == ".json"],
    )


def by_acquisition(files: Iterable[BidsFile]) -> dict[tuple[str, ...], list[BidsFile]]:
    """Group files by what they were acquired in."""
    groups: dict[tuple[str, ...], list[BidsFile]] = {}
    for file in files:
        groups.setdefault(file.acquisition, []).append(file)
    return groups


def is_series(file: BidsFile, suffix: str = BOLD) -> bool:
    """Whether a file is a series of volumes or surfaces, by its name.

    Surfaces of time series need not say `bold`.
    """
    unsaid = suffix == BOLD and file.extension in SURFACE
    return file.extension in TIME_SERIES and (file.suffix == suffix or unsaid)
