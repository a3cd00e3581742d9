"""Architectures of transformers with tiny random weights: layers, or one line that says why not."""

import numpy as np
import pytest
import torch
from transformers import AutoModel, ViTImageProcessor
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from stages.core.names.models import parse_model
from stages.extract.extraction import extract_scene, extract_story
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
    """Save a tiny network; None where there is none, or none so small."""
    try:
        kind = CONFIG_MAPPING[name]
        shown = AutoModel._model_mapping[kind].main_input_name
        config = tiny_config(kind)
        with torch.device("meta"):
            weights = sum(one.numel() for one in AutoModel.from_config(config).parameters())
        if shown not in SHOWN or weights > MOST:
            return None
        with torch.random.fork_rng():
            torch.manual_seed(1)
            AutoModel.from_config(config).save_pretrained(folder)
    except Exception:  # what cannot be made cannot be tried
        return None
    _byte_pairs().save_pretrained(folder)
    ViTImageProcessor(size={"height": PIXELS, "width": PIXELS}).save_pretrained(folder)
    return shown


@pytest.fixture
def try_one(scenery, story, scene_settings, settings, tmp_path):
    """Show a network all that it may take; there is a line to say, or nothing."""

    def run(name):
        shown = saved(name, tmp_path / "model")
        if shown is None:
            pytest.skip(f"no tiny {name}")
        spec = parse_model("tiny", {"tiny": f"file:{tmp_path / 'model'}"})
        pooled = scene_settings.model_copy(update={"vision": "pooled"})
        told = [extract_scene(scenery(5), spec, pooled, tmp_path / "scene")]
        if shown == "input_ids":
            told.append(extract_story(story(9), spec, settings, tmp_path / "story"))
        for line, study in zip(told, ("scene", "story"), strict=False):
            layers = list((tmp_path / study).glob("*.safetensors"))
            assert bool(layers) == (line is None)
            assert "\n" not in (line or "")
        expected = EXPECTED.get(name, "")
        assert told[0] is None if expected is None else expected in (told[0] or "")

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
