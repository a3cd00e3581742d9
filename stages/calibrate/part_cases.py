"""Whether the intervals of the parts of R² hold what the parts are on average."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import lfilter

from stages.calibrate.observed import Case, observed
from stages.calibrate.stage_runs import Study
from stages.calibrate.story_layouts import LAYOUTS
from stages.core.regression.folds import Partition, partition, share_tested
from stages.core.regression.ridge import cross_validate, lambda_grid
from stages.core.results.calibrations import COVERAGE, OURS
from stages.core.stats.jackknife import Estimate, over_stimuli, pseudo_values
from stages.core.stats.scores import Moments, explained, r_squared, without_each

Array = NDArray[np.float64]
# Of each response, the weight of what nuisance variables hold, and of what the layer alone holds;
# and whether the layer holds the nuisance variables too.
SITUATIONS = {
    "noise": (0.0, 0.0, True),
    "layer and nuisance, unrelated": (0.7, 0.7, False),
    "layer that holds nuisance, too": (0.7, 0.7, True),
}
PARTS = ("r2_unique", "r2_shared")
ONCE = "as if nothing were fitted"
TARGETS, PER = 6, 20  # responses of a recording, and simulations for which there is one
VARIABLES, UNITS, SMOOTH, AUTOCORRELATION = 4, 40, 1.5, 0.4


def part_cases(study: Study) -> Iterator[pd.DataFrame]:
    """Simulate responses to what a layer and nuisance variables hold, alone and together.

    What a part is on average, over all recordings of a situation, is what its intervals are of.
    """
    settings, params = study.settings, study.params
    folds = params.folds.model_copy(update={"scheme": "auto"})
    lambdas = lambda_grid(params.ridge.lambdas)
    for name, make in LAYOUTS.items():
        for place, (situation, asked) in enumerate(SITUATIONS.items()):
            found = []
            for recording in range(-(-settings.simulations // PER)):
                rng = np.random.default_rng([settings.seed, 7000, place, recording])
                runs = make(rng).samples["run"].to_numpy()
                cut = partition(runs, folds)
                series = _series(rng, len(runs), *asked)
                found.append(_parts(series, cut, lambdas, params.encode.pieces))
            yield from _judged(found, situation, name)


def _series(
    rng: np.random.Generator, n: int, common: float, own: float, holds: bool
) -> tuple[Array, Array, Array]:
    """Draw nuisance variables, a layer, and responses."""
    nuisance, held = _smooth(rng, n, VARIABLES), _smooth(rng, n, VARIABLES)
    layer = _smooth(rng, n, UNITS)
    layer[:, :VARIABLES] += 2 * held
    if holds:
        layer[:, VARIABLES : 2 * VARIABLES] += 2 * nuisance
    noise = lfilter([1.0], [1.0, -AUTOCORRELATION], rng.standard_normal((n, TARGETS)), axis=0)
    drawn = common * nuisance @ _weights(rng) + own * held @ _weights(rng)
    return nuisance, layer, drawn + noise / noise.std(axis=0)


def _parts(
    series: tuple[Array, Array, Array], cut: Partition, lambdas: Array, pieces: int
) -> tuple[Array, Array, float]:
    """Find both parts, without each piece too, and how much of the variance comes of fitting.

    Of shapes (2, n_targets) and (2, n_targets, n_pieces).
    """
    nuisance, layer, targets = series
    per_fold = -(-pieces // len(cut.folds))
    plain, beyond = (
        cross_validate(layer, targets, cut.folds, lambdas, known, pieces=per_fold).pieces
        for known in (None, nuisance)
    )
    each = zip(without_each(beyond), without_each(plain), strict=True)
    without = np.stack([_split(*sums) for sums in each], axis=-1)
    share = share_tested(cut.folds)
    return _split(beyond, plain), without, share


def _split(beyond: Moments, plain: Moments) -> Array:
    total = plain.yy.sum(axis=0) - plain.y.sum(axis=0) ** 2 / plain.n.sum(axis=0)
    unique = explained(beyond, total)
    return np.stack([unique, r_squared(plain) - unique])


def _judged(
    found: list[tuple[Array, Array, float]], situation: str, layout: str
) -> Iterator[pd.DataFrame]:
    """Judge the intervals of all targets, which have their recording in common."""
    truths = np.mean([scores for scores, _, _ in found], axis=(0, 2))
    common = np.repeat(np.arange(len(found)), TARGETS)
    for place, part in enumerate(PARTS):
        for method, fitting in ((OURS, 1.0), (ONCE, 0.0)):
            holds = [
                (one.low <= truths[place]) & (truths[place] <= one.high)
                for scores, without, share in found
                for one in [_interval(scores[place], without[place], fitting * share)]
            ]
            case = Case("encode", part, situation, layout, method, asks=COVERAGE)
            yield observed(np.concatenate(holds), case, common, common)


def _interval(scores: Array, without: Array, fitted: float) -> Estimate:
    return over_stimuli(pseudo_values(scores, without, fitted)[:, None])


def _weights(rng: np.random.Generator) -> Array:
    """Weights of each response, of length 1, so that all have the same truth."""
    weights = rng.standard_normal((VARIABLES, TARGETS))
    unit: Array = weights / np.linalg.norm(weights, axis=0)
    return unit


def _smooth(rng: np.random.Generator, n: int, columns: int) -> Array:
    """Standardised series, as smooth as what is convolved with the haemodynamic response."""
    series = gaussian_filter1d(rng.standard_normal((n, columns)), SMOOTH, axis=0)
    standard: Array = series / series.std(axis=0)
    return standard
