"""Scores and sums made together are those of the routines that make them apart."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stages.align.nulls import matrix_sums as held
from stages.align.nulls import measured
from stages.align.nulls.matrix_sums import matrix_sums
from stages.align.nulls.measured import measure_with_sums
from stages.align.routines.kernels import cka
from stages.align.routines.rsa import rsa
from stages.core.names.metrics import parse_metric

NAMES = (
    *("cka_linear", "cka_linear_biased", "cka_rbf_0.5", "cka_rbf_2_biased"),
    *("rsa_pearson", "rsa_spearman", "rsa_cosine", "rsa_pearson_euclidean"),
)
METRICS = [parse_metric(name) for name in NAMES]
N = 130


@pytest.fixture
def sides(rng):
    """Layers and regions that share something, wide and narrow."""
    shared = rng.standard_normal((N, 12))
    wide = shared @ rng.standard_normal((12, 300)) + rng.standard_normal((N, 300))
    return [wide, shared], [shared + rng.standard_normal((N, 12)), rng.standard_normal((N, 40))]


def apart(sides, backend, judged=2):
    order = np.arange(N)[None]
    kernels = [one for one in METRICS if one.kind.routine == "kernel"]
    others = [one for one in METRICS if one.kind.routine != "kernel"]
    scores = cka(*sides, kernels, order, backend) | rsa(*sides, others, order, backend)
    summed = sides[0][:judged], sides[1]
    return scores, [[matrix_sums(one, METRICS, "x", backend) for one in side] for side in summed]


def assert_same(found, expected):
    scores, sums = found
    assert scores.keys() == expected[0].keys() == set(NAMES)
    for name, values in expected[0].items():
        assert_allclose(scores[name], values, atol=1e-12, err_msg=name)
    for side, wanted in zip(sums, expected[1], strict=True):
        for one, other in zip(side, wanted, strict=True):
            assert one.keys() == other.keys()
            for key, known in other.items():
                ours, theirs = list(one[key].sums.values()), list(known.sums.values())
                assert_allclose(ours, theirs, atol=1e-10, err_msg=str(key))
                assert_allclose((one[key].level, one[key].norm), (known.level, known.norm))


@pytest.mark.parametrize("judged", [1, 2])
@pytest.mark.parametrize("most", [N, 70], ids=["all rows at once", "row by row"])
def test_together_as_apart(sides, exact, most, judged, monkeypatch):
    monkeypatch.setattr(held, "MOST_ROWS", most)
    expected = apart(sides, exact, judged)
    monkeypatch.setattr(measured, "_anew", None)  # that it is not what is tested
    found = measure_with_sums(*sides, METRICS, np.arange(N)[None], exact, judged=judged)
    assert_same(found, expected)


def test_short_memory_makes_them_anew(sides, exact, monkeypatch):
    expected = apart(sides, exact, 1)
    asked, anew = [], measured._anew

    def counted(sides, metrics, backend, counts):
        asked.append(len(metrics))
        return anew(sides, metrics, backend, counts)

    monkeypatch.setattr(measured, "_anew", counted)
    monkeypatch.setattr(measured, "_left_over", lambda *_: None)
    found = measure_with_sums(*sides, METRICS, np.arange(N)[None], exact, judged=1)
    assert_same(found, expected)
    assert sum(asked) == len(METRICS)


@pytest.mark.parametrize("short", [False, True])
def test_a_right_side_that_is_known_is_not_added_up_again(sides, exact, short, monkeypatch):
    if short:
        monkeypatch.setattr(measured, "_left_over", lambda *_: None)
    left, right = sides
    expected = apart((left[1:], right), exact, 1)
    order, known = np.arange(N)[None], [{} for _ in right]
    measure_with_sums(left[:1], right, METRICS, order, exact, judged=1, known=known)
    added = []
    for name in ("kernel_sums", "distance_sums", "matrix_sums"):
        whole = getattr(measured, name)
        told = lambda *given, whole=whole: added.append(given) or whole(*given)  # noqa: E731
        monkeypatch.setattr(measured, name, told)
    found = measure_with_sums(left[1:], right, METRICS, order, exact, judged=1, known=known)
    assert found[1][1] is known
    assert_same(found, expected)
    of_left = len(added)
    measure_with_sums(left[1:], right, METRICS, order, exact, judged=1)
    assert len(added) - of_left == (1 + len(right)) * of_left > 0


def test_what_memory_leaves_is_told_before_any_work(sides, exact):
    need = measured.Need("rows", 8 * N, 8 * N * 400)
    little = replace(exact, memory=need.least)
    assert measured._left_over(need, sides, 1, N, little) is None
    free = measured._left_over(need, sides, 2, N, exact)
    assert exact.memory - free.memory == 2 * 4 * N * 8
