"""Neighbours are the nearest, ties go to the first, and reordering rows relabels them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from stages.align.backend import make_backend
from stages.align.engine import measure, row_orders
from stages.align.representation import Dissimilarities
from stages.align.routines.neighbours import _smallest, find_neighbours
from stages.core.run.errors import InputError
from tests.align.naive import nearest


def test_neighbours_are_the_nearest_by_cosine(structured, exact):
    for x in structured[0]:
        found = find_neighbours(x, 7, "x", exact)
        assert_array_equal(found.rows, nearest(x, 7))
        unit = x / np.linalg.norm(x, axis=1, keepdims=True)
        for i, row in enumerate(found.rows):
            assert_allclose(found.likeness[i], unit[row] @ unit[i])


def test_of_equally_near_rows_the_first_is_taken(rng, exact):
    """Judgements on a scale of three: most dissimilarities are tied."""
    rated = np.triu(rng.integers(1, 4, (30, 30)), 1).astype(float)
    matrix = rated + rated.T
    found = find_neighbours(Dissimilarities(matrix), 12, "x", exact).rows
    for i, row in enumerate(found):
        others = sorted((matrix[i, j], j) for j in range(30) if j != i)
        assert_array_equal(row, [j for _, j in others[:12]])


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
@pytest.mark.parametrize("levels", [4, 10**6])
def test_ties_and_groups_of_columns_do_not_change_who_is_nearest(rng, dtype, n, k, levels):
    """Also of negative numbers and both zeros; few are sought among groups of columns."""
    rated = np.triu(rng.integers(0, levels, (n, n)) / levels, 1)
    matrix = (rated + rated.T).astype(dtype)
    found = find_neighbours(Dissimilarities(matrix), k, "x", make_backend(None, dtype, 2**24))
    far = matrix.copy()
    np.fill_diagonal(far, np.inf)
    assert_array_equal(found.rows, np.argsort(far, axis=1, kind="stable")[:, :k])
    numbers = (rng.integers(-3, 4, (n, n)) * rng.choice([-1.0, 1.0], (n, n))).astype(dtype)
    columns, values = _smallest(numbers, k)
    expected = np.argsort(numbers, axis=1, kind="stable")[:, :k]
    assert_array_equal(columns, expected)
    assert_array_equal(values, np.take_along_axis(numbers, expected, axis=1))


def test_a_device_of_pytorch_finds_the_same(rng):
    rows = rng.integers(0, 3, (200, 4)) + 1.0
    here, there = (
        find_neighbours(rows, 7, "x", make_backend(device, "float64", 2**24))
        for device in (None, "cpu")
    )
    assert_array_equal(here.rows, there.rows)


def test_sets_of_neighbours_in_parts_and_orders_are_counted_as_sets(rng):
    n, k = 130, 9
    sides = [[rng.standard_normal((n, 6)) for _ in range(count)] for count in (2, 5)]
    orders = row_orders(n, 2, seed=1)
    names = [f"mutual_knn_{k}", f"cycle_knn_{k}", f"cknna_{k}"]
    whole = measure(*sides, names, orders, make_backend(None, "float64", 2**28))
    parts = measure(*sides, names, orders, make_backend(None, "float64", 450_000))
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
