"""Responses of which it is known what they have to do with the words."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.calibrate.simulated_layers import Layers, remembered
from stages.calibrate.story_layouts import CLEANING, TR, Layout
from stages.core.time.cleaning import clean
from stages.core.time.timeline import aligner, word_rows

Array = NDArray[np.float64]
WHITE, SLOW, ONSET, DRIFT = "white", "autocorrelated", "onset-locked", "drifting nuisance"
DRIFT_ALONE = "drifting nuisance alone"
NULLS = (WHITE, SLOW, ONSET, DRIFT)
SIZES = (0.1, 0.2, 0.4)  # correlation of what is planted with the response
MEMORY = (0.4, 0.9)  # least and greatest autocorrelation of slow responses
NOISE = 0.4  # autocorrelation of the noise of all others
HALF = np.sqrt(0.5)
WAVES = 150.0  # seconds in which a coupling that drifts forgets
LONG, REST = 400.0, 0.1  # the same, and the share of noise, where nothing else drives a response
LATE = (-2.0, 1.0, 2.0)  # seconds later than the haemodynamic response; negative: sooner
DRIVEN = 0.8  # share of nuisance variables that act late


@dataclass(frozen=True)
class Responses:
    """Series, and what each is.

    Attributes
    ----------
    series : ndarray, shape (n_samples, n_targets)
        Cleaned as recordings are.
    names : list of str
        Of the targets: of what is planted, `layer/number`.
    situations : list of str
        One of `NULLS`, or `planted(size)`.
    """

    series: Array
    names: list[str]
    situations: list[str]


def planted(size: float, *, beside: bool = False) -> str:
    """Name what is planted, and whether nuisance variables drive the response as well."""
    return f"planted r = {size:g}{', beside nuisance' if beside else ''}"


def late(seconds: float) -> str:
    """Name responses of nuisance variables alone by when these act."""
    return f"nuisance alone, {abs(seconds):g} s {'early' if seconds < 0 else 'late'}"


def draw_responses(
    layout: Layout,
    layers: Layers,
    nuisance: pd.DataFrame,
    targets: int,
    rng: np.random.Generator,
) -> Responses:
    """Draw so many responses of every kind.

    `white` and `autocorrelated` follow nothing; `onset-locked` the time since a run began and the
    word rate; `drifting nuisance` the nuisance variables, with weights that change in time. What
    is planted is a mixture of the units of one layer, centred within runs, without the layer's
    share in nuisance variables; of every planted response there is another with the same noise
    that nuisance variables drive as well.
    """
    runs = layout.samples["run"].to_numpy()
    variables = nuisance.drop(columns="id").to_numpy(float)
    known = _at_samples(layout, variables, centre=False)
    shape = (len(runs), targets)
    made = {
        WHITE: rng.normal(size=shape),
        SLOW: remembered(rng.normal(size=shape), rng.uniform(*MEMORY, targets)),
        ONSET: HALF * (_onset(layout, known[:, :1], targets, rng) + _noise(shape, rng)),
        DRIFT: HALF * (_drifting(known, targets, rng) + _noise(shape, rng)),
    }
    names = [f"t{number:03}" for number in range(targets)] * len(made)
    at_layers = np.arange(targets) % len(layers.own)
    own = _at_samples(layout, np.concatenate(list(layers.own), axis=1), centre=True)
    own = own.reshape(len(runs), len(layers.own), -1)[:, at_layers]
    signal = _standard(np.einsum("sju,ju->sj", own, rng.normal(size=own.shape[1:])))
    other = _standard(known @ rng.normal(size=(known.shape[1], targets)))
    for size in SIZES:
        one = size * signal + np.sqrt(1 - size**2) * _noise(shape, rng)
        made |= {planted(size): one, planted(size, beside=True): one + other}
        names += [f"{layers.names[at]}/{place}" for place, at in enumerate(at_layers)] * 2
    situations = np.repeat(list(made), targets).tolist()
    series = clean(np.concatenate(list(made.values()), axis=1), runs, TR, CLEANING)
    return Responses(series, names, situations)


def draw_drifting(
    layout: Layout, nuisance: pd.DataFrame, targets: int, rng: np.random.Generator
) -> Responses:
    """Draw responses of which nearly all is nuisance, with weights that change slowly in time."""
    known = _at_samples(layout, nuisance.drop(columns="id").to_numpy(float), centre=False)
    driven = _drifting(known, targets, rng, LONG)
    made = np.sqrt(1 - REST) * driven + np.sqrt(REST) * _noise(driven.shape, rng)
    series = clean(made, layout.samples["run"].to_numpy(), TR, CLEANING)
    return Responses(series, [f"t{at:03}" for at in range(targets)], [DRIFT_ALONE] * targets)


def draw_late(
    layout: Layout, nuisance: pd.DataFrame, targets: int, rng: np.random.Generator
) -> Responses:
    """Draw slow noise and what nuisance variables alone drive, later than is usual or sooner."""
    variables, made = nuisance.drop(columns="id").to_numpy(float), []
    for seconds in LATE:
        known = _at_samples(layout, variables, centre=False, late=seconds)
        driven = _standard(_standard(known) @ rng.normal(size=(known.shape[1], targets)))
        noise = remembered(rng.normal(size=driven.shape), MEMORY[1])
        made.append(np.sqrt(DRIVEN) * driven + np.sqrt(1 - DRIVEN) * noise)
    runs = layout.samples["run"].to_numpy()
    situations = np.repeat([late(seconds) for seconds in LATE], targets).tolist()
    names = [f"t{at:03}" for at in range(targets)] * len(LATE)
    return Responses(clean(np.concatenate(made, axis=1), runs, TR, CLEANING), names, situations)


def _at_samples(layout: Layout, values: Array, *, centre: bool, late: float = 0.0) -> Array:
    rows = word_rows(layout.stimuli)
    rows = rows.assign(offset=rows["offset"] + late)
    return aligner(layout.timeline, rows, "glover", [0], centre=centre)(values)


def _noise(shape: tuple[int, int], rng: np.random.Generator) -> Array:
    return remembered(rng.normal(size=shape), NOISE)


def _standard(series: Array) -> Array:
    """Mean 0 and variance 1 of every column."""
    scaled: Array = (series - series.mean(axis=0)) / series.std(axis=0)
    return scaled


def _onset(layout: Layout, rate: Array, targets: int, rng: np.random.Generator) -> Array:
    """Transients at the beginning of runs, the same in all, and the word rate."""
    onset = layout.samples["onset"].to_numpy(float)
    first = layout.samples.groupby("run")["onset"].transform("min").to_numpy(float)
    transients = np.exp(-(onset - first)[:, None] / rng.uniform(8.0, 40.0, targets))
    weights = rng.uniform(0.5, 1.5, size=(2, targets))
    return _standard(weights[0] * _standard(transients) + weights[1] * _standard(rate))


def _drifting(known: Array, targets: int, rng: np.random.Generator, waves: float = WAVES) -> Array:
    """Nuisance variables whose weights change from minute to minute."""
    share = float(np.exp(-TR / waves))
    noise = rng.normal(size=(len(known), known.shape[1] * targets))
    weights = remembered(noise, share).reshape(len(known), known.shape[1], targets)
    weights += rng.normal(size=weights.shape[1:])
    return _standard(np.einsum("sk,skt->st", _standard(known), weights))
