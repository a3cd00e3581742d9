"""Orders of neighbours are compared as difflib's and the recursions of textbooks would."""

from functools import cache
from itertools import combinations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from stages.align.engine import measure
from stages.align.routines.neighbours import find_neighbours
from stages.align.routines.sequences import compare_sequences, edit_knn, lcs_knn
from stages.core.names.metrics import parse_metric
from stages.core.run.errors import InputError
from stages.core.stats.backend import make_backend


def longest_common(a, b):
    """Longest subsequence of a that is one of b, by trying all of a's."""

    def is_part(short, long):
        rest = iter(long)
        return all(item in rest for item in short)

    sizes = range(len(a), -1, -1)
    return next(k for k in sizes if any(is_part(part, b) for part in combinations(a, k)))


def levenshtein(a, b):
    """Fewest steps from one to the other (Levenshtein 1966), by the recursion."""

    @cache
    def steps(i, j):
        if 0 in (i, j):
            return i + j
        change = steps(i - 1, j - 1) + (a[i - 1] != b[j - 1])
        return min(change, steps(i - 1, j) + 1, steps(i, j - 1) + 1)

    return steps(len(a), len(b))


ORACLES = {"lcs": (lcs_knn, longest_common), "edit": (edit_knn, levenshtein)}


@pytest.fixture
def lists(rng):
    """Pairs of lists of neighbours that share some, shape (k, pairs)."""
    drawn = [np.stack([rng.permutation(9)[:6] for _ in range(80)], axis=1) for _ in range(2)]
    return drawn[0].astype(np.int32), drawn[1].astype(np.int32)


@pytest.mark.parametrize("kind", ORACLES)
def test_every_pair_is_compared_as_by_hand(lists, kind):
    ours, theirs = ORACLES[kind]
    expected = [
        theirs(tuple(a), tuple(b)) for a, b in zip(*(side.T for side in lists), strict=True)
    ]
    assert_array_equal(ours(*lists), expected)
    assert len(set(expected)) > 3


@pytest.mark.parametrize("kind", ORACLES)
def test_all_pairs_are_compared_at_once(lists, kind):
    ours, _ = ORACLES[kind]
    one, other = lists[0][:, :4, None], lists[1][:, None, :5]
    found = ours(one, other)
    assert found.shape == (4, 5)
    for i in range(4):
        for j in range(5):
            assert found[i, j] == ours(lists[0][:, i], lists[1][:, j])


@pytest.mark.parametrize(
    ("a", "b", "common", "steps"),
    [
        ("kitten", "sittig", 3, 3),
        ("abcdef", "abcdef", 6, 0),
        ("abcdef", "ghijkl", 0, 6),
        ("abcdef", "bcdefa", 5, 2),
        ("abcdef", "fedcba", 1, 6),
        ("a", "b", 0, 1),
    ],
)
def test_known_words(a, b, common, steps):
    one, other = (np.array([ord(letter) for letter in word]) for word in (a, b))
    assert lcs_knn(one, other) == common
    assert edit_knn(one, other) == steps


@pytest.mark.parametrize("kind", ORACLES)
def test_neither_side_comes_first(lists, kind):
    ours, _ = ORACLES[kind]
    assert_array_equal(ours(*lists), ours(*lists[::-1]))


def test_one_bounds_the_other(lists):
    """k - lcs <= edit <= 2 (k - lcs): a change is at most a deletion and an insertion."""
    missing, steps = 6 - lcs_knn(*lists), edit_knn(*lists)
    assert (missing <= steps).all()
    assert (steps <= 2 * missing).all()


def test_names_of_rows_do_not_matter(lists, rng):
    names = rng.permutation(9)
    for ours, _ in ORACLES.values():
        assert_array_equal(ours(*lists), ours(*(names[side] for side in lists)))


def scores(x, y, names, backend):
    found = measure([x], [y], names, np.arange(len(x))[None], backend)
    return np.array([found[name].item() for name in names])


NAMES = ["lcs_knn_8", "edit_knn_8"]


def test_the_same_neighbours_in_another_order_score_less(rng, exact):
    """Mutual kNN cannot tell: 39 of 39 rows are everyone's neighbours, in whatever order."""
    x, y = rng.standard_normal((40, 10)), rng.standard_normal((40, 10))
    found = scores(x, y, ["mutual_knn_39", "lcs_knn_39", "edit_knn_39"], exact)
    assert found[0] == pytest.approx(1)
    assert (found[1:] < 0.5).all()


def test_floor_is_below_that_of_mutual_knn_and_ceiling_is_1(rng, exact):
    x, y = (rng.standard_normal((300, 20)) for _ in range(2))
    assert_allclose(scores(x, x, NAMES, exact), 1)
    found = scores(x, y, ["mutual_knn_8", *NAMES], exact)
    assert_allclose(found[0], 8 / 299, atol=0.015)
    assert (found[1:] <= found[0]).all()
    assert (found[1:] >= 0).all()


def test_noise_lowers_the_score_step_by_step(rng, exact):
    x = rng.standard_normal((120, 10))
    found = [scores(x, x + s * rng.standard_normal(x.shape), NAMES, exact) for s in (0.1, 0.5, 3)]
    assert (np.diff(found, axis=0) < -0.05).all()


def test_rotation_scale_and_joint_order_do_not_matter(rng, exact):
    x = rng.standard_normal((50, 12))
    y = x + rng.standard_normal((50, 12))
    before = scores(x, y, NAMES, exact)
    turn, _ = np.linalg.qr(rng.standard_normal((12, 12)))
    assert_allclose(scores(7 * x @ turn, y, NAMES, exact), before)
    order = rng.permutation(50)
    assert_allclose(scores(x[order], y[order], NAMES, exact), before)
    assert not np.allclose(scores(x[order], y, NAMES, exact), before)


def test_parts_that_fit_into_memory_change_nothing(rng, exact):
    left, right = (
        [find_neighbours(rng.standard_normal((30, 6)), 4, "x", exact) for _ in range(count)]
        for count in (2, 5)
    )
    metrics, orders = [parse_metric("lcs_knn_4", 30)], np.arange(30)[None]
    whole = compare_sequences(left, right, metrics, orders, exact)["lcs_knn_4"]
    needed = 30 * (2 * 4 + 8) * 8
    small = make_backend(None, "float64", needed * 2)
    parts = compare_sequences(left, right, metrics, orders, small)["lcs_knn_4"]
    assert_array_equal(parts, whole)
    with pytest.raises(InputError, match="too little memory for the neighbours"):
        compare_sequences(left, right, metrics, orders, make_backend(None, "float64", needed - 1))
