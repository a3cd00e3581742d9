"""A metric's name says all about it; a wrong name is refused."""

import numpy as np
import pytest

from stages.core.names.metrics import debiased_and_biased, named_twice, parse_metric
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
    for name in ("cka_linear_biased", "svcca", "rsa_cosine", "cknna_5", "edit_knn_5"):
        assert parse_metric(name, 50).chance(50) is None


def test_nominal_chance_is_that_of_drawn_neighbours(rng):
    n, k = 60, 7
    draw = lambda: np.array([rng.choice(np.delete(np.arange(n), i), k, False) for i in range(n)])  # noqa: E731
    overlap, returned = [], []
    for _ in range(60):
        one, two = draw(), draw()
        overlap.append(np.mean([len(set(a) & set(b)) / k for a, b in zip(one, two, strict=True)]))
        returned.append(np.mean([any(i in two[j] for j in one[i]) for i in range(n)]))
    kinds = (f"mutual_knn_{k}", f"cycle_knn_{k}")
    shared, cycle = (parse_metric(kind).nominal_chance(n) for kind in kinds)
    assert shared == pytest.approx(np.mean(overlap), abs=0.004)
    assert cycle == pytest.approx(np.mean(returned), abs=0.02)
    for name in ("cka_linear", "cka_rbf_0.5_biased", "rsa_pearson", "rsa_spearman_euclidean"):
        assert parse_metric(name).nominal_chance(n) == 0
    for name in ("cknna_10", "svcca", "rsa_cosine", "edit_knn_10"):
        assert parse_metric(name).nominal_chance(n) is None


def test_biased_kernels_claim_a_chance_of_zero_that_they_have_not():
    for name in ("cka_linear_biased", "cka_rbf_2_biased", "cka_rbf_sigma_36_biased"):
        assert parse_metric(name).nominal_chance(50) == 0
        assert parse_metric(name).chance(50) is None


def test_names_say_the_scale():
    found = {
        "cka_rbf_0.25": (0.25, False),
        "cka_rbf_2e-3_biased": (0.002, True),
        "cka_linear": (np.inf, False),
        "cka_linear_biased": (np.inf, True),
    }
    for name, (scale, biased) in found.items():
        assert (parse_metric(name).scale, parse_metric(name).biased) == (scale, biased)
    for other in ("cka_rbf_sigma_36_biased", "mutual_knn_10", "rsa_pearson", "cknna_10", "svcca"):
        assert parse_metric(other).scale is None


def test_without_a_number_of_rows_only_the_least_k_is_asked():
    assert parse_metric("mutual_knn_999999").k == 999_999
    for name, least in (("mutual_knn_0", 1), ("cknna_1", 2)):
        with pytest.raises(InputError, match=f"expected {least} or more neighbours, got"):
            parse_metric(name)


@pytest.mark.parametrize(
    ("wrong", "suggestion"),
    [
        ("cka_rfb_0.25", "'cka_rbf_0.25' or"),
        ("cka_linaer", "'cka_linear' or"),
        ("cka_rbf_2.5_baised", "'cka_rbf_2.5_biased' or"),
        ("mutual_kn_7", "'mutual_knn_7' or"),
        ("mutual_kn_0", "'mutual_knn_10' or"),
        ("mutual_knn_2.5", "'mutual_knn_10' or"),
        ("cknn_1", "'cknna_10' or"),
        ("cycle_knn", "'cycle_knn_10'"),
        ("rsa_spearmen_cosine", "'rsa_spearman_cosine' or"),
        ("cka_rbf_nan", "'cka_rbf_0.5' or"),
        ("mutual_knn_\uff17", "'mutual_knn_10' or"),
        (f"mutual_knn_{'9' * 20}", "'"),
    ],
)
def test_suggestions_are_names_that_can_be_used(wrong, suggestion):
    with pytest.raises(InputError) as told:
        parse_metric(wrong)
    _, _, hint = str(told.value).partition("Did you mean ")
    assert hint.startswith(suggestion)
    for name in hint.rstrip("?").split(" or "):
        parse_metric(name.strip("'"))


def test_where_nothing_is_near_one_name_of_every_kind_is_told():
    with pytest.raises(InputError) as told:
        parse_metric("zzz")
    names = str(told.value).partition("Known: ")[2].rstrip(".").split(", ")
    assert len({parse_metric(name).kind.pattern for name in names}) == 12


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cka_rbf_1e999", "expected a finite number, got inf"),
        ("cka_rbf_sigma_1e-999_biased", "expected more than 0, got 0"),
    ],
)
def test_widths_are_positive_and_finite(name, message):
    with pytest.raises(InputError, match=message):
        parse_metric(name)


def test_both_variants_are_named():
    both = ("cka_rbf_0.5", "cka_rbf_0.5_biased")
    assert debiased_and_biased(both[0]) == debiased_and_biased(both[1]) == both


def test_one_metric_of_two_names_is_found():
    assert named_twice(["svcca", "cka_rbf_1", "cka_rbf_1.0"]) == ("cka_rbf_1", "cka_rbf_1.0")
    assert named_twice(["mutual_knn_10", "mutual_knn_010"]) == ("mutual_knn_10", "mutual_knn_010")
    assert named_twice(["cka_rbf_10", "cka_rbf_1e1", "svcca"]) == ("cka_rbf_10", "cka_rbf_1e1")
    different = ["cka_rbf_1", "cka_rbf_1_biased", "cka_rbf_sigma_1_biased", "cka_linear"]
    different += ["rsa_cosine", "rsa_cosine_cosine", "lcs_knn_1", "edit_knn_1", "mutual_knn_1"]
    assert named_twice(different) is None
