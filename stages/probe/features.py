"""What is read out: annotated features, averaged over the words of each sample."""

import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.downsample import window_weights
from stages.core.errors import ConcordError

Array = NDArray[np.float64]

log = logging.getLogger("concord.probe")


@dataclass(frozen=True)
class Features:
    """Features of the samples during which a word begins.

    Attributes
    ----------
    samples : DataFrame
        Columns id, run: the samples that are kept.
    series : ndarray, shape (n_samples, n_features)
    names : list of str
        `type/name`.
    """

    samples: pd.DataFrame
    series: Array
    names: list[str]


def average_features(
    features: pd.DataFrame, stimuli: pd.DataFrame, samples: pd.DataFrame
) -> Features:
    """Average each feature over the words shown during each sample.

    Every word counts, paragraph marks included. Samples without words are left out; features
    that are constant afterwards are left out by name.

    Parameters
    ----------
    features : DataFrame
        One row per stimulus: id, and columns `type/name`.
    stimuli : DataFrame
        Column sample.
    samples : DataFrame
        Columns id, run.

    Raises
    ------
    ConcordError
        If no feature varies.
    """
    kept = samples[samples["id"].isin(stimuli["sample"])].reset_index(drop=True)
    features = features.drop(columns="id")
    values = window_weights(kept, stimuli) @ features.to_numpy(float)
    varies = np.ptp(values, axis=0) > 0
    for name in features.columns[~varies]:
        log.warning("feature %s left out: it is constant", name)
    if not varies.any():
        raise ConcordError("no feature varies", where="features.parquet")
    return Features(kept, values[:, varies], list(features.columns[varies]))


def family(name: str) -> str:
    """Return the type of a feature named `type/name`."""
    return name.split("/", 1)[0]
