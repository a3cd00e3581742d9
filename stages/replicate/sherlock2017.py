"""Chen et al. (2017): how six regions of seventeen people follow a film together."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stages.core.results.replications import RECOMPUTED
from stages.core.run.errors import InputError
from stages.core.stats.reliability import spearman_brown
from stages.replicate.plain_tables import read_matrices
from stages.replicate.published_targets import Found, Target

NAME = "sherlock2017/roicorr/{}_sherlock_movie_roicorr.mat"
# Mean correlation with the others' mean, and reliability of the mean over people.
REGIONS = {
    "aud_early": (".655", ".93"),
    "early_visual": (".658", ".93"),
    "pmc_nn": (".460", ".84"),
    "ddmn_mpfc": (".325", ".73"),
    "post_parahipp": (".369", ".77"),
    "bilateral_hipp": (".269", ".66"),
}
FAR = "greatest difference from the stored correlations"
TARGETS = (
    *(Target(f"{name}, one person ~ the others", pair[0], 0.001) for name, pair in REGIONS.items()),
    Target(FAR, "0", 1e-6),
    *(
        Target(f"{name}, reliability of the mean", pair[1], 0.02, RECOMPUTED)
        for name, pair in REGIONS.items()
    ),
)


def derive_sherlock(files: Mapping[str, Path]) -> dict[str, Found]:
    """Correlate every person's time course with the mean of the others'.

    Raises
    ------
    InputError
        If a file is unreadable or the stored correlations are of other people.
    """
    found, apart = {}, [0.0]
    for region in REGIONS:
        path = files[NAME.format(region)]
        read = read_matrices(path, ("roitc", "roicorr"))
        courses, stored = read["roitc"], read["roicorr"].ravel()
        if len(stored) != courses.shape[1]:
            raise InputError("other people", where=path, expected=len(stored), got=courses.shape)
        ours, n = with_others(courses), courses.shape[1]
        apart.append(float(np.abs(ours - stored).max()))
        found[f"{region}, one person ~ the others"] = Found(float(ours.mean()), n=n)
        reliability = spearman_brown(mean_of_pairs(courses), n)
        found[f"{region}, reliability of the mean"] = Found(float(reliability), n=n)
    return found | {FAR: Found(max(apart), n=len(REGIONS))}


def with_others(courses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Correlate each column with the mean of the others.

    Parameters
    ----------
    courses : ndarray, shape (n_samples, n_people)

    Returns
    -------
    ndarray, shape (n_people,)
    """
    others = (courses.sum(axis=1, keepdims=True) - courses) / (courses.shape[1] - 1)
    own, rest = (side - side.mean(axis=0) for side in (courses, others))
    spread = np.sqrt((own**2).sum(axis=0) * (rest**2).sum(axis=0))
    return np.asarray((own * rest).sum(axis=0) / spread)


def mean_of_pairs(courses: NDArray[np.float64]) -> float:
    """Mean correlation of two columns."""
    r = np.atleast_2d(np.corrcoef(courses.T))
    return float(r[np.triu_indices(len(r), 1)].mean())
