"""Published zoos: how many models their papers have, and names that a parameter can have."""

import pytest

from stages.core.names.models import parse_model
from stages.core.params.presets import (
    PRESETS,
    find_preset,
    of_timm,
    preset_fault,
    string_or_name,
)
from stages.core.run.errors import InputError


@pytest.mark.parametrize("name", PRESETS)
def test_both_papers_have_43_models(name):
    preset = find_preset(name)
    assert len(preset.models) + len(preset.left_out) == 43
    for short, string in preset.models.items():
        assert "." not in short
        assert parse_model(string, {}).string == string


@pytest.mark.parametrize(
    ("name", "short", "string"),
    [
        ("schrimpf2021", "gpt2", "hf:gpt2"),
        ("schrimpf2021", "ctrl", "hf:Salesforce/ctrl"),
        ("shen2025", "Qwen2_5-1_5B-Instruct", "hf:Qwen/Qwen2.5-1.5B-Instruct"),
        ("shen2025", "Mistral-7B-Instruct-v0_1", "hf:mistralai/Mistral-7B-Instruct-v0.1"),
        ("shen2025", "gemma-1_1-2b-it", "hf:google/gemma-1.1-2b-it"),
    ],
)
def test_names_have_no_dots(name, short, string):
    assert PRESETS[name].models[short] == string


@pytest.mark.parametrize(
    "sizes", [("Qwen2_5", 7), ("Qwen2-", 4), ("Qwen1_5", 7), ("gemma-2-", 3), ("Mistral-7B", 3)]
)
def test_every_size_of_a_series_is_there(sizes):
    start, count = sizes
    extra = start == "gemma-2-"  # and one that another group made of it
    assert sum(name.startswith(start) for name in PRESETS["shen2025"].models) == count + extra


def test_an_unknown_preset_is_refused_with_the_nearest():
    with pytest.raises(InputError, match="unknown preset: got 'shen2024'.*'shen2025'"):
        find_preset("shen2024")


def test_models_of_timm():
    found = of_timm("vit*", ["vit_tiny.in1k", "vit_base"])
    assert found.models == {"vit_tiny_in1k": "timm:vit_tiny.in1k", "vit_base": "timm:vit_base"}
    assert (found.key, found.left_out) == ("zoo", {})
    with pytest.raises(
        InputError, match=r"no model of timm: expected a pattern with \*.*got 'q\*'"
    ):
        of_timm("q*", [])


def test_strings_of_names():
    assert string_or_name("own", {"own": "hf:a/b"}) == "hf:a/b"
    assert string_or_name("hf:c/d", {}) == "hf:c/d"
    assert string_or_name("preset:shen2025", {}) == "preset:shen2025"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("preset:shen2025", "Run `python -m stages.check preset`, which writes them here."),
        ("preset:timm:vit*", "Run `python -m stages.check preset`, which writes them here."),
        ("preset:shen", "Did you mean 'shen2025'?"),
    ],
)
def test_a_preset_is_no_model(entry, said):
    told = preset_fault("zoo", entry)
    assert told == f"zoo: expected the models of a preset by name, got {entry!r}. {said}"
