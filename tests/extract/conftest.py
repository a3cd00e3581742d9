"""Tiny models, and a story for them to read."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from ruamel.yaml import YAML

from stages.core.params import Extract
from tests.tiny_models import WORDS, save_tiny_model

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _quiet_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Scratch of its own for every test, on the CPU."""
    for name in [name for name in os.environ if name.startswith("CONCORD_")]:
        if name != "CONCORD_DATA_MIRROR":
            monkeypatch.delenv(name)
    monkeypatch.setenv("CONCORD_DEVICE", "cpu")
    monkeypatch.setenv("CONCORD_SCRATCH", str(tmp_path / "scratch"))


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    """Tiny models gain nothing from more, and wait for one another on a busy machine."""
    torch.set_num_threads(1)


@pytest.fixture
def story(rng: np.random.Generator) -> Callable[[int], pd.DataFrame]:
    """Make the stimuli of a story of n words in two runs, four words to a TR."""

    def make(n: int) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "id": [f"word_{k:05d}" for k in range(n)],
                "text": rng.choice(WORDS, n),
                "run": np.where(np.arange(n) < n // 2, "1", "2"),
                "onset": np.arange(n) * 0.5,
                "duration": 0.5,
                "sample": [f"tr_{k // 4:05d}" for k in range(n)],
            }
        )

    return make


@pytest.fixture
def settings() -> Extract:
    """Contexts of five words, last token, attention too."""
    return Extract(presentation="context", context=5, pooling="last", attention=True)


@pytest.fixture
def params_file(tmp_path: Path, settings: Extract) -> Callable[[str], Path]:
    """Write the project's params.yaml with another model and the settings of the tests."""

    def make(model: str) -> Path:
        yaml = YAML()
        content = yaml.load(PROJECT / "params.yaml")
        content["model"] = model
        content["extract"] = settings.model_dump()
        path = tmp_path / "params.yaml"
        yaml.dump(content, path)
        return path

    return make


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Make the folder of a tiny random model: `bert`, `gpt2` or `t5`."""
    made: dict[str, Path] = {}

    def make(kind: str) -> Path:
        if kind not in made:
            made[kind] = save_tiny_model(kind, tmp_path_factory.mktemp("models") / kind)
        return made[kind]

    return make
