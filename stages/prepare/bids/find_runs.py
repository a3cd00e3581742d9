"""The preprocessed runs of a derivative, and the files that belong to each."""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stages.core.params.bids_section import Bids
from stages.core.run.errors import InputError, did_you_mean
from stages.prepare.bids.dataset_files import (
    BOLD,
    CONFOUNDS,
    SURFACE,
    VOLUME,
    Dataset,
    Shelves,
    by_acquisition,
    is_series,
    shelves,
)
from stages.prepare.bids.described import metadata, nearest, sidecars
from stages.prepare.bids.entities import ACQUISITION, BidsFile, acquisition_order, spelled

# Names that fMRIPrep gave before version 1.2: the kind of file stands where its suffix should.
_OLD = re.compile(
    r".*_bold_space-[A-Za-z0-9]+(_preproc\.nii\.gz|\.[LR]\.func\.gii)|.*_bold_preproc\.nii.*"
)
# Of a volume's name; surfaces and grayordinates that were preprocessed do not say so.
PREPROCESSED = "preproc"
# Names that a message lists.
NAMED = 5
# Series of single echoes say which; what was combined of all of them does not.
ECHO = "echo"

log = logging.getLogger("concord.prepare")


@dataclass(frozen=True)
class Run:
    """One acquisition, preprocessed.

    Attributes
    ----------
    subject : str
        As in the folder, such as `sub-01`.
    name : BidsFile
        The series, of a surface the left one.
    images : tuple of Path
        The volume, the grayordinates, or left and right surface.
    mask, confounds, events : Path or None
    about : dict
        What the derivative's .json files say.
    raw_about : dict
        What the dataset's say.
    raw : Path or None
        The image before preprocessing.
    sidecars : tuple of Path
        The .json files.
    """

    subject: str
    name: BidsFile
    images: tuple[Path, ...]
    mask: Path | None
    confounds: Path | None
    events: Path | None
    about: Mapping[str, Any]
    raw_about: Mapping[str, Any]
    raw: Path | None
    sidecars: tuple[Path, ...]

    @property
    def image(self) -> Path | tuple[Path, Path]:
        """The series: one file, or that of each hemisphere, left first."""
        return self.images[0] if len(self.images) == 1 else (self.images[0], self.images[1])

    @property
    def label(self) -> str:
        """The acquisition, for messages."""
        said = self.name.entities
        return ", ".join(f"{key}-{said[key]}" for key in ACQUISITION if key in said)


def find_runs(data: Dataset, settings: Bids, suffix: str = BOLD) -> list[Run]:
    """Find the runs that are asked for, by subject, session and number.

    `suffix` is that of their series. Runs that have a table and no series are told.

    Raises
    ------
    InputError
        If there is none, or several files are one run's.
    """
    series = [file for file in data.derived if is_series(file, suffix) and "sub" in file.entities]
    chosen = [file for file in series if _wanted(file, settings)]
    if not chosen:
        _refuse(data, series, settings, suffix)
    groups = by_acquisition(chosen)
    sorted_files = shelves(data)
    runs = [_run(files, sorted_files) for files in groups.values()]
    _tell_unmeasured(runs, data, settings, suffix)
    return sorted(runs, key=lambda run: acquisition_order(run.name))


def _tell_unmeasured(runs: Sequence[Run], data: Dataset, settings: Bids, suffix: str) -> None:
    """Say which tables of people's events, or of their volumes, are of none of the runs."""
    wanted = {key: value for key, value in settings.select.items() if key in ACQUISITION}
    tables = [
        file
        for file in (*data.raw, *data.derived)
        if file.extension == ".tsv" and file.suffix in ("events", suffix)
        if file.entities.get("task") in settings.tasks and "sub" in file.entities
    ]
    known = [{(key, run.name.entities.get(key)) for key in ACQUISITION} for run in runs]
    unused = [
        file.path.name
        for file in tables
        if file.has(wanted)
        and not any(
            {(key, file.entities[key]) for key in ACQUISITION if key in file.entities} <= one
            for one in known
        )
    ]
    if unused:
        more = ", …" if len(unused) > NAMED else ""
        log.info(
            "%d tables of runs that have no _%s in %s, and are left out: %s%s",
            *(len(unused), suffix, data.derivative, ", ".join(unused[:NAMED]), more),
        )


def _wanted(file: BidsFile, settings: Bids) -> bool:
    """Whether a series is of a task, the space and the entities asked for."""
    wanted = {"space": settings.space} | dict(settings.select)
    if "desc" not in file.entities and wanted.get("desc") == PREPROCESSED:
        del wanted["desc"]
    return file.entities.get("task") in settings.tasks and file.has(wanted)


