"""The time courses that drive regions: one layer of a network, or one family of features."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stages.core.recording.types import Cleaning
from stages.core.time.cleaning import clean
from stages.core.time.downsample import glover_weights
from stages.simulate.planted_model import Layer
from stages.simulate.story.atlas import Family
from stages.simulate.story.story_features import StoryFeatures
from stages.simulate.story.timetable import TR, volume_times, word_times

Array = NDArray[np.float64]

# Principal components of a layer among which its own directions are sought, and how many are kept.
N_COMPONENTS = 70
N_DIRECTIONS = 8
# Regularisation when one layer predicts another; the designs are standardised.
RIDGE = 100.0
# Digits of what is planted, which has unit variance. Layers in double precision differ between
# processors by 1e-14, what is made of them by 1e-13: of 4 million values, 1e-4 are expected to be
# rounded otherwise elsewhere.
DIGITS = 3
# What a study would remove from the responses of a run.
CLEANING = Cleaning(detrend=True, high_pass=128.0, standardize=False)


def hear_words(values: NDArray[np.floating], weights: Array) -> Array:
    """Standardise values of words and pass them through the haemodynamic response.

    Each word is an impulse at its offset; the responses add up (Glover 1999) and are
    sampled when the volumes are taken.

    Parameters
    ----------
    values : ndarray, shape (n_words, n_columns)
        None constant.
    weights : ndarray, shape (n_volumes, n_words)
        From `response_weights`.

    Returns
    -------
    ndarray, shape (n_volumes, n_columns)
    """
    exact = values.astype(float)
    heard: Array = weights @ ((exact - exact.mean(axis=0)) / exact.std(axis=0))
    return heard


def response_weights() -> Array:
    """Tabulate what each word adds to each volume, shape (n_volumes, n_words)."""
    return glover_weights(volume_times(), word_times())


def reading_volumes() -> NDArray[np.bool_]:
    """Mark the volumes during which words are shown, shape (n_volumes,)."""
    shown = np.zeros(len(volume_times()), dtype=bool)
    shown[(word_times()["onset"] // TR).astype(int)] = True
    return shown


def clean_reading(series: Array) -> Array:
    """Keep the volumes with words, and remove what is slow, shape (n_reading, n_columns)."""
    shown = reading_volumes()
    return clean(series[shown], volume_times()["run"].to_numpy()[shown], TR, CLEANING)


def layer_directions(heard: Sequence[Array]) -> list[Array]:
    """Find in each layer what the other layers know least about.

    Neighbouring layers of a network share most of their variance, so that an arbitrary
    direction of one is predicted nearly as well by the next. Within the leading, whitened
    principal components of a layer (so that no faint direction is chosen), we take the
    eigenvectors of the covariance that ridge regressions from each of the other layers leave
    over in held-out runs, averaged over those layers, largest first. A linear map finds these
    directions in their layer and, the farther away, the less in the others.

    Parameters
    ----------
    heard : sequence of ndarray, shape (n_volumes, n_units)
        One per layer, at least two, from `hear_words`.

    Returns
    -------
    list of ndarray, shape (n_volumes, N_DIRECTIONS)
        Time courses in one layer each, with unit variance after cleaning.
    """
    runs = volume_times()["run"].to_numpy()[reading_volumes()]
    heard = [series / clean_scale(series) for series in heard]
    cleaned = [clean_reading(series) for series in heard]
    axes = [_leading_axes(series) for series in cleaned]
    scores = [series @ axis for series, axis in zip(cleaned, axes, strict=True)]
    left = [np.zeros((axis.shape[1],) * 2) for axis in axes]
    for source, design in enumerate(cleaned):
        everything = np.hstack(scores)
        residuals = np.hsplit(everything - _held_out(design, everything, runs), len(scores))
        for target, residual in enumerate(residuals):
            if target != source:
                left[target] += residual.T @ residual
    courses = []
    for series, axis, covariance in zip(heard, axes, left, strict=True):
        vectors = np.linalg.eigh(covariance)[1][:, : -N_DIRECTIONS - 1 : -1]
        courses.append(series @ _with_sign(axis @ vectors))
    return courses


def region_courses(
    driver: Layer | Family | None,
    directions: Sequence[Array],
    heard: Sequence[Array],
    *,
    features: StoryFeatures,
    weights: Array,
    rng: np.random.Generator,
) -> Array | None:
    """Make the time courses of one region, the same in all subjects.

    Of a layer, all voxels share a mixture of what is the layer's own, so that encoding can tell
    it from its neighbours, and each voxel adds a mixture of all units, so that decoding finds in
    the region what the layer holds.

    Parameters
    ----------
    driver : Layer, Family or None
    directions : sequence of ndarray
        From `layer_directions`.
    heard : sequence of ndarray, shape (n_volumes, n_units)
        The layers, from `hear_words`.
    features : StoryFeatures
        Of a type, only the planted features drive a region.
    weights : ndarray, shape (n_volumes, n_words)
        From `response_weights`.
    rng : Generator

    Returns
    -------
    ndarray, shape (n_volumes, 1 + n_courses), or None
        First what all voxels share, then what each mixes in its own way; each with unit
        variance after cleaning, and rounded to `DIGITS`. None if nothing drives the region.
    """
    match driver:
        case Layer(number):
            courses, own = directions[number], heard[number]
        case Family(kind):
            courses = own = hear_words(features.planted_values(kind), weights)
        case None:
            return None
    courses = courses / clean_scale(courses)
    signs, sizes = rng.choice([-1, 1], courses.shape[1]), rng.uniform(0.5, 1.5, courses.shape[1])
    shared = courses @ (signs * sizes)[:, None]
    return np.hstack([shared / clean_scale(shared), own / clean_scale(own)]).round(DIGITS)


def clean_scale(series: Array) -> Array:
    """Measure the standard deviation that cleaning leaves, shape (n_columns,)."""
    deviation: Array = clean_reading(series).std(axis=0)
    return deviation


def _leading_axes(series: Array) -> Array:
    """Weights that give the leading principal components, whitened."""
    power, vectors = np.linalg.eigh(series.T @ series / len(series))
    axes: Array = (vectors / np.sqrt(np.maximum(power, 1e-12)))[:, : -N_COMPONENTS - 1 : -1]
    return axes


def _with_sign(directions: Array) -> Array:
    """Fix the sign of each column, which an eigenvector leaves open, by its largest weight."""
    largest = np.abs(directions).argmax(axis=0)
    signed: Array = directions * np.sign(directions[largest, np.arange(directions.shape[1])])
    return signed


def _held_out(design: Array, targets: Array, runs: NDArray[np.intp]) -> Array:
    """Predict each run by ridge regression on the others."""
    predicted = np.empty_like(targets)
    for run in np.unique(runs):
        rows, test = design[runs != run], runs == run
        gram = rows.T @ rows + RIDGE * np.eye(rows.shape[1])
        predicted[test] = design[test] @ np.linalg.solve(gram, rows.T @ targets[~test])
    return predicted
