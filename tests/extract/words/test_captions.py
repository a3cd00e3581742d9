import numpy as np
import pandas as pd
import pytest
import torch
from transformers import GPT2Config, T5Config

from stages.core.names.models import parse_model
from stages.core.nets.embedded import embedded_folder
from stages.core.nets.hardware import Hardware
from stages.core.nets.load import load_network, open_model
from stages.core.run.errors import ConcordError, InputError
from stages.extract.towers import Stimuli
from stages.extract.words.captions import (
    caption_passages,
    dated,
    padding_side,
    presentation,
    presenter,
)
from stages.extract.words.text_tower import caption_tower

CAPTIONS = ["the old witch", "a", " quiet village nobody looking over ", "flew over a village"]
CPU = torch.device("cpu")


@pytest.fixture
def stimuli():
    return pd.DataFrame({"id": [f"image_{k}" for k in range(4)], "text": CAPTIONS})


def read(folder, stimuli, settings, chat="", **changes):
    """What a model makes of captions, in their order."""
    model = open_model(parse_model(f"file:{folder}", {}))
    model.tokenizer.chat_template = chat or model.tokenizer.chat_template
    shown = Stimuli(stimuli, None, settings.model_copy(update=changes))
    tower = caption_tower(model, shown, Hardware([CPU], 1000, 8))
    (replica,) = tower.replicas()
    layers = replica.run(tower.order)
    back = np.argsort(tower.order)
    return {name: values[back] for name, values in layers.arrays.items()}, model, replica


def by_hand(model, text, start, stop, pooling):
    """Unpadded, a caption at a time, the tokens between two characters."""
    network = load_network(model, False)
    special = "old witch:" not in text
    encoded = model.tokenizer(
        text, return_offsets_mapping=True, return_tensors="pt", add_special_tokens=special
    )
    offsets = encoded.pop("offset_mapping")[0].tolist()
    kept = [k for k, (a, b) in enumerate(offsets) if b > a and b > start and a < stop]
    with torch.no_grad():
        states = torch.stack(network(**encoded, output_hidden_states=True).hidden_states)
    vectors = states[:, 0, kept].numpy()
    return vectors[:, -1] if pooling == "last" else vectors.mean(axis=1)


@pytest.mark.parametrize("kind", ["bert", "gpt2", "llama", "t5"])
@pytest.mark.parametrize("pooling", ["last", "mean"])
def test_padding_does_not_matter(tiny, stimuli, scene_settings, kind, pooling):
    layers, model, _ = read(tiny(kind), stimuli, scene_settings, pooling=pooling)
    assert list(layers) == ["layer_00", "layer_01", "layer_02"]
    for row, caption in enumerate(CAPTIONS):
        text = caption.strip()
        expected = by_hand(model, text, 0, len(text), pooling)
        for values, wanted in zip(layers.values(), expected, strict=True):
            np.testing.assert_allclose(values[row], wanted, atol=1e-5)


@pytest.mark.parametrize("pooling", ["last", "mean"])
def test_a_chat_template_is_put_around_the_caption(tiny, stimuli, scene_settings, pooling):
    """The caption's own tokens are pooled; those around it are read, and change them."""
    layers, model, _ = read(tiny("chat"), stimuli, scene_settings, pooling=pooling)
    before = "old witch: "
    for row, caption in enumerate(CAPTIONS):
        said = f"{before}{caption.strip()}<|endoftext|>nobody"
        stop = len(before) + len(caption.strip())
        expected = by_hand(model, said, len(before), stop, pooling)
        for values, wanted in zip(layers.values(), expected, strict=True):
            np.testing.assert_allclose(values[row], wanted, atol=1e-5)
    plain, *_ = read(tiny("chat"), stimuli, scene_settings, pooling=pooling, template="plain")
    assert not np.allclose(plain["layer_02"], layers["layer_02"], atol=1e-2)
    bare, *_ = read(tiny("llama"), stimuli, scene_settings, pooling=pooling)
    np.testing.assert_allclose(plain["layer_02"], bare["layer_02"], atol=1e-5)


# Who speaks, what a user says, and how the model's turn begins.
TURNS = (
    "{% for turn in messages %}old witch: {{ turn['content'] | trim }}<|endoftext|>{% endfor %}"
    "{% if add_generation_prompt %}nobody:{% endif %}"
)
PROMPT = "Look: \n\n'{captions}'"


