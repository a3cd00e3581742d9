"""Networks that are no row of blocks over tokens: their layers, or the one line that says why not.

Architectures whose first tries ended in a traceback, a limit that is none, or another shape.
"""

import numpy as np
import pytest
import torch
import transformers

from stages.core.activations.activations import read_about
from stages.core.names.models import parse_model
from stages.core.recording.types import stimuli_digest
from stages.extract.extraction import extract_story
from tests.tiny_models import _byte_pairs

SMALL = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "vocab_size": 300}
SMALL |= {"intermediate_size": 16}
GROUPED = SMALL | {"num_key_value_heads": 1}
SEES = {"hidden_size": 16, "image_size": 32, "patch_size": 8}
ROPE = {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 1e4}
BOTH = dict.fromkeys(("encoder_layers", "decoder_layers"), 1) | dict.fromkeys(
    ("encoder_attention_heads", "decoder_attention_heads"), 2
)
ENDS = dict.fromkeys(("pad_token_id", "bos_token_id", "eos_token_id", "decoder_start_token_id"), 0)
FUNNEL = {"block_sizes": [1, 1], "d_model": 16, "n_head": 2, "d_head": 8, "d_inner": 16}
AXES = {"axial_pos_embds_dim": (8, 8), "axial_pos_shape": (8, 8), "attn_layers": ["local"]}
REFORMER = {"attention_head_size": 8, "feed_forward_size": 16, "local_attn_chunk_length": 4}
KINDS = {
    "Whisper": {"d_model": 16, "vocab_size": 300, **BOTH, **ENDS},
    "Funnel": {"vocab_size": 300, "num_decoder_layers": 1, **FUNNEL},
    "Reformer": {"vocab_size": 300, "hidden_size": 16, **AXES, **REFORMER},
    "BigBird": {**SMALL, "block_size": 4, "num_random_blocks": 1},
    "Longformer": {**SMALL, "attention_window": 4, "max_position_embeddings": 70},
    "MPNet": {**SMALL, "max_position_embeddings": 40},
    "XLNet": {"vocab_size": 300, "d_model": 16, "n_layer": 1, "n_head": 2, "d_inner": 16},
    "Gemma3": {"text_config": {**GROUPED, "head_dim": 8}, "vision_config": {**SMALL, **SEES}},
    "Qwen2VL": {
        "text_config": {**GROUPED, "rope_parameters": ROPE},
        "vision_config": {"depth": 1, "embed_dim": 16, "num_heads": 2, **SEES},
    },
}
PARALLEL = "attention that is not from token to token"
SHAPE = "layers that are not one vector per token"
TOLD = {
    ("Whisper", False): "missing 1 required positional argument: 'input_features'",
    ("Funnel", False): "model broke in",
    ("Reformer", False): SHAPE,
    ("BigBird", True): "does not return every layer in BigBirdModel",
    ("Longformer", True): PARALLEL,
    ("MPNet", False): None,
    ("XLNet", True): None,
    ("Gemma3", True): None,
    ("Qwen2VL", True): None,
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("kind", "attention"), TOLD)
def test_what_a_story_makes_of_them(kind, attention, story, settings, tmp_path):
    config = getattr(transformers, f"{kind}Config")(**KINDS[kind])
    with torch.random.fork_rng():
        torch.manual_seed(1)
        getattr(transformers, f"{kind}Model")(config).save_pretrained(tmp_path / "model")
    _byte_pairs().save_pretrained(tmp_path / "model")
    spec, out, words = parse_model(f"file:{tmp_path / 'model'}", {}), tmp_path / "out", story(12)
    settings = settings.model_copy(update={"attention": attention})
    said = extract_story(words, spec, settings, out)
    expected = TOLD[kind, attention]
    if expected is not None:
        assert expected in said
        assert "\n" not in said
        assert not list(out.glob("*.safetensors"))
        return
    assert said is None
    about, rows = read_about(out, stimuli_digest(words))
    assert len(rows) == len(words)
    assert set(about.widths.values()) <= {16, 2 * len(about.attention_statistics)}
    assert np.isin(["layer_00", "layer_01"], list(about.widths)).all()
