"""Where products run: NumPy and PyTorch alike, and how memory is cut, by hand."""

import pickle

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal

from stages.core.run.errors import InputError
from stages.core.stats.backend import gib, make_backend

GIB = 1_073_741_824

BOTH = [None, "cpu"]


@pytest.fixture(params=BOTH, ids=["numpy", "torch"])
def on(request):
    return make_backend(request.param, "float32", 1000)


def test_a_backend_travels(on):
    again = pickle.loads(pickle.dumps(on))
    assert again == on
    assert again.xp is (np if on.device is None else torch)


@pytest.mark.parametrize(("dtype", "size"), [("float32", 4), ("float64", 8)])
@pytest.mark.parametrize("device", BOTH)
def test_precision(device, dtype, size):
    on = make_backend(device, dtype, 1)
    assert on.itemsize == size
    assert on.eps == np.spacing(np.ones((), dtype))
    for made in (on.put([1, 2]), on.empty(3, 2)):
        assert str(made.dtype).endswith(dtype)
    assert on.empty(3, 2).shape == (3, 2)
    assert on.host(on.put([1, 2])).dtype == dtype
    assert on.get(on.put([1, 2])).dtype == np.float64


@pytest.mark.parametrize(("n", "dtype"), [(512, "float64"), (513, "float32")])
def test_few_pairs_are_compared_in_double_precision(on, n, dtype):
    """Of 513 rows there are 131,328 pairs, more than 2¹⁷."""
    chosen = on.precise(n)
    assert chosen.dtype == dtype
    assert (chosen.device, chosen.memory, on.dtype) == (on.device, on.memory, "float32")


def test_numbers_go_there_and_back(on):
    values = np.array([[1.5, -2.5], [3, 0]])
    table = on.put(values)
    assert isinstance(table, np.ndarray if on.device is None else torch.Tensor)
    assert_array_equal(on.get(table), values)
    assert_array_equal(on.host(table[on.index(np.array([1, 0, 1]))]), values[[1, 0, 1]])
    assert_array_equal(on.host(table[on.mask(np.array([False, True]))]), values[[1]])
    rounded = on.integers(table)
    assert_array_equal(rounded, [[1, -2], [3, 0]])
    assert_array_equal(on.put([5, 6, 7, 8])[rounded.clip(0, 3)], [[6, 5], [8, 5]])


def test_places_outside_of_a_table_take_its_ends(on):
    found = on.look_up(on.put([5, 6, 7]), on.index(np.array([-2, 0, 1, 2, 3, 9])))
    assert_array_equal(found, [5, 5, 6, 7, 7, 7])


def test_room_for_sums_is_empty_and_of_double_precision(on):
    made = on.zeros(2, 3)
    assert made.shape == (2, 3)
    assert str(made.dtype).endswith("float64")
    assert (made == 0).all()


@pytest.mark.parametrize(
    ("needed", "fixed", "fits"),
    [(100, 0, 10), (333, 0, 3), (334, 0, 2), (100, 1, 9), (100, 900, 1)],
)
def test_what_fits(on, needed, fixed, fits):
    assert on.chunk(needed, "a row", fixed) == fits


def test_what_does_not_fit_is_refused_with_what_would_do():
    on = make_backend(None, "float32", GIB)
    message = rf"too little memory for a row.*at least {GIB + 1} bytes.*got {GIB}.*to 1.01 \(GiB\)"
    with pytest.raises(InputError, match=message):
        on.chunk(GIB - 9, "a row", 10)
    assert on.chunk(GIB - 10, "a row", 10) == 1
    assert make_backend(None, "float32", 1000).chunk(1000, "a row") == 1


def sizes(found):
    return [own.stop - own.start for own in found]


@pytest.mark.parametrize(
    ("n", "needed", "fixed", "expected"),
    [
        (300, 1, 0, [256, 44]),
        (200, 1, 0, [200]),
        (2**11, 1, 0, [128] * 16),
        (2**12, 1, 0, [128] * 32),
        (1310, 1, 0, [200] * 6 + [110]),
        (130, 10, 0, [100, 30]),
        (130, 10, 100, [90, 40]),
        (1, 1, 0, [1]),
    ],
)
def test_rows_are_cut_by_memory_and_cache(n, needed, fixed, expected):
    """Of 2¹⁸ numbers in the cache, 200 rows of 1310; blocks have 128 to 256 where memory allows."""
    on = make_backend(None, "float32", 1000 if needed > 1 else 10**6)
    found = on.blocks(n, needed, "a row", fixed)
    assert sizes(found) == expected
    assert [own.start for own in found] == list(np.cumsum([0, *expected])[:-1])
    assert found[-1].stop == n


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (GIB, "1"),
        (GIB + 1, "1.01"),
        (GIB // 2, "0.5"),
        (1, "0.01"),
        (3 * GIB // 2, "1.5"),
        (0, "0"),
    ],
)
def test_gib(amount, said):
    assert gib(amount) == said


def test_what_there_is_not_is_refused():
    with pytest.raises(InputError, match="unknown precision.*float32 or float64.*got float16"):
        make_backend(None, "float16", 1)
    with pytest.raises(InputError, match="device not here.*got no such"):
        make_backend("no such", "float32", 1)


def test_nothing_is_taken_besides_unless_that_is_told():
    on = make_backend(None, "float32", 100)
    assert sizes(on.blocks(130, 1, "a row")) == [100, 30]


def test_everything_lies_on_the_device():
    """On one that holds nothing, and so can be asked for anywhere."""
    on = make_backend("meta", "float32", 1)
    rows = np.array([1, 0])
    for made in (on.put([1, 2]), on.index(rows), on.mask(rows > 0), on.empty(2), on.zeros(2)):
        assert made.device.type == "meta"
