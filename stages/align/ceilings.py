"""What a model can be asked for: how people agree, and what noise leaves of a perfect model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import squareform
from scipy.stats import rankdata

from stages.align.engine import measure
from stages.align.representation import (
    Dissimilarities,
    Features,
    Representation,
    check_sides,
)
from stages.align.routines.row_distances import dissimilarities, unit_vector
from stages.align.signals import signal_like
from stages.core.names.metrics import Metric, parse_metric
from stages.core.run.errors import InputError
from stages.core.stats.backend import Array, Backend

FEWEST_SUBJECTS = 2
SQUARES = "squared euclidean"
DRAWS = 8  # of noise; scores of a region then scatter by up to .015
ROWS = 10_000  # in all draws together, if that is fewer; above 5,000 rows one draw does


@dataclass(frozen=True)
class Bounds:
    """What the best model of all people could score with each, by one metric.

    Attributes
    ----------
    lower : ndarray, shape (n_subjects,)
        Each person with the mean of the others: what some model reaches.
    upper : ndarray, shape (n_subjects,)
        Each person with the mean of all, that person included.
    """

    lower: Array
    upper: Array


def nili(rdms: Array, comparison: str, *, transformed: bool = True) -> Bounds:
    """Lower and upper bound of the ceiling of one comparison of dissimilarities.

    The mean over people of the upper bounds is the highest mean score that any matrix has, exactly
    so for transformed matrices.

    Parameters
    ----------
    rdms : ndarray, shape (n_subjects, n_pairs)
        Dissimilarities above the diagonal, of each person.
    comparison : {"pearson", "spearman", "cosine"}
    transformed : bool
        Before they are averaged, turn dissimilarities into ranks (spearman), standardise them
        (pearson), or divide them by their length (cosine), as the paper says; otherwise average
        them as they are.

    Returns
    -------
    Bounds

    Raises
    ------
    InputError
        If there is one person only, or all pairs are equally far apart for one.

    References
    ----------
    Nili et al. 2014, PLoS Computational Biology 10:e1003553, "Noise ceiling".
    """
    _check_several(len(rdms))
    units = np.stack(
        [unit_vector(rdm, comparison, f"subject {place}") for place, rdm in enumerate(rdms)]
    )
    ready = units if transformed else np.asarray(rdms, dtype=np.float64)
    if transformed and comparison == "spearman":
        ready = rankdata(rdms, axis=1)  # so that equal means of ranks stay equal
    means = _means_of(ready)
    best = np.stack([unit_vector(mean, comparison, "a mean of subjects") for mean in means])
    return Bounds(lower=(best[1:] * units).sum(axis=1), upper=units @ best[0])


def subject_bounds(
    subjects: Sequence[Representation], metrics: Sequence[str], backend: Backend
) -> dict[str, Bounds]:
    """Lower and upper bound of the ceiling of every metric that dissimilarities suffice for.

    RSA: `nili`. The others: dissimilarities are divided by their mean, then averaged; they are
    squared Euclidean distances for CKA, whose mean is that of the linear kernels, and 1 - the
    cosine of the angle for metrics of neighbours. What the mean of all scores is then no strict
    bound, since these scores are no inner products of dissimilarities, but close to one.

    Parameters
    ----------
    subjects : sequence of Representation
        One region of each person, of the same n rows in the same order.
    metrics : sequence of str
    backend : Backend

    Returns
    -------
    dict of Bounds
        By metric, in the order asked.

    Raises
    ------
    InputError
        If there is one person only, or a metric needs features.
    """
    _check_several(len(subjects))
    n = check_sides(subjects, subjects)
    asked: dict[str, list[Metric]] = {}
    for name in metrics:
        metric = parse_metric(name, n)
        asked.setdefault(_distance(metric), []).append(metric)
    found: dict[str, Bounds] = {}
    for distance, alike in asked.items():
        rdms = np.stack(
            [_pairs(one, distance, f"subject {place}") for place, one in enumerate(subjects)]
        )
        graded = [metric for metric in alike if metric.comparison]
        found |= {metric.name: nili(rdms, metric.comparison) for metric in graded}
        others = [metric.name for metric in alike if not metric.comparison]
        if others:
            found |= _bounds(rdms, others, backend)
    return {name: found[name] for name in metrics}


def between_subjects(
    subjects: Sequence[Representation], metrics: Sequence[str], backend: Backend
) -> dict[str, Array]:
    """Score each person with the others, as a model would be that knew the others' responses.

    The lower bound of `subject_bounds`: alignment with the mean dissimilarity of the others. Where
    a metric needs features (`cknna`, `svcca`), which have no mean over people whose voxels do not
    correspond, it is the mean over the others of the alignment with each, which is lower, since no
    noise is averaged out.

    Parameters
    ----------
    subjects, metrics, backend
        As those of `subject_bounds`.

    Returns
    -------
    dict of ndarray, shape (n_subjects,)
        By metric, in the order asked.

    Raises
    ------
    InputError
        If there is one person only, or features are asked for and not there.
    """
    _check_several(len(subjects))
    n = check_sides(subjects, subjects)
    paired = [name for name in metrics if not parse_metric(name, n).kind.dissimilarities]
    averaged = [name for name in metrics if name not in paired]
    found = {
        name: bounds.lower for name, bounds in subject_bounds(subjects, averaged, backend).items()
    }
    if paired:
        for name, scores in _all_pairs(subjects, paired, backend).items():
            found[name] = (scores.sum(axis=0) - np.diag(scores)) / (len(subjects) - 1)
    return {name: found[name] for name in metrics}


def ncsnr_ceiling(
    responses: Features, share: Array, metrics: Sequence[str], *, seed: int, backend: Backend
) -> dict[str, float]:
    """Score that a model with the geometry of the noise-free responses would expect.

    Noise of the known variance is added to `signal_like` responses, and these are aligned with
    what comes of it.

    Noise is taken to be independent between voxels. Where they share it, as neighbours in a scan
    do, it passes for signal: the ceilings of RSA and neighbours come out too low (see
    `stages.align.ceiling_table`), and that of CKA too high: in simulated regions whose noise
    correlated .5 between neighbours, by .01 to .03 where 60 % of the variance was signal, by up to
    .16 at 30 % and .4 at 10 %. It is then no more than a bound from above.

    With independent noise, means over five regions (200 to 300 stimuli, 60 to 400 voxels, 10 to
    60 % signal) came within .03 of the truth for CKA and RSA by Pearson. So did, within .06, narrow
    RBF kernels, neighbours and RSA by Spearman, unless stimuli formed tight clusters, which noise
    dissolves: then these were up to .17 off. Noisy responses that were only made smaller, the
    simpler way, gave up to .37 too little.

    Parameters
    ----------
    responses : ndarray, shape (n, n_voxels)
        Of one region, averaged over repeats.
    share : ndarray, shape (n_voxels,)
        Share of each voxel's variance that is signal: the square of the highest correlation that
        can be expected with it, the column `ceiling` of a recording's targets.
    metrics : sequence of str
    seed : int
        Of the noise, over `DRAWS` draws of which scores are averaged, or over fewer of many rows.
    backend : Backend

    Returns
    -------
    dict of float
        By metric, in the order asked, save `svcca`, which is left out: it counts directions, and
        how many of them carry signal cannot be told.

    Raises
    ------
    InputError
        If a share is missing or not in [0, 1], or no voxel carries signal.
    """
    _check_share(share, responses.shape[1])
    signal, n = signal_like(responses, share), len(responses)
    names = [name for name in metrics if parse_metric(name, n).kind.routine != "subspace"]
    deviation = np.sqrt((1 - share) * responses.var(axis=0, ddof=1, dtype=np.float64))
    rng = np.random.default_rng(seed)
    draws = range(max(1, min(DRAWS, ROWS // n)))
    noisy = [signal + deviation * rng.standard_normal(signal.shape) for _ in draws]
    found = measure([signal], noisy, names, np.arange(n)[None], backend)
    return {name: float(scores.mean()) for name, scores in found.items()}


def _check_several(count: int) -> None:
    if count < FEWEST_SUBJECTS:
        raise InputError(
            "no ceiling between subjects", expected=f"{FEWEST_SUBJECTS} subjects or more", got=count
        )


def _check_share(share: Array, voxels: int) -> None:
    if share.shape != (voxels,):
        raise InputError("other voxels", where="share", expected=(voxels,), got=share.shape)
    wrong = ~((share >= 0) & (share <= 1))
    if wrong.any():
        place = int(wrong.argmax())
        got = share[place]
        raise InputError("no share of signal", where=f"voxel {place}", expected="0 to 1", got=got)
    if not share.any():
        raise InputError("no voxel with signal", where="share")


def _distance(metric: Metric) -> str:
    """Name the dissimilarities that are averaged for a metric."""
    if not metric.kind.dissimilarities:
        raise InputError(f"{metric.name} needs features, which have no mean over subjects")
    if metric.kind.routine == "kernel":
        return SQUARES
    return metric.distance if metric.comparison else "cosine"


def _pairs(one: Representation, distance: str, where: str) -> Array:
    if distance != SQUARES or isinstance(one, Dissimilarities):
        return dissimilarities(one, distance, where)
    squares: Array = dissimilarities(one, "euclidean", where) ** 2
    return squares


def _means_of(rows: Array) -> Array:
    """Mean of all rows, then for each row that of the others, shape (1 + n_rows, ...)."""
    total = rows.sum(axis=0)
    return np.concatenate([total[None] / len(rows), (total - rows) / (len(rows) - 1)])


def _bounds(rdms: Array, metrics: Sequence[str], backend: Backend) -> dict[str, Bounds]:
    scaled = rdms / rdms.mean(axis=1, keepdims=True)
    means = [Dissimilarities(squareform(np.maximum(mean, 0))) for mean in _means_of(scaled)]
    people = [Dissimilarities(squareform(one)) for one in scaled]
    rows = np.arange(len(people[0].values))[None]
    found = measure(means, people, metrics, rows, backend)
    return {
        name: Bounds(lower=np.diag(scores[1:, :, 0]).copy(), upper=scores[0, :, 0])
        for name, scores in found.items()
    }


def _all_pairs(
    subjects: Sequence[Representation], metrics: Sequence[str], backend: Backend
) -> dict[str, Array]:
    n = check_sides(subjects, subjects)
    found = measure(subjects, subjects, metrics, np.arange(n)[None], backend)
    return {name: scores[..., 0] for name, scores in found.items()}
