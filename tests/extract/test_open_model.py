import json
import shutil

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from transformers import AutoTokenizer, CLIPModel, CLIPTextModel, LlavaConfig, WhisperConfig

from stages.core.names.models import parse_model
from stages.core.nets.hardware import Hardware
from stages.core.pictures.images import open_images
from stages.core.recording.recording_files import read_stimuli
from stages.core.run.errors import ConcordError, InputError
from stages.extract.extraction import extract_story
from stages.extract.images.hidden_tower import processor_transform
from stages.extract.open_model import open_network
from stages.extract.open_transformers import _part
from stages.extract.towers import Stimuli

HARDWARE = Hardware([torch.device("cpu")], 1000, 8)


@pytest.fixture
def opened(scenery, scene_settings):
    """Open a model and give it nine images to look at."""
    recording = scenery(9)
    stimuli = read_stimuli(recording / "stimuli.parquet")
    with open_images(recording / "images.hdf5", list(stimuli["id"])) as images:
        shown = Stimuli(stimuli, images, scene_settings)
        yield lambda string: (open_network(parse_model(string, {}), shown, HARDWARE), shown)


EXPECTED = {
    "bert": ("language", "caption", "mean", [""]),
    "t5": ("language", "caption", "mean", [""]),
    "vit": ("vision", "image", "flattened", [""]),
    "convnext": ("vision", "image", "flattened", [""]),
    "clip": ("both", "image and caption", "flattened, mean", ["vision.", "language."]),
}


@pytest.mark.parametrize("kind", EXPECTED)
def test_what_a_model_is_shown(opened, tiny, kind):
    model, _ = opened(f"file:{tiny(kind)}")
    prefixes = [tower.prefix for tower in model.towers]
    found = (model.modality, model.presentation, model.pooling, prefixes)
    assert found == EXPECTED[kind]
    assert (model.tokenizer != "") == (model.modality != "vision")
    assert model.dtype == "float32"


def test_two_towers_equal_clip(opened, tiny):
    """Both networks of CLIP as transformers runs them, without this stage's code."""
    model, shown = opened(f"file:{tiny('clip')}")
    peer = CLIPModel.from_pretrained(tiny("clip")).eval()
    seer, reader = (tower.replicas()[0] for tower in model.towers)
    seen, read = (one.run(np.array([5, 2])) for one in (seer, reader))
    transform = processor_transform(tiny("clip"))
    tokenizer = AutoTokenizer.from_pretrained(tiny("clip"))
    for place, row in enumerate((5, 2)):
        with torch.no_grad():
            pixels = transform(shown.images[row])[None]
            states = peer.vision_model(pixel_values=pixels, output_hidden_states=True)
            words = tokenizer(shown.table["text"][row], return_tensors="pt")
            texts = peer.text_model(**words, output_hidden_states=True)
        for depth in range(3):
            wanted = texts.hidden_states[depth][0].numpy().mean(axis=0)
            found = read.arrays[f"layer_{depth:02d}"][place]
            np.testing.assert_allclose(found, wanted, atol=1e-5)
        width = states.hidden_states[0].numel()
        assert seen.widths == {f"layer_{depth:02d}": width for depth in range(3)}
    weights = sum(one.parameters for one in (seer, reader))
    heads = ("visual_projection", "text_projection", "logit_scale")
    rest = [value.numel() for name, value in peer.named_parameters() if name.startswith(heads)]
    assert weights == peer.num_parameters() - sum(rest)


@pytest.mark.parametrize("kind", ["bert", "vit", "clip"])
def test_twins(opened, tiny, kind):
    def run(string):
        model, _ = opened(string)
        return [tower.replicas()[0].run(np.array([0, 1])).arrays for tower in model.towers]

    one, again, other = (run(f"file:{tiny(kind)}+untrained:{seed}") for seed in (2, 2, 3))
    for mine, same, different in zip(one, again, other, strict=True):
        for name, values in mine.items():
            np.testing.assert_array_equal(values, same[name])
            assert not np.allclose(values, different[name], atol=1e-3)


def save(folder, tiny, config):
    """A configuration with the tokenizer and image processor of another model."""
    shutil.copytree(tiny("clip"), folder)
    (folder / "config.json").write_text(json.dumps(config.to_dict(), default=str))
    return f"file:{folder}+untrained"


def test_a_processor_that_cannot_be_read_is_told_in_one_line(tmp_path):
    (tmp_path / "preprocessor_config.json").write_text('{"image_processor_type": "None such"}')
    with pytest.raises(InputError, match=r"unreadable image processor in .*: got \S.*"):
        processor_transform(tmp_path)


def test_neither_image_nor_language(opened, tiny, tmp_path):
    with pytest.raises(InputError, match=r"neither an image nor a language model.*whisper"):
        opened(save(tmp_path / "ears", tiny, WhisperConfig()))


def test_text_and_images_in_one_network(opened, tiny, tmp_path):
    text = {"model_type": "llama", "hidden_size": 16, "num_hidden_layers": 1, "vocab_size": 280}
    text |= {"intermediate_size": 16, "num_attention_heads": 2, "num_key_value_heads": 2}
    vision = {"model_type": "clip_vision_model", "hidden_size": 16, "num_hidden_layers": 1}
    vision |= {"intermediate_size": 16, "num_attention_heads": 2, "image_size": 32, "patch_size": 8}
    config = LlavaConfig(text_config=text, vision_config=vision)
    model, _ = opened(save(tmp_path / "llava", tiny, config))
    assert model.modality == "both"
    for tower in model.towers:
        layers = tower.replicas()[0].run(np.array([0, 1])).arrays
        assert list(layers) == ["layer_00", "layer_01"]
        assert all(values.std() > 0 for values in layers.values())


def test_a_story_is_read_by_the_part_that_reads(tiny, story, settings, tmp_path):
    """As if that part had been saved by itself."""
    network = CLIPModel.from_pretrained(tiny("clip"))
    shutil.copytree(tiny("clip"), tmp_path / "part")
    (tmp_path / "part" / "model.safetensors").unlink()
    part = CLIPTextModel(network.config.text_config)
    own = network.text_model.state_dict()
    part.load_state_dict(
        {name: own[name.removeprefix("text_model.")] for name in part.state_dict()}
    )
    part.save_pretrained(tmp_path / "part")
    found, words = {}, story(10)
    for name, folder in (("whole", tiny("clip")), ("part", tmp_path / "part")):
        spec, out = parse_model(f"file:{folder}", {}), tmp_path / "out" / name
        assert extract_story(words, spec, settings, out) is None
        found[name] = load_file(out / "layer_02.safetensors")["activations"]
    np.testing.assert_allclose(found["whole"], found["part"], atol=1e-6)


def test_a_network_without_two_towers():
    with pytest.raises(InputError, match=r"without two towers.*expected eyes or lens, got 0"):
        _part(("eyes", "lens"))(torch.nn.Sequential(torch.nn.Linear(1, 1)))


def test_weights_that_do_not_load_are_the_model_s_fault(opened, tiny, tmp_path):
    folder = shutil.copytree(tiny("vit"), tmp_path / "vit")
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[:-100])
    model, _ = opened(f"file:{folder}")
    with pytest.raises(ConcordError, match="unreadable model"):
        model.towers[0].replicas()
