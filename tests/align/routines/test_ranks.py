"""Ranks without sorting are scipy's, and rounding does not tell ties apart."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import rankdata

from stages.align.routines.bins import COUNT
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


@pytest.mark.parametrize(("apart", "rank"), [(0, 1.5), (64, 1.5), (65, 1)])
def test_numbers_so_many_units_of_rounding_apart_are_tied(apart, rank):
    """Units of the larger one, or of the usual one where it is larger than both."""
    unit = np.finfo(float).eps
    for usual in (1.0, 1024.0):
        near = [1.0, 1 + apart * usual * unit]
        found = tied_ranks(np.array([*near, usual, 3 * usual, -usual])[[3, 1, 0, 2, 4]])
        if usual > 1:
            assert found[[2, 1]].tolist() == ([2.5, 2.5] if rank == 1.5 else [2, 3])
    far = np.array([0.5, 4, 1 + apart * unit, 1.0])
    assert tied_ranks(far)[3] == 1 + rank
