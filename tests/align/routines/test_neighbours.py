"""Neighbours are the nearest, and reordering rows relabels them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from stages.align.engine import measure
from stages.align.representation import Dissimilarities
from stages.align.routines import needs
from stages.align.routines.neighbours import _smallest, find_neighbours
from stages.align.routines.ties import Ties
from stages.core.run.errors import InputError
from stages.core.stats.backend import PRECISIONS, make_backend
from stages.core.stats.row_orders import row_orders
from tests.align.naive import nearest


def test_neighbours_are_the_nearest_by_cosine(structured, exact):
    for x in structured[0]:
        found = find_neighbours(x, 7, "x", exact)
        assert_array_equal(found.rows, nearest(x, 7))
        unit = x / np.linalg.norm(x, axis=1, keepdims=True)
        for i, row in enumerate(found.rows):
            assert_allclose(found.likeness[i], unit[row] @ unit[i])


@pytest.mark.parametrize("k", [1, 38, 39])
def test_few_and_all_neighbours(structured, exact, k):
    x = structured[0][1]
    assert_array_equal(find_neighbours(x, k, "x", exact).rows, nearest(x, k))


def test_reordered_rows_have_the_same_neighbours(structured, rng, exact):
    x = structured[0][0]
    order = rng.permutation(len(x))
    found = find_neighbours(x, 5, "x", exact).reorder(order)
    expected = find_neighbours(x[order], 5, "x", exact)
    assert_array_equal(found.rows, expected.rows)
    assert_allclose(found.likeness, expected.likeness)


def test_a_row_of_zeros_has_no_direction(structured, exact):
    x = structured[0][0].copy()
    x[3] = 0
    with pytest.raises(InputError, match=r"row of zeros in left\[2\], row 3"):
        find_neighbours(x, 5, "left[2]", exact)


def test_rows_of_nearly_the_same_direction_are_told_apart_in_single_precision(rng):
    """Their cosines differ in the sixth digit, as do those of features that are all positive."""
    x = rng.standard_normal((600, 30)) + 300
    single, double = (
        find_neighbours(x, 10, "x", make_backend(None, dtype, 2**28)) for dtype in PRECISIONS
    )
    assert_allclose(double.rows[:3], nearest(x, 10)[:3])
    assert (single.rows == double.rows).mean() > 0.995
    assert_allclose(single.likeness, double.likeness, atol=1e-6)


def test_with_all_neighbours_cknna_is_debiased_cka_of_unit_rows(structured, exact):
    sides = [[x / np.linalg.norm(x, axis=1, keepdims=True) for x in side] for side in structured]
    orders = np.arange(40)[None]
    found = measure(*sides, ["cknna_39", "cka_linear"], orders, exact)
    assert_allclose(found["cknna_39"], found["cka_linear"], atol=1e-10)


def test_all_neighbours_are_shared(structured):
    backend = make_backend(None, "float32", 2**28)
    found = measure(*structured, ["mutual_knn_39", "cycle_knn_39"], np.arange(40)[None], backend)
    assert_allclose(found["mutual_knn_39"], 1)
    assert_allclose(found["cycle_knn_39"], 1)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("n", "k"), [(300, 3), (300, 100), (40, 39), (1000, 5)])
@pytest.mark.parametrize("levels", [4, 10**5])
def test_ties_and_groups_of_columns_do_not_change_who_is_nearest(rng, dtype, n, k, levels):
    """Also of negative numbers and both zeros; few are sought among groups of columns."""
    rated = np.triu(rng.integers(0, levels, (n, n)) / levels, 1)
    matrix = Dissimilarities((rated + rated.T).astype(dtype))
    found = find_neighbours(matrix, k, "x", make_backend(None, dtype, 2**24))
    far = matrix.values.copy()
    np.fill_diagonal(far, np.inf)
    ties = Ties(matrix, None, slack_of(dtype))
    assert_array_equal(found.rows, by_hand(far, ties)[:, :k])
    numbers = (rng.integers(-3, 4, (n, n)) * rng.choice([-1.0, 1.0], (n, n))).astype(dtype)
    columns, values, _ = _smallest(numbers, k, np.arange(n), ties)
    expected = by_hand(numbers, ties)[:, :k]
    assert_array_equal(columns, expected)
    assert_array_equal(values, np.take_along_axis(numbers, expected, axis=1))


def slack_of(dtype):
    return 1e-6 if dtype == "float32" else 1e-15


def by_hand(far, ties):
    """Sort every row by its numbers and, where these are equal, by the keys of the ties."""
    rows = range(len(far))
    keys = [[ties.keys(np.array([i]), np.array([j])).item() for j in rows] for i in rows[:3]]
    everywhere = ties.keys(np.arange(len(far))[:, None], np.arange(len(far)))
    assert_array_equal(everywhere[:3], keys)
    return np.lexsort((everywhere, far), axis=1)


def test_a_device_of_pytorch_finds_the_same(rng):
    rows = rng.integers(0, 3, (200, 4)) + 1.0
    here, there = (
        find_neighbours(rows, 7, "x", make_backend(device, "float32", 2**24))
        for device in (None, "cpu")
    )
    assert_array_equal(here.rows, there.rows)
    assert_allclose(here.likeness, there.likeness, atol=1e-6)


@pytest.mark.parametrize("many", [128, 1])
def test_sets_of_neighbours_in_parts_and_orders_are_counted_as_sets(rng, monkeypatch, many):
    """Whole sets beside each other, and arrows that come back looked for."""
    monkeypatch.setattr(needs, "SEARCHED", many)
    n, k = 130, 9
    sides = [[rng.standard_normal((n, 6)) for _ in range(count)] for count in (2, 5)]
    orders = row_orders(n, 2, seed=1)
    names = [f"mutual_knn_{k}", f"cycle_knn_{k}", f"cknna_{k}"]
    whole = measure(*sides, names, orders, make_backend(None, "float64", 2**28))
    parts = measure(*sides, names, orders, make_backend(None, "float64", 560_000))
    lists = [[nearest(x, k) for x in side] for side in sides]
    for place, order in enumerate(orders):
        back = np.argsort(order)
        for i, one in enumerate(lists[0]):
            here = [{back[j] for j in one[row]} for row in order]
            for j, there in enumerate(lists[1]):
                shared = np.mean([len(a & set(b)) / k for a, b in zip(here, there, strict=True)])
                again = np.mean([any(row in here[x] for x in there[row]) for row in range(n)])
                assert_allclose(whole[names[0]][i, j, place], shared)
                assert_allclose(whole[names[1]][i, j, place], again)
    for name in names:
        assert_allclose(parts[name], whole[name], atol=1e-12)
