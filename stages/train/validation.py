"""The measures of any checkpoint, on a text or on labelled images."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import timm
import torch
from safetensors import SafetensorError
from timm.data import resolve_data_config
from transformers import AutoModelForCausalLM

from stages.core.nets.hardware import choose_devices
from stages.core.nets.load import load_config, load_tokenizer
from stages.core.nets.source import is_timm_folder
from stages.core.params.training import TrainScene, TrainStory
from stages.core.run.errors import InputError
from stages.core.run.files import require_file
from stages.train.scene.labelled_images import LabelledImages, check_labels, split_rows
from stages.train.scene.pixel_views import plain_view
from stages.train.scene.recognition import evaluate_classes
from stages.train.seeded import repeatable
from stages.train.story.corpus import read_text, split_text
from stages.train.story.next_token import evaluate_words
from stages.train.story.token_blocks import token_blocks
from stages.train.trainee import Measures

WEIGHTS = "model.safetensors"
DO = "Name a folder that training has written: it holds config.json and model.safetensors."


def validate_words(checkpoint: Path, text: Path, settings: TrainStory, whole: bool) -> Measures:
    """Measure a language model on the held-out part of a text, or on the whole.

    Raises
    ------
    InputError
        If the checkpoint is none of a language model, or the text is too short.
    """
    _require(checkpoint, timm_wanted=False)
    tokenizer = load_tokenizer(checkpoint)
    found = read_text(text)
    shown = found if whole else split_text(found, settings.held_out, text).held_out
    blocks = token_blocks(tokenizer, shown, settings.block, text)
    device = choose_devices()[0]
    try:
        network = AutoModelForCausalLM.from_pretrained(
            checkpoint,
            config=load_config(checkpoint),
            use_safetensors=True,
            local_files_only=True,
            dtype=torch.float32,
        )
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        raise _unreadable(checkpoint, error) from error
    with repeatable():  # as training does, so that both say the same
        return evaluate_words(network.to(device), blocks, settings.batch, device)


def validate_images(
    checkpoint: Path, images: LabelledImages, settings: TrainScene, whole: bool
) -> Measures:
    """Measure an image network on the images held out, or on all.

    It is shown them as its configuration says.

    Raises
    ------
    InputError
        If the checkpoint is none of timm's, or knows other classes.
    """
    _require(checkpoint, timm_wanted=True)
    try:
        network = timm.create_model(f"local-dir:{checkpoint}", pretrained=True)
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        raise _unreadable(checkpoint, error) from error
    check_labels(images.labels, network.num_classes, f"the images, for {checkpoint}")
    known = json.loads((checkpoint / "config.json").read_text()).get("label_names")
    if known and tuple(known) != images.classes:
        expected, got = (", ".join(names) for names in (known, images.classes))
        raise InputError("other classes", where=checkpoint, expected=expected, got=got)
    rows = np.arange(len(images.labels))
    if not whole:
        rows = split_rows(images, settings.held_out, settings.split_seed)[1]
    device, view = choose_devices()[0], plain_view(_evaluated(network))
    with repeatable():
        return evaluate_classes(
            network.to(device), images, rows, view, batch=settings.batch, device=device
        )


def _evaluated(network: Any) -> dict[str, Any]:
    return dict(resolve_data_config({}, model=network))


def _require(checkpoint: Path, timm_wanted: bool) -> None:
    """Check that a folder has a model of the right kind, and weights that are safe to open."""
    config = require_file(checkpoint / "config.json", DO)
    require_file(checkpoint / WEIGHTS, DO)
    if is_timm_folder(checkpoint) != timm_wanted:
        kinds = ("a language model of transformers", "an image network of timm")
        about = json.loads(config.read_text())
        raise InputError(
            "checkpoint of another architecture",
            where=checkpoint,
            expected=kinds[timm_wanted],
            got=about.get("architecture") or about.get("model_type"),
        )


def _unreadable(checkpoint: Path, error: Exception) -> InputError:
    got = str(error).partition("\n")[0]
    return InputError("unreadable checkpoint", where=checkpoint, got=got, do=DO)
