"""A metric's name says all about it; a wrong name is refused."""

import numpy as np
import pytest

from stages.core.names.metrics import parse_metric
from stages.core.run.errors import InputError


def test_names_are_read():
    rbf = parse_metric("cka_rbf_0.25", 50)
    assert (rbf.bandwidth, rbf.sigma, rbf.biased) == (0.25, None, False)
    fixed = parse_metric("cka_rbf_sigma_36_biased", 50)
    assert (fixed.bandwidth, fixed.sigma, fixed.biased) == (None, 36, True)
    assert parse_metric("cycle_knn_49", 50).k == 49
    rsa = parse_metric("rsa_spearman_euclidean", 50)
    assert (rsa.comparison, rsa.distance) == ("spearman", "euclidean")
    assert parse_metric("rsa_cosine", 50).distance == "correlation"
    assert parse_metric("rsa_cosine_cosine", 50).distance == "cosine"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cka_liner", "unknown metric in metrics: got cka_liner. Did you mean 'cka_linear'"),
        ("mutual_knn", "unknown metric"),
        ("cka_rbf_sigma_36", "unknown metric"),
        ("mutual_knn_10_biased", "unknown metric"),
        ("mutual_knn_50", "expected 1 to 49 neighbours among 50 rows, got 50"),
        ("cycle_knn_0", "expected 1 to 49 neighbours"),
        ("cknna_1", "expected 2 to 49 neighbours among 50 rows, got 1"),
        ("cka_rbf_0", "width of a kernel in cka_rbf_0: expected more than 0, got 0"),
    ],
)
def test_wrong_names_are_refused(name, message):
    with pytest.raises(InputError, match=message):
        parse_metric(name, 50)


def test_chance_is_known_where_it_has_a_formula():
    assert np.isclose(parse_metric("mutual_knn_100", 515).chance(515), 0.1946, atol=1e-4)
    assert parse_metric("cka_linear", 50).chance(50) == 0
    assert parse_metric("rsa_spearman", 50).chance(50) == 0
    assert parse_metric("cycle_knn_1", 11).chance(11) == pytest.approx(0.1)
    for name in ("cka_linear_biased", "svcca", "rsa_cosine", "cknna_5"):
        assert parse_metric(name, 50).chance(50) is None
