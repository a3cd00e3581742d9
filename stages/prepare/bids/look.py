"""What there is to study in a dataset, before any parameter is set."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from stages.core.params.bids_section import Bids
from stages.core.run.errors import InputError
from stages.prepare.bids.bids_scenes import viewings_of
from stages.prepare.bids.bids_tables import read_bids_table, read_sidecar
from stages.prepare.bids.dataset_files import CONFOUNDS, is_series, open_dataset
from stages.prepare.bids.entities import BidsFile, walk
from stages.prepare.bids.find_runs import find_runs
from stages.prepare.bids.run_plan import make_plan
from stages.prepare.bids.shown_images import volume_tables
from stages.prepare.series.run_series import header_tr, series_length

DESCRIPTION = "dataset_description.json"
ATLASES = ("_dseg.nii.gz", ".label.gii", ".annot", ".dlabel.nii")
# Values of a column that are worth naming: more are words, or times.
FEW = 12
SHOWN = 8


def lines_about(root: Path, settings: Bids, requested: Literal["all"] | list[str]) -> Iterator[str]:
    """Yield lines about a dataset: what it holds, and what these parameters would make of it.

    Raises
    ------
    InputError
        If the folder holds nothing that looks like a dataset.
    """
    files = list(walk(root))
    series = [
        file
        for file in files
        if (is_series(file) or is_series(file, settings.betas)) and "task" in file.entities
    ]
    if not series:
        raise InputError(
            "no BIDS dataset",
            where=root,
            expected="series such as sub-01_task-story_space-T1w_desc-preproc_bold.nii.gz",
            got=_there(root),
        )
    yield from _descriptions(root)
    yield from _series_table(root, series)
    yield from _event_tables([file for file in files if file.suffix == "events"])
    yield from _others(root, files)
    if any(is_series(file, settings.betas) for file in series):
        yield from _images(root, settings)
    if any(is_series(file) for file in series):
        yield from _what_would_be(root, settings, requested)


def _there(root: Path) -> str:
    names = (
        sorted(path.name + "/" * path.is_dir() for path in root.iterdir()) if root.is_dir() else []
    )
    return ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "") or "nothing"


def _descriptions(root: Path) -> Iterator[str]:
    """Name the dataset and its derivatives, and what made them."""
    places = ("", "*/", "derivatives/*/")
    for path in sorted(path for place in places for path in root.glob(f"{place}{DESCRIPTION}")):
        about = read_sidecar(path)
        by = ", ".join(_tools(about))
        folder = path.parent.relative_to(root).as_posix()
        yield f"{folder}: {about.get('Name', 'no name')}" + (f", by {by}" if by else "")
    if not (root / DESCRIPTION).exists():
        yield f".: no {DESCRIPTION}"


def _tools(about: Mapping[str, Any]) -> Iterator[str]:
    """Name what made a derivative, by `GeneratedBy` or what came before it, whatever its form."""
    made = about.get("GeneratedBy", about.get("PipelineDescription", []))
    for one in made if isinstance(made, list) else [made]:
        named = one if isinstance(one, dict) else {"Name": one}
        yield f"{named.get('Name', 'no name')} {named.get('Version', '')}".strip()


def _series_table(root: Path, series: Sequence[BidsFile]) -> Iterator[str]:
    """List the kinds of series: where, which task and space, how many people, runs and volumes."""
    kinds: dict[tuple[str, ...], list[BidsFile]] = {}
    for file in series:
        chosen = [file.entities.get(key, "") for key in ("task", "space", "res", "den", "desc")]
        ending = f"_{file.suffix}{file.extension}"
        kinds.setdefault((_derivative(root, file), *chosen, ending), []).append(file)
    yield "series:"
    for (folder, task, space, res, den, desc, ending), files in sorted(kinds.items()):
        people = Counter(file.entities.get("sub", "") for file in files)
        said = {"task": task, "space": space, "res": res, "den": den, "desc": desc}
        name = " ".join(f"{key}-{value}" for key, value in said.items() if value)
        runs = "-".join(str(n) for n in sorted({min(people.values()), max(people.values())}))
        who = f"{len(people)} people, {runs} files each"
        yield f"  {folder}: {name} {ending}: {who}, {_first(files)}"


def _derivative(root: Path, file: BidsFile) -> str:
    """Name the folder that people's folders lie in, as `bids.derivative` would."""
    parts = file.path.relative_to(root).parts[:-1]
    people = (at for at, part in enumerate(parts) if part.startswith("sub-"))
    return "/".join(parts[: next(people, len(parts))]) or "."


