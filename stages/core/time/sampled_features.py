"""Annotated features of the stimuli, brought to the samples."""

import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.run.errors import ConcordError
from stages.core.time.timeline import Aligner

Array = NDArray[np.float64]

log = logging.getLogger("concord.features")


@dataclass(frozen=True)
class Features:
    """Features at the time of the samples.

    Attributes
    ----------
    series : ndarray, shape (n_samples, n_features)
    names : list of str
        `type/name`.
    """

    series: Array
    names: list[str]


def sample_features(features: pd.DataFrame, align: Aligner) -> Features:
    """Bring each feature to the samples; those that are constant there are left out by name.

    Every word counts, paragraph marks included.

    Parameters
    ----------
    features : DataFrame
        One row per stimulus: id, and columns `type/name`.
    align : callable
        From `aligner`.

    Raises
    ------
    ConcordError
        If no feature varies.
    """
    features = features.drop(columns="id")
    values = align(features.to_numpy(float))
    varies = values.std(axis=0) > 1e-10 * np.abs(values).max(axis=0, initial=0)
    for name in features.columns[~varies]:
        log.warning("feature %s left out: it is constant", name)
    if not varies.any():
        raise ConcordError("no feature varies", where="features.parquet")
    return Features(values[:, varies], list(features.columns[varies]))