def naive(model, said, **begun):
    """Unpadded, a passage at a time, the last state of each layer."""
    network, states = load_network(model, False), []
    for one in said:
        turn = [{"role": "user", "content": one}]
        ids = model.tokenizer.apply_chat_template(
            turn, return_tensors="pt", return_dict=False, **begun
        )
        with torch.no_grad():
            hidden = network(ids, output_hidden_states=True).hidden_states
        states.append([layer[0, -1].numpy() for layer in hidden])
    return np.array(states).transpose(1, 0, 2)


@pytest.mark.parametrize("kind", ["chat", "bert"])
@pytest.mark.parametrize("template", ["reply", "chat"])
def test_the_end_of_what_is_shown(tiny, stimuli, scene_settings, kind, template):
    """The last state after the model's turn is begun, or after the user's, as a plain loop has it.

    The captions' own tokens say something else, and so does another beginning of the turn. A
    tokenizer with special tokens of its own adds none to those of the template.
    """
    begun = template == "reply"
    changes = {"prompt": PROMPT, "pooling": "end", "template": template}
    found, model, _ = read(tiny(kind), stimuli, scene_settings, TURNS, **changes)
    said = [PROMPT.replace("{captions}", caption.strip()) for caption in CAPTIONS]
    expected = naive(model, said, add_generation_prompt=begun)
    for values, wanted in zip(found.values(), expected, strict=True):
        np.testing.assert_allclose(values, wanted, atol=1e-5)
    changes["pooling"] = "last"
    last, *_ = read(tiny(kind), stimuli, scene_settings, TURNS, **changes)
    assert not np.allclose(last["layer_02"], found["layer_02"], atol=1e-2)
    other = TURNS.replace("nobody:", "village:")
    moved, *_ = read(tiny(kind), stimuli, scene_settings, other, **changes | {"pooling": "end"})
    assert np.allclose(moved["layer_02"], found["layer_02"], atol=1e-2) == (not begun)


@pytest.mark.parametrize("kind", ["gpt2", "llama"])
def test_the_end_is_the_last_token_where_nothing_follows(tiny, stimuli, scene_settings, kind):
    last, end = (
        read(tiny(kind), stimuli, scene_settings, template="reply", pooling=pooling)[0]
        for pooling in ("last", "end")
    )
    for name, values in last.items():
        np.testing.assert_array_equal(values, end[name])


def test_the_end_of_an_encoder_is_its_separator(tiny, stimuli, scene_settings):
    found, model, _ = read(tiny("bert"), stimuli, scene_settings, pooling="end")
    network = load_network(model, False)
    for row, caption in enumerate(CAPTIONS):
        encoded = model.tokenizer(caption.strip(), return_tensors="pt")
        assert encoded["input_ids"][0, -1] == model.tokenizer.sep_token_id
        with torch.no_grad():
            states = network(**encoded).last_hidden_state
        np.testing.assert_allclose(found["layer_02"][row], states[0, -1].numpy(), atol=1e-5)


@pytest.mark.parametrize("pooling", ["last", "mean"])
@pytest.mark.parametrize("prompt", ["a {quiet} {} %s{captions}, old", "\n old: '{captions}'\n"])
def test_a_prompt_is_read_and_not_pooled(tiny, stimuli, scene_settings, pooling, prompt):
    """Whatever else is in braces is read as it is."""
    changes = {"prompt": prompt, "template": "plain", "pooling": pooling}
    found, model, _ = read(tiny("llama"), stimuli, scene_settings, **changes)
    start = prompt.index("{captions}")
    for row, caption in enumerate(CAPTIONS):
        text = prompt.replace("{captions}", caption.strip())
        expected = by_hand(model, text, start, start + len(caption.strip()), pooling)
        for values, wanted in zip(found.values(), expected, strict=True):
            np.testing.assert_allclose(values[row], wanted, atol=1e-5)


def test_what_is_shown_is_said(tiny, scene_settings):
    plain, chat = (open_model(parse_model(f"file:{tiny(k)}", {})).tokenizer for k in ("t5", "chat"))
    assert presentation(scene_settings, chat) == "caption"
    changes = {"captions": "all", "prompt": "See:\n{captions}", "template": "reply"}
    changed = scene_settings.model_copy(update=changes)
    assert presentation(changed, chat) == "all captions in 'See:\\n{captions}'"  # it begins none
    assert presentation(changed, plain) == "all captions in 'See:\\n{captions}'"
    chat.chat_template = TURNS
    assert presentation(changed, chat) == "all captions in 'See:\\n{captions}', reply begun"