def _run(files: Sequence[BidsFile], beside: Shelves) -> Run:
    """Put together what belongs to the series of one acquisition."""
    images = _images(files)
    name = images[0]
    others = beside.derived[name.acquisition]
    in_space = [file for file in others if _same(file, name, ("space", "res", "den", "cohort"))]
    masks = [
        file
        for file in in_space
        if file.suffix == "mask" and file.extension in VOLUME and file.has({"desc": "brain"})
    ]
    tables = [file for file in others if file.path.name.endswith(CONFOUNDS)]
    # Echoes, or magnitude and phase, are as long as each other.
    raws = [
        file.path
        for file in beside.raw.get(name.acquisition, ())
        if file.suffix == "bold" and file.extension in VOLUME
    ]
    found = nearest(name, beside.events, "events")
    return Run(
        subject=f"sub-{name.entities['sub']}",
        name=name,
        images=tuple(file.path for file in images),
        mask=_only(masks, "brain mask"),
        confounds=_only(tables, "table of confounds"),
        events=None if found is None else found.path,
        about=metadata(name, beside.about),
        raw_about=metadata(name, beside.raw_about),
        raw=min(raws, default=None),
        sidecars=tuple(file.path for file in sidecars(name, [*beside.about, *beside.raw_about])),
    )


def _same(file: BidsFile, other: BidsFile, keys: Sequence[str]) -> bool:
    return all(file.entities.get(key) == other.entities.get(key) for key in keys)


def _only(files: Sequence[BidsFile], what: str) -> Path | None:
    """Take the one file there is, or none.

    Raises
    ------
    InputError
        If there are several.
    """
    if len(files) > 1:
        got = ", ".join(str(file.path) for file in files)
        raise InputError(f"more than one {what} of a run", expected="one", got=got)
    return files[0].path if files else None


def _images(files: Sequence[BidsFile]) -> list[BidsFile]:
    """Take the one series of an acquisition, or those of its two hemispheres, left first.

    Raises
    ------
    InputError
        If there are several to choose from, or a hemisphere is missing.
    """
    name, surface = files[0], files[0].extension in SURFACE
    sides = [file.entities.get("hemi", "") for file in files] if surface else [""]
    if surface and sorted(sides) == ["L", "R"]:
        return sorted(files, key=lambda file: file.entities["hemi"])
    where = spelled({key: name.entities[key] for key in name.entities if key != "hemi"})
    if surface and set(sides) < {"L", "R"} and len(files) == 1:
        got = f"hemi-{sides[0]} alone"
        raise InputError(f"hemisphere missing in {where}", expected="hemi-L and hemi-R", got=got)
    if len(files) == 1:
        return list(files)
    keys = {key for file in files for key in file.entities}
    differ = {key for key in keys if len({file.entities.get(key) for file in files}) > 1}
    differ -= {"hemi"} if surface else set()
    if not differ:
        got = ", ".join(str(file.path) for file in files)
        raise InputError(f"one run twice in {where}", got=got, do="Move one of them away.")
    got = ", ".join(sorted({_difference(file, differ) for file in files}))
    key = min(differ, default="desc")
    values = [file.entities.get(key, "") for file in files]
    value = "" if key == ECHO and "" in values else next(filter(None, values))
    raise InputError(
        f"several files for one run in {where}",
        got=got,
        do=f'Choose with bids.select, such as {{{key}: "{value}"}}.',
    )


def _difference(file: BidsFile, keys: set[str]) -> str:
    said = [f"{key}-{file.entities[key]}" for key in sorted(keys) if key in file.entities]
    return " ".join(said) or f"no {' or '.join(sorted(keys))}"


def _refuse(data: Dataset, series: Sequence[BidsFile], settings: Bids, suffix: str) -> None:
    """Say what is there instead of the runs that were asked for."""
    old = sorted(path for path in data.derivative.rglob("*_bold_*") if _OLD.fullmatch(path.name))
    if old:
        raise InputError(
            f"names of fMRIPrep before 1.2 in {data.derivative}",
            got=old[0].name,
            do="Preprocess again with a version from 20.2 on.",
        )
    tasks = sorted({file.entities["task"] for file in series if "task" in file.entities})
    spaces = sorted({file.entities.get("space", "none") for file in series})
    select = "".join(f" {key}-{value or '(none)'}" for key, value in settings.select.items())
    near, space = "", settings.space or "(none)"
    for task in settings.tasks:
        if tasks and task not in tasks:
            near = f" {did_you_mean(task, tasks)}"
    raise InputError(
        f"no preprocessed run in {data.derivative}",
        expected=f"_{suffix}, task-{' or task-'.join(settings.tasks)}, space-{space},{select}",
        got=f"tasks {', '.join(tasks) or 'none'}; spaces {', '.join(spaces) or 'none'}",
        do=f"Set bids.tasks, bids.space or bids.select.{near}",
    )
