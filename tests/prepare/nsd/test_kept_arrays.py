"""Arrays that are kept are used only for what their key says."""

import numpy as np
import pytest

from stages.prepare.nsd.kept_arrays import digest_of, has_arrays, read_rows, write_arrays


def test_arrays_are_there_under_their_key_alone(tmp_path, rng):
    values = rng.integers(-5, 5, (6, 4)).astype(np.int16)
    file = tmp_path / "folder" / "values"
    assert not has_arrays(file, "key")
    write_arrays(file, "key", {"values": values, "valid": values[0] > 0})
    assert has_arrays(file, "key")
    assert not has_arrays(file, "other")
    np.testing.assert_array_equal(read_rows(file, "values"), values)
    np.testing.assert_array_equal(read_rows(file, "values", 2, 5), values[2:5])
    assert read_rows(file, "valid").dtype == bool
    write_arrays(file, "other", {"values": values[::-1].copy()})
    assert not has_arrays(file, "key")
    np.testing.assert_array_equal(read_rows(file, "values"), values[::-1])


@pytest.mark.parametrize("cut", [-1, 20, 0])
def test_a_file_cut_short_does_not_count(tmp_path, cut):
    file = tmp_path / "values"
    write_arrays(file, "key", {"values": np.zeros(3)})
    file.write_bytes(file.read_bytes()[:cut])
    assert not has_arrays(file, "key")


def test_digests_tell_contents_apart():
    different = [("a",), ("a", 1), ("a", "1"), (["a"], 1), (["a", 1],), ()]
    assert len({digest_of(*content) for content in different}) == len(different)
    assert digest_of("a", [1, 2]) == digest_of("a", [1, 2])