def _first(files: Sequence[BidsFile]) -> str:
    """Say how long the first file is, if it can be read."""
    try:
        path = files[0].path
        if path.name.endswith(".gii"):
            return "surface"
        return f"the first of {series_length(path)} volumes, {header_tr(path) or '?'} s each"
    except InputError as error:
        return str(error)


def _event_tables(files: Sequence[BidsFile]) -> Iterator[str]:
    """List the columns of the tables of events, with the values of those that have few."""
    tables = [file for file in files if file.extension == ".tsv"]
    if not tables:
        yield "events: none; words must come from an annotation, see bids.words"
        return
    kinds = Counter(tuple(read_bids_table(file.path).columns) for file in tables)
    for columns, count in kinds.items():
        yield f"events: {count} tables with columns {', '.join(columns)}"
    first = read_bids_table(tables[0].path)
    for name in first.columns.difference(["onset", "duration"], sort=False):
        values = first[name].unique()
        rest = "" if len(values) <= FEW else f", … {len(values)} in all"
        yield f"  {name}: {', '.join(map(repr, values[:SHOWN]))}{rest}"


def _others(root: Path, files: Sequence[BidsFile]) -> Iterator[str]:
    """Say which confounds, annotations and atlases there are."""
    tables = [file.path for file in files if file.path.name.endswith(CONFOUNDS)]
    if tables:
        columns = len(read_bids_table(tables[0]).columns)
        yield f"confounds: {len(tables)} tables, the first of {columns} columns"
    else:
        yield "confounds: none; set bids.confounds: none"
    atlases = sorted(path for path in root.rglob("*") if path.name.endswith(ATLASES))
    names = ", ".join(path.relative_to(root).as_posix() for path in atlases[:SHOWN])
    yield f"atlases: {names or 'none here; see bids.atlas'}"
    grids = sorted(root.rglob("*.TextGrid"))
    if grids:
        yield f"annotations: {len(grids)} TextGrids, such as {grids[0].relative_to(root)}"


def _what_would_be(
    root: Path, settings: Bids, requested: Literal["all"] | list[str]
) -> Iterator[str]:
    """Say who and what would be studied with these parameters, or what is wrong with them."""
    yield "with bids as it stands in params.yaml:"
    try:
        plan = make_plan(open_dataset(root, settings.derivative), settings, requested)
    except InputError as error:
        yield f"  {error}"
        return
    yield f"  people: {', '.join(plan.subjects)}"
    tr, start = plan.timing.tr, plan.timing.start
    yield f"  a volume takes {tr:g} s and belongs to {start:g} s after it begins"
    yield f"  first volumes dropped: {plan.dummies}"
    for one in plan.passages:
        first = " ".join(one.words["text"][:SHOWN])
        runs = "; ".join(run.label for run in one.runs[plan.subjects[0]])
        size = f"{one.n_volumes} volumes, {len(one.words)} words"
        yield f"  run {one.name}: {size}, {first} … ({runs})"


def _images(root: Path, settings: Bids) -> Iterator[str]:
    """Say which images would be studied with these parameters, or what is wrong with them."""
    yield "images, with bids as it stands in params.yaml:"
    try:
        data = open_dataset(root, settings.derivative)
        runs = find_runs(data, settings, settings.betas)
        viewings = viewings_of(runs, volume_tables(runs, data, settings), settings)
    except InputError as error:
        yield f"  {error}"
        return
    for name, one in viewings.items():
        trials = sum(int((images != "").sum()) for images in one.images)
        size = f"{len(one.runs)} files, {trials} trials, {len(one.seen)} images"
        yield f"  {name}: {size}, such as {min(one.seen)}"
    yield f"  seen by all: {len(set.intersection(*(one.seen for one in viewings.values())))}"
