"""What one layer knows alone, against scikit-learn's components and regressions."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold

from stages.simulate.language import layer_signal
from stages.simulate.language.layer_signal import own_signal

N = 90


@pytest.fixture(scope="module")
def layers():
    """Three layers of 50 units of unlike scale and offset, alike in much; one is dead."""
    rng = np.random.default_rng(3)
    common = rng.normal(size=(N, 30))
    found = []
    for _ in range(3):
        own = rng.normal(size=(N, 8))
        layer = np.hstack([common, own]) @ rng.normal(size=(38, 50))
        layer = layer + 0.3 * rng.normal(size=(N, 50))
        found.append(layer * 10 ** rng.uniform(-3, 1, 50) + rng.normal(size=50) * 100)
    found[1][:, 4] = 7.0
    return found


def expected(layers, number):
    """Course by scikit-learn: components, ridge regressions over folds, eigenvectors."""
    standard = []
    for layer in layers:
        scale = layer.std(axis=0)
        standard.append((layer - layer.mean(axis=0)) / np.where(scale == 0, 1, scale))
    pca = PCA(40, svd_solver="full").fit(standard[number])
    signs = [np.sign(row[np.abs(row).argmax()]) for row in pca.components_]
    components = pca.transform(standard[number]) * signs
    components /= components.std(axis=0)
    left = np.zeros((40, 40))
    for other in range(len(layers)):
        if other == number:
            continue
        rest = np.empty_like(components)
        for train, test in KFold(5).split(components):
            model = Ridge(100.0, fit_intercept=False)
            model.fit(standard[other][train], components[train])
            rest[test] = components[test] - model.predict(standard[other][test])
        left += rest.T @ rest
    values, vectors = np.linalg.eigh(left)
    course = np.zeros(N)
    for at in np.argsort(values)[::-1][:4]:
        vector = vectors[:, at]
        course += components @ (vector * np.sign(vector[np.abs(vector).argmax()]))
    return (course - course.mean()) / course.std()


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_course_is_what_the_others_leave_over(layers, number):
    found = own_signal(layers, number)
    assert found.shape == (N,)
    np.testing.assert_allclose(found, expected(layers, number), atol=1.1e-3)
    assert np.abs(found * 1000 - np.round(found * 1000)).max() < 1e-9
    assert (found.mean(), found.std()) == pytest.approx((0, 1), abs=1e-3)


def test_layers_in_single_precision_are_computed_in_double(layers):
    half = [layer.astype(np.float32) for layer in layers]
    np.testing.assert_array_equal(
        own_signal(half, 0), own_signal([h.astype(float) for h in half], 0)
    )


def test_parts_are_of_successive_sentences():
    """Of 11 sentences, parts begin where a fifth of them is passed."""
    rng = np.random.default_rng(0)
    design, targets = rng.normal(size=(11, 4)), rng.normal(size=(11, 2))
    found = layer_signal._held_out(design, targets)
    parts = [[0, 1, 2], [3, 4], [5, 6], [7, 8], [9, 10]]
    for part in parts:
        train = np.setdiff1d(np.arange(11), part)
        model = Ridge(100.0, fit_intercept=False).fit(design[train], targets[train])
        np.testing.assert_allclose(found[part], model.predict(design[part]), atol=1e-12)
