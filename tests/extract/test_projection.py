import numpy as np
import pytest
from scipy.spatial.distance import pdist
from scipy.stats import kstest
from sklearn.random_projection import SparseRandomProjection

from stages.extract.projection import project, projection_matrix, reduce_array


@pytest.fixture
def layer(rng):
    """Forty stimuli by 20,000 units: five dimensions, noise, a mean that differs by stimulus."""
    low = rng.normal(size=(40, 5)) @ rng.normal(size=(5, 20_000))
    values = low + rng.normal(size=low.shape) + 3 + rng.normal(size=(40, 1))
    return values.astype(np.float32)


def test_the_matrix_is_drawn_as_by_scikit_learn():
    """The same entries, as many of them, spread alike over rows and columns."""
    ours = projection_matrix(10_000, 500, 0)
    theirs = SparseRandomProjection(500, random_state=0).fit(np.zeros((1, 10_000))).components_
    assert ours.shape == theirs.shape
    assert ours.has_canonical_format
    np.testing.assert_allclose(np.unique(ours.data), np.unique(theirs.data), rtol=1e-6)
    expected = 10_000 * 500 / 100
    for matrix in (ours, theirs):
        assert abs(matrix.nnz - expected) < 5 * np.sqrt(expected)
        assert abs((matrix.data > 0).mean() - 0.5) < 5 * 0.5 / np.sqrt(expected)
    for axis in (0, 1):
        mine, peer = (np.asarray((matrix != 0).sum(axis=axis)) for matrix in (ours, theirs))
        assert mine.mean() == pytest.approx(peer.mean(), rel=0.02)
        assert mine.std() == pytest.approx(peer.std(), rel=0.15)
    assert kstest(ours.indices / 10_000, "uniform").pvalue > 1e-3


def test_the_matrix_depends_on_seed_width_and_units():
    matrix = projection_matrix(400, 50, 0)
    again = projection_matrix.__wrapped__(400, 50, 0)
    assert (matrix != again).nnz == 0
    assert (matrix != projection_matrix(400, 50, 1)).nnz > 0
    assert not np.array_equal(projection_matrix(401, 50, 0).data[:50], matrix.data[:50])


def test_inner_products_and_correlations_are_kept(layer):
    units = 4096
    reduced = reduce_array(layer, units, 0)
    assert reduced.shape == (40, units)
    assert reduced.dtype == np.float32
    gram, kept = layer @ layer.T, reduced @ reduced.T
    sizes = np.sqrt(np.outer(np.diag(gram), np.diag(gram)))
    assert np.abs((kept - gram) / sizes).max() < 5 / np.sqrt(units)
    for metric in ("correlation", "euclidean"):
        full, less = pdist(layer, metric), pdist(reduced, metric)
        assert np.corrcoef(full, less)[0, 1] > 0.995
        assert np.abs(less - full).max() < (5 / np.sqrt(units)) * max(1.0, full.max())


def test_a_plain_projection_keeps_no_correlations(layer):
    """Why the mean goes its own way: without that, it is spread as noise over the units."""
    plain = (projection_matrix(20_000, 4096, 0) @ layer.T).T
    full = pdist(layer, "correlation")
    assert (
        np.abs(pdist(plain, "correlation") - full).mean()
        > 10 * np.abs(pdist(reduce_array(layer, 4096, 0), "correlation") - full).mean()
    )


def test_inner_products_are_right_on_average(rng):
    """Over many draws nothing is left of the error but its standard error."""
    pair = rng.normal(size=(2, 300)) + np.array([[1.0], [-2.0]])
    pair[1] += pair[0]
    drawn = [project(pair, projection_matrix.__wrapped__(300, 20, seed)) for seed in range(2000)]
    found = np.array([y @ y.T for y in drawn])
    error = (found.mean(axis=0) - pair @ pair.T) / (found.std(axis=0) / np.sqrt(len(found)))
    assert np.abs(error).max() < 4
    np.testing.assert_allclose(
        [y.mean(axis=1) for y in drawn[:3]], [pair.mean(axis=1) * np.sqrt(300 / 20)] * 3
    )


def test_by_hand(rng):
    """The equation of the module's text, term by term."""
    x = rng.normal(size=(3, 30))
    matrix = projection_matrix(30, 7, 5).toarray().astype(float)
    for row, y in zip(x, project(x, projection_matrix(30, 7, 5)), strict=True):
        centring = np.eye(7) - np.ones((7, 7)) / 7
        expected = np.sqrt(30 / 7) * row.mean() * np.ones(7)
        expected += np.sqrt(7 / 6) * centring @ matrix @ (row - row.mean())
        np.testing.assert_allclose(y, expected, rtol=1e-6)


def test_a_narrow_layer_stays_as_it_is(rng):
    values = rng.normal(size=(3, 8)).astype(np.float32)
    assert reduce_array(values, 8, 0) is values


def test_subsets_of_stimuli_agree(layer):
    np.testing.assert_allclose(
        reduce_array(layer, 100, 0)[7:9], reduce_array(layer[7:9], 100, 0), rtol=1e-5, atol=1e-4
    )
