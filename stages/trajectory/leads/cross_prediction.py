"""Whether one measure predicts another at a later checkpoint, run against run.

What all runs have in common at a checkpoint is taken out: two curves that merely rise with
training predict each other perfectly, and say nothing of which comes first.
"""

from dataclasses import dataclass
from itertools import permutations, product
from math import factorial, prod

import numpy as np
from numpy.typing import NDArray

from stages.core.run.errors import InputError

Array = NDArray[np.float64]
LEAST_RUNS = 4  # of a size; three can be permuted in six ways only
TINY = 1e-12
TOO_FEW = f"no size has {LEAST_RUNS} runs"
NO_VARIANCE = "runs do not differ beyond what is held constant"


@dataclass(frozen=True)
class Cross:
    """How far earlier differences between runs predict later ones.

    Attributes
    ----------
    r : float
        Partial correlation; missing where `reason` says why.
    p : float
        Two-sided, by permuting the runs of the predictor.
    n_runs : int
    n_pairs : int
        Pairs of checkpoints.
    reason : str
    """

    r: float
    p: float
    n_runs: int
    n_pairs: int
    reason: str


def cross_predict(sizes: list[tuple[Array, Array]], lag: int, draws: int, seed: int) -> Cross:
    """Correlate a predictor with a later outcome, given the outcome at the time.

    Parameters
    ----------
    sizes : list of tuple of ndarray, shape (n_runs, n_steps)
        Predictor and outcome of the runs of each size, at the same checkpoints. At every
        checkpoint the runs of a size are centred and scaled to the same variance.
    lag : int
        Checkpoints from predictor to outcome.
    draws : int
        Permutations drawn; if there are no more in all, each is taken once.
    seed : int

    Raises
    ------
    InputError
        If there are not more checkpoints than the lag.
    """
    used = [pair for pair in sizes if len(pair[0]) >= LEAST_RUNS]
    runs = [len(predictor) for predictor, _ in used]
    if not used:
        return Cross(np.nan, np.nan, max((len(pair[0]) for pair in sizes), default=0), 0, TOO_FEW)
    for predictor, _ in used:
        if predictor.shape[1] <= lag:
            got = f"{predictor.shape[1]} checkpoints"
            raise InputError(
                "too few points", where="cross-prediction", expected=f"> {lag}", got=got
            )
    scaled = [(_standard(predictor), _standard(outcome)) for predictor, outcome in used]
    pairs = sum(predictor.shape[1] - lag for predictor, _ in scaled)
    value = _pooled(scaled, [np.arange(count) for count in runs], lag)
    if np.isnan(value):
        return Cross(np.nan, np.nan, sum(runs), pairs, NO_VARIANCE)
    orders, whole = _orders(runs, draws, np.random.default_rng(seed))
    null = np.array([_pooled(scaled, order, lag) for order in orders])
    reached = int((np.abs(null) >= abs(value) - TINY).sum())
    p = reached / len(null) if whole else (reached + 1) / (len(null) + 1)
    return Cross(float(value), p, sum(runs), pairs, "")


def _standard(values: Array) -> Array:
    """Centre and scale the runs at each checkpoint; 0 where they do not differ."""
    left = values - values.mean(axis=0)
    spread = left.std(axis=0)
    differs = spread > TINY * np.maximum(np.abs(values).max(axis=0), TINY)
    return np.where(differs, left / np.where(differs, spread, 1.0), 0.0)


def _pooled(scaled: list[tuple[Array, Array]], order: list[NDArray[np.intp]], lag: int) -> float:
    """Partial correlation over all runs and checkpoints, predictors in another order of runs."""
    rows = zip(scaled, order, strict=True)
    parts = [
        np.stack([x[at, :-lag].ravel(), y[:, lag:].ravel(), y[:, :-lag].ravel()])
        for (x, y), at in rows
    ]
    products = sum(part @ part.T for part in parts)
    spread = np.sqrt(np.diag(np.asarray(products)))
    if spread.min() <= TINY:
        return float("nan")
    r = products / np.outer(spread, spread)
    scale = (1 - r[0, 2] ** 2) * (1 - r[1, 2] ** 2)
    if scale <= TINY:
        return float("nan")
    return float((r[0, 1] - r[0, 2] * r[1, 2]) / np.sqrt(scale))


def _orders(
    runs: list[int], draws: int, rng: np.random.Generator
) -> tuple[list[list[NDArray[np.intp]]], bool]:
    """Orders of the runs of each size: all of them, or as many as are drawn."""
    if prod(factorial(count) for count in runs) <= draws:
        each = [[np.array(order) for order in permutations(range(count))] for count in runs]
        return [list(order) for order in product(*each)], True
    return [[rng.permutation(count) for count in runs] for _ in range(draws)], False
