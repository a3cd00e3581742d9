import pytest

from stages.core.names.models import parse_model
from stages.core.results.benchmarks import key
from stages.relate.model_names import is_benchmarked, join, lineage, without_owner, without_tag


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("google/gemma-2-9b-it", "google--gemma-2-9b-it"),
        ("timm/ResNet50.a1_in1k", "resnet50.a1_in1k"),
        ("gpt2", "gpt2"),
    ],
)
def test_key(name, expected):
    assert key(name) == expected
    assert key(expected) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tf_efficientnet_lite0", "efficientnet"),
        ("efficientnet_b0.ra_in1k", "efficientnet"),
        ("google/gemma-2-9b-it", "gemma"),
        ("princeton-nlp/gemma-2-9b-it-SimPO", "gemma"),
        ("Qwen/Qwen2.5-72B-Instruct", "qwen"),
        ("all-MiniLM-L6-v2", "minilm"),
        ("vit_base_patch16_224.augreg_in1k", "vit"),
        ("123", "123"),
    ],
)
def test_lineage(name, expected):
    assert lineage(name) == expected


@pytest.mark.parametrize(
    ("string", "expected"),
    [
        ("hf:gpt2", True),
        ("hf:gpt2@main", True),
        ("hf:gpt2@" + "0a" * 20, True),
        ("hf:gpt2@step1000", False),
        ("hf:gpt2+untrained", False),
        ("timm:resnet50+untrained:3", False),
        ("file:models/own", False),
        ("noise:512-1024", False),
    ],
)
def test_no_other_network_takes_the_score_of_a_model(string, expected):
    assert is_benchmarked(parse_model(string, {})) is expected


def test_join(caplog):
    asked = {"a": "gpt2", "b": "org--other", "c": "resnet5", "d": "gemma", "e": "zzz"}
    known = ["openai--gpt2", "org--other", "org--resnet50", "x--gemma", "y--gemma"]
    found = join(asked, known, without_owner, "board")
    assert found == {"a": "openai--gpt2", "b": "org--other"}
    assert "board: c (resnet5): not there, nearest: org--resnet50" in caplog.text
    assert "board: d (gemma): several entries, name one: x--gemma, y--gemma" in caplog.text
    assert "board: e (zzz): not there, nearest: none" in caplog.text


def test_join_prefers_the_whole_name():
    assert join({"m": "vit"}, ["vit", "vit.in1k"], without_tag, "board") == {"m": "vit"}
    assert join({"m": "vit"}, ["vit.in1k"], without_tag, "board") == {"m": "vit.in1k"}
    assert join({"m": "vit.in21k"}, ["vit.in1k"], without_tag, "board") == {}
