"""Who is studied, and the steps from raw to clean responses that every subject goes through."""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.recording.types import Cleaning, Subject
from stages.core.run.errors import InputError, did_you_mean
from stages.core.time.cleaning import clean
from stages.prepare.usable_targets import NAMED, constant_in_a_run, drop_targets

STORY = "story.prepare.subjects"
# Typical deviations from the median beyond which a value is told of: no response goes that far.
SPIKE = 1000
TOGETHER = 2048  # columns that are looked at together

logger = logging.getLogger("concord.prepare")


def select_subjects(
    requested: Literal["all"] | list[str], present: Sequence[str], key: str = STORY
) -> list[str]:
    """Choose among the subjects that are present, in their order.

    `key` is the parameter that asks for them, for messages.

    Raises
    ------
    InputError
        If a name is unknown or given twice.
    """
    if requested == "all":
        return list(present)
    where = f"params.yaml: {key}"
    for name in requested:
        if name not in present:
            raise InputError(
                "unknown subject", where=where, got=repr(name), do=did_you_mean(name, present)
            )
        if requested.count(name) > 1:
            raise InputError("duplicate subject", where=where, got=repr(name))
    return [name for name in present if name in requested]


def select_regions(requested: Literal["all"] | list[str], known: Sequence[str]) -> list[str]:
    """Choose among the regions that are known.

    Raises
    ------
    InputError
        If one is not.
    """
    if requested == "all":
        return list(known)
    for name in requested:
        if name not in known:
            do = did_you_mean(name, known)
            where = "params.yaml: scene.regions"
            raise InputError("unknown region", where=where, got=repr(name), do=do)
    return requested


def drop_unusable(
    series: NDArray[np.floating], targets: pd.DataFrame, runs: NDArray[Any], subject: str
) -> tuple[NDArray[np.floating], pd.DataFrame]:
    """Drop the columns that are not finite, or constant within a run, and log them.

    Columns with a value far from all others are kept, and named in a warning.
    """
    broken = ~np.isfinite(series).all(axis=0)
    series, targets = drop_targets(series, targets, broken, subject, "NaN or infinite")
    _tell_spikes(series, targets, subject)
    constant = constant_in_a_run(series, runs)
    return drop_targets(series, targets, constant, subject, "constant within a run")


def _tell_spikes(series: NDArray[np.floating], targets: pd.DataFrame, subject: str) -> None:
    """Name columns of which a value is further from the median than `SPIKE` typical deviations."""
    far = np.zeros(series.shape[1], dtype=bool)
    for start in range(0, series.shape[1] if len(series) else 0, TOGETHER):
        some = slice(start, start + TOGETHER)
        block = np.asarray(series[:, some], np.float64)
        apart = np.abs(block - np.median(block, axis=0))
        typical = np.median(apart, axis=0)
        far[some] = (typical > 0) & (apart.max(axis=0, initial=0) > SPIKE * typical)
    if far.any():
        names = ", ".join(targets.loc[far, "id"].head(NAMED))
        more = ", …" if far.sum() > NAMED else ""
        logger.warning(
            "%s: %d of %d targets have a value more than %d typical deviations from their median: "
            "%s%s",
            *(subject, int(far.sum()), len(targets), SPIKE, names, more),
        )


def clean_targets(
    series: NDArray[np.floating],
    targets: pd.DataFrame,
    runs: NDArray[Any],
    tr: float,
    *,
    cleaning: Cleaning,
    subject: str,
) -> tuple[NDArray[np.float32], pd.DataFrame]:
    """Clean every run, and drop the columns of which nothing is left."""
    cleaned = clean(series, runs, tr, cleaning)
    empty = constant_in_a_run(cleaned, runs)
    kept, targets = drop_targets(cleaned, targets, empty, subject, "nothing left after cleaning")
    return kept.astype(np.float32), targets


def check_subjects(subjects: Iterable[Subject], dataset: str) -> list[Subject]:
    """Keep the subjects that have targets; `drop_targets` has named the others.

    Raises
    ------
    InputError
        If two subjects have the same responses, or nobody is left.
    """
    kept: dict[str, Subject] = {}
    for subject in subjects:
        if not len(subject.targets):
            continue
        content = hashlib.sha256(subject.responses.tobytes()).hexdigest()
        if content in kept:
            raise InputError(
                "duplicate subject",
                where=dataset,
                got=f"the same responses in {kept[content].name} and {subject.name}",
                do="Remove one of the two.",
            )
        kept[content] = subject
    if not kept:
        raise InputError("no usable subject", where=dataset)
    return list(kept.values())
