"""The recording contract: what `prepare` writes and every analysis reads.

A recording is a folder `data/prepared/<dataset>/`:

- `recording.json`: dataset, kind, TR, cleaning, sources with hashes, subjects.
- `stimuli.parquet`: one row per word or image, in order: id, text, run, onset and duration in
  seconds, and `sample`, the id of the sample during which it began (empty if none was kept).
- `samples.parquet`: one row per measurement: id, run, onset in seconds.
- `captions.parquet` (images, optional): id, number from 0, text; one or more rows per stimulus,
  in the order of the stimuli, of which the first is the stimulus's text.
- `images.hdf5` (images): see `stages.core.pictures.images`.
- `surface.parquet`, `<subject>/surface.parquet` and `<subject>/mesh.safetensors` (optional): where
  the regions lie on the cortical surface; see `stages.core.pictures.surfaces`.
- `features.parquet` (optional): id and one column `type/name` per annotated feature.
- `nuisance.parquet` (optional): id and one column per nuisance variable of the stimuli.
- `<subject>/responses.safetensors`: `responses`, float32, samples × targets.
- `<subject>/targets.parquet`: id, region, hemisphere, voxel indices i, j, k from 0, ceiling.
- `<subject>/samples.parquet` (optional): id and repeats, the samples that this subject's rows
  are and how many measurements each averages; without it, the rows are all the samples.

Images are shown many times and in another order to everyone, so that they have no time: their
run is `1`, their onset and duration are the position in the table and 1.

Of kind `events`, an image is a sample (its id is the stimulus's) and a response is its mean over
repeats. A column `split` of the samples says which are kept apart: `test`, the others `train`.

Of kind `rdm`, a sample is a pair of images, a response their dissimilarity, and a target one
measured matrix. Samples have columns `first` and `second`, ids of stimuli, in the order of
`scipy.spatial.distance.squareform`, which makes a column of responses the symmetric matrix.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors.numpy import save_file

from stages.core.pictures.images import Image, write_images
from stages.core.pictures.surfaces import Surface, write_surfaces
from stages.core.recording.columns import KEY, write_columns
from stages.core.run.errors import InputError
from stages.core.run.files import atomic, read_json, write_json
from stages.core.run.tables import check_same_ids, check_unique, digest, read_table, write_table
from stages.core.run.tensors import map_tensor

KINDS = ("timeseries", "events", "rdm")
STIMULUS_COLUMNS = ("id", "text", "run", "onset", "duration", "sample")
SAMPLE_COLUMNS = ("id", "run", "onset")
TARGET_COLUMNS = ("id", "region", "hemisphere", "i", "j", "k", "ceiling")
OWN_SAMPLE_COLUMNS = ("id", "repeats")
CAPTION_COLUMNS = ("id", "number", "text")
PAIR_COLUMNS = ("first", "second")
# Rows whose values are looked at together.
ROWS = 512
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
    samples : DataFrame or None
        Columns `OWN_SAMPLE_COLUMNS`, in the order of the recording's samples: those that the
        rows of the responses are; None for all of them.
    """

    name: str
    responses: NDArray[np.float32]
    targets: pd.DataFrame
    affine: NDArray[np.float64] | None = None
    shape: tuple[int, int, int] | None = None
    samples: pd.DataFrame | None = None


@dataclass(frozen=True)
class Stream:
    """A subject whose responses are made while they are written; `Subject` when read back.

    Attributes
    ----------
    name : str
    parts : iterable of (ndarray of float32, DataFrame)
        Responses, shape (n_samples, any), and the table of their targets; taken one at a time.
    at_most : int
        Targets in all parts together, or more.
    samples, affine, shape
        As in `Subject`.
    """

    name: str
    parts: Iterable[tuple[NDArray[np.float32], pd.DataFrame]]
    at_most: int
    samples: pd.DataFrame
    affine: NDArray[np.float64] | None = None
    shape: tuple[int, int, int] | None = None


