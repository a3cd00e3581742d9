"""Noise twins are noise with a representation's moments; projections keep its geometry."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import pdist
from scipy.stats import kstest, pearsonr
from sklearn.random_projection import johnson_lindenstrauss_min_dim

from stages.align.controls import Moments
from stages.align.engine import measure
from stages.core.run.errors import InputError
from stages.core.stats.random_projection import project

WIDTHS = (32, 128, 512, 2048)


def noise_twin(layer, rng):
    return Moments.of(layer).noise(len(layer), rng)


def score(x, y, name, backend):
    return measure([x], [y], [name], np.arange(len(x))[None], backend)[name].item()


@pytest.fixture
def layer(rng):
    """Units of unlike mean and spread, the last of them dead."""
    x = rng.exponential(size=(3000, 4)) * [1, 10, 0.1, 0] + [0, -5, 3, 2]
    return x.astype(np.float32)


def test_a_twin_has_the_moments_of_every_unit(layer, rng):
    twin = noise_twin(layer, rng)
    assert twin.shape == layer.shape
    assert twin.dtype == layer.dtype
    scatter = layer.std(axis=0) / np.sqrt(len(layer))
    assert (np.abs(twin.mean(axis=0) - layer.mean(axis=0)) <= 4 * scatter).all()
    assert_allclose(twin.std(axis=0)[:3], layer.std(axis=0)[:3], rtol=0.06)
    assert_array_equal(twin[:, 3], 2)


def test_a_twin_is_gaussian_and_knows_nothing_of_its_original(layer, rng):
    twin = noise_twin(layer, rng)
    for unit in range(3):
        standard = (twin[:, unit] - layer[:, unit].mean()) / layer[:, unit].std()
        assert kstest(standard, "norm").pvalue > 0.001
        assert abs(pearsonr(twin[:, unit], layer[:, unit]).statistic) < 0.06
    assert kstest((layer[:, 0] - layer[:, 0].mean()) / layer[:, 0].std(), "norm").pvalue < 1e-6


def test_units_of_a_twin_are_uncorrelated_where_those_of_the_layer_are_not(rng):
    layer = rng.standard_normal((2000, 1)) + 0.5 * rng.standard_normal((2000, 5))
    above = np.triu_indices(5, 1)
    assert (np.corrcoef(layer.T)[above] > 0.7).all()
    assert (np.abs(np.corrcoef(noise_twin(layer, rng).T)[above]) < 0.1).all()


def test_a_twin_is_at_chance_debiased_and_above_it_biased(rng, exact):
    """What the control is for: width alone lifts the biased score, as Murphy et al. (2024) show.

    For noise of widths p and q the biased score tends to 1 / sqrt((1 + n/p) (1 + n/q)).
    """
    n, q = 100, 300
    brain = rng.standard_normal((n, q))
    for width in WIDTHS:
        twin = noise_twin(rng.standard_normal((n, width)), rng)
        expected = 1 / np.sqrt((1 + n / width) * (1 + n / q))
        assert_allclose(score(twin, brain, "cka_linear_biased", exact), expected, atol=0.03)
        assert abs(score(twin, brain, "cka_linear", exact)) < 0.05


def test_equal_seeds_make_equal_controls(layer):
    for make in (noise_twin, lambda x, rng: project(x, 2, rng)):
        one, two, other = (make(layer, np.random.default_rng(seed)) for seed in (3, 3, 4))
        assert_array_equal(one, two)
        assert (one[:, 0] != other[:, 0]).any()


def test_a_projection_is_a_product_with_unit_gaussian_columns(rng):
    """The rows of the identity show the matrix itself: entries of variance 1 / width."""
    weights = project(np.eye(400), 100, rng)
    assert weights.shape == (400, 100)
    assert kstest(weights.ravel() * 10, "norm").pvalue > 0.001
    x = rng.standard_normal((7, 400)).astype(np.float32)
    one, two = (project(rows, 100, np.random.default_rng(5)) for rows in (x, 3 * x))
    assert one.dtype == np.float32
    assert_allclose(two, 3 * one, atol=1e-5)


def test_distances_are_kept_as_johnson_and_lindenstrauss_say(rng):
    n, slack = 20, 0.4
    width = int(johnson_lindenstrauss_min_dim(n, eps=slack))
    x = rng.standard_normal((n, width * 4))
    ratio = pdist(project(x, width, rng), "sqeuclidean") / pdist(x, "sqeuclidean")
    assert ((ratio > 1 - slack) & (ratio < 1 + slack)).all()
    assert_allclose(ratio.mean(), 1, atol=0.05)


@pytest.mark.parametrize("name", ["cka_linear", "cka_rbf_1", "rsa_pearson", "mutual_knn_5"])
def test_more_units_keep_more_of_the_geometry(rng, exact, name):
    x = rng.standard_normal((60, 5)) @ rng.standard_normal((5, 4000))
    found = [score(project(x, width, rng), x, name, exact) for width in (4, 40, 1000)]
    assert np.diff(found).min() > 0
    assert found[-1] > 0.9


def test_a_projection_of_noise_is_noise(rng, exact):
    x, y = rng.standard_normal((100, 500)), rng.standard_normal((100, 80))
    assert abs(score(project(x, 64, rng), y, "cka_linear", exact)) < 0.05


@pytest.mark.parametrize("width", [0, 5])
def test_a_width_that_is_not_there_is_refused(layer, rng, width):
    with pytest.raises(InputError, match=f"width to project to: expected 1 to 4, got {width}"):
        project(layer, width, rng)
