"""Features of the same words in another order, to ask whether it is these that a layer tells."""

from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.regression.drawn_targets import DrawnTargets
from stages.core.run.parallel import parallel_map
from stages.core.run.shared import Shared
from stages.core.time.timeline import Aligner

Array = NDArray[np.float64]
Ints = NDArray[np.intp]
ORDERS = 50  # of each run's words, where runs are combined


def shuffle_words(
    values: pd.DataFrame, runs: NDArray[np.generic], align: Aligner, draws: int, seed: int
) -> DrawnTargets:
    """Permute the values of words within each run, and bring them to the samples.

    When words are said, how many there are, and how often a value occurs in a run stay as they
    are; which word has it does not. Runs are permuted independently and cut nowhere, so that every
    combination of orders of single runs is an order of all words: where there are several runs, a
    few orders of each, the true one among them, make all draws. They and what was observed are
    then exchangeable if words are, so that p is exact for a given regularisation (Hemerik & Goeman
    2018, theorem 2).

    Parameters
    ----------
    values : DataFrame, shape (n_words, n_features)
        None of them constant at the samples.
    runs : ndarray, shape (n_words,)
    align : Aligner
        Brings values of words to the samples.
    draws : int
    seed : int
    """
    rng = np.random.default_rng(seed)
    names, parts = np.unique(align.timeline.samples["run"], return_inverse=True)
    several = len(names) > 1
    n_orders = min(draws, ORDERS) if several else draws
    orders = [permute_within(runs, rng) for _ in range(n_orders)]
    if several:
        orders.insert(0, np.arange(len(runs)))
        taken = rng.integers(0, len(orders), size=(draws, len(names)))
    else:
        taken = np.arange(draws)[:, None]
    words = values.to_numpy(float)
    series = align(words)
    make = partial(
        _variant, words=Shared(words), align=Shared(align), mean=series.mean(0), sd=series.std(0)
    )
    variants = parallel_map(make, orders, "shuffle words")
    return DrawnTargets(np.stack(variants, axis=1), parts.reshape(-1), taken)


def permute_within(runs: NDArray[np.generic], rng: np.random.Generator) -> Ints:
    """Draw an order that leaves every word in its run, shape (n_words,)."""
    order = np.arange(len(runs))
    for run in np.unique(runs):
        order[runs == run] = rng.permutation(order[runs == run])
    return order


def _variant(
    order: Ints, *, words: Shared[Array], align: Shared[Aligner], mean: Array, sd: Array
) -> NDArray[np.float32]:
    """Series of one order, shape (n_features, n_samples)."""
    series = (align.value(words.value[order]) - mean) / sd
    return np.ascontiguousarray(series.T, dtype=np.float32)
