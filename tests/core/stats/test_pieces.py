"""Pieces of stimuli: of one size, groups whole, those in succession together where rows are."""

import numpy as np
import pytest

from stages.core.stats.pieces import number_pieces


@pytest.mark.parametrize(("n", "pieces"), [(93, 5), (10, 10), (41, 2)])
def test_single_stimuli_are_in_pieces_of_one_size_in_no_order(n, pieces):
    number = number_pieces(np.arange(n), pieces, "rows", 0)
    sizes = np.bincount(number, minlength=pieces)
    assert sizes.max() - sizes.min() <= 1
    assert (np.diff(number) < 0).any()
    assert (number != number_pieces(np.arange(n), pieces, "rows", 1)).any()
    np.testing.assert_array_equal(number, number_pieces(np.arange(n), pieces, "rows", 0))


def test_stimuli_in_succession_are_in_the_same_piece():
    for permute in ("blocks", "shifts"):
        together = number_pieces(np.arange(93), 5, permute, 0)
        assert (np.diff(together) >= 0).all()
        assert np.bincount(together).tolist() == [19, 19, 18, 19, 18]


def test_groups_are_whole(rng):
    groups = rng.permutation(np.repeat(np.arange(30), rng.integers(1, 5, 30)))
    number = number_pieces(groups, 4, "rows", 0)
    for group in range(30):
        assert len(set(number[groups == group])) == 1
    sizes = np.bincount(number, minlength=4)
    assert abs(sizes - len(groups) / 4).max() < 5  # the largest group has four


def test_names_of_groups_do_not_matter(rng):
    groups = rng.integers(0, 20, 60)
    named = number_pieces(groups, 4, "rows", 0)
    np.testing.assert_array_equal(named, number_pieces(10 * groups + 7, 4, "rows", 0))
