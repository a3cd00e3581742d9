"""Whether intervals of predicted voxels hold what is true, and models that are alike differ."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.calibrate.observed import Case, observed
from stages.calibrate.simulated_images import STIMULI
from stages.calibrate.stage_runs import Study
from stages.core.regression.folds import Fold, Split, random_parts, share_tested
from stages.core.regression.piece_scores import scores_without
from stages.core.regression.ridge import cross_validate, lambda_grid
from stages.core.results.calibrations import COVERAGE, OURS
from stages.core.stats.jackknife import over_stimuli, pseudo_values
from stages.core.stats.pieces import number_pieces
from stages.core.stats.scores import pearson

Array = NDArray[np.float64]
# What two models hold of the responses, equally, each with noise of its own.
SIGNALS = {"noise": 0.0, "models alike, weak": 0.3, "models alike": 1.0}
LAYOUTS = {"five parts": 0, "30 kept apart": 30}  # images that are kept apart
TESTS = ("r over other images", "difference of two models")
ONCE = "as if nothing were fitted"
PARTS, PER = 5, 10  # and simulations for which there is a set of images
REGIONS, VOXELS, SOURCES, UNITS = 6, 10, 10, 30
COMMON = 0.5  # of the noise of a region's voxels


@dataclass(frozen=True)
class _Scored:
    """What two models say of one set of images.

    Attributes
    ----------
    scores : ndarray, shape (2, n_regions)
        Means over voxels.
    without : ndarray, shape (2, n_regions, n_pieces)
    share : float
        Test images per training image, summed over folds.
    """

    scores: Array
    without: Array
    share: float


def image_interval_cases(study: Study) -> Iterator[pd.DataFrame]:
    """Simulate sets of images, and what two models that hold as much predict of voxels.

    What r is on average, over all sets of a situation, is what its intervals are of.
    """
    settings = study.settings
    for place, (layout, apart) in enumerate(LAYOUTS.items()):
        for number, (situation, signal) in enumerate(SIGNALS.items()):
            seeds = [settings.seed, 11_000, place, number]
            found = [
                _scored(np.random.default_rng([*seeds, images]), signal, apart, study)
                for images in range(-(-settings.simulations // PER))
            ]
            yield from _judged(found, situation, f"{STIMULI} images, {layout}")


def _scored(rng: np.random.Generator, signal: float, apart: int, study: Study) -> _Scored:
    """Draw images, models and voxels, and predict these."""
    held = rng.standard_normal((STIMULI, SOURCES))
    weights = rng.standard_normal((SOURCES, REGIONS * VOXELS)) / np.sqrt(SOURCES)
    series = signal * held @ weights + _noise(rng)
    folds, params = _folds(rng, apart), study.params
    n = params.encode_scene.pieces
    tested = np.concatenate([fold.outer.test for fold in folds])
    pieces = np.full(STIMULI, -1)
    seed = int(rng.integers(1 << 31))
    pieces[tested] = number_pieces(np.arange(len(tested)), n, "rows", seed)
    scores, without = [], []
    for _ in TESTS:
        own = held + rng.standard_normal(held.shape)
        design = np.hstack([own, rng.standard_normal((STIMULI, UNITS - SOURCES))])
        fit = cross_validate(design, series, folds, lambda_grid(params.ridge.lambdas))
        scores.append(_region_means(pearson(fit.observed)))
        without.append(_region_means(scores_without(fit, series, pieces, n)).T)
    share = share_tested(folds)
    return _Scored(np.stack(scores), np.stack(without), share)


def _folds(rng: np.random.Generator, apart: int) -> tuple[Fold, ...]:
    """Keep so many images apart, or cut all into parts; the inner folds are parts."""
    rows = np.arange(STIMULI)
    kept = [Split(rows[apart:], rows[:apart])] if apart else random_parts(rows, PARTS, rng)
    return tuple(Fold(one, tuple(random_parts(one.train, PARTS, rng))) for one in kept)


def _noise(rng: np.random.Generator) -> Array:
    """Noise that the voxels of a region have in part in common, of variance 1."""
    common = np.repeat(rng.standard_normal((STIMULI, REGIONS)), VOXELS, axis=1)
    own = rng.standard_normal((STIMULI, REGIONS * VOXELS))
    return np.asarray(np.sqrt(COMMON) * common + np.sqrt(1 - COMMON) * own)


def _region_means(values: Array) -> Array:
    means: Array = values.reshape(*values.shape[:-1], REGIONS, VOXELS).mean(axis=-1)
    return means


def _judged(found: list[_Scored], situation: str, layout: str) -> Iterator[pd.DataFrame]:
    """Judge the intervals of both models, and their differences; images are in common."""
    truth = np.mean([one.scores for one in found])
    common = np.repeat(np.arange(len(found)), REGIONS)
    for method, fitting in ((OURS, 1.0), (ONCE, 0.0)):
        holds, p = [], []
        for one in found:
            fitted = fitting * one.share
            values = pseudo_values(one.scores, one.without, fitted)
            told = over_stimuli(values[0][:, None])
            holds.append((told.low <= truth) & (truth <= told.high))
            p.append(over_stimuli((values[0] - values[1])[:, None]).p)
        case = Case("encode_scene", TESTS[0], situation, layout, method, asks=COVERAGE)
        yield observed(np.concatenate(holds), case, common, common)
        differ = Case("encode_scene", TESTS[1], situation, layout, method)
        yield observed(np.concatenate(p), differ, common, common)
