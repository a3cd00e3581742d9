"""What is said of the difference of two models that predict equally well."""

from collections.abc import Iterator
from dataclasses import replace

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
from stages.core.results.calibrations import OURS
from stages.core.stats.jackknife import WIDER, over_stimuli, pseudo_values
from stages.core.stats.scores import pearson, without_each

Array = NDArray[np.float64]
SIGNALS = {"two models of noise": 0.0, "two models alike, weak": 0.3, "two models alike": 1.0}
TEST = ("survey", "difference of two models")
TARGETS, PER = 6, 20  # responses of a recording, and simulations for which there is one
UNITS, SOURCES, SMOOTH, AUTOCORRELATION = 80, 30, 1.5, 0.4
NARROW, ONCE = "by Nadeau and Bengio's factor", "as if nothing were fitted"


def pair_cases(study: Study) -> Iterator[pd.DataFrame]:
    """Simulate responses to what two models hold equally, each with noise of its own."""
    settings, params = study.settings, study.params
    for name, make in LAYOUTS.items():
        for recording in range(-(-settings.simulations // PER)):
            rng = np.random.default_rng([settings.seed, 6000, recording])
            runs = make(rng).samples["run"].to_numpy()
            folds = params.folds.model_copy(update={"scheme": "auto"})
            cut, lambdas = partition(runs, folds), lambda_grid(params.ridge.lambdas)
            for situation, signal in SIGNALS.items():
                held = _smooth(rng, len(runs), SOURCES)
                weights = rng.standard_normal((SOURCES, TARGETS)) / np.sqrt(SOURCES)
                targets = signal * held @ weights + _slow_noise(rng, len(runs))
                models = [_model(rng, held) for _ in range(2)]
                scored = [
                    _scores(one, targets, cut, lambdas, params.encode.pieces) for one in models
                ]
                yield from _judged(scored, cut, Case(*TEST, situation, name), recording)


def _judged(
    scored: list[tuple[Array, Array]], cut: Partition, case: Case, recording: int
) -> Iterator[pd.DataFrame]:
    """Judge the differences of all targets, which have their models in common."""
    (score, without), (other, other_without) = scored
    share = share_tested(cut.folds)
    common = [recording] * len(score)
    for method, fitted in ((OURS, share), (NARROW, share / WIDER), (ONCE, 0.0)):
        shares = pseudo_values(score - other, without - other_without, fitted)
        p = over_stimuli(shares[:, None]).p
        yield observed(p, replace(case, method=method), common, common)


def _scores(
    design: Array, targets: Array, cut: Partition, lambdas: Array, pieces: int
) -> tuple[Array, Array]:
    """Held-out r of every target, and those without each piece, shape (n_targets, n_pieces)."""
    per_fold = -(-pieces // len(cut.folds))
    fit = cross_validate(design, targets, cut.folds, lambdas, pieces=per_fold)
    without = np.stack([pearson(left) for left in without_each(fit.pieces)], axis=1)
    return pearson(fit.observed), without


def _model(rng: np.random.Generator, held: Array) -> Array:
    """Put what both hold into noise, and units of noise beside it."""
    own = held + 2 * _smooth(rng, *held.shape)
    return np.hstack([own, _smooth(rng, len(held), UNITS - held.shape[1])])


def _smooth(rng: np.random.Generator, n: int, columns: int) -> Array:
    """Standardised series, as smooth as what is convolved with the haemodynamic response."""
    series = gaussian_filter1d(rng.standard_normal((n, columns)), SMOOTH, axis=0)
    standard: Array = series / series.std(axis=0)
    return standard


def _slow_noise(rng: np.random.Generator, n: int) -> Array:
    noise = lfilter([1.0], [1.0, -AUTOCORRELATION], rng.standard_normal((n, TARGETS)), axis=0)
    standard: Array = noise / noise.std(axis=0)
    return standard
