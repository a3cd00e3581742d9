from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from safetensors.numpy import save_file

from stages.core.run.errors import InputError
from stages.core.run.tensors import let_go, map_tensor

KEY, DO = "responses", "Do it."


@pytest.fixture
def values(rng):
    return rng.standard_normal((7, 10)).astype(np.float32)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "responses.safetensors"


def test_what_safetensors_wrote_is_mapped(path, values):
    save_file({"responses": values}, path)
    found = map_tensor(path, KEY, DO)
    assert_array_equal(found, values)
    assert not found.flags.writeable


def pages(path):
    """KB in memory of what this process has mapped of a file."""
    told = Path("/proc/self/smaps").read_text().split(str(path))
    return sum(int(one.split("Rss:")[1].split()[0]) for one in told[1:])


def test_what_is_let_go_of_takes_no_memory_and_is_what_it_was(path, rng):
    values = rng.standard_normal((1000, 1000)).astype(np.float32)
    save_file({"responses": values}, path)
    found = map_tensor(path, KEY, DO)
    for _ in range(2):
        assert_array_equal(found, values)
        assert pages(path) > 3000
        let_go(found)
        assert pages(path) < 100


def test_what_is_not_mapped_or_can_be_changed_is_not_let_go_of(tmp_path, values):
    kept = values.copy()
    changed = np.memmap(tmp_path / "changed", np.float32, "w+", shape=values.shape)
    changed[:] = values
    for one in (kept, kept[2:], changed, np.asarray(changed)):
        let_go(one)
    assert_array_equal(kept, values)
    assert_array_equal(changed, values)


def test_a_tensor_begins_where_its_file_says(path, values):
    """Behind bytes that nobody names, or another's, it would be other numbers."""
    save_file({"responses": values}, path)
    content = path.read_bytes()
    size = 8 + int.from_bytes(content[:8], "little")
    header = content[8:size].replace(b"[0,280]", b"[4,284]")
    assert header != content[8:size]
    path.write_bytes(content[:8] + header + bytes(4) + content[size:])
    with pytest.raises(InputError, match="unreadable tensor"):
        map_tensor(path, KEY, DO)


def test_broken_tensors_are_refused(path, values):
    with pytest.raises(InputError, match="file not found .*Do it"):
        map_tensor(path, KEY, DO)
    save_file({"responses": values}, path)
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(InputError, match="unreadable tensor"):
        map_tensor(path, KEY, DO)
    save_file({"other": values}, path)
    with pytest.raises(InputError, match="wrong tensors .*expected responses, got other"):
        map_tensor(path, KEY, DO)
    save_file({"another": values + 1, "responses": values}, path)
    with pytest.raises(InputError, match="expected responses, got another, responses"):
        map_tensor(path, KEY, DO)
    save_file({"responses": values.astype(float)}, path)
    with pytest.raises(InputError, match="wrong dtype .*expected F32, got F64"):
        map_tensor(path, KEY, DO)
