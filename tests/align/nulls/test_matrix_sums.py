"""Sums of kernels and dissimilarities are those of textbook matrices, however they are made."""

import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.spatial.distance import pdist, squareform
from scipy.stats import rankdata

from stages.align.nulls.invariants import invariants
from stages.align.nulls.matrix_sums import matrix_of, matrix_sums
from stages.align.representation import Dissimilarities
from stages.core.names.metrics import parse_metric
from stages.core.stats.backend import make_backend
from tests.align.nulls.matrices import Whole

METRICS = [
    parse_metric(name)
    for name in (
        "cka_linear",
        "cka_linear_biased",
        "cka_rbf_0.25",
        "cka_rbf_0.5_biased",
        "cka_rbf_2",
        "rsa_pearson",
        "rsa_cosine",
        "rsa_spearman",
        "rsa_pearson_euclidean",
    )
]
N = 90
LITTLE = 12 * 2**20


@pytest.fixture(params=[6, 200])
def features(rng, request):
    """Fewer units than rows, and more."""
    return rng.standard_normal((N, request.param)) + rng.standard_normal(request.param)


def textbook(features):
    far = squareform(pdist(features))
    median = np.median(pdist(features))
    correlation = pdist(features, "correlation")
    centred = features - features.mean(axis=0)
    return {
        "cka_linear_biased": (centred @ centred.T, "double-centred"),
        "cka_rbf_0.25": (np.exp(-(far**2) / (2 * (0.25 * median) ** 2)), "off-diagonal"),
        "cka_rbf_0.5_biased": (np.exp(-(far**2) / (2 * (0.5 * median) ** 2)), "double-centred"),
        "cka_rbf_2": (np.exp(-(far**2) / (2 * (2 * median) ** 2)), "off-diagonal"),
        "rsa_pearson": (squareform(correlation), "pairs"),
        "rsa_spearman": (squareform(rankdata(correlation)), "pairs"),
        "rsa_pearson_euclidean": (far, "pairs"),
    }


def test_they_are_those_of_textbook_matrices(features, exact):
    found = matrix_sums(features, METRICS, "x", exact)
    expected = textbook(features)
    assert len(found) == len(expected)
    for name, (matrix, form) in expected.items():
        one, other = found[matrix_of(parse_metric(name))], invariants(Whole(matrix.copy()), form)
        assert_allclose(list(one.sums.values()), list(other.sums.values()), atol=1e-8, err_msg=name)
        assert_allclose(one.level / one.size, other.level / other.size, rtol=1e-8, err_msg=name)
        assert_allclose((one.pair, one.row), (other.pair, other.row), atol=1e-8, err_msg=name)


def test_what_is_over_all_rows_is_so_where_the_rest_is_estimated(features, exact):
    whole = matrix_sums(features, METRICS, "x", exact)
    part = matrix_sums(features, METRICS, "x", exact, most_rows=60)
    assert list(part) == list(whole)
    for key, known in whole.items():
        found = part[key]
        for name in ("ab ab", "a a", "a a a", "a a b b"):
            assert_allclose(found.sums[name], known.sums[name], atol=1e-10, err_msg=str(key))
        assert_allclose((found.level, found.norm), (known.level, known.norm), err_msg=str(key))
        assert found.pair >= known.pair - 1e-10
        assert_allclose(found.row, known.row)


def test_libraries_and_precisions_agree(features, exact):
    known = matrix_sums(features, METRICS, "x", exact)
    for most_rows in (N, 60):
        reference = matrix_sums(features, METRICS, "x", exact, most_rows)
        for device in (None, "cpu"):
            backend = make_backend(device, "float32", 2**28)
            found = matrix_sums(features, METRICS, "x", backend, most_rows)
            for key in known:
                one, other = found[key], reference[key]
                assert_allclose(
                    list(one.sums.values()), list(other.sums.values()), atol=1e-4, err_msg=str(key)
                )
                assert_allclose(one.level / one.size, other.level / other.size, rtol=1e-4)


def test_dissimilarities_serve_for_features(features, exact):
    given = Dissimilarities(squareform(pdist(features, "correlation")))
    metric = parse_metric("rsa_spearman")
    one, other = (matrix_sums(each, [metric], "x", exact) for each in (features, given))
    key = matrix_of(metric)
    assert_allclose(list(one[key].sums.values()), list(other[key].sums.values()), atol=1e-10)


@pytest.mark.parametrize("names", [["cka_rbf_1"], ["rsa_spearman"]])
def test_where_memory_is_short_fewer_rows_are_held(rng, names):
    x = rng.standard_normal((1200, 20)).astype(np.float32)
    metrics, peaks = [parse_metric(name) for name in names], {}
    for memory in (LITTLE, 2**30):
        backend = make_backend(None, "float32", memory)
        tracemalloc.start()
        matrix_sums(x, metrics, "x", backend)
        peaks[memory] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peaks[LITTLE] < 1.3 * LITTLE < peaks[2**30]
