"""The numbers of an extraction cannot move unless `EXTRACTION` does.

When this fails because extraction was meant to change, raise `EXTRACTION` and record the new
numbers with `python -m tests.extract.test_extraction_version`.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stages.core.activations.activations import read_about, read_layer
from stages.core.names.models import parse_model
from stages.core.params.schema import ExtractScene, ExtractStory
from stages.core.pictures.images import write_images
from stages.core.recording.types import stimuli_digest
from stages.core.run.tables import write_table
from stages.extract.extraction import extract_scene, extract_story
from stages.extract.resume import EXTRACTION
from tests.tiny_models import WORDS, save_tiny_model

PINNED = Path(__file__).with_name("extraction_version.json")
# `normed`: with batch normalisation, whose statistics an untrained network takes of the stimuli.
KINDS = ("bert", "gpt2", "vit", "clip", "timm", "normed", "noise")


def stimuli_of(n):
    ids = [f"word_{k:03d}" for k in range(n)]
    return pd.DataFrame(
        {
            "id": ids,
            "text": [WORDS[(3 * k) % len(WORDS)] for k in range(n)],
            "run": ["1" if k < n // 2 else "2" for k in range(n)],
            "onset": np.arange(n) * 0.5,
            "duration": 0.5,
            "sample": ids,
        }
    )


def extracted(kind, folder):
    """Extract one model, and describe every layer by its moments and some of its values."""
    strings = {"timm": "timm:test_vit+untrained:0", "noise": "noise:8-16"}
    strings |= {"normed": "timm:test_efficientnet+untrained:0"}
    model = strings.get(kind) or f"file:{save_tiny_model(kind, folder / 'model')}"
    spec, stimuli, out = parse_model("tiny", {"tiny": model}), stimuli_of(23), folder / "out"
    if kind in ("bert", "gpt2"):
        settings = ExtractStory(presentation="context", context=5, pooling="last", attention=True)
        assert extract_story(stimuli, spec, settings, out) is None
    else:
        pixels = np.random.default_rng(0).integers(0, 256, (23, 40, 48, 3), dtype=np.uint8)
        write_table(folder / "recording" / "stimuli.parquet", stimuli)
        write_images(folder / "recording" / "images.hdf5", list(stimuli["id"]), pixels)
        settings = ExtractScene(
            untrained="normalised",
            vision="flattened",
            captions="first",
            prompt="{captions}",
            template="chat",
            pooling="mean",
            units=64,
            whole=0,
            seed=0,
        )
        assert extract_scene(folder / "recording", spec, settings, out) is None
    about, rows = read_about(out, stimuli_digest(stimuli))
    layers = {name: read_layer(out, name, about, len(rows)) for name in about.layers}
    return {name: _described(values.astype(float)) for name, values in layers.items()}


def _described(values):
    chosen = values[[0, 7, 22]][:, [0, -1]].ravel()
    return [float(number) for number in (values.mean(), values.std(), *chosen)]


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_move_with_the_version_only(kind, tmp_path):
    pinned = json.loads(PINNED.read_text())
    assert pinned["version"] == EXTRACTION
    found = extracted(kind, tmp_path)
    assert list(found) == list(pinned[kind])
    for name, numbers in found.items():
        assert numbers == pytest.approx(pinned[kind][name], rel=1e-3, abs=2e-5)


def record(folder):
    content = {"version": EXTRACTION}
    for kind in KINDS:
        made = extracted(kind, folder / kind)
        content[kind] = {
            name: [round(number, 6) for number in numbers] for name, numbers in made.items()
        }
    PINNED.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as temporary:
        record(Path(temporary))
