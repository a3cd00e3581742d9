"""Ranks without sorting are scipy's, and rounding does not tell ties apart."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import rankdata

from stages.align.routines.bins import COUNT, OFFSET, even
from stages.align.routines.ranks import ranks, table_size, tied_ranks
from stages.core.stats.backend import FEW_PAIRS, make_backend


def ranked(values, backend, most=None):
    most = values.max() if most is None else most
    parts = np.array_split(values.astype(backend.dtype), 3)
    found = ranks(lambda: iter(parts), len(values), most, backend)
    return found, found.of(values.astype(backend.dtype))


def expected(values):
    return (rankdata(values) - (len(values) + 1) / 2) / len(values)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("count", [7, FEW_PAIRS])
def test_few_numbers_have_the_ranks_of_scipy(rng, count, dtype):
    values = rng.standard_normal(count).clip(-0.9).round(3)
    found, each = ranked(values, make_backend(None, dtype, 2**28))
    assert_allclose(each, expected(values), atol=1e-7)
    assert_allclose(found.power, np.square(expected(values)).sum(), rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_of_many_numbers_ranks_correlate_as_those_of_scipy(rng, dtype):
    one = rng.random(FEW_PAIRS + 9) ** 2 - 1
    other = one + rng.random(len(one))
    backend = make_backend(None, dtype, 2**28)
    (first, here), (second, there) = (ranked(x, backend, most=3) for x in (one, other))
    r = float(here.astype(float) @ there) / np.sqrt(first.power * second.power)
    assert_allclose(r, np.corrcoef(rankdata(one), rankdata(other))[0, 1], atol=1e-6)


@pytest.mark.parametrize("count", [1000, FEW_PAIRS + 1])
def test_rounding_does_not_tell_ties_apart(rng, exact, count):
    """Judgements on a scale of seven, averaged over three, and noise of the last digits."""
    values = rng.integers(0, 19, count) / 18
    noisy = values + 1e-15 * rng.standard_normal(count)
    _, each = ranked(noisy, exact, most=1.0)
    assert_allclose(each, expected(values), atol=1e-12)
    assert_allclose(tied_ranks(noisy), rankdata(values))
    assert not np.allclose(rankdata(noisy), rankdata(values))


def test_numbers_that_are_all_the_same_have_no_power(rng):
    backend = make_backend(None, "float32", 2**28)
    for count in (100, FEW_PAIRS + 1):
        values = 0.3 + 1e-8 * rng.standard_normal(count)
        found, _ = ranked(values, backend, most=2.0)
        assert found.power == 0


def test_as_many_ranks_as_numbers_or_as_bins_are_held():
    assert table_size(7) == 7
    assert table_size(FEW_PAIRS) == FEW_PAIRS
    assert table_size(FEW_PAIRS + 1) == COUNT


@pytest.mark.parametrize(("apart", "tied"), [(0, True), (64, True), (65, False)])
@pytest.mark.parametrize("usual", [1.0, 1024.0, 1.0 / 8])
def test_numbers_so_many_units_of_rounding_apart_are_tied(usual, apart, tied):
    """Units of the usual number, or of the larger one of the two where that is larger."""
    size = max(usual, 1.0) / 2 if usual >= 1 else 1.0
    two = [size, size + apart * max(usual, 1.0) * np.finfo(float).eps]
    found = tied_ranks(np.array([3 * usual + 2, two[1], two[0], usual, -usual, -usual]))
    low = 3 if usual >= 1 else 4
    assert found[[2, 1]].tolist() == ([low + 0.5] * 2 if tied else [low, low + 1])


@pytest.mark.parametrize(("apart", "tied"), [(64, True), (66, False), (100, False)])
def test_few_numbers_are_tied_by_rounding_of_1(exact, apart, tied):
    values = np.array([0.5 + apart * np.finfo(float).eps, 0.9, 0.5, -0.7, -1])
    found, each = ranked(values, exact)
    assert found.bins is None
    assert_allclose(each, expected([0.5 if tied else 0.6, 0.9, 0.5, -0.7, -1]))


def test_up_to_a_number_they_are_sorted(rng, exact):
    for count, is_sorted in ((FEW_PAIRS, True), (FEW_PAIRS + 1, False)):
        found, _ = ranked(rng.random(count), exact)
        assert (found.bins is None) == is_sorted
        assert (found.edges is not None) == is_sorted


def test_numbers_in_two_bins_beside_each_other_have_no_power(exact):
    """Rounding may put equal numbers on both sides of an edge; one bin further they differ."""
    every = even(1.0, exact)
    edge = (round(every.scale) - OFFSET) / every.scale - 1
    for apart, differ in ((0, False), (1, False), (2, True)):
        bins = np.arange(FEW_PAIRS + 1) % 2 * apart - 0.5
        found, _ = ranked(edge + bins / every.scale, exact, most=1.0)
        assert (found.power > 0) == differ


def test_many_numbers_beside_one_far_out_keep_their_ranks(rng, exact):
    """Nearly all of them lie in few bins of equal width."""
    one = rng.random(FEW_PAIRS + 9) ** 2 - 1
    one[7] = 1e6
    _, each = ranked(one, exact)
    assert_allclose(np.corrcoef(each, rankdata(one))[0, 1], 1, atol=1e-5)
    assert len(np.unique(each)) > 10_000
