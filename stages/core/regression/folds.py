"""Cross-validation that never mixes neighbours in time, unless it is asked to by name."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core.params.schema import Folds
from stages.core.run.errors import InputError

Rows = NDArray[np.intp]
SHUFFLED, SEED = "shuffled", 1
GROUPS = "groups"
MOST = 10  # runs that are left out one at a time

log = logging.getLogger("concord.folds")


@dataclass(frozen=True)
class Split:
    """Rows to fit on and rows to predict."""

    train: Rows
    test: Rows


@dataclass(frozen=True)
class Fold:
    """An outer split, and the inner ones that choose its regularisation from its training rows."""

    outer: Split
    inner: tuple[Split, ...]


@dataclass(frozen=True)
class Partition:
    """How samples are cut.

    Attributes
    ----------
    scheme : str
        `runs`, `groups` of them, `blocks` or `shuffled` rows: what was left out.
    folds : tuple of Fold
    segments : ndarray of int, shape (n_samples,)
        Stretches of contiguous samples within which the null shifts the responses: runs, or groups
        of them. Of blocks, runs too: shifted within blocks, responses leave their mean in every
        block where it was, and vary too little.
    joined : ndarray of int, shape (n_samples,), or None
        The run of each sample, where segments are groups of runs.
    """

    scheme: str
    folds: tuple[Fold, ...]
    segments: NDArray[np.intp]
    joined: NDArray[np.intp] | None = None


def share_tested(folds: Iterable[Fold]) -> float:
    """Test rows per training row, summed over folds."""
    return sum(len(fold.outer.test) / len(fold.outer.train) for fold in folds)


def partition(runs: NDArray[Any], settings: Folds) -> Partition:
    """Leave runs or contiguous blocks out, with gaps where training and test data touch.

    Parameters
    ----------
    runs : ndarray, shape (n_samples,)
        The run of each sample, in the order of time.
    settings : Folds
        `auto` leaves runs out where there are three or more; more than ten, such as sentences or
        passages, are left out by `groups`: `blocks` parts of successive runs. `shuffled` cuts
        single samples into `blocks` parts at random, whatever stands beside them, as published
        analyses do; what comes of it says more than is predicted (Hadidi et al. 2026, Nat Commun
        17:5769).

    Raises
    ------
    InputError
        If there are too few runs, or too few samples for the blocks and gaps.
    """
    runs = np.unique(runs, return_inverse=True)[1]
    if settings.scheme == SHUFFLED:
        return _shuffled(runs, settings.blocks)
    n_runs = int(runs.max()) + 1
    by_runs = settings.scheme in ("runs", GROUPS) or (settings.scheme == "auto" and n_runs >= 3)
    in_groups = settings.scheme == GROUPS or (settings.scheme == "auto" and n_runs > MOST)
    if by_runs and n_runs < 3:
        raise InputError(
            "too few runs",
            where="params.yaml: folds.scheme",
            expected=f"at least 3 runs for scheme `{settings.scheme}`",
            got=n_runs,
            do="Use `blocks` or `auto`.",
        )
    if in_groups:
        groups = _grouped(runs, settings.blocks)
    else:
        groups = runs if by_runs else _blocks_within(runs, settings.blocks)
    _check_lengths(groups, settings.gap)
    everything = np.arange(len(runs))
    folds = []
    for outer in _leave_out(everything, groups, runs, settings.gap):
        inner_groups = groups if by_runs else _blocks(outer.train, len(runs), settings.blocks)
        inner = _leave_out(outer.train, inner_groups, runs, settings.gap)
        folds.append(Fold(outer, tuple(inner)))
    scheme = "runs" if by_runs else "blocks"
    if in_groups:
        return Partition(GROUPS, tuple(folds), groups, runs)
    return Partition(scheme, tuple(folds), runs)


def _grouped(runs: NDArray[np.intp], parts: int) -> NDArray[np.intp]:
    """Put successive runs together, in as many parts of about as many samples each.

    Raises
    ------
    InputError
        If there are fewer runs than parts, one is so long that a part would be left without any, or
        runs are not one after the other.
    """
    starts = np.flatnonzero(np.r_[True, runs[1:] != runs[:-1]])
    lengths = np.diff(np.r_[starts, len(runs)])
    n_runs = int(runs.max()) + 1
    if len(starts) != n_runs or n_runs < parts:
        raise InputError(
            "runs that make no groups",
            where="params.yaml: folds.blocks",
            expected=f"{parts} runs or more, one after the other",
            got=f"{n_runs} runs in {len(starts)} stretches",
        )
    middle = starts + lengths / 2
    part = np.minimum((middle * parts / len(runs)).astype(np.intp), parts - 1)
    if len(np.unique(part)) < parts:
        raise InputError(
            "runs that make no groups",
            where="params.yaml: folds.blocks",
            expected=f"{parts} parts of about as many samples each",
            got=f"a run of {int(lengths.max())} of {len(runs)} samples",
            do="Lower folds.blocks, or set folds.scheme to blocks.",
        )
    return np.repeat(part, lengths)


def _shuffled(runs: NDArray[np.intp], parts: int) -> Partition:
    """Leave random parts of all samples out, the inner ones of the training samples likewise."""
    log.warning(
        "folds.scheme: shuffled: neighbours in time are in training and test data, so that scores "
        "are too high; compare with those of another scheme"
    )
    rng, everything = np.random.default_rng(SEED), np.arange(len(runs))
    folds = []
    for outer in random_parts(everything, parts, rng):
        folds.append(Fold(outer, tuple(random_parts(outer.train, parts, rng))))
    return Partition(SHUFFLED, tuple(folds), runs)


def random_parts(rows: Rows, parts: int, rng: np.random.Generator) -> list[Split]:
    """Leave each of as many random parts of the given rows out.

    Raises
    ------
    InputError
        If there are fewer than two rows for a part.
    """
    if len(rows) < 2 * parts:
        raise InputError(
            "too few samples",
            where="params.yaml: folds.blocks",
            expected=f"at least {2 * parts} for {parts} parts",
            got=len(rows),
        )
    part = rng.permutation(np.arange(len(rows)) % parts)
    return [Split(rows[part != one], rows[part == one]) for one in range(parts)]


def _blocks_within(runs: NDArray[np.intp], blocks: int) -> NDArray[np.intp]:
    """Cut every run in blocks, as many as its share of the samples allows, at least one."""
    groups = np.empty_like(runs)
    n_groups = 0
    for run in np.unique(runs):
        rows = np.flatnonzero(runs == run)
        share = max(round(blocks * len(rows) / len(runs)), 1)
        groups[rows] = n_groups + np.arange(len(rows)) * share // len(rows)
        n_groups += share
    return groups


def _blocks(rows: Rows, n_samples: int, blocks: int) -> NDArray[np.intp]:
    """Cut the given rows in contiguous blocks of equal size; other rows belong to none."""
    groups = np.full(n_samples, -1)
    groups[rows] = np.arange(len(rows)) * blocks // len(rows)
    return groups


def _leave_out(
    rows: Rows, groups: NDArray[np.intp], runs: NDArray[np.intp], gap: int
) -> list[Split]:
    """Leave each group of the given rows out, and a gap around it within its runs."""
    splits = []
    for group in np.unique(groups[rows]):
        test = rows[groups[rows] == group]
        near = np.zeros(len(runs), dtype=bool)
        for shift in range(-gap, gap + 1):
            moved = test + shift
            inside = (moved >= 0) & (moved < len(runs))
            moved, home = moved[inside], test[inside]
            near[moved[runs[moved] == runs[home]]] = True
        near[test] = True
        train = rows[~near[rows]]
        if len(train) == 0:
            raise InputError(
                "no training samples left",
                where="params.yaml: folds",
                expected=f"fewer blocks or a gap below {gap}",
            )
        splits.append(Split(train, test))
    return splits


def _check_lengths(segments: NDArray[np.intp], gap: int) -> None:
    lengths = np.bincount(segments)
    least = 2 * max(gap, 1) + 2
    if lengths.min() < least:
        raise InputError(
            "run or block with too few samples",
            where=f"segment {int(lengths.argmin()) + 1} of {len(lengths)}",
            expected=f"at least {least} samples for folds.gap {gap}",
            got=int(lengths.min()),
            do="Leave the run out, or lower folds.gap or folds.blocks.",
        )
