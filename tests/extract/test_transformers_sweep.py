"""Architectures of transformers with tiny random weights: layers, or one line that says why not."""

import numpy as np
import pytest
import torch
from transformers import AutoModel, ViTImageProcessor
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from stages.core.names.models import parse_model
from stages.extract.extraction import extract_scene, extract_story
from tests.sweep_page import note
from tests.tiny_models import LIMIT, PIXELS, _byte_pairs

WIDTHS = ("hidden_size", "d_model", "n_embd", "embed_dim", "dim", "emb_dim", "embedding_size")
HEADS = ("num_attention_heads", "n_head", "n_heads", "num_heads", "num_key_value_heads")
HEADS += ("encoder_attention_heads", "decoder_attention_heads")
BLOCKS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers", "num_encoder_layers")
BLOCKS += ("encoder_layers", "decoder_layers", "num_decoder_layers")
INNER = ("intermediate_size", "ffn_dim", "d_ff", "encoder_ffn_dim", "decoder_ffn_dim", "n_inner")
SIZES = dict.fromkeys(WIDTHS, 32) | dict.fromkeys((*HEADS, *BLOCKS), 2) | dict.fromkeys(INNER, 64)
SIZES |= {"d_kv": 16, "head_dim": 16, "image_size": PIXELS, "patch_size": 8, "vocab_size": 300}
SIZES |= {"max_position_embeddings": 2 * LIMIT, "n_positions": 2 * LIMIT, "num_experts": 4}
MOST = 4e7  # weights
SHOWN = ("pixel_values", "input_ids")
ODD = ("fnet", "vit_mae", "xlnet", "sam_vision_model", "longt5", "llava", "canine")
ALL = sorted(CONFIG_MAPPING)
SAMPLE = sorted({*ODD, *np.random.default_rng(16).choice(ALL, 14).tolist()})
ALONE = "another result for the same stimulus by itself"
EXPECTED = {"fnet": ALONE, "vit_mae": ALONE, "xlnet": None, "sam_vision_model": None}


def tiny_config(kind):
    """Shrink what a configuration declares."""
    declared = kind().to_dict()
    sizes = {name: size for name, size in SIZES.items() if type(declared.get(name)) is int}
    tokens = [name for name in declared if name.endswith("_token_id")]
    sizes |= {name: 0 for name in tokens if (declared[name] or 0) in range(300, 10**9)}
    config = kind(**sizes)
    for part in ("text_config", "vision_config"):
        if getattr(config, part, None) is not None:
            setattr(config, part, tiny_config(type(getattr(config, part))))
    return config


def saved(name, folder):
    """Save a tiny network, and say what it is shown; what cannot be made so small is not tried."""
    try:
        kind = CONFIG_MAPPING[name]
        if kind not in AutoModel._model_mapping:
            pytest.skip("a part of others, which AutoModel does not make")
        config = tiny_config(kind)
        with torch.device("meta"):
            planned = AutoModel.from_config(config)
        if planned.main_input_name not in SHOWN:
            pytest.skip(f"shown {planned.main_input_name}")
        if sum(one.numel() for one in planned.parameters()) > MOST:
            pytest.skip(f"more than {MOST / 1e6:g} million weights")
        with torch.random.fork_rng():
            torch.manual_seed(1)
            AutoModel.from_config(config).save_pretrained(folder)
    except Exception as error:
        pytest.skip(f"not made so small: {type(error).__name__}")
    _byte_pairs().save_pretrained(folder)
    ViTImageProcessor(size={"height": PIXELS, "width": PIXELS}).save_pretrained(folder)
    return planned.main_input_name


@pytest.fixture
def try_one(request, scenery, scene_settings, tmp_path, record_property):
    """Show a network all that it may take; there is a line to say, or nothing."""

    def run(name):
        note(record_property, "transformers", "", name)
        shown = saved(name, tmp_path / "model")
        spec = parse_model("tiny", {"tiny": f"file:{tmp_path / 'model'}"})
        pooled = scene_settings.model_copy(update={"vision": "pooled"})
        told = {"scene": extract_scene(scenery(5), spec, pooled, tmp_path / "scene")}
        if shown == "input_ids":
            asked = request.getfixturevalue
            stimuli, settings = asked("story")(9), asked("settings")
            told["story"] = extract_story(stimuli, spec, settings, tmp_path / "story")
        note(record_property, "transformers", "", name, **told)
        for study, line in told.items():
            layers = list((tmp_path / study).glob("*.safetensors"))
            assert bool(layers) == (line is None)
            assert "\n" not in (line or "")
        expected = EXPECTED.get(name, "")
        scene = told["scene"]
        assert scene is None if expected is None else expected in (scene or "")

    return run


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SAMPLE)
def test_some_architectures(name, try_one):
    try_one(name)


@pytest.mark.nightly
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ALL)
def test_every_architecture(name, try_one):
    try_one(name)
