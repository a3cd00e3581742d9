"""One pass over a matrix, against textbook centring of it as a whole."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from stages.align.nulls import centred
from stages.align.nulls.centred import Rough, centre, centre_held, finished, most_of
from tests.align.nulls.matrices import Whole, u_centred

FORMS = ["off-diagonal", "double-centred", "pairs"]


def symmetric(rng, n):
    values = rng.standard_normal((n, n)) + 3 * rng.standard_normal(n) + 5
    return values + values.T


def compared(one, other, form):
    """Sum of products of what is compared of two whole matrices."""
    n = len(one)
    if form == "off-diagonal":
        return (u_centred(one) * u_centred(other)).sum()
    if form == "pairs":
        return (one * other * (1 - np.eye(n))).sum()
    centring = np.eye(n) - 1 / n
    return np.trace(centring @ one @ centring @ other)


def held(matrix, form):
    return centre_held(matrix.copy(), form)


def passed(matrix, form):
    return centre(Whole(matrix), form)


@pytest.mark.parametrize("n", [4, 63, 65, 130, 257])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("way", [held, passed])
def test_products_of_matrices_are_those_of_their_parts(rng, n, form, way):
    one, other = symmetric(rng, n), symmetric(rng, n)
    parts = [way(matrix, form) for matrix in (one, other)]
    u, v = u_centred(one), u_centred(other)
    expected = parts[0].level * parts[1].level + (u * v).sum() + parts[0].effects @ parts[1].effects
    assert_allclose(compared(one, other, form), expected, rtol=1e-9)
    for whole, part in zip((u, v), parts, strict=True):
        assert_allclose(part.square, (whole**2).sum(), rtol=1e-9)
    margin = parts[0].margin
    assert_allclose((one - margin[:, None] - margin) * (1 - np.eye(n)), u, atol=1e-9)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("way", [held, passed])
def test_levels_and_effects_have_their_signs(form, way):
    """Of kernels 0 but for the last row: large there, and positive on the whole."""
    matrix = np.zeros((6, 6))
    matrix[5, :] = matrix[:, 5] = 1
    matrix[5, 5] = 4
    found = way(matrix, form)
    if form == "off-diagonal":
        assert found.level == 0
        assert_array_equal(found.effects, np.zeros(6))
    else:
        assert found.level > 0
        assert found.effects[5] == found.effects.max() > 0


@pytest.mark.parametrize("n", [20, 64])
def test_what_a_row_has_most_of_by_hand(rng, n):
    """All rows are landmarks, whose means are taken off: with the diagonal, half the mean twice."""
    matrix = symmetric(rng, n)
    matrix[3, 7] = matrix[7, 3] = 90
    taken = matrix.mean(axis=0) - matrix.mean() / 2
    left = (matrix - taken[:, None] - taken) * (1 - np.eye(n))
    found = centre(Whole(matrix), "pairs")
    squares = (left**2).sum(axis=1)
    assert_allclose(found.busy, squares.max() / squares.sum())
    rest = np.abs(found.margin - taken).max()
    assert_allclose(found.most, np.abs(left).max() + 2 * rest)
    assert np.abs(u_centred(matrix)).max() <= found.most
    assert held(matrix, "pairs").busy == 0


@pytest.mark.parametrize("n", [129, 300])
def test_landmarks_lie_evenly(rng, n):
    """64 rows from the first to the last; the bound tells what was taken off."""
    matrix = symmetric(rng, n)
    near = np.round(np.arange(64) * (n - 1) / 63).astype(int)
    taken = matrix[near].mean(axis=0)
    taken -= taken.mean() / 2
    left = (matrix - taken[:, None] - taken) * (1 - np.eye(n))
    found = centre(Whole(matrix), "pairs")
    assert_allclose(found.most, np.abs(left).max() + 2 * np.abs(found.margin - taken).max())


def test_a_matrix_in_which_nothing_is_left_has_no_squares():
    found = centre(Whole(np.ones((5, 5))), "pairs")
    assert (found.square, found.busy) == (0, 0)
    assert_allclose(found.level, np.sqrt(20))


def test_rounding_leaves_no_square_below_0():
    rough = Rough(np.zeros(5), np.full(5, 0.1), np.zeros(5), np.full(5, 0.01 / 4 - 1e-12), 0.1)
    assert finished("pairs", rough).square == 0


@pytest.mark.parametrize("kind", [np.asarray, torch.as_tensor], ids=["numpy", "torch"])
def test_a_matrix_in_memory_becomes_what_is_centred(rng, kind):
    matrix = symmetric(rng, 9)
    part = kind(matrix.copy())
    centre_held(part, "off-diagonal")
    assert_allclose(part, u_centred(matrix), atol=1e-9)


def test_single_precision_is_enough_where_margins_are_large(rng):
    n = 150
    u = u_centred(symmetric(rng, n)) / 8
    margins = rng.standard_normal(n) * 100
    matrix = (u + margins[:, None] + margins).astype(np.float32)
    found = centre(Whole(matrix), "off-diagonal")
    assert_allclose(found.square, (u_centred(matrix.astype(float)) ** 2).sum(), rtol=2e-4)


@pytest.mark.parametrize("at", [(2, 150), (140, 2), (200, 130), (3, 4)])
def test_the_largest_number_is_found_in_every_block(rng, at):
    matrix = symmetric(rng, 201) / 100
    matrix[at] = matrix[at[::-1]] = -70
    matrix[5, 5] = 900
    found = most_of(Whole(matrix), margin := rng.standard_normal(201))
    assert_allclose(found, abs(-70 - margin[at[0]] - margin[at[1]]))


@pytest.mark.parametrize("n", [127, 128, 129, 256])
def test_blocks_cover_all_rows_once(n):
    found = np.concatenate([np.arange(n)[block] for block in centred._blocks(n)])
    assert_array_equal(found, np.arange(n))
