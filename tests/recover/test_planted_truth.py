"""The truth of simulated brains: as the simulators write it, and every other form refused."""

import json

import pytest

from stages.core.run.errors import InputError
from stages.recover.planted_truth import read_truth

STORY = {
    "regions": {
        "A": {"driver": "layer", "layer": "layer_03"},
        "B": {"driver": "features", "family": "f", "features": ["f/a"]},
        "C": {"driver": "nothing"},
    },
    "features": {"planted": ["f/a"], "absent": []},
}
SCENE = {
    "regions": {
        "V1": {"driver": "vision", "model": "timm:net", "layer": "blocks.0"},
        "4": {"driver": "nothing"},
    }
}


@pytest.fixture
def read(tmp_path):
    def written(content, study):
        path = tmp_path / "truth.json"
        path.write_text(json.dumps(content))
        return read_truth(path, study)

    return written


def test_what_was_planted_is_read_as_it_stands(read):
    assert read(STORY, "story") == STORY
    assert read(SCENE, "scene") == SCENE


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("regions",), [], "regions: got Input should be a valid dictionary"),
        (("regions", "A"), {"layer": "layer_03"}, "regions.A: got Unable to extract tag"),
        (("regions", "A", "driver"), "layers", "regions.A: got Input tag 'layers'"),
        (("regions", "A", "layer"), "deep", "regions.A.layer.layer: got String should match"),
        (("regions", "A", "layer"), None, "layer: got Input should be a valid string"),
        (("regions", "B", "features"), "f/a", "features: got Input should be a valid list"),
        (("features", "absent"), None, "features.absent: got Input should be a valid list"),
        (("features",), {"planted": []}, "features.absent: got Field required"),
    ],
)
def test_another_form_is_refused_and_its_place_named(read, place, value, said):
    content = json.loads(json.dumps(STORY))
    inner = content
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    with pytest.raises(InputError, match=f"wrong truth in .*truth.json.*{said}.*dvc repro"):
        read(content, "story")


def test_half_a_character_is_no_name(read):
    absent = {"planted": [], "absent": ["\ud800"]}
    with pytest.raises(InputError, match="unreadable JSON in .*surrogates not allowed"):
        read(STORY | {"features": absent}, "story")
    whole = {"planted": [], "absent": ["\U0001f600"]}
    assert read(STORY | {"features": whole}, "story")["features"] == whole


def test_a_scene_needs_the_model_that_drives_an_area(read):
    with pytest.raises(InputError, match=r"regions\.V1\.vision\.model: got Field required"):
        read({"regions": {"V1": {"driver": "vision", "layer": "blocks.0"}}}, "scene")
