"""JSON that says two things of one key."""

import pytest

from stages.core.run.errors import InputError
from stages.core.run.files import read_json


@pytest.mark.parametrize("text", ['{"a": 1, "b": 2, "a": 3}', '{"b": [{"a": 1, "a": null}]}'])
def test_a_key_of_two_values(tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(InputError, match=r"unreadable JSON in .*x\.json: got two values of 'a'"):
        read_json(tmp_path / "x.json", "Restore it.")


def test_a_key_that_is_told_twice(tmp_path):
    (tmp_path / "x.json").write_text('{"a": [1], "b": 2, "a": [1]}')
    assert read_json(tmp_path / "x.json", "") == {"a": [1], "b": 2}
