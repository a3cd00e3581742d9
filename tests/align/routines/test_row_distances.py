"""Dissimilarities of rows, against SciPy, and where there are none."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import pdist, squareform
from scipy.stats import pearsonr, spearmanr

from stages.align.representation import Dissimilarities
from stages.align.routines import row_distances
from stages.align.routines.row_distances import dissimilarities, unit_rows, unit_vector
from stages.core.run.errors import InputError

DISTANCES = ["correlation", "euclidean", "cosine"]


@pytest.mark.parametrize("at_once", [3, 4, 50])
@pytest.mark.parametrize("distance", ["correlation", "cosine"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_squared_distances_of_unit_rows_are_twice_those_asked_for(
    rng, monkeypatch, at_once, distance, dtype
):
    monkeypatch.setattr(row_distances, "AT_ONCE", at_once)
    rows = rng.standard_normal((10, 6)) * rng.uniform(0.1, 9, (10, 1)) + 2
    before = rows.copy()
    found = unit_rows(rows, distance, "x", dtype)
    assert found.dtype == dtype
    assert_allclose(pdist(found.astype(float), "sqeuclidean") / 2, pdist(rows, distance), atol=1e-6)
    assert_array_equal(rows, before)
    assert unit_rows(rows, "euclidean", "x", dtype) is rows


@pytest.mark.parametrize("distance", DISTANCES)
def test_dissimilarities_are_those_of_scipy(rng, distance):
    rows = rng.standard_normal((9, 5)) + 300
    assert_allclose(
        dissimilarities(rows, distance, "x"), pdist(rows, distance), rtol=1e-6, atol=1e-9
    )
    same = np.vstack([rows, rows[:1]])
    assert_allclose(dissimilarities(same, distance, "x")[8], 0, atol=1e-5)


def test_dissimilarities_that_are_given_are_taken_as_they_are(rng):
    values = squareform(rng.uniform(size=10))
    for distance in DISTANCES:
        found = dissimilarities(Dissimilarities(values), distance, "x")
        assert_array_equal(found, values[np.triu_indices(5, 1)])


@pytest.mark.parametrize("row", [0, 4, 9])
@pytest.mark.parametrize("at_once", [4, 50])
def test_rows_that_have_no_direction_are_named(rng, monkeypatch, row, at_once):
    monkeypatch.setattr(row_distances, "AT_ONCE", at_once)
    rows = rng.standard_normal((10, 6))
    rows[row] = 3
    message = f"row without variance over units, for the correlation distance in x, row {row}"
    with pytest.raises(InputError, match=message):
        unit_rows(rows, "correlation", "x", "float64")
    unit_rows(rows, "cosine", "x", "float64")
    rows[row] = 0
    with pytest.raises(InputError, match=f"for the cosine distance in x, row {row}"):
        unit_rows(rows, "cosine", "x", "float64")


@pytest.mark.parametrize(("deviation", "flat"), [(0.4e-7, True), (0.6e-7, False)])
def test_a_row_is_flat_up_to_a_share_of_its_largest(deviation, flat):
    """Four units beside -1: lengths of their deviations are twice these."""
    rows = -1 + deviation * np.array([[1.0, -1, 1, -1], [9e7, 1, 2, 3]])
    if flat:
        with pytest.raises(InputError, match="row 0"):
            unit_rows(rows, "correlation", "x", "float64")
    else:
        unit_rows(rows, "correlation", "x", "float64")
    assert_allclose(
        unit_rows(1e-12 * rows, "cosine", "x", "float64"), unit_rows(rows, "cosine", "x", "float64")
    )


@pytest.mark.parametrize("comparison", ["pearson", "spearman", "cosine"])
def test_products_of_unit_vectors_are_comparisons(rng, comparison):
    one, other = rng.uniform(size=(2, 15))
    one[3] = one[9]
    found = unit_vector(one, comparison, "x") @ unit_vector(other, comparison, "y")
    expected = {
        "pearson": lambda: pearsonr(one, other)[0],
        "spearman": lambda: spearmanr(one, other)[0],
        "cosine": lambda: one @ other / np.sqrt((one @ one) * (other @ other)),
    }[comparison]()
    assert_allclose(found, expected)


@pytest.mark.parametrize("comparison", ["pearson", "spearman"])
def test_pairs_that_are_equally_far_apart_are_refused(comparison):
    with pytest.raises(InputError, match="all rows equally far apart in x"):
        unit_vector(np.full(10, 0.3), comparison, "x")
    assert_allclose(unit_vector(np.full(4, 0.3), "cosine", "x"), 0.5)


@pytest.mark.parametrize(("apart", "flat"), [(0.8e-12, True), (1.2e-12, False)])
@pytest.mark.parametrize("size", [1.0, 1e6, 1e-6])
def test_pairs_are_alike_up_to_a_share_of_the_largest(apart, flat, size):
    values = size * (-1 + apart * np.array([1.0, -1, 1, -1]))
    if flat:
        with pytest.raises(InputError, match="equally far apart"):
            unit_vector(values, "pearson", "x")
    else:
        assert_allclose(unit_vector(values, "pearson", "x"), [0.5, -0.5, 0.5, -0.5], rtol=1e-3)
