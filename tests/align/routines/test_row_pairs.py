"""What closed nulls are given is what is compared."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial.distance import squareform
from scipy.stats import rankdata

from stages.align.representation import Dissimilarities
from stages.align.routines.row_pairs import row_pairs
from stages.core.names.metrics import parse_metric
from stages.core.stats.backend import make_backend
from tests.align import naive

NAMES = ["cka_linear", "cka_rbf_0.3", "cka_rbf_4", "rsa_pearson", "rsa_spearman_euclidean"]


def matrix(x, name):
    if name == "cka_linear":
        return -naive.squared(x)
    if name.startswith("cka"):
        return naive.rbf(x, float(name.split("_")[-1]))
    if name == "rsa_pearson":
        return squareform(naive.rdm(x, "correlation"))
    return squareform(rankdata(naive.rdm(x, "euclidean")))


def is_line(found, expected):
    """Whether one is the other times a positive factor, plus a constant."""
    slope, level = np.polyfit(expected.ravel(), found.ravel(), 1)
    assert slope > 0
    assert_allclose(found, slope * expected + level, atol=1e-9 * np.abs(found).max())
    return level / np.abs(found).max()


@pytest.mark.parametrize("name", NAMES)
def test_it_is_the_matrix_of_the_metric(structured, exact, name):
    x = structured[0][1]
    (pairs,) = row_pairs(x, [parse_metric(name)], "x", exact).values()
    assert pairs.n == len(x)
    whole = pairs.rows(slice(0, len(x)))
    level = is_line(whole, matrix(x, name))
    if name.startswith("rsa"):
        assert abs(level) < 1e-9
        assert not np.diag(whole).any()
    assert_allclose(whole, whole.T, atol=1e-12 * np.abs(whole).max())
    assert_allclose(pairs.rows(slice(3, 8)), whole[3:8], atol=1e-12 * np.abs(whole).max())
    some = np.array([9, 2, 30])
    assert_allclose(pairs.sub(some), whole[np.ix_(some, some)], atol=1e-12 * np.abs(whole).max())


def test_matrices_of_dissimilarities_are_left_as_they_are(structured, exact):
    matrix = squareform(naive.rdm(structured[0][0], "cosine"))
    given = Dissimilarities(matrix)
    before = matrix.copy()
    made = row_pairs(given, [parse_metric(name) for name in (*NAMES, "mutual_knn_3")], "x", exact)
    assert list(made) == NAMES
    assert_allclose(made["rsa_pearson"].sub(np.arange(40)) * matrix.sum(), matrix * 40 * 39)
    for pairs in made.values():
        first = pairs.rows(slice(0, 40))
        assert_array_equal(pairs.rows(slice(0, 40)), first)
    assert_array_equal(matrix, before)


def test_on_a_device_of_pytorch_it_is_the_same(structured):
    x = structured[0][0]
    for name in NAMES:
        here, there = (
            row_pairs(x, [parse_metric(name)], "x", make_backend(device, "float64", 2**28))[name]
            for device in (None, "cpu")
        )
        assert_allclose(here.rows(slice(2, 9)), there.rows(slice(2, 9)), atol=1e-12)
