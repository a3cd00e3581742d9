import json

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from stages.core.run.errors import InputError
from stages.plots.kit.planted import Planted, drivers, outline, read_planted

ROLL = pd.DataFrame({"model": ["small", "small+untrained"], "string": ["hub:s", "hub:s+untrained"]})
STORY = {
    "model": "hub:s",
    "regions": {
        "A": {"driver": "layer", "layer": "layer_02"},
        "B": {"driver": "features", "family": "Speech", "features": ["Speech/speak"]},
        "C": {"driver": "nothing"},
    },
}
SCENE = {
    "regions": {
        "V1": {"driver": "vision", "model": "hub:s", "layer": "blocks.0"},
        "V4": {"driver": "vision", "model": "hub:absent", "layer": "blocks.1"},
    }
}


def write(folder, truth):
    (folder / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    return folder


def test_drivers_are_read_by_the_names_of_the_study(tmp_path):
    assert read_planted(write(tmp_path, STORY), ROLL, "story") == {
        "A": Planted("small", "small", "layer_02"),
        "B": Planted("features"),
        "C": Planted("nothing"),
    }
    assert read_planted(write(tmp_path, SCENE), ROLL, "scene") == {
        "V1": Planted("small", "small", "blocks.0"),
        "V4": Planted("hub:absent", "", "blocks.1"),
    }


def test_of_a_measured_recording_nothing_is_known(tmp_path):
    assert read_planted(tmp_path, ROLL, "story") == {}
    assert drivers(["A", "A"], {"A": Planted("nothing")}) == ["nothing"] * 2
    assert drivers(["A"], {}) == ["not told"]


@pytest.mark.parametrize("truth", [{"regions": {"A": {"layer": "layer_02"}}}, {"region": {}}])
def test_a_wrong_truth_is_refused_with_its_place(tmp_path, truth):
    with pytest.raises(InputError, match=r"truth\.json\.regions.*dvc repro simulate_story"):
        read_planted(write(tmp_path, truth), ROLL, "story")


def test_a_folder_that_is_not_there_is_no_measured_recording(tmp_path):
    with pytest.raises(InputError, match=r"absent\. Run `dvc repro prepare_scene`"):
        read_planted(tmp_path / "absent", ROLL, "scene")


def test_outlines_lie_within_their_cells():
    ax = Figure().subplots()
    outline(ax, [(0, 2), (1, 0)])
    for patch, (row, column) in zip(ax.patches, [(0, 2), (1, 0)], strict=True):
        np.testing.assert_allclose(patch.get_center(), (column, row))
        assert 0.8 < patch.get_width() < 1
        assert 0.8 < patch.get_height() < 1
