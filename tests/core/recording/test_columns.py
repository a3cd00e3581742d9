import os

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from safetensors.numpy import load_file

from stages.core.recording.columns import KEY, write_columns
from stages.core.run.tensors import map_tensor

DO = "Do it."


@pytest.fixture
def values(rng):
    return rng.standard_normal((7, 10)).astype(np.float32)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "responses.safetensors"


@pytest.mark.parametrize("room", [10, 11, 500])
@pytest.mark.parametrize("cuts", [[], [1], [3, 3, 9]])
def test_blocks_of_columns_make_one_matrix(path, values, room, cuts):
    write_columns(path, 7, room, iter(np.split(values, cuts, axis=1)))
    assert_array_equal(load_file(path)["responses"], values)
    assert_array_equal(map_tensor(path, KEY, DO), values)
    assert path.stat().st_size == 256 + values.nbytes


def test_only_what_is_looked_at_is_read(path):
    """A file that claims a terabyte is mapped at once."""
    write_columns(path, 1, 1, [np.ones((1, 1), np.float32)])
    rows = 10**6
    header = path.read_bytes()[8:256].replace(b"[1, 1]", b"[%d, 250000]" % rows)
    header = header.replace(b"[0, 4]", b"[0, %d]" % (10**12)).rstrip().ljust(248)
    with path.open("r+b") as stream:
        stream.write((248).to_bytes(8, "little") + header)
        stream.truncate(256 + 10**12)
    assert map_tensor(path, KEY, DO)[-1, -3:].tolist() == [0, 0, 0]


def test_a_block_that_fails_leaves_nothing_behind(path, values):
    def blocks():
        yield values
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        write_columns(path, 7, 20, blocks())
    assert list(path.parent.iterdir()) == []


def test_a_call_that_writes_a_part_is_followed_by_the_rest(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    block = rng.normal(size=(5, 7)).astype(np.float32)
    whole = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda file, data, at: whole(file, data[:3], at))
    write_columns(tmp_path / "r.safetensors", 5, 9, [block])
    assert_array_equal(load_file(tmp_path / "r.safetensors")["responses"], block)
