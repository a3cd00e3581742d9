"""Presets: whose models they are, and how they are written into params.yaml."""

import json
import re

import pandas as pd
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML
from transformers.models.auto.configuration_auto import CONFIG_MAPPING_NAMES

from stages.check.__main__ import main
from stages.core.names.models import parse_model
from stages.core.params.presets import PRESETS
from tests.conftest import PROJECT

RIGHT = (PROJECT / "params.yaml").read_text()
SCHRIMPF, SHEN = PRESETS["schrimpf2021"], PRESETS["shen2025"]
# By how names begin.
ARCHITECTURES = {
    **{"distil": "distilbert", "distilroberta": "roberta", "distilgpt2": "gpt2"},
    **{"bert": "bert", "roberta": "roberta", "xlm": "xlm", "xlm-roberta": "xlm-roberta"},
    **{"xlnet": "xlnet", "ctrl": "ctrl", "t5": "t5", "albert": "albert"},
    **{"openaigpt": "openai-gpt", "gpt2": "gpt2", "transfo-xl": "transfo-xl"},
}


@pytest.fixture
def params(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text(RIGHT)
    return path


def preset(params, *words):
    return CliRunner().invoke(main, ["preset", *words, "--params", str(params)])


def architecture(name):
    return ARCHITECTURES[max(filter(name.startswith, ARCHITECTURES), key=len)]


def test_the_published_zoo_is_that_of_the_public_table(mirror):
    table = pd.read_csv(mirror / "schrimpf2021" / "precomputed-scores.csv", encoding="utf-8-sig")
    names = {name.removesuffix("-untrained") for name in table["model"]} - {"transformer"}
    assert names == {*SCHRIMPF.models, *SCHRIMPF.left_out}
    assert len(names) == 43


def test_what_is_left_out_is_what_transformers_lacks():
    assert {architecture(name) for name in SCHRIMPF.models} <= set(CONFIG_MAPPING_NAMES)
    assert architecture("transfo-xl-wt103") not in CONFIG_MAPPING_NAMES
    for name, string in SCHRIMPF.models.items():
        assert parse_model(string, {}).string == string
        assert string.endswith(f"/{name}") or name in ("gpt2", "openaigpt")


def test_the_chat_models_hold_all_that_have_an_elo_score_of_the_same_publication(mirror):
    text = (mirror / "brainalign" / "data" / "utils" / "elo_results.json").read_text()
    scored = {name.replace("_", "/", 1) for name in json.loads(text)} - {
        f"internlm/{name}" for name in SHEN.left_out
    }
    assert len(scored) == 29
    assert scored <= {string.removeprefix("hf:") for string in SHEN.models.values()}
    assert len(SHEN.models) + len(SHEN.left_out) == 43
    assert len(set(SHEN.models.values())) == 42
    assert not any("." in name for name in SHEN.models)
    # Its architecture is not among those of transformers, and those of the others are.
    assert "internlm2" not in CONFIG_MAPPING_NAMES
    assert {"llama", "gemma", "gemma2", "mistral", "qwen2", "phi3"} <= set(CONFIG_MAPPING_NAMES)


def test_chat_models_become_the_zoo_of_the_scene_study(params):
    answer = preset(params, "shen2025")
    assert answer.exit_code == 0, answer.output
    assert "internlm2_5-20b-chat is left out" in answer.output
    assert YAML(typ="safe").load(params)["zoo"] == list(SHEN.models)


def test_a_preset_is_listed_and_named_and_all_else_stays(params):
    answer = preset(params, "schrimpf2021")
    assert answer.exit_code == 0, answer.output
    assert "glove is left out: vectors that no hub has" in answer.output
    lines = params.read_text().splitlines()
    kept = [line for line in RIGHT.splitlines() if not line.startswith("  zoo: [minilm,")]
    assert [line for line in lines if line in kept] == kept
    # Every comment stands above the line that it stood above.
    below = re.compile(r"^( *#.*)\n([^#\n]+)$", re.MULTILINE)
    assert below.findall(params.read_text()) == below.findall(RIGHT)
    content = YAML(typ="safe").load(params)
    assert content["language"]["zoo"] == list(SCHRIMPF.models)
    assert content["models"].items() >= SCHRIMPF.models.items()
    once = params.read_text()
    assert preset(params, "schrimpf2021").exit_code == 0
    assert params.read_text() == once


def test_presets_in_zoos_are_refused_with_the_command_that_writes_them_there(params):
    params.write_text(
        RIGHT.replace("  zoo: [minilm, ", "  zoo: [minilm, preset:schrimpf2021, ")
        .replace("  zoo: []", "  zoo: [preset:schrimpf2021]")
        .replace("zoo:\n  - efficientnet\n", "zoo:\n  - preset:shen2025\n  - efficientnet\n")
    )
    refused = CliRunner().invoke(main, ["--out", "nowhere", "--params", str(params)])
    assert refused.exit_code == 2
    for key, name in (("zoo", "shen"), ("story.zoo", "schrimpf"), ("language.zoo", "schrimpf")):
        said = f"{key}: expected the models of a preset by name, got 'preset:{name}"
        assert f" {said}" in refused.output
    assert "Run `python -m stages.check preset`, which writes" in refused.output
    answer = preset(params, "--untrained")
    assert answer.exit_code == 0, answer.output
    content = YAML(typ="safe").load(params)
    zoo = content["language"]["zoo"]
    assert zoo[:3] == ["minilm", "distilbert-base-uncased", "distilbert-base-uncased-untrained"]
    assert zoo[-1] == "control-random"
    assert len(zoo) == 2 * len(SCHRIMPF.models) + 5
    assert content["story"]["zoo"] == zoo[1:-4]
    assert content["zoo"][: 2 * len(SHEN.models) : 2] == list(SHEN.models)
    assert content["zoo"][-9] == "efficientnet"
    below = re.compile(r"^( *#.*)\n([^#\n]+)$", re.MULTILINE)
    assert below.findall(params.read_text()) == below.findall(RIGHT)


def test_a_zoo_that_is_replaced_whole_takes_no_other_with_it(params):
    params.write_text(RIGHT.replace("  zoo: [minilm, ", "  zoo: ['preset:shen2025', minilm, "))
    before = YAML(typ="safe").load(params)["zoo"]
    assert preset(params, "schrimpf2021").exit_code == 0
    content = YAML(typ="safe").load(params)
    assert content["language"]["zoo"] == list(SCHRIMPF.models)
    assert content["zoo"] == before
    assert content["models"].items() >= SHEN.models.items()


def test_what_is_studied_anyway_is_not_listed_again(params):
    params.write_text(
        RIGHT.replace("\nmodel: minilm", "\nmodel: gpt2")
        .replace("  zoo: []", "  zoo: [my-ctrl, preset:schrimpf2021]")
        .replace("  gpt2: hf:gpt2\n", "  gpt2: hf:gpt2\n  my-ctrl: hf:Salesforce/ctrl\n")
    )
    assert preset(params, "--untrained").exit_code == 0
    zoo = YAML(typ="safe").load(params)["story"]["zoo"]
    names = [name for name in zoo if not name.endswith("-untrained")]
    assert names == ["my-ctrl", *(name for name in SCHRIMPF.models if name not in ("gpt2", "ctrl"))]
    assert "gpt2-untrained" not in zoo  # the twin of `model`
    assert "ctrl-untrained" in zoo


@pytest.mark.parametrize("key", ["  zoo: [minilm, ", "zoo:\n  - ", "  zoo: []"])
def test_a_preset_that_is_none_is_refused_wherever_it_stands(params, key):
    unknown = key.replace("[]", "[preset:schrimp]").replace("- ", "- preset:schrimp\n  - ")
    params.write_text(RIGHT.replace(key, unknown.replace("[minilm", "[preset:schrimp, minilm")))
    for words in (["--out", "nowhere"], ["preset"]):
        refused = CliRunner().invoke(main, [*words, "--params", str(params)])
        assert refused.exit_code == 2
        assert "Did you mean 'schrimpf2021'?" in refused.output


def test_models_of_timm_are_found_by_pattern(params):
    answer = preset(params, "timm:mobilenetv4_conv_small.*")
    assert answer.exit_code == 0, answer.output
    content = YAML(typ="safe").load(params)
    assert len(content["zoo"]) > 1
    for name in content["zoo"]:
        assert "." not in name
        assert content["models"][name].startswith("timm:mobilenetv4_conv_small.")


@pytest.mark.parametrize(
    ("words", "old", "new", "told"),
    [
        (["schrimpf2012"], "", "", "unknown preset: got 'schrimpf2012'. Did you mean 'schrimpf2"),
        ([], "", "", "no preset: expected NAME, or preset:NAME in a zoo of "),
        (["timm:no_such_model*"], "", "", "no model of timm: expected a pattern with *"),
        (["schrimpf2021"], "gap: 8", "gap: -8", "folds.gap"),
        (
            ["schrimpf2021"],
            "  mpnet: st:all-mpnet-base-v2",
            "  ctrl: st:all-mpnet-base-v2",
            "models.ctrl: expected hf:Salesforce/ctrl, got st:all-mpnet-base-v2",
        ),
    ],
)
def test_what_is_wrong_leaves_the_parameters_alone(params, words, old, new, told):
    before = RIGHT.replace(old, new)
    params.write_text(before)
    answer = preset(params, *words)
    assert answer.exit_code == 2
    assert told in answer.output
    assert params.read_text() == before


def test_check_without_a_command_asks_for_its_file():
    answer = CliRunner().invoke(main, [])
    assert answer.exit_code == 2
    assert "nothing to do: expected --out FILE, or the command preset" in answer.output
