"""Which files of a dataset were read, what they were, and which have changed since."""

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from stages.core.recording.recording_files import read_description
from stages.core.run.errors import InputError
from stages.core.run.files import sha256
from stages.core.run.progress import progress
from stages.prepare.atlases.region_rows import some
from stages.prepare.bids.dataset_files import CONFOUNDS
from stages.prepare.bids.find_runs import Run

STIMULI = "stimuli"
LANGUAGE = "language"  # folder of the recordings of that study


def file_sources(
    runs: Sequence[Run], root: Path, others: Sequence[Path], *, watched: bool
) -> dict[str, str]:
    """Say which files were read, by their path from the dataset on.

    Of series, which are most of a dataset, the size and when they were modified; in a folder that
    DVC watches, and has hashed, the size alone. Of all else, tables, masks and atlases, SHA-256.

    Parameters
    ----------
    runs : sequence of Run
    root : Path
        The dataset.
    others : sequence of Path
        Files besides those of the runs; those that do not exist are left out.
    watched : bool
        Whether the dataset lies in the folder that DVC watches.
    """
    images = {path for run in runs for path in run.images}
    tables = {path for run in runs for path in (run.mask, run.confounds, run.events) if path}
    tables |= {path for run in runs for path in run.sidecars} | set(others)
    tables |= {path.with_suffix(".json") for path in tables if path.name.endswith(CONFOUNDS)}
    read = progress(sorted(path for path in tables - images if path.exists()), "digests")
    said = {path: sha256(path) for path in read}
    said |= {path: size_of(path) if watched else size_and_time(path) for path in images}
    return {os.path.relpath(path, root): said[path] for path in sorted(said)}


def size_of(path: Path) -> str:
    """Say how large a file is."""
    return f"{path.stat().st_size} bytes"


def size_and_time(path: Path) -> str:
    """Say how large a file is, and when it was modified, to the second."""
    when = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    return f"{size_of(path)}, modified {when:%Y-%m-%dT%H:%M:%SZ}"


def changes_since(recording: Path, root: Path) -> Iterator[str]:
    """Yield a line or two about what changed in a dataset since a recording was made of it.

    Parameters
    ----------
    recording : Path
        Folder of the recording.
    root : Path
        The dataset.

    Raises
    ------
    InputError
        If the recording is none, damaged, or of another dataset.
    """
    about = read_description(recording)
    if about["dataset"] != "bids":
        got = about["dataset"]
        raise InputError("recording of another dataset", where=recording, expected="bids", got=got)
    sources: Mapping[str, str] = about["sources"]
    # Pictures are pixels of many files, and no one file.
    files = {name: said for name, said in sources.items() if name != STIMULI}
    gone = [name for name in files if not (root / name).is_file()]
    other = [
        name for name, said in files.items() if name not in gone and _now(root / name, said) != said
    ]
    yield f"since {recording} was made:"
    if not gone and not other:
        yield f"  none of its {len(files)} files has changed"
    if gone:
        yield f"  no longer there: {some(gone)}"
    if other:
        yield f"  changed: {some(other)}"
    if gone or other:
        stage, rest = _again(recording, str(about["kind"]))
        yield f"  run `dvc repro --force --single-item {stage}`, then `{rest}`"


def _again(recording: Path, kind: str) -> tuple[str, str]:
    """Say which stage makes a recording, and how what follows from it is made."""
    if recording.resolve().parent.name == LANGUAGE:
        flow = f"data/{LANGUAGE}/dvc.yaml"
        return f"{flow}:prepare_language@{recording.resolve().name}", f"dvc repro {flow}"
    return "prepare_story" if kind == "timeseries" else "prepare_scene", "dvc repro"


def _now(path: Path, said: str) -> str:
    """Say of a file what was said of it before, as it is now."""
    if " bytes" not in said:
        return sha256(path)
    return size_and_time(path) if "modified" in said else size_of(path)
