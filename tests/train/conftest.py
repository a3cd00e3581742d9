"""Tiny texts, pictures and settings of training."""

import numpy as np
import pytest
from PIL import Image
from ruamel.yaml import YAML

from stages.core.params.training import TrainScene, TrainStory
from tests.conftest import PROJECT

SUBJECTS, VERBS, OBJECTS = ("witch", "boy", "owl"), ("saw", "took", "lost"), ("broom", "hat", "key")


@pytest.fixture(autouse=True)
def scratch(tmp_path, monkeypatch):
    """Unfinished runs lie in the test's own folder."""
    monkeypatch.setenv("CONCORD_SCRATCH", str(tmp_path / "scratch"))
    return tmp_path / "scratch"


def params(section):
    """Sections of params.yaml as they stand."""
    return YAML(typ="safe").load(PROJECT / "params.yaml")["train"][section]


def tell(rng, n_lines):
    """A text with an order of words: who did what."""
    return "".join(
        f"the {rng.choice(SUBJECTS)} {rng.choice(VERBS)} a {rng.choice(OBJECTS)} .\n"
        for _ in range(n_lines)
    )


@pytest.fixture
def text(rng, tmp_path):
    """A file with such a text."""
    path = tmp_path / "text.txt"
    path.write_text(tell(rng, 900))
    return path


@pytest.fixture
def words():
    """Make settings of a tiny language model, some of them changed."""

    def make(**changes):
        tiny = {
            "sizes": {"tiny": {"layers": 2, "width": 32, "heads": 2}},
            "vocabulary": 320,
            "block": 16,
            "batch": 8,
            "steps": 12,
            "keep": [0, 1, 4],
            "lr": 0.01,
            "held_out": 0.1,
        }
        return TrainStory.model_validate(params("story") | tiny | changes)

    return make


@pytest.fixture
def pictures(rng, tmp_path):
    """Folder of three classes of pictures: red, green and blue stripes, with noise."""
    for channel, name in enumerate(("red", "green", "blue")):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for k in range(12):
            pixels = rng.integers(0, 60, (40, 40, 3))
            pixels[:, :: channel + 2, channel] += 180
            file = tmp_path / "pictures" / name / f"{k}.png"
            Image.fromarray(pixels.astype(np.uint8)).save(file)
    return tmp_path / "pictures"


@pytest.fixture
def seeing():
    """Make settings of a small image network, some of them changed; `a.b` reaches into a block."""

    def make(**changes):
        tiny = params("scene") | {
            "model": "test_efficientnet",
            "size": 32,
            "batch": 8,
            "epochs": 3,
            "keep": [0, 1, 4],
            "held_out": 0.25,
        }
        for key, value in changes.items():
            block, _, inner = key.partition("__")
            tiny[block] = tiny[block] | {inner: value} if inner else value
        return TrainScene.model_validate(tiny)

    return make
