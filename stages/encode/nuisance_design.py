"""Nuisance variables at the samples: sooner and later than layers, or of the words before."""

import logging

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.params.schema import Encode
from stages.core.recording.types import Recording, Timeline
from stages.core.time.timeline import aligner, word_rows

Array = NDArray[np.float64]
# Share of its spread up to which what the word before says is known from the word itself.
KNOWN = 1e-6

log = logging.getLogger("concord.encode")


def nuisance_design(recording: Recording, settings: Encode) -> Array | None:
    """Bring the nuisance variables of a recording to its samples; None where it has none.

    They are not centred, since word rate is the count of words itself. In a time series they act
    at each of `nuisance_delays` beside each delay of the layers, so that a response that comes
    sooner or later than the haemodynamic response says is theirs, and not that of a layer which
    carries the words before (finite impulse response; Dale 1999, Human Brain Mapping 8:109). Where
    words are samples, those of the `spillover` words before act too (Smith & Levy 2013, Cognition
    128:302).

    Parameters
    ----------
    recording : Recording
    settings : Encode

    Returns
    -------
    ndarray, shape (n_samples, n_columns)
    """
    if recording.nuisance is None:
        return None
    values = recording.nuisance.drop(columns="id").to_numpy(float)
    timeline, rows = recording.timeline, word_rows(recording.stimuli)
    if timeline.tr is None:
        moved = [rows]
        if _are_words(recording.stimuli["text"]):
            values = with_words_before(values, rows["run"].to_numpy(), settings.spillover)
        elif settings.spillover:
            log.info("nuisance variables have no spillover: not every stimulus is a single word")
    else:
        delays = [delay * timeline.tr for delay in settings.delays]
        asked = {late + beside for late in delays for beside in settings.nuisance_delays}
        moved = [later(rows, timeline, seconds) for seconds in sorted(asked)]
    brought = [aligner(timeline, one, settings.downsample, [0], centre=False) for one in moved]
    return np.concatenate([bring(values) for bring in brought], axis=1)


def later(rows: pd.DataFrame, timeline: Timeline, seconds: float) -> pd.DataFrame:
    """Move rows in time.

    Parameters
    ----------
    rows : DataFrame
        Columns onset, offset (seconds) and sample, the id of that during which each began.
    timeline : Timeline
        Of a time series.
    seconds : float
        Negative for sooner.

    Returns
    -------
    DataFrame
        `sample` is the one so many whole samples later, or empty beyond the run.
    """
    samples, tr = timeline.samples, timeline.tr or 1.0
    moved = samples.groupby("run", sort=False)["id"].shift(-round(seconds / tr), fill_value="")
    ids = dict(zip(samples["id"], moved, strict=True))
    return rows.assign(
        onset=rows["onset"] + seconds,
        offset=rows["offset"] + seconds,
        sample=[ids.get(one, "") for one in rows["sample"]],
    )


def with_words_before(values: Array, runs: NDArray[np.generic], words: int) -> Array:
    """Put the variables of the words before beside those of each word.

    Parameters
    ----------
    values : ndarray, shape (n_words, n_variables)
    runs : ndarray, shape (n_words,)
    words : int
        How many before, at most: none beyond the beginning of the run, where a variable counts as
        its mean over all words.

    Returns
    -------
    ndarray, shape (n_words, n_columns)
        Variables that say of the word before what is known of the word itself (the place in the
        run, a one for every word) are not there twice.
    """
    centred, order = values - values.mean(axis=0), pd.Series(np.arange(len(values)))
    found = [values]
    for back in range(1, words + 1):
        at = order.groupby(runs).shift(back).to_numpy()
        there = ~np.isnan(at)
        if not there.any():
            break
        before = np.zeros_like(values)
        before[there] = centred[at[there].astype(int)]
        known = np.column_stack([np.ones(there.sum()), *(part[there] for part in found)])
        left = before[there] - known @ np.linalg.lstsq(known, before[there])[0]
        found.append(before[:, left.std(axis=0) > KNOWN * before[there].std(axis=0)])
    return np.concatenate(found, axis=1)


def _are_words(texts: "pd.Series[str]") -> bool:
    return all(len(text.split()) <= 1 for text in texts)
