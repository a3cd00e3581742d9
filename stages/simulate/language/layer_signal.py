"""What one layer of a network knows of sentences and its other layers do not."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Principal components of a layer among which its own are sought, and how many of those are kept.
COMPONENTS, KEPT = 40, 4
# Regularisation when one layer predicts another, whose units are standardised.
RIDGE = 100.0
PARTS = 5
DIGITS = 3


def own_signal(layers: Sequence[NDArray[np.floating]], number: int) -> Array:
    """Find a course over sentences that a linear map finds in one layer, and in no other as well.

    Within the leading, whitened principal components of the layer, the eigenvectors of what ridge
    regressions from each of the other layers leave over in parts that are held out, largest first.

    Parameters
    ----------
    layers : sequence of ndarray, shape (n_sentences, n_units)
    number : int
        Of the layer.

    Returns
    -------
    ndarray, shape (n_sentences,)
        Mean 0 and variance 1, rounded, so that it is the same on all processors.
    """
    standard = [_standardised(layer) for layer in layers]
    components = _components(standard[number])
    left = sum(
        residual.T @ residual
        for other, design in enumerate(standard)
        if other != number
        for residual in [components - _held_out(design, components)]
    )
    vectors = np.linalg.eigh(left)[1][:, : -KEPT - 1 : -1]
    largest = np.abs(vectors).argmax(axis=0)
    vectors = vectors * np.sign(vectors[largest, np.arange(KEPT)])
    course = (components @ vectors).sum(axis=1)
    signal: Array = ((course - course.mean()) / course.std()).round(DIGITS)
    return signal


def _standardised(layer: NDArray[np.floating]) -> Array:
    exact = layer.astype(float)
    scale = exact.std(axis=0)
    standard: Array = (exact - exact.mean(axis=0)) / np.where(scale > 0, scale, 1)
    return standard


def _components(layer: Array) -> Array:
    """Leading principal components, of variance 1, with the sign of their largest weight."""
    _, values, vectors = np.linalg.svd(layer, full_matrices=False)
    vectors = vectors[:COMPONENTS]
    largest = np.abs(vectors).argmax(axis=1)
    signs = np.sign(vectors[np.arange(COMPONENTS), largest])
    components: Array = layer @ (vectors * signs[:, None]).T
    components *= np.sqrt(len(layer)) / values[:COMPONENTS]
    return components


def _held_out(design: Array, targets: Array) -> Array:
    """Predict each part of successive sentences by ridge regression on the others."""
    part = np.arange(len(design)) * PARTS // len(design)
    predicted = np.empty_like(targets)
    for one in range(PARTS):
        rows, test = design[part != one], part == one
        gram = rows @ rows.T + RIDGE * np.eye(len(rows))
        weights = rows.T @ np.linalg.solve(gram, targets[~test])
        predicted[test] = design[test] @ weights
    return predicted
