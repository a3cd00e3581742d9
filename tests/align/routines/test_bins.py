"""Bins ascend with the numbers, and as many numbers are in each, as far as rounding tells."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from stages.align.routines.bins import COARSE, COUNT, counted, divided, even, undivided
from stages.core.stats.backend import make_backend


@pytest.fixture
def far_out(rng):
    """Distances near 1, some of which are a million or a billion, less 1."""
    values = np.concatenate(
        [rng.normal(1, 0.1, 200_000), rng.normal([1e6, 1e9], 1, (500, 2)).ravel()]
    )
    return np.sort(values.clip(0)) - 1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_no_divided_bin_is_crowded(far_out, dtype):
    backend = make_backend(None, dtype, 2**28)
    values, most = far_out.astype(dtype), float(far_out.max())
    equal = counted(even(most, backend), [values])
    assert equal.max() > 0.9 * len(values)
    whole = undivided(most, backend)
    counts = counted(whole, [values])
    assert counts[COARSE:].sum() == 0
    bins = divided(whole, counts)
    codes = bins.of(values)
    assert (np.diff(codes) >= 0).all()
    assert 0 <= codes[0] < codes[-1] < COUNT
    counts = counted(bins, np.array_split(values, 3))
    assert_array_equal(counts, np.bincount(codes, minlength=COUNT))
    assert counts.dtype == np.intp
    assert counts[: codes[len(values) - 1100]].max() < 50


def test_few_numbers_far_apart_share_no_bin(rng, exact):
    values = np.sort(np.concatenate([rng.random(2 * COUNT), 10.0 ** np.arange(1, 9, 0.05)]))
    whole = undivided(float(values.max()), exact)
    codes = divided(whole, counted(whole, [values])).of(values)
    assert len(np.unique(codes[2 * COUNT :])) == 160


def test_what_rounding_makes_of_zero_is_in_the_first_bin(exact):
    bins = undivided(1e9, exact)
    assert_array_equal(bins.of(np.array([-1 - 1e-16, -1.0, -1 + 1e-16])), 0)


def test_a_device_of_pytorch_finds_the_same(far_out):
    found = []
    for device in (None, "cpu"):
        backend = make_backend(device, "float64", 2**28)
        values, most = backend.put(far_out), float(far_out.max())
        whole = undivided(most, backend)
        bins = divided(whole, counted(whole, [values]))
        found.append(backend.host(bins.of(values)))
    assert np.abs(found[0] - found[1]).max() <= 1
