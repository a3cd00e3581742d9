"""Folders of models whose configuration, vocabulary or pixels disagree with their weights."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.chaos.structure.form import DIFFERENT, EQUAL, REFUSED, Change, Form, Rng, forms
from tests.chaos.trial import UnfitError

Content = dict[str, Any]
# By what it counts, how configurations call it.
LAYERS = ("n_layer", "num_hidden_layers")
WIDTH = ("n_embd", "hidden_size")
HEADS = ("n_head", "num_attention_heads")
INNER = ("intermediate_size",)
PLACES = ("n_positions", "max_position_embeddings")
PIXELS = ("image_size",)
PATCH = ("patch_size",)


def _edit(path: Path, edit: Callable[[Content], None]) -> None:
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))


def _number(name: str, keys: tuple[str, ...], other: Callable[[int], Any]) -> Change:
    """Say another number of the network."""

    def change(path: Path, rng: Rng) -> None:
        def edit(content: Content) -> None:
            found = [key for key in keys if isinstance(content.get(key), int)]
            if not found:
                raise UnfitError
            content[found[0]] = other(content[found[0]])

        _edit(path, edit)

    change.__name__ = name
    return change


def _say(name: str, **values: Any) -> Change:
    """Add to what is said, or say otherwise."""

    def change(path: Path, rng: Rng) -> None:
        _edit(path, lambda content: content.update(values))

    change.__name__ = name
    return change


def _unsay(name: str, *keys: str) -> Change:
    """Leave unsaid."""

    def change(path: Path, rng: Rng) -> None:
        def edit(content: Content) -> None:
            if not any(key in content for key in keys):
                raise UnfitError
            for key in keys:
                content.pop(key, None)

        _edit(path, edit)

    change.__name__ = name
    return change


CONFIG: dict[str, Form] = {
    **forms(
        "config", REFUSED,
        _number("layer_less", LAYERS, lambda n: n - 1),
        _number("layer_more", LAYERS, lambda n: n + 1),
        _number("no_layers", LAYERS, lambda n: 0),
        _number("many_layers", LAYERS, lambda n: 10**9),
        _number("wider", WIDTH, lambda n: 2 * n),
        _number("broader_inside", INNER, lambda n: n + 1),
        _number("odd_heads", HEADS, lambda n: 3),
        _number("no_heads", HEADS, lambda n: 0),
        _number("word_less", ("vocab_size",), lambda n: n - 1),
        _number("word_more", ("vocab_size",), lambda n: n + 1),
        _number("places_more", PLACES, lambda n: 2 * n),
        _number("larger_images", PIXELS, lambda n: 2 * n),
        _number("two_sizes", PIXELS, lambda n: [n, 2 * n]),
        _number("other_patches", PATCH, lambda n: n // 2),
        _number("more_channels", ("num_channels",), lambda n: n + 1),
        _say("another_kind", model_type="bert"),
        _say("unknown_kind", model_type="nonesuch"),
        _say("two_parts", is_encoder_decoder=True),
        _say("packed", quantization_config={"quant_method": "bitsandbytes", "load_in_8bit": True}),
        _say("code_elsewhere", auto_map={"AutoModel": "other--code.Model"}, model_type="own"),
        _unsay("no_kind", "model_type"),
    ),
    **forms(
        "config", EQUAL,
        _say("remark", odd="x", transformers_version="99.0"),
        _say("half_precision", torch_dtype="float16", dtype="float16"),
        _say("task", architectures=["NoneSuchForTask"], id2label={"0": "a"}, num_labels=1),
        _say("returned", output_hidden_states=False, return_dict=False, use_cache=False),
        _say("hidden_returned", output_hidden_states=True, output_attentions=True),
    ),
    **forms(
        "config", DIFFERENT,
        _number("more_heads", HEADS, lambda n: 2 * n),
        _say("other_nonlinearity", activation_function="relu", hidden_act="relu"),
        _say("other_norm", layer_norm_epsilon=0.1, layer_norm_eps=0.1),
        _say("unscaled", scale_attn_weights=False),
    ),
}  # fmt: skip


def _vocabulary(content: Content) -> dict[str, int]:
    found: dict[str, int] = content["model"]["vocab"]
    return found


def _words(name: str, edit: Callable[[Content], None]) -> Change:
    def change(path: Path, rng: Rng) -> None:
        _edit(path, edit)

    change.__name__ = name
    return change


def _trade(content: Content) -> None:
    words = _vocabulary(content)
    a, b = list(words)[5], list(words)[9]
    words[a], words[b] = words[b], words[a]


def _same(content: Content) -> None:
    words = _vocabulary(content)
    words[list(words)[5]] = words[list(words)[9]]


def _beyond(content: Content) -> None:
    words = _vocabulary(content)
    words["t"] = max(words.values()) + 1000


def _turn(content: Content) -> None:
    content["model"]["vocab"] = dict(reversed(_vocabulary(content).items()))


def _texts(content: Content) -> None:
    words = _vocabulary(content)
    content["model"]["vocab"] = {word: str(number) for word, number in words.items()}


def _listed(content: Content) -> None:
    content["model"]["vocab"] = list(_vocabulary(content))


def _shortened(content: Content) -> None:
    how = {"direction": "Right", "max_length": 2, "strategy": "LongestFirst", "stride": 0}
    content["truncation"] = how


def _padded(content: Content) -> None:
    content["padding"] = {
        "strategy": {"Fixed": 20}, "direction": "Left", "pad_to_multiple_of": None, "pad_id": 0,
        "pad_type_id": 0, "pad_token": "<|endoftext|>",
    }  # fmt: skip


def _lowered(content: Content) -> None:
    content["normalizer"] = {"type": "Lowercase"}


def _words_only(content: Content) -> None:
    content["model"] = {"type": "WordLevel", "vocab": _vocabulary(content), "unk_token": "the"}


TOKENIZER: dict[str, Form] = {
    **forms(
        "tokenizer", REFUSED,
        _words("number_beyond", _beyond),
        _words("numbers_as_text", _texts),
        _words("listed", _listed),
    ),
    **forms(
        "tokenizer", EQUAL,
        _words("vocabulary_turned", _turn),
        _words("shortened", _shortened),
        _words("padded", _padded),
    ),
    **forms(
        "tokenizer", DIFFERENT,
        _words("two_traded", _trade),
        _words("one_number_twice", _same),
        _words("lowered", _lowered),
        _words("words_only", _words_only),
    ),
}  # fmt: skip
ABOUT_TOKENS: dict[str, Form] = {
    **forms(
        "tokens", EQUAL,
        _say("padding_left", padding_side="left", truncation_side="left"),
        _say("long", model_max_length=10**30),
        _say("short", model_max_length=5),
        _say("other_class", tokenizer_class="PreTrainedTokenizerFast"),
        _say("template", chat_template="{{ raise_exception('no') }}"),
    ),
    **forms(
        "tokens", REFUSED,
        _say("of_no_length", model_max_length=0),
        _say("unknown_class", tokenizer_class="NoneSuchTokenizer"),
        _say("template_of_files", chat_template="{% include 'etc/passwd' %}", tokenizer_file=3),
    ),
    **forms("tokens", DIFFERENT, _say("begun", add_bos_token=True, bos_token="the")),
}  # fmt: skip
ABOUT_PIXELS: dict[str, Form] = {
    **forms(
        "pixels", REFUSED,
        _say("two_means", image_mean=[0.5, 0.5]),
        _say("no_spread", image_std=[0.0, 0.0, 0.0]),
        _say("size_as_text", size="32"),
        _say("size_of_zero", size={"height": 0, "width": 0}),
        _say("unknown_class", image_processor_type="NoneSuchImageProcessor"),
    ),
    **forms("pixels", EQUAL, _say("remark", odd=True), _say("colours", do_convert_rgb=True)),
    **forms(
        "pixels", DIFFERENT,
        _say("other_mean", image_mean=[0.1, 0.2, 0.3]),
        _say("one_mean", image_mean=0.25),
        _say("unscaled", do_rescale=False),
        _say("as_they_are", do_normalize=False),
        _say("other_size", size={"height": 64, "width": 64}),
        _say("shortest", size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}),
        _say("not_resized", do_resize=False),
        _say("other_filter", resample=0),
    ),
}  # fmt: skip
FORMS: dict[str, dict[str, Form]] = {
    "config.json": CONFIG,
    "tokenizer.json": TOKENIZER,
    "tokenizer_config.json": ABOUT_TOKENS,
    "preprocessor_config.json": ABOUT_PIXELS,
}