@dataclass(frozen=True)
class Recording:
    """Stimuli, samples and responses of one dataset; see the module's text.

    `streams`, `images` and `surfaces` are only written: a recording that was read has all its
    subjects in `subjects`, its images are opened by `stages.core.pictures.images`, and its
    surfaces, by subject or under `fsaverage5`, are read by `stages.core.pictures.surfaces`.
    """

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
    captions: pd.DataFrame | None = None
    images: Iterable[Image] | None = None
    streams: list[Stream] = field(default_factory=list)
    surfaces: dict[str, Surface] = field(default_factory=dict)

    @property
    def everyone(self) -> list[Subject | Stream]:
        """All subjects, those whose responses are made while they are written included."""
        return [*self.subjects, *self.streams]

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
    for name in ("features", "nuisance", "captions"):
        table = getattr(recording, name)
        if table is not None:
            write_table(folder / f"{name}.parquet", table)
    write_surfaces(folder, recording.surfaces)
    if recording.images is not None:
        write_images(folder / "images.hdf5", list(recording.stimuli["id"]), recording.images)
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
            _check_responses(responses, targets, len(stream.samples), str(folder))
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
        captions=read_table(captions, CAPTION_COLUMNS, RERUN) if captions.exists() else None,
    )
    check_recording(recording, folder)
    return recording


def _read_subject(folder: Path, about: dict[str, Any]) -> Subject:
    samples = folder / "samples.parquet"
    return Subject(
        name=folder.name,
        responses=map_tensor(folder / "responses.safetensors", KEY, RERUN),
        targets=read_table(folder / "targets.parquet", TARGET_COLUMNS, RERUN),
        affine=None if about["affine"] is None else np.array(about["affine"]),
        shape=None if about["shape"] is None else tuple(about["shape"]),
        samples=read_table(samples, OWN_SAMPLE_COLUMNS, RERUN) if samples.exists() else None,
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
    if recording.captions is not None:
        _check_captions(recording.captions, recording.stimuli, f"{where}: captions")
    if recording.kind == "rdm":
        _check_pairs(recording, f"{where}: samples")
    names = [one.name for one in recording.everyone]
    check_unique(pd.Series(names, dtype=str), f"{where}: subjects")
    for one in recording.everyone:
        if one.samples is not None:
            _check_own_samples(one.samples, recording.samples, f"{where}: subject {one.name}")
    for subject in recording.subjects:
        rows = len(recording.samples if subject.samples is None else subject.samples)
        _check_responses(
            subject.responses, subject.targets, rows, f"{where}: subject {subject.name}"
        )


def _check_captions(captions: pd.DataFrame, stimuli: pd.DataFrame, where: str) -> None:
    firsts = captions.drop_duplicates("id")
    check_same_ids(list(stimuli["id"]), list(firsts["id"]), "stimuli", where, RERUN)
    check_same_ids(list(stimuli["text"]), list(firsts["text"]), "texts of stimuli", where, RERUN)


def _check_pairs(recording: Recording, where: str) -> None:
    ids = recording.stimuli["id"].to_numpy()
    for name, index in zip(PAIR_COLUMNS, np.triu_indices(len(ids), 1), strict=True):
        if name not in recording.samples:
            raise InputError("column missing", where=where, expected=name)
        found = list(recording.samples[name])
        check_same_ids(list(ids[index]), found, "pairs of stimuli", f"{where}, {name}", RERUN)


def _check_own_samples(own: pd.DataFrame, samples: pd.DataFrame, where: str) -> None:
    expected = samples["id"][samples["id"].isin(own["id"])]
    check_same_ids(list(expected), list(own["id"]), "samples", where, RERUN)
    if (own["repeats"] < 1).any():
        raise InputError("sample that was never measured", where=where)


def _check_words(table: pd.DataFrame, stimuli: pd.DataFrame, where: str) -> None:
    check_same_ids(list(stimuli["id"]), list(table["id"]), "stimuli", where, RERUN)
    variables = table.drop(columns="id")
    _check_finite(variables.to_numpy(float), where, list(variables.columns))


def _check_responses(
    found: NDArray[np.float32], targets: pd.DataFrame, n_samples: int, where: str
) -> None:
    shape = (n_samples, len(targets))
    if found.shape != shape:
        raise InputError("wrong shape", where=where, expected=shape, got=found.shape)
    if found.dtype != np.float32:
        raise InputError("wrong dtype", where=where, expected="float32", got=found.dtype)
    check_unique(targets["id"], where)
    _check_finite(found, where, list(targets["id"]))


def _check_finite(values: NDArray[np.floating], where: str, names: list[str]) -> None:
    finite = np.ones(values.shape[1], dtype=bool)
    for start in range(0, len(values), ROWS):
        finite &= np.isfinite(values[start : start + ROWS]).all(axis=0)
    bad = np.flatnonzero(~finite)
    if len(bad):
        raise InputError(
            "values that are not finite",
            where=f"{where}, {names[bad[0]]}",
            got=f"{len(bad)} columns with NaN or infinity",
        )
