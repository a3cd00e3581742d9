"""Why a model could not be run is read as it was written."""

import json

import pytest

from stages.core.activations.activations import read_failure, write_failure
from stages.core.run.errors import InputError


def test_a_failure_is_read_as_it_was_written(tmp_path):
    assert read_failure(tmp_path) is None
    write_failure(tmp_path, "timm:a", "a", "out of memory")
    assert read_failure(tmp_path) == "out of memory"


@pytest.mark.parametrize("error", ["", None, 5, ["a"]])
def test_a_failure_that_says_nothing_is_refused(tmp_path, error):
    (tmp_path / "failure.json").write_text(json.dumps({"model": "timm:a", "error": error}))
    with pytest.raises(InputError, match="wrong failure in .*failure.json: expected a text"):
        read_failure(tmp_path)
