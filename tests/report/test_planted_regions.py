import json

import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.report.planted_regions import planted_regions

ROLL = pd.DataFrame({"model": ["small", "seeing"], "string": ["st:small", "timm:seeing"]})


@pytest.fixture
def plant(tmp_path):
    """Write a truth; returns what the page is told of it."""

    def write(truth, study="story"):
        (tmp_path / "truth.json").write_text(json.dumps(truth))
        return planted_regions(tmp_path, ROLL, study)

    return write


def test_what_a_story_was_made_of_is_told_by_the_names_of_the_page(plant):
    regions = {
        "A": {"driver": "layer", "layer": "layer_02"},
        "B": {"driver": "features", "family": "Motion", "features": ["Motion/fly"]},
        "C": {"driver": "nothing"},
    }
    assert plant({"seed": 1, "model": "st:small", "regions": regions}) == {
        "A": {"model": "small", "layer": "layer_02", "what": "layer_02 of small"},
        "B": {"model": "", "layer": "", "what": "features of the type Motion"},
        "C": {"model": "", "layer": "", "what": "nothing"},
    }


def test_each_area_of_scenes_has_a_model_of_its_own_which_the_zoo_may_lack(plant):
    regions = {
        "V1": {"driver": "vision", "model": "timm:seeing", "layer": "blocks.0"},
        "44": {"driver": "language", "model": "st:large", "layer": "layer_05"},
    }
    assert plant({"regions": regions}, "scene") == {
        "V1": {"model": "seeing", "layer": "blocks.0", "what": "blocks.0 of seeing"},
        "44": {"model": "", "layer": "layer_05", "what": "layer_05 of st:large"},
    }


def test_what_was_measured_has_no_truth(tmp_path):
    assert planted_regions(tmp_path, ROLL, "story") == {}


def test_a_truth_of_another_form_is_refused(plant):
    with pytest.raises(InputError, match=r"wrong truth in .*truth.json.regions.A.driver"):
        plant({"regions": {"A": {"layer": "layer_02"}}})
