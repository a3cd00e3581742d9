"""What else could make a feature readable: nuisance variables, and words as such."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.regression.drawn_targets import DrawnTargets, drawn_scores
from stages.core.regression.ridge import Fit, shifted
from stages.core.regression.shift_null import ShiftNull
from stages.core.stats.judged import Columns, join, judge, judge_metrics
from stages.core.stats.scores import pearson
from stages.core.time.sampled_features import Features
from stages.core.time.timeline import Aligner
from stages.probe.shuffled_words import shuffle_words

Array = NDArray[np.float64]
PARTIAL = "_partial"
WORDS = "r_words"
LEAST = 1e-3  # share of a feature's standard deviation that nuisance variables have to leave
TIE = 1e-6  # difference up to which held-out r of single precision are the same

log = logging.getLogger("concord.probe")


@dataclass(frozen=True)
class Beyond:
    """Features, and the nuisance variables beyond which they are read.

    Attributes
    ----------
    features : ndarray of int
    nuisance : ndarray, shape (n_samples, n_variables)
    """

    features: NDArray[np.intp]
    nuisance: Array


@dataclass(frozen=True)
class Controls:
    """What features are controlled for.

    Attributes
    ----------
    beyond : tuple of Beyond
        Of which no two have a feature in common.
    words : DrawnTargets
        The features of the same words in other orders.
    """

    beyond: tuple[Beyond, ...]
    words: DrawnTargets


def make_controls(
    features: Features,
    annotated: pd.DataFrame,
    nuisance: pd.DataFrame | None,
    runs: NDArray[np.generic],
    align: Aligner,
    *,
    draws: int,
    seed: int,
) -> Controls:
    """Bring nuisance variables to the samples, and draw other orders of the words.

    Parameters
    ----------
    features : Features
        Made of `annotated` by `align`.
    annotated, nuisance : DataFrame
        One row per word: id, and the variables. Nuisance variables are taken out as they are, and
        also centred where features are: of runs with other means, one does not tell the other.
    runs : ndarray, shape (n_words,)
    align : Aligner
    draws : int
        Orders of the words.
    seed : int
    """
    words = shuffle_words(annotated[features.names], runs, align, draws, seed)
    if nuisance is None:
        return Controls((), words)
    variables = nuisance.drop(columns="id")
    ways = [replace(align, centre_within=None)]
    if align.centre_within is not None:
        ways.append(align)
    known = np.stack([way(variables.to_numpy(float)) for way in ways])
    return Controls(tuple(beyond(features, known, list(variables.columns))), words)


def beyond(features: Features, known: Array, variables: Sequence[str]) -> Iterator[Beyond]:
    """Say what is taken out of each feature: of one that is a nuisance variable, the others.

    Features of which that leaves nothing are left out by name.

    Parameters
    ----------
    features : Features
        Named `type/name`: one that has the name of a variable is the variable.
    known : ndarray, shape (n_ways, n_samples, n_variables)
        Nuisance variables, as they are and perhaps centred.
    variables : sequence of str
        Their names.
    """
    names = [name.partition("/")[2] for name in features.names]
    for itself in ["", *variables]:
        members = np.array([(name if name in variables else "") == itself for name in names])
        others = [place for place, name in enumerate(variables) if name != itself]
        nuisance = np.hstack(list(known[:, :, others]))
        left = left_by_nuisance(features.series, nuisance)
        for place in np.flatnonzero(members & ~left):
            log.warning("feature %s is nothing beyond nuisance variables", features.names[place])
        if (members & left).any():
            yield Beyond(np.flatnonzero(members & left), nuisance)


def left_by_nuisance(series: Array, nuisance: Array) -> NDArray[np.bool_]:
    """Mark the features of which nuisance variables leave something, shape (n_features,)."""
    known = np.column_stack([np.ones(len(nuisance)), nuisance])
    left = series - known @ np.linalg.lstsq(known, series)[0]
    some: NDArray[np.bool_] = left.std(axis=0) > LEAST * series.std(axis=0)
    return some


def judge_beyond(fit: Fit, series: Array, null: ShiftNull) -> dict[str, Columns]:
    """Score what is left beyond nuisance variables against its shifts, `r_partial` and r².

    Parameters
    ----------
    fit : Fit
        Without nuisance variables.
    series : ndarray, shape (n_samples, n_features)
        As they are.
    null : ShiftNull
    """
    return join(
        judge_metrics(fit.observed.columns(columns), sums, PARTIAL)
        for columns, (sums,) in shifted([fit], series, null)
    )


def judge_words(fit: Fit, words: DrawnTargets) -> dict[str, Columns]:
    """Hold held-out r against that of the same values in another order of the words.

    The regularisation that the observed values chose is kept, which makes p rather too large: of
    features of nothing, some 3 % have p up to .05. A draw that is the observed one, since few words
    have a value, scores the same but for the rounding of single precision, and counts as having
    reached it.
    """
    scores, null = pearson(fit.observed), drawn_scores(fit, words)
    same = np.abs(null - scores[:, None]) <= TIE
    tied = np.where(same, scores[:, None], null)
    return {WORDS: judge(scores, tied, fit.observed.n.sum(axis=0))}
