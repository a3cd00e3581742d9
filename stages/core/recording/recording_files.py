"""Recordings on disk: written whole or not at all, and read with every check."""

from collections.abc import Iterable
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
from stages.core.run.files import atomic, read_json, write_json
from stages.core.run.tables import check_unique, read_table, write_table
from stages.core.run.tensors import map_tensor


def write_recording(folder: Path, recording: Recording) -> None:
    """Check a recording and write it, `recording.json` last.

    Raises
    ------
    InputError
        If the recording does not keep the contract.
    """
    check_recording(recording, folder)
    write_table(folder / "stimuli.parquet", recording.stimuli)
    write_table(folder / "samples.parquet", recording.samples)
    for name in ("features", "nuisance", "captions"):
        table = getattr(recording, name)
        if table is not None:
            write_table(folder / f"{name}.parquet", table)
    for subject in recording.subjects:
        write_table(folder / subject.name / "targets.parquet", subject.targets)
        with atomic(folder / subject.name / "responses.safetensors") as partial:
            save_file({KEY: np.ascontiguousarray(subject.responses)}, partial)
    for stream in recording.streams:
        _write_stream(folder / stream.name, stream)
    for someone in recording.everyone:
        if someone.samples is not None:
            write_table(folder / someone.name / "samples.parquet", someone.samples)
    write_json(folder / "recording.json", _describe(recording))


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


def _describe(recording: Recording) -> dict[str, Any]:
    cleaning = recording.cleaning
    return {
        "dataset": recording.dataset,
        "kind": recording.kind,
        "tr": recording.tr,
        "cleaning": None if cleaning is None else vars(cleaning),
        "stimuli_digest": stimuli_digest(recording.stimuli),
        "sources": recording.sources,
        "subjects": {
            subject.name: {
                "affine": None if subject.affine is None else subject.affine.tolist(),
                "shape": None if subject.shape is None else list(subject.shape),
            }
            for subject in recording.everyone
        },
    } | ({"shifted": recording.shifted} if recording.shifted else {})


def read_stimuli(path: Path) -> pd.DataFrame:
    """Read and check `stimuli.parquet`."""
    stimuli = read_table(path, STIMULUS_COLUMNS, rerun("prepare", path))
    check_unique(stimuli["id"], path)
    return stimuli


def read_samples(path: Path) -> pd.DataFrame:
    """Read and check `samples.parquet`."""
    samples = read_table(path, SAMPLE_COLUMNS, rerun("prepare", path))
    check_unique(samples["id"], path)
    return samples


def read_words(path: Path, stimuli: pd.DataFrame) -> pd.DataFrame:
    """Read and check a table of word-wise variables, `features.parquet` or `nuisance.parquet`.

    Returns
    -------
    DataFrame
        One row per stimulus: id and the variables.
    """
    table = read_table(path, ("id",), rerun("prepare", path))
    check_words(table, stimuli, str(path))
    return table


def read_timeline(folder: Path) -> Timeline:
    """Read `recording.json` and the samples, without the responses."""
    about = read_json(folder / "recording.json", rerun("prepare", folder))
    samples = read_samples(folder / "samples.parquet")
    return Timeline(samples, about["tr"], _read_cleaning(about), _read_shifted(about))


def _read_cleaning(about: dict[str, Any]) -> Cleaning | None:
    return None if about["cleaning"] is None else Cleaning(**about["cleaning"])


def _read_shifted(about: dict[str, Any]) -> float:
    return float(about.get("shifted", 0.0))


def read_recording(folder: Path) -> Recording:
    """Read and check a recording.

    Raises
    ------
    InputError
        If a file is missing or does not keep the contract.
    """
    do = rerun("prepare", folder)
    about = read_json(folder / "recording.json", do)
    stimuli = read_stimuli(folder / "stimuli.parquet")
    words = {
        name: read_words(folder / f"{name}.parquet", stimuli)
        for name in ("features", "nuisance")
        if (folder / f"{name}.parquet").exists()
    }
    captions = folder / "captions.parquet"
    recording = Recording(
        dataset=about["dataset"],
        kind=about["kind"],
        tr=about["tr"],
        cleaning=_read_cleaning(about),
        stimuli=stimuli,
        samples=read_samples(folder / "samples.parquet"),
        subjects=[
            _read_subject(folder / name, about["subjects"][name]) for name in about["subjects"]
        ],
        features=words.get("features"),
        nuisance=words.get("nuisance"),
        sources=about["sources"],
        captions=read_table(captions, CAPTION_COLUMNS, do) if captions.exists() else None,
        shifted=_read_shifted(about),
    )
    check_recording(recording, folder)
    return recording


def _read_subject(folder: Path, about: dict[str, Any]) -> Subject:
    samples, do = folder / "samples.parquet", rerun("prepare", folder)
    return Subject(
        name=folder.name,
        responses=map_tensor(folder / "responses.safetensors", KEY, do),
        targets=read_table(folder / "targets.parquet", TARGET_COLUMNS, do),
        affine=None if about["affine"] is None else np.array(about["affine"]),
        shape=None if about["shape"] is None else tuple(about["shape"]),
        samples=read_table(samples, OWN_SAMPLE_COLUMNS, do) if samples.exists() else None,
    )
