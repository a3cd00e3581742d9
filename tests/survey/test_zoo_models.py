"""The roll tells every model's architecture and what is known of it; layers know their tower."""

import pytest

from stages.core.activations.activations import write_about, write_failure
from stages.core.names.models import parse_model
from stages.core.recording.types import SAMPLE_COLUMNS
from stages.core.results.survey import TABLES
from stages.core.run.errors import InputError
from stages.survey.zoo_models import call_roll, list_layers, read_models
from tests.survey.planted import model, zoo


def test_the_roll_is_in_the_order_of_the_zoo_and_twins_share_the_architecture_of_the_trained():
    roll = call_roll(zoo("net-untrained-0", "noise", "net", "word-untrained-0"))
    assert list(roll) == list(TABLES["models"])
    assert list(roll["model"]) == ["net-untrained-0", "noise", "net", "word-untrained-0"]
    assert list(roll["architecture"]) == ["net", "noise", "net", "word-untrained-0"]
    assert list(roll["trained"]) == [False, False, True, False]
    assert list(roll["modality"]) == ["vision", "noise", "vision", "language"]
    assert list(roll["layers"]) == [6, 3, 6, 4]
    assert list(roll["width"]) == [1024, 16384, 1024, 768]
    assert list(roll["seed"].isna()) == [False, True, True, False]
    assert roll["string"][0] == "timm:net+untrained:0"


def test_another_revision_is_another_architecture():
    models = [model("net", "hf:net@a"), model("net-untrained", "hf:net@b+untrained")]
    assert list(call_roll(models)["architecture"]) == ["net", "net-untrained"]


def test_a_failed_model_is_on_the_roll_and_has_no_layers():
    models = [model("net", error="out of memory"), model("noise")]
    roll = call_roll(models).set_index("model")
    assert roll.loc["net", "error"] == "out of memory"
    assert roll.loc["net", "modality"] == ""
    assert roll.loc["net", "layers"] == 0
    assert roll.loc["net", ["parameters", "width"]].isna().all()
    assert roll.loc["noise", "error"] == ""
    assert set(list_layers(models)["model"]) == {"noise"}
    assert list_layers(models[:1]).empty


def test_layers_have_the_modality_and_the_depth_of_their_tower():
    layers = list_layers([model("clip", "hf:clip"), model("noise")])
    assert list(layers["modality"]) == ["vision"] * 3 + ["language"] * 3 + ["noise"] * 3
    assert list(layers["depth"][:6]) == [0, 0.5, 1] * 2
    assert layers["depth"][6:].isna().all()
    assert list(layers["units"][6:]) == [512, 2048, 8192]
    assert list(layers.index) == list(range(9))


def test_a_roll_of_no_models_has_its_columns():
    assert list(call_roll([])) == list(TABLES["models"])


def test_models_are_read_with_their_failures(tmp_path, caplog):
    import pandas as pd

    specs = [parse_model(name, {name: f"timm:{name}"}) for name in ("net", "broken")]
    rows = pd.DataFrame({"id": ["a"], "sample": "a", "run": "1", "onset": 0.0, "offset": 1.0})
    assert set(SAMPLE_COLUMNS) <= set(rows)
    write_about(tmp_path / "net", model("net").about, rows)
    write_failure(tmp_path / "broken", "timm:broken", "broken", "no such model")
    net, broken = read_models(specs, tmp_path, "d")
    assert net.about == model("net").about
    assert (broken.about, broken.error) == (None, "no such model")
    assert "model broken left out, since it could not be run: no such model" in caplog.text
    with pytest.raises(InputError, match="stimuli changed"):
        read_models(specs[:1], tmp_path, "other")
    with pytest.raises(InputError, match="file not found"):
        read_models([parse_model("timm:third", {})], tmp_path, "d")
