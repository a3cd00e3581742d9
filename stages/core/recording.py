"""The recording contract: what `prepare` writes and every analysis reads.

A recording is a folder `data/prepared/<dataset>/`:

- `recording.json`: dataset, kind, TR, cleaning, sources with hashes, subjects.
- `stimuli.parquet`: one row per word, in order: id, text, run, onset and duration in
  seconds, and `sample`, the id of the sample during which it began (empty if none was kept).
- `samples.parquet`: one row per measurement: id, run, onset in seconds.
- `features.parquet` (optional): id and one column `type/name` per annotated feature.
- `nuisance.parquet` (optional): id and one column per nuisance variable of the stimuli.
- `<subject>/responses.safetensors`: `responses`, float32, samples × targets.
- `<subject>/targets.parquet`: id, region, hemisphere, voxel indices i, j, k from 0, ceiling.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from stages.core.errors import InputError
from stages.core.files import atomic, read_json, require_file, write_json
from stages.core.tables import check_same_ids, check_unique, digest, read_table, write_table

KINDS = ("timeseries", "events", "rdm")
STIMULUS_COLUMNS = ("id", "text", "run", "onset", "duration", "sample")
SAMPLE_COLUMNS = ("id", "run", "onset")
TARGET_COLUMNS = ("id", "region", "hemisphere", "i", "j", "k", "ceiling")
RERUN = "Run `dvc repro prepare`."


@dataclass(frozen=True)
class Cleaning:
    """What was removed from every run of the responses.

    Attributes
    ----------
    detrend : bool
        A straight line.
    high_pass : float
        Fluctuations slower than this period in seconds; 0 for none.
    standardize : bool
        Mean and standard deviation.
    """

    detrend: bool
    high_pass: float
    standardize: bool


@dataclass(frozen=True)
class Timeline:
    """When the samples were taken, and what was removed from the responses.

    Attributes
    ----------
    samples : DataFrame
        Columns id, run, onset (seconds).
    tr : float or None
        Seconds between samples; None for events.
    cleaning : Cleaning or None
    """

    samples: pd.DataFrame
    tr: float | None
    cleaning: Cleaning | None


@dataclass(frozen=True)
class Subject:
    """The responses of one subject.

    Attributes
    ----------
    name : str
    responses : ndarray of float32, shape (n_samples, n_targets)
    targets : DataFrame
        One row per target, columns `TARGET_COLUMNS`; i, j, k are missing and hemisphere
        is empty where they mean nothing; ceiling is missing where encode estimates it.
    affine : ndarray, shape (4, 4), or None
        From voxel indices counted from 0 to millimetres.
    shape : tuple of int or None
        Dimensions of the volume.
    """

    name: str
    responses: NDArray[np.float32]
    targets: pd.DataFrame
    affine: NDArray[np.float64] | None = None
    shape: tuple[int, int, int] | None = None


@dataclass(frozen=True)
class Recording:
    """Stimuli, samples and responses of one dataset; see the module's text."""

    dataset: str
    kind: str
    tr: float | None
    cleaning: Cleaning | None
    stimuli: pd.DataFrame
    samples: pd.DataFrame
    subjects: list[Subject]
    features: pd.DataFrame | None = None
    nuisance: pd.DataFrame | None = None
    sources: dict[str, str] = field(default_factory=dict)

    @property
    def timeline(self) -> Timeline:
        """When the samples were taken, and what was removed from the responses."""
        return Timeline(self.samples, self.tr, self.cleaning)


def stimuli_digest(stimuli: pd.DataFrame) -> str:
    """Digest of all that a model is shown: ids, texts, order, runs and times."""
    return digest(stimuli, STIMULUS_COLUMNS)


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
    for name in ("features", "nuisance"):
        table = getattr(recording, name)
        if table is not None:
            write_table(folder / f"{name}.parquet", table)
    for subject in recording.subjects:
        write_table(folder / subject.name / "targets.parquet", subject.targets)
        with atomic(folder / subject.name / "responses.safetensors") as partial:
            save_file({"responses": np.ascontiguousarray(subject.responses)}, partial)
    write_json(folder / "recording.json", _describe(recording))


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
            for subject in recording.subjects
        },
    }


