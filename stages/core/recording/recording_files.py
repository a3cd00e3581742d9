"""Recordings on disk: written whole or not at all, and read with every check."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors.numpy import save_file

from stages.core.names.datasets import rerun
from stages.core.recording.checks import check_recording, check_responses, check_words
from stages.core.recording.columns import KEY, write_columns
from stages.core.recording.types import (
    CAPTION_COLUMNS,
    OWN_SAMPLE_COLUMNS,
    SAMPLE_COLUMNS,
    STIMULUS_COLUMNS,
    TARGET_COLUMNS,
    Cleaning,
    Recording,
    Stream,
    Subject,
    Timeline,
    stimuli_digest,
)
from stages.core.run.errors import InputError
from stages.core.run.files import atomic, require_file, write_json
from stages.core.run.seals import check_unchanged, file_digest, read_sealed, sealed
from stages.core.run.tables import check_unique, read_table, write_table
from stages.core.run.tensors import map_tensor

OPTIONAL = ("features", "nuisance", "captions")
IMAGES = "images.hdf5"  # large, and not read with the rest: see `recorded_images`
CAPTIONS = "captions.parquet"
SINGLE = "single.safetensors"
TABLES = ("stimuli", "samples", *OPTIONAL)
DESCRIBED = ("dataset", "kind", "tr", "cleaning", "sources", "subjects", "files")


def write_recording(folder: Path, recording: Recording, *beside: str) -> None:
    """Check a recording and write it, `recording.json` last; it also describes files `beside`.

    Where images lie beside, of which there are no captions, the texts of the stimuli are these.

    Raises
    ------
    InputError
        If the recording does not keep the contract.
    """
    if IMAGES in beside and recording.captions is None:
        captions = recording.stimuli[["id", "text"]].assign(number=0)
        recording = replace(recording, captions=captions[list(CAPTION_COLUMNS)])
    check_recording(recording, folder)
    write_table(folder / "stimuli.parquet", recording.stimuli)
    write_table(folder / "samples.parquet", recording.samples)
    for name in OPTIONAL:
        table = getattr(recording, name)
        if table is not None:
            write_table(folder / f"{name}.parquet", table)
    for subject in recording.subjects:
        write_table(folder / subject.name / "targets.parquet", subject.targets)
        with atomic(folder / subject.name / "responses.safetensors") as partial:
            save_file({KEY: np.ascontiguousarray(subject.responses)}, partial)
        if subject.single is not None:
            with atomic(folder / subject.name / SINGLE) as partial:
                save_file({KEY: np.ascontiguousarray(subject.single)}, partial)
    for stream in recording.streams:
        _write_stream(folder / stream.name, stream)
    for someone in recording.everyone:
        if someone.samples is not None:
            write_table(folder / someone.name / "samples.parquet", someone.samples)
    paths = (*_paths(folder, recording), *(folder / name for name in beside))
    files = {str(path.relative_to(folder)): file_digest(path) for path in paths}
    write_json(folder / "recording.json", sealed(_describe(recording) | {"files": files}))


def _paths(folder: Path, recording: Recording) -> Iterable[Path]:
    """Name the files that `write_recording` writes before it describes them."""
    tables = [name for name in TABLES if getattr(recording, name) is not None]
    yield from (folder / f"{name}.parquet" for name in tables)
    for someone in recording.everyone:
        own = ["responses.safetensors", "targets.parquet"]
        own += ["samples.parquet"] if someone.samples is not None else []
        own += [SINGLE] if someone.single is not None else []
        yield from (folder / someone.name / name for name in own)


def _write_stream(folder: Path, stream: Stream) -> None:
    """Write responses and targets as they are made."""
    tables: list[pd.DataFrame] = []

    def blocks() -> Iterable[NDArray[np.float32]]:
        for responses, targets in stream.parts:
            check_responses(responses, targets, len(stream.samples), str(folder))
            tables.append(targets)
            yield responses

    write_columns(folder / "responses.safetensors", len(stream.samples), stream.at_most, blocks())
    targets = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    if targets.empty:
        raise InputError("no usable target", where=folder)
    check_unique(targets["id"], folder)
    write_table(folder / "targets.parquet", targets)
    if stream.single is not None:
        _write_single(folder / SINGLE, stream, len(targets))


def _write_single(path: Path, stream: Stream, n_targets: int) -> None:
    """Write single measurements of the targets that were written."""
    marked = int(stream.samples["single"].sum())
    blocks = iter(stream.single or ())
    first = next(blocks)
    if not marked or len(first) % marked:
        raise InputError(
            "single measurements of other samples",
            where=path,
            expected=f"some of each of {marked} samples",
            got=f"{len(first)} rows",
        )
    write_columns(path, len(first), n_targets, chain([first], blocks))


def _describe(recording: Recording) -> dict[str, Any]:
    cleaning = recording.cleaning
    return {
        "dataset": recording.dataset,
        "kind": recording.kind,
        "tr": recording.tr,
        "cleaning": None if cleaning is None else _describe_cleaning(cleaning),
        "stimuli_digest": stimuli_digest(recording.stimuli),
        "sources": recording.sources,
        "subjects": {
            subject.name: {
                "affine": None if subject.affine is None else subject.affine.tolist(),
                "shape": None if subject.shape is None else list(subject.shape),
            }
            for subject in recording.everyone
        },
        **({"shifted": recording.shifted} if recording.shifted else {}),
        **({"space": recording.space} if recording.space else {}),
    }


def _describe_cleaning(cleaning: Cleaning) -> dict[str, Any]:
    """Describe what was removed; confounds only where there were any."""
    return {key: value for key, value in vars(cleaning).items() if key != "confounds" or value}


def read_stimuli(path: Path) -> pd.DataFrame:
    """Read and check `stimuli.parquet`.

    Where `recording.json` lies beside it, they are those that the recording was written with. They
    may have come alone, as what a model is shown: then what is made of them holds their digest.

    Raises
    ------
    InputError
        If the file is missing, is not the one that was written, or does not keep the contract.
    """
    _check_beside(path)
    stimuli = read_table(path, STIMULUS_COLUMNS, rerun("prepare", path))
    check_unique(stimuli["id"], path)
    return stimuli


def _read_samples(path: Path) -> pd.DataFrame:
    samples = read_table(path, SAMPLE_COLUMNS, rerun("prepare", path))
    check_unique(samples["id"], path)
    return samples


def read_words(path: Path, stimuli: pd.DataFrame) -> pd.DataFrame:
    """Read and check a table of word-wise variables, `features.parquet` or `nuisance.parquet`.

    Returns
    -------
    DataFrame
        One row per stimulus: id and the variables.

    Raises
    ------
    InputError
        As `read_stimuli` does.
    """
    _check_beside(path)
    table = read_table(path, ("id",), rerun("prepare", path))
    check_words(table, stimuli, str(path))
    return table


def read_nuisance(folder: Path, stimuli: pd.DataFrame) -> pd.DataFrame | None:
    """Read the nuisance variables of a recording as `read_words` does; None where it has none."""
    name = "nuisance.parquet"
    return read_words(folder / name, stimuli) if name in read_description(folder)["files"] else None


def read_targets(folder: Path) -> dict[str, pd.DataFrame]:
    """Read the targets of every subject, no responses; raises like `read_recording`."""
    about = read_description(folder)
    paths = {name: folder / name / "targets.parquet" for name in about["subjects"]}
    _check_files(folder, about, *(str(path.relative_to(folder)) for path in paths.values()))
    do = rerun("prepare", folder)
    return {name: read_table(path, TARGET_COLUMNS, do) for name, path in paths.items()}


def read_timeline(folder: Path) -> Timeline:
    """Read the description and the samples, no responses; raises like `read_recording`."""
    about = read_description(folder)
    _check_files(folder, about, "samples.parquet")
    samples = _read_samples(folder / "samples.parquet")
    return Timeline(samples, about["tr"], _read_cleaning(about), float(about.get("shifted", 0.0)))


def read_description(folder: Path) -> dict[str, Any]:
    """Read `recording.json`, without its seal.

    Raises
    ------
    InputError
        If it is missing or lacks a part, or was edited since it was written.
    """
    path, do = folder / "recording.json", rerun("prepare", folder)
    about = read_sealed(path, do)
    absent = [name for name in DESCRIBED if name not in about]
    if absent:
        raise InputError("wrong recording", where=path, expected=absent[0], got="nothing", do=do)
    return about


def _check_beside(path: Path) -> None:
    """Raise `InputError` if a file is not the one that the recording beside it was written with."""
    if (path.parent / "recording.json").is_file():
        _check_files(path.parent, read_description(path.parent), path.name)


def _check_files(folder: Path, about: dict[str, Any], *names: str) -> None:
    """Raise `InputError` unless files are those that the recording was written with."""
    do = rerun("prepare", folder)
    for name in names:
        check_unchanged(require_file(folder / name, do), about["files"].get(name, "none"), do)


def _read_cleaning(about: dict[str, Any]) -> Cleaning | None:
    if about["cleaning"] is None:
        return None
    confounds = tuple(about["cleaning"].get("confounds", ()))
    return Cleaning(**about["cleaning"] | {"confounds": confounds})


def read_recording(folder: Path) -> Recording:
    """Read and check a recording.

    Raises
    ------
    InputError
        If a file is missing, is not the one that was written, or does not keep the contract.
    """
    do, about = rerun("prepare", folder), read_description(folder)
    _check_files(folder, about, *(name for name in about["files"] if name != IMAGES))
    stimuli = read_stimuli(folder / "stimuli.parquet")
    words = {
        name: read_words(folder / f"{name}.parquet", stimuli)
        for name in ("features", "nuisance")
        if f"{name}.parquet" in about["files"]
    }
    recording = Recording(
        dataset=about["dataset"],
        kind=about["kind"],
        tr=about["tr"],
        cleaning=_read_cleaning(about),
        stimuli=stimuli,
        samples=_read_samples(folder / "samples.parquet"),
        subjects=[
            _read_subject(folder / name, one, about["files"])
            for name, one in about["subjects"].items()
        ],
        features=words.get("features"),
        nuisance=words.get("nuisance"),
        sources=about["sources"],
        captions=read_table(folder / CAPTIONS, CAPTION_COLUMNS, do)
        if CAPTIONS in about["files"]
        else None,
        shifted=float(about.get("shifted", 0.0)),
        space=str(about.get("space", "")),
    )
    check_recording(recording, folder)
    return recording


def _read_subject(folder: Path, about: dict[str, Any], files: Collection[str]) -> Subject:
    samples, do = folder / "samples.parquet", rerun("prepare", folder)
    own_samples, single = (f"{folder.name}/{name}" in files for name in (samples.name, SINGLE))
    return Subject(
        name=folder.name,
        responses=map_tensor(folder / "responses.safetensors", KEY, do),
        targets=read_table(folder / "targets.parquet", TARGET_COLUMNS, do),
        affine=None if about["affine"] is None else np.array(about["affine"]),
        shape=None if about["shape"] is None else tuple(about["shape"]),
        samples=read_table(samples, OWN_SAMPLE_COLUMNS, do) if own_samples else None,
        single=map_tensor(folder / SINGLE, KEY, do) if single else None,
    )
