"""Numbers of NumPy and of PyTorch are treated alike."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal

from stages.align.nulls.number_kinds import like, row_products, to_host

ROWS = np.array([[1.0, 2, 3], [4, 5, 6]], dtype=np.float32)
OTHER = np.array([[1.0, 0, 2], [-1, 3, 0]], dtype=np.float32)


@pytest.mark.parametrize("made", [np.asarray, torch.as_tensor], ids=["numpy", "torch"])
def test_products_of_rows_and_ways_there_and_back(made):
    one, other = made(ROWS), made(OTHER)
    assert_array_equal(to_host(one), ROWS)
    assert to_host(one).dtype == np.float64
    assert_array_equal(to_host(row_products(one, other)), [7, 11])
    there = like(np.array([0.5, 7.0]), one)
    assert type(there) is type(one)
    assert there.dtype == one.dtype
    assert_array_equal(to_host(there), [0.5, 7])
