"""Orders of short runs for a null: whole runs in each other's place."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.intp]
TRIES = 8  # sequences drawn for each that is asked for, of which each is taken once


def in_time(labels: Ints) -> Ints:
    """Give runs, each contiguous, numbers from 0 on in the order in which they come."""
    return np.cumsum(np.r_[False, labels[1:] != labels[:-1]])


def folded_runs(runs: Ints, draws: int, rng: np.random.Generator) -> Ints:
    """Put whole runs into the places of others, so that they drift from run to run as they did.

    The sequence of runs is walked to its end and back, from a place and in a direction that are
    drawn, for as many runs as there are: neighbours stay neighbours, and no end is joined to a
    beginning, as a circular shift does. Some runs come twice, and others not at all. Then runs
    change places with a neighbour or stay, pair by pair, so that there are more orders than places
    to begin at. Every run begins where another began, so that what is locked to its beginning, or
    common to all its samples, stays so; where it is too short it is walked back.

    Parameters
    ----------
    runs : ndarray of int, shape (n_samples,)
        From `in_time`.
    draws : int
    rng : Generator

    Returns
    -------
    ndarray of int, shape (n_orders, n_samples)
        Row numbers, never as they were and no order twice, so that there may be fewer than draws.
    """
    n_runs = int(runs[-1]) + 1
    walk = np.r_[np.arange(n_runs), np.arange(n_runs)[::-1]]
    begun = rng.integers(len(walk), size=(TRIES * draws, 1))
    walked = walk[(begun + np.arange(n_runs)) % len(walk)]
    return _laid(runs, _each_once(_exchanged(walked, rng), draws, rng))


def permuted_runs(runs: Ints, draws: int, rng: np.random.Generator) -> Ints:
    """Put whole runs into another order, in which each comes once.

    As `folded_runs`, but that the last run is followed by the first. For matrices of similarities,
    which know of a sample that comes twice. Where runs differ in length, they begin where others
    did not.
    """
    sequences = _exchanged(_circular(int(runs[-1]) + 1, TRIES * draws, rng), rng)
    return _one_after_another(runs, _each_once(sequences, draws, rng))


def folded_samples(n: int, draws: int, least: int, rng: np.random.Generator) -> Ints:
    """Walk through a recording to its end and back, from a place and in a direction that are drawn.

    Few short runs are taken for one stretch: shifted where they stand, they keep their means, and
    whatever changes from run to run, in common with the design.

    Parameters
    ----------
    n : int
        Samples.
    draws : int
    least : int
        Smallest distance of the place from the first sample, in either direction.
    rng : Generator

    Returns
    -------
    ndarray of int, shape (n_orders, n)
        Row numbers, no order twice; 2 n - 2 least + 1 at most.
    """
    begun = rng.permutation(np.arange(least, 2 * n - least + 1))[:draws]
    along = (begun[:, None] + np.arange(n)) % (2 * n)
    rows: Ints = np.minimum(along, 2 * n - 1 - along)
    return rows


def _circular(n_runs: int, draws: int, rng: np.random.Generator) -> Ints:
    """Sequences of runs from a place that is drawn, forwards or backwards."""
    begun = rng.integers(n_runs, size=(draws, 1))
    step = 1 - 2 * rng.integers(2, size=(draws, 1))
    sequences: Ints = (begun + step * np.arange(n_runs)) % n_runs
    return sequences


def _exchanged(sequences: Ints, rng: np.random.Generator) -> Ints:
    """Exchange runs with a neighbour, or not: the first with the second and so on, or one later."""
    later = rng.integers(2, size=(len(sequences), 1))
    pair = (np.arange(sequences.shape[1]) + later) // 2
    exchanged = np.argsort(pair + rng.uniform(0, 0.5, sequences.shape), axis=1)
    return np.take_along_axis(exchanged, sequences, axis=1)


def _each_once(orders: Ints, draws: int, rng: np.random.Generator) -> Ints:
    distinct = np.unique(orders, axis=0)
    moved = distinct[(distinct != np.arange(orders.shape[1])).any(axis=1)]
    return rng.permutation(moved)[:draws]


def _one_after_another(runs: Ints, sequences: Ints) -> Ints:
    rows: Ints = np.argsort(np.argsort(sequences, axis=1)[:, runs], axis=1, kind="stable")
    return rows


def _laid(runs: Ints, sequences: Ints) -> Ints:
    """Lay runs where others were, each from its beginning on, and back again if it is shorter."""
    lengths = np.bincount(runs)
    starts = np.cumsum(lengths) - lengths
    there = sequences[:, runs]
    along = (np.arange(len(runs)) - starts[runs]) % (2 * lengths[there])
    rows: Ints = starts[there] + np.minimum(along, 2 * lengths[there] - 1 - along)
    return rows
