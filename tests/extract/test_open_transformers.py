"""What a model of transformers is shown, and by which towers, without a network."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from transformers import BertConfig, CLIPConfig, PretrainedConfig, ViTConfig, Wav2Vec2Config

from stages.core.nets.source import Source
from stages.core.run.errors import InputError
from stages.extract import open_transformers as module
from stages.extract.open_transformers import modality, open_reader, open_transformers

SOURCE = Source(Path("folder"), "r1")


@pytest.mark.parametrize(
    ("config", "kind"), [(ViTConfig, "vision"), (BertConfig, "language"), (CLIPConfig, "both")]
)
def test_models_are_shown_what_they_take(config, kind):
    assert modality(config(), SOURCE) == kind


def test_other_models_are_refused():
    with pytest.raises(
        InputError, match="neither an .*pixel_values or input_ids, got wav2vec2, sh"
    ):
        modality(Wav2Vec2Config(), SOURCE)
    with pytest.raises(InputError, match="shown unknown"):
        modality(PretrainedConfig(), SOURCE)
    for half in ("text_config", "vision_config"):
        with pytest.raises(InputError, match="shown unknown"):
            modality(SimpleNamespace(**{half: 1}, model_type="x"), SOURCE)


def part_of(tower):
    """Which child of a network a tower is of."""
    network = torch.nn.Module()
    for name in ("projection", "visual", "text_model", "language_model"):
        network.add_module(name, torch.nn.Linear(1, 1))
    found = tower["part"](network)
    return "all" if found is network else next(n for n, m in network.named_children() if m is found)


@pytest.fixture
def opened(monkeypatch):
    """Towers tell what they were made with; models read in half precision, and see in another."""

    def describe(source, seed, config, device, *, words):
        kind = torch.bfloat16 if words else torch.float32
        told = {"dtype": kind, "tokenizer": "a text", "config": config, "revision": "r2"}
        return SimpleNamespace(source=source, seed=seed, device=device, words=words, **told)

    def tower(kind):
        whole = lambda network: network  # noqa: E731

        def made(model, *given, prefix="", part=whole):
            part = given[-1] if callable(given[-1]) else part
            return {"kind": kind, "model": model, "given": given, "prefix": prefix, "part": part}

        return made

    for name in ("hidden_tower", "caption_tower", "word_tower", "run_tower"):
        monkeypatch.setattr(module, name, tower(name))
    monkeypatch.setattr(module, "describe_model", describe)
    monkeypatch.setattr(module, "presentation", lambda settings, tokenizer: "caption as it is")
    hardware = SimpleNamespace(devices=["first", "second"])

    def of(config):
        monkeypatch.setattr(module, "load_config", lambda folder: config)
        settings = SimpleNamespace(vision="pooled", pooling="mean")
        shown = SimpleNamespace(settings=settings)
        return open_transformers(SOURCE, SimpleNamespace(seed=7), shown, hardware)

    return of


def test_a_network_of_images(opened):
    found = opened(ViTConfig())
    (tower,) = found.towers
    assert (found.modality, found.presentation, found.pooling) == ("vision", "image", "pooled")
    assert (found.dtype, found.tokenizer, found.revision) == ("float32", "", "r1")
    assert (tower["kind"], tower["model"].words, tower["model"].seed) == ("hidden_tower", False, 7)
    assert (tower["model"].device, part_of(tower)) == ("first", "all")


def test_a_network_of_words(opened):
    found = opened(BertConfig())
    (tower,) = found.towers
    assert (found.modality, found.presentation) == ("language", "caption as it is")
    assert (found.dtype, found.tokenizer, found.pooling) == ("bfloat16", "str", "mean")
    assert (tower["kind"], tower["model"].words, tower["prefix"]) == ("caption_tower", True, "")


def test_a_network_of_both(opened):
    found = opened(CLIPConfig())
    assert (found.modality, found.presentation) == ("both", "image and caption as it is")
    assert (found.dtype, found.pooling) == ("float32, bfloat16", "pooled, mean")
    seer, reader = found.towers
    assert (seer["kind"], seer["prefix"], part_of(seer)) == ("hidden_tower", "vision.", "visual")
    assert (reader["kind"], reader["prefix"]) == ("caption_tower", "language.")
    assert part_of(reader) == "text_model"
    assert (seer["model"].words, reader["model"].words) == (False, True)
    with pytest.raises(
        InputError, match="without two towers in Linear: expected text_model or lan"
    ):
        reader["part"](torch.nn.Linear(1, 1))


@pytest.mark.parametrize("nested", [True, False])
def test_a_reader_of_stories(opened, monkeypatch, nested):
    config = SimpleNamespace(text_config=object()) if nested else SimpleNamespace(text_config=None)
    model = SimpleNamespace(dtype=torch.float16, tokenizer="t", config=config, revision="r3")
    monkeypatch.setattr(module, "open_model", lambda spec: model)

    def read(**settings):
        common = {"pooling": "last", "attention": True, "presentation": "context", "context": 5}
        return open_reader("spec", "words", SimpleNamespace(**common | settings), "h", begun=True)

    found = read()
    (tower,) = found.towers
    assert (tower["kind"], found.context, found.dtype, found.revision) == (
        *("word_tower", 5, "float16", "r3"),
    )
    assert tower["given"][:3] == ("words", module.Reading("last", attention=True, begun=True), "h")
    assert part_of(tower) == ("text_model" if nested else "all")
    assert (found.modality, found.pooling, found.presentation) == ("language", "last", "context")
    assert read(presentation="word", context=0).context is None
    assert read(presentation="word", context=0).towers[0]["kind"] == "word_tower"
    whole = read(context=0, attention=False)
    assert (whole.towers[0]["kind"], whole.context) == ("run_tower", 0)
    with pytest.raises(InputError, match="attention over all of a run"):
        read(context=0)