def read_stimuli(path: Path) -> pd.DataFrame:
    """Read and check `stimuli.parquet`."""
    stimuli = read_table(path, STIMULUS_COLUMNS, RERUN)
    check_unique(stimuli["id"], path)
    return stimuli


def read_samples(path: Path) -> pd.DataFrame:
    """Read and check `samples.parquet`."""
    samples = read_table(path, SAMPLE_COLUMNS, RERUN)
    check_unique(samples["id"], path)
    return samples


def read_words(path: Path, stimuli: pd.DataFrame) -> pd.DataFrame:
    """Read and check a table of word-wise variables, `features.parquet` or `nuisance.parquet`.

    Returns
    -------
    DataFrame
        One row per stimulus: id and the variables.
    """
    table = read_table(path, ("id",), RERUN)
    _check_words(table, stimuli, str(path))
    return table


def read_timeline(folder: Path) -> Timeline:
    """Read `recording.json` and the samples, without the responses."""
    about = read_json(folder / "recording.json", RERUN)
    return Timeline(read_samples(folder / "samples.parquet"), about["tr"], _read_cleaning(about))


def _read_cleaning(about: dict[str, Any]) -> Cleaning | None:
    return None if about["cleaning"] is None else Cleaning(**about["cleaning"])


def read_recording(folder: Path) -> Recording:
    """Read and check a recording.

    Raises
    ------
    InputError
        If a file is missing or does not keep the contract.
    """
    about = read_json(folder / "recording.json", RERUN)
    stimuli = read_stimuli(folder / "stimuli.parquet")
    words = {
        name: read_words(folder / f"{name}.parquet", stimuli)
        for name in ("features", "nuisance")
        if (folder / f"{name}.parquet").exists()
    }
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
    )
    check_recording(recording, folder)
    return recording


def _read_subject(folder: Path, about: dict[str, Any]) -> Subject:
    path = require_file(folder / "responses.safetensors", RERUN)
    try:
        responses = load_file(path)["responses"]
    except (SafetensorError, KeyError) as error:
        raise InputError("unreadable responses", where=path, got=error, do=RERUN) from error
    return Subject(
        name=folder.name,
        responses=responses,
        targets=read_table(folder / "targets.parquet", TARGET_COLUMNS, RERUN),
        affine=None if about["affine"] is None else np.array(about["affine"]),
        shape=None if about["shape"] is None else tuple(about["shape"]),
    )


def check_recording(recording: Recording, where: object) -> None:
    """Raise `InputError` unless the recording keeps the contract."""
    if recording.kind not in KINDS:
        raise InputError("unknown kind", where=where, expected=KINDS, got=recording.kind)
    check_unique(recording.stimuli["id"], f"{where}: stimuli")
    check_unique(recording.samples["id"], f"{where}: samples")
    for name in ("features", "nuisance"):
        table = getattr(recording, name)
        if table is not None:
            _check_words(table, recording.stimuli, f"{where}: {name}")
    names = [subject.name for subject in recording.subjects]
    check_unique(pd.Series(names, dtype=str), f"{where}: subjects")
    for subject in recording.subjects:
        _check_subject(subject, len(recording.samples), f"{where}: subject {subject.name}")


def _check_words(table: pd.DataFrame, stimuli: pd.DataFrame, where: str) -> None:
    check_same_ids(list(stimuli["id"]), list(table["id"]), "stimuli", where, RERUN)
    variables = table.drop(columns="id")
    _check_finite(variables.to_numpy(float), where, list(variables.columns))


def _check_subject(subject: Subject, n_samples: int, where: str) -> None:
    shape = (n_samples, len(subject.targets))
    found = subject.responses
    if found.shape != shape:
        raise InputError("wrong shape", where=where, expected=shape, got=found.shape)
    if found.dtype != np.float32:
        raise InputError("wrong dtype", where=where, expected="float32", got=found.dtype)
    check_unique(subject.targets["id"], where)
    _check_finite(found, where, list(subject.targets["id"]))


def _check_finite(values: NDArray[np.floating], where: str, names: list[str]) -> None:
    bad = np.flatnonzero(~np.isfinite(values).all(axis=0))
    if len(bad):
        raise InputError(
            "values that are not finite",
            where=f"{where}, {names[bad[0]]}",
            got=f"{len(bad)} columns with NaN or infinity",
        )
