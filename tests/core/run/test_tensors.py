import numpy as np
import pytest
from numpy.testing import assert_array_equal
from safetensors.numpy import save_file

from stages.core.run.errors import InputError
from stages.core.run.tensors import map_tensor

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
