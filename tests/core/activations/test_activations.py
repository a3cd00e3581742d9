"""Why a model could not be run is read as it was written."""

import json

import numpy as np
import pandas as pd
import pytest

from stages.core.activations.activations import (
    Activations,
    is_whole,
    read_failure,
    write_about,
    write_failure,
    write_layer,
)
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


def test_what_is_whole_has_its_description_its_key_its_rows_and_its_layers(tmp_path):
    assert is_whole(tmp_path, "key") is False
    about = Activations(
        "m", "m", "r", "language", 9, "t", 0, "context", 20, "last", "float32", "d", "key",
        {"layer_00": 2}, {"layer_00": 2}, 0, [],
    )  # fmt: skip
    rows = pd.DataFrame({"id": ["a", "b"], "sample": "", "run": "1", "onset": 0.0, "offset": 1.0})
    write_layer(tmp_path / "layer_00.safetensors", np.ones((2, 2), np.float32))
    write_about(tmp_path, about, rows)
    assert is_whole(tmp_path, "key") is True
    assert is_whole(tmp_path, "another") is False
    rows.assign(run="2").to_parquet(tmp_path / "rows.parquet")
    assert is_whole(tmp_path, "key") is False
    (tmp_path / "rows.parquet").unlink()
    assert is_whole(tmp_path, "key") is False
    write_about(tmp_path, about, rows)
    assert is_whole(tmp_path, "key") is True
    write_layer(tmp_path / "layer_00.safetensors", np.zeros((2, 2), np.float32))
    assert is_whole(tmp_path, "key") is False
