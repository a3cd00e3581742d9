"""What a recording must keep, and the message where it does not."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.datasets import rerun
from stages.core.recording.types import KINDS, PAIR_COLUMNS, Recording, Subject
from stages.core.run.errors import InputError
from stages.core.run.tables import check_same_ids, check_unique

# Rows whose values are looked at together.
ROWS = 512


def check_recording(recording: Recording, where: object) -> None:
    """Raise `InputError` unless the recording keeps the contract."""
    if recording.kind not in KINDS:
        raise InputError("unknown kind", where=where, expected=KINDS, got=recording.kind)
    _check_stimuli(recording, where)
    check_unique(recording.samples["id"], f"{where}: samples")
    for name in ("features", "nuisance"):
        table = getattr(recording, name)
        if table is not None:
            check_words(table, recording.stimuli, f"{where}: {name}")
    if recording.captions is not None:
        check_captions(recording.captions, recording.stimuli, f"{where}: captions")
    if recording.shifted:
        _check_shifted(recording, where)
    if recording.kind == "rdm":
        _check_pairs(recording, f"{where}: samples")
    names = [one.name for one in recording.everyone]
    check_unique(pd.Series(names, dtype=str), f"{where}: subjects")
    for one in recording.everyone:
        if one.samples is not None:
            own = f"{where}: subject {one.name}"
            _check_not_in_time(recording, own)
            _check_own_samples(one.samples, recording.samples, own)
    for subject in recording.subjects:
        rows = len(recording.samples if subject.samples is None else subject.samples)
        own = f"{where}: subject {subject.name}"
        check_responses(subject.responses, subject.targets, rows, own)
        _check_single(subject, f"{own}, single measurements")


def _check_stimuli(recording: Recording, where: object) -> None:
    """Raise `InputError` unless there are stimuli, each once, and plain names."""
    if recording.stimuli.empty:
        raise InputError("no stimulus", where=where, expected="at least one word or image")
    _check_plain([recording.dataset, *(one.name for one in recording.everyone)], f"{where}: names")
    check_unique(recording.stimuli["id"], f"{where}: stimuli")


def check_captions(captions: pd.DataFrame, stimuli: pd.DataFrame, where: str) -> None:
    """Raise `InputError` unless captions are of the stimuli, and begin with their texts."""
    firsts = captions.drop_duplicates("id")
    check_same_ids(
        list(stimuli["id"]), list(firsts["id"]), "stimuli", where, rerun("prepare", where)
    )
    check_same_ids(
        list(stimuli["text"]),
        list(firsts["text"]),
        "texts of stimuli",
        where,
        rerun("prepare", where),
    )


def _check_shifted(recording: Recording, where: object) -> None:
    """Raise `InputError` unless a time series was moved back, and stimuli last."""
    if recording.tr is None or not 0 < recording.shifted < np.inf:
        raise InputError(
            "responses that cannot have been moved back in time",
            where=where,
            expected="seconds of a time series, above 0",
            got=f"{recording.shifted} of {recording.kind}",
        )
    without = recording.stimuli["id"][~(recording.stimuli["duration"] > 0)]
    if len(without):
        raise InputError(
            "stimulus that is on for no time", where=f"{where}: stimuli", got=without.iloc[0]
        )


def _check_pairs(recording: Recording, where: str) -> None:
    ids = recording.stimuli["id"].to_numpy()
    for name, index in zip(PAIR_COLUMNS, np.triu_indices(len(ids), 1), strict=True):
        if name not in recording.samples:
            raise InputError("column missing", where=where, expected=name)
        found = list(recording.samples[name])
        check_same_ids(
            list(ids[index]), found, "pairs of stimuli", f"{where}, {name}", rerun("prepare", where)
        )


def _check_not_in_time(recording: Recording, where: str) -> None:
    """Raise `InputError` where somebody lacks samples of a time series, which all share."""
    if recording.kind == "timeseries":
        raise InputError(
            "own samples of a time series",
            where=where,
            expected="the samples of the recording",
            do="Leave out the runs, or the people, that are not whole.",
        )


def _check_own_samples(own: pd.DataFrame, samples: pd.DataFrame, where: str) -> None:
    expected = samples["id"][samples["id"].isin(own["id"])]
    check_same_ids(list(expected), list(own["id"]), "samples", where, rerun("prepare", where))
    if (own["repeats"] < 1).any():
        raise InputError("sample that was never measured", where=where)


def _check_single(subject: Subject, where: str) -> None:
    """Raise `InputError` unless there are as many of each sample that is marked, two or more."""
    if subject.single is None:
        return
    marked = 0
    if subject.samples is not None and "single" in subject.samples:
        marked = int(subject.samples["single"].sum())
    rows = len(subject.single)
    if not marked or rows % marked or rows < 2 * marked:
        expected = f"two or more of each of {marked} samples that are marked"
        raise InputError("wrong number of rows", where=where, expected=expected, got=rows)
    check_responses(subject.single, subject.targets, rows, where)


def check_words(table: pd.DataFrame, stimuli: pd.DataFrame, where: str) -> None:
    """Raise `InputError` unless a table has finite values for every stimulus, in order."""
    check_same_ids(
        list(stimuli["id"]), list(table["id"]), "stimuli", where, rerun("prepare", where)
    )
    variables = table.drop(columns="id")
    _check_plain(variables.columns, where)
    _check_finite(variables.to_numpy(float), where, list(variables.columns))


def check_responses(
    found: NDArray[np.float32], targets: pd.DataFrame, n_samples: int, where: str
) -> None:
    """Raise `InputError` unless responses are finite, float32, and those of the targets."""
    shape = (n_samples, len(targets))
    if found.shape != shape:
        raise InputError("wrong shape", where=where, expected=shape, got=found.shape)
    if found.dtype != np.float32:
        raise InputError("wrong dtype", where=where, expected="float32", got=found.dtype)
    check_unique(targets["id"], where)
    for name in ("id", "region"):
        _check_plain(targets[name].unique(), f"{where}: {name}")
    _check_finite(found, where, list(targets["id"]))


def _check_plain(names: Iterable[object], where: str) -> None:
    """Raise `InputError` if a name would be markup in a page, or break a line."""
    for name in map(str, names):
        if "<" in name or ">" in name or not name.isprintable():
            raise InputError(
                "unfit as a name",
                where=where,
                expected="neither < nor > nor control characters",
                got=repr(name[:80]),
            )


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