# As those of Llama 3.2, SmolLM3 and gpt-oss ask for the day.
DATES = {
    "{{ strftime_now('%d %b %Y') }}": "26 Jul 2024",
    "{%- set today = strftime_now('%d %B %Y') -%}{{ today }}": "26 July 2024",
    "{%- macro day() -%}{{ strftime_now('%Y-%m-%d') }}{%- endmacro -%}{{ day() }}": "2024-07-26",
    "{%- if strftime_now is defined %}{{ strftime_now(format='%A %-d.%-m.') }}{% endif -%}": (
        "Friday 26.7."
    ),
}


@pytest.mark.parametrize(("asked", "told"), DATES.items())
def test_a_template_that_asks_for_today_is_told_the_same_day(tiny, scene_settings, asked, told):
    tokenizer = open_model(parse_model(f"file:{tiny('chat')}", {})).tokenizer
    tokenizer.chat_template = f"{asked}: {TURNS}"
    assert presenter(scene_settings, tokenizer)("a") == f"{told}: old witch: a<|endoftext|>"
    assert presentation(scene_settings, tokenizer) == "caption, on 26 Jul 2024"
    plain = scene_settings.model_copy(update={"template": "plain"})
    assert presentation(plain, tokenizer) == "caption"


def test_other_templates_are_taken_as_they_are():
    assert dated(TURNS) == TURNS


def test_a_template_that_changes_captions(tiny, stimuli, scene_settings):
    tokenizer = open_model(parse_model(f"file:{tiny('chat')}", {})).tokenizer
    tokenizer.chat_template = "{{ messages[0]['content'] | upper }}"
    with pytest.raises(ConcordError, match=r"changes the caption in stimuli, image_0.*to plain"):
        caption_passages(stimuli, presenter(scene_settings, tokenizer))


def test_a_stimulus_without_a_caption(tiny, stimuli):
    with pytest.raises(InputError, match="stimulus without a caption in stimuli: got image_1"):
        caption_passages(stimuli.assign(text=["a", " ", "b", ""]), str)


@pytest.mark.parametrize(
    ("captions", "do"),
    [("first", "Shorten the caption"), ("all", "scene.extract.captions to first")],
)
def test_a_caption_that_is_too_long(tiny, stimuli, scene_settings, captions, do):
    long = stimuli.assign(text=["a", "the old witch " * 30, "a", "a"])
    with pytest.raises(InputError, match=rf"too long for the model in stimuli, image_1.*{do}"):
        read(tiny("bert"), long, scene_settings, captions=captions)


def test_a_template_that_breaks_is_the_model_s_fault(tiny, stimuli, scene_settings, monkeypatch):
    model = open_model(parse_model(f"file:{tiny('chat')}", {}))
    model.tokenizer.chat_template = "{{ raise_exception('no users here') }}"
    shown = Stimuli(stimuli, None, scene_settings)
    with pytest.raises(ConcordError, match="model broke in .*no users here"):
        caption_tower(model, shown, Hardware([CPU], 1000, 8))


@pytest.mark.parametrize(
    ("kind", "side"), [("gpt2", "left"), ("llama", "left"), ("bert", "right"), ("t5", "right")]
)
def test_causal_models_are_padded_on_the_left(tiny, kind, side):
    model = open_model(parse_model(f"file:{tiny(kind)}", {}))
    assert padding_side(model.config, load_network(model, False)) == side


def test_who_cannot_be_told_positions_is_padded_on_the_right():
    class Deaf:
        def forward(self, input_ids):
            pass

    assert padding_side(GPT2Config(), Deaf()) == "right"
    assert padding_side(T5Config(), Deaf()) == "right"


def test_wide_layers_are_projected(tiny, stimuli, scene_settings):
    full, _, replica = read(tiny("gpt2"), stimuli, scene_settings)
    few, *_ = read(tiny("gpt2"), stimuli, scene_settings, units=9)
    assert few["layer_01"].shape == (4, 9)
    np.testing.assert_allclose(
        few["layer_01"].mean(axis=1), full["layer_01"].mean(axis=1) * 4 / 3, atol=1e-5
    )
    assert replica.run(np.array([0])).widths == dict.fromkeys(full, 16)


def test_minilm_equals_sentence_transformers(stimuli, scene_settings):
    """Token embeddings by its own library, averaged by hand without the special tokens."""
    from sentence_transformers import SentenceTransformer

    folder = embedded_folder("st", "all-MiniLM-L6-v2")
    layers, *_ = read(folder, stimuli, scene_settings, units=4096)
    peer = SentenceTransformer(str(folder), device="cpu")
    tokens = peer.encode(CAPTIONS, output_value="token_embeddings")
    expected = np.stack([states[1:-1].mean(0).numpy() for states in tokens])
    np.testing.assert_allclose(layers["layer_06"], expected, atol=1e-5)
