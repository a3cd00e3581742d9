"""How what is predicted follows a model's surprisal, to which nothing is fitted."""

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.activations.activations import read_about
from stages.core.activations.surprisal import read_surprisal
from stages.core.recording.types import stimuli_digest
from stages.core.results.results import results_table
from stages.core.stats.chance import significance
from stages.core.stats.multiple import adjust
from stages.core.time.timeline import aligner, word_rows
from stages.encode.judging import PARTIAL
from stages.encode.one_model import Encoding
from stages.encode.targets import Responses

Array = NDArray[np.float64]
SURPRISAL = "surprisal"
OVER = "regions or voxels"

log = logging.getLogger("concord.encode")


def surprisal_table(encoding: Encoding, activations: Path) -> pd.DataFrame:
    """Correlate a model's surprisal with every target; no rows where it predicts no words.

    Of a stimulus of several words it is that of each word on average. What was not predicted, such
    as the first word of a run, is no sample here; in a time series it counts as the mean of its
    run. Words of a time series are convolved with a haemodynamic response, whatever the layers are,
    unless its responses were moved back in time already.

    Raises
    ------
    InputError
        If the surprisal is not that of the recording's stimuli.
    """
    recording, centre = encoding.recording, encoding.settings.centre
    stimuli = recording.stimuli
    told = read_surprisal(activations, list(stimuli["id"]))
    if told is None:
        return results_table([])
    about = read_about(activations, stimuli_digest(stimuli))[0]
    words = np.array([max(len(text.split()), 1) for text in stimuli["text"]])
    each = told["nats"] / words
    unknown = int(each.isna().sum())
    if unknown:
        log.info("%d of %d stimuli without surprisal", unknown, len(told))
    if recording.tr is not None:
        means = each.groupby(stimuli["run"].to_numpy()).transform("mean")
        each = each.fillna(means).fillna(each.mean())
    values = each.to_numpy(float)
    align = aligner(recording.timeline, word_rows(stimuli), "glover", [0], centre=centre)
    series, nuisance = align(values[:, None])[:, 0], encoding.controls.get("nuisance")
    rows = [
        surprisal_rows(series, people, encoding.orders, nuisance) for people in encoding.responses
    ]
    named = pd.concat(rows, ignore_index=True).assign(
        dataset=recording.dataset, model=about.label, split="all"
    )
    return adjust(results_table(named), ("subject", "kind", "metric"), OVER)


def surprisal_rows(
    series: Array, responses: Responses, orders: NDArray[np.intp], nuisance: Array | None
) -> pd.DataFrame:
    """Correlate surprisal with every target, over all samples.

    Parameters
    ----------
    series : ndarray, shape (n_samples,)
        Surprisal at the time of the samples; NaN where it is not known, which leaves them out.
    responses : Responses
    orders : ndarray of int, shape (n_shifts, n_samples)
        Shifts of the responses, which make the null.
    nuisance : ndarray, shape (n_samples, n_variables), or None
        With them, `r_partial` too: the partial correlation given these, over all samples.

    Returns
    -------
    DataFrame
        Columns of the results table: one row per target and metric, of layer and kind `surprisal`.
        p is two-sided: reading times rise with surprisal, and some potentials become more negative.
    """
    here, targets = np.isfinite(series), responses.series
    known: list[tuple[str, Array | None]] = [("", None)]
    if nuisance is not None:
        known.append((PARTIAL, nuisance[here]))
    tables = [
        responses.targets.assign(metric=f"r{suffix}", **dict(columns))
        for suffix, variables in known
        for columns in [_correlated(series[here], targets, orders, here, variables)]
    ]
    found = pd.concat(tables, ignore_index=True)
    return found.assign(layer=SURPRISAL, kind=SURPRISAL, n=float(here.sum()))


def _correlated(
    series: Array,
    targets: NDArray[np.floating],
    orders: NDArray[np.intp],
    here: NDArray[np.bool_],
    variables: Array | None,
) -> Iterator[tuple[str, Array]]:
    """Correlate a series of some samples with targets as they are and as they are shifted."""
    own = _without(series[:, None], variables)[:, 0]
    score = _r(own, _without(targets[here], variables))
    shifted = (targets[order][here] for order in orders)
    draws = np.stack([_r(own, _without(one, variables)) for one in shifted], axis=1)
    two_sided = significance(np.abs(score), np.abs(draws))
    signed = significance(score, draws)
    yield "score", score
    yield "null_mean", signed.null_mean
    yield "null_sd", signed.null_sd
    yield "z", signed.z
    yield "p", two_sided.p


def _without(values: NDArray[np.floating], variables: Array | None) -> Array:
    """Take out the mean and what is linear in some variables, over all samples."""
    exact = np.asarray(values, dtype=np.float64)
    left: Array = exact - exact.mean(axis=0)
    if variables is not None:
        design = variables - variables.mean(axis=0)
        left = left - design @ np.linalg.lstsq(design, left, rcond=None)[0]
    return left


def _r(one: Array, many: Array) -> Array:
    """Correlation of a centred series with centred columns; 0 where one does not vary."""
    scale = np.linalg.norm(one) * np.linalg.norm(many, axis=0)
    found: Array = np.where(scale > 0, one @ many / np.where(scale > 0, scale, 1), 0.0)
    return found
