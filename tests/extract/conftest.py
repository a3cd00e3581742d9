"""Tiny models, and a story for them to read."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from ruamel.yaml import YAML

from stages.core.params.schema import ExtractScene, ExtractStory
from stages.core.pictures.images import write_images
from stages.core.run.tables import write_table
from tests.conftest import PROJECT
from tests.tiny_models import WORDS, save_tiny_model


@pytest.fixture(autouse=True)
def _quiet_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Scratch of its own for every test, on the CPU."""
    for name in [name for name in os.environ if name.startswith("CONCORD_")]:
        if name not in ("CONCORD_DATA_MIRROR", "CONCORD_JOBS"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("CONCORD_DEVICE", "cpu")
    monkeypatch.setenv("CONCORD_SCRATCH", str(tmp_path / "scratch"))


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """Tiny models gain nothing from more, and wait for one another on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


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
def settings() -> ExtractStory:
    """Contexts of five words, last token, attention too."""
    return ExtractStory(presentation="context", context=5, pooling="last", attention=True)


@pytest.fixture
def params_file(tmp_path: Path, settings: ExtractStory) -> Callable[[str], Path]:
    """Write the project's params.yaml with another model, `tiny`, and the settings of the tests."""

    def make(model: str) -> Path:
        yaml = YAML()
        content = yaml.load(PROJECT / "params.yaml")
        content["models"]["tiny"] = model
        content["model"] = "tiny"
        content["story"]["extract"] = settings.model_dump()
        path = tmp_path / "params.yaml"
        yaml.dump(content, path)
        return path

    return make


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Make the folder of a tiny random model, of the kinds that `save_tiny_model` knows."""
    made: dict[str, Path] = {}

    def make(kind: str) -> Path:
        if kind not in made:
            made[kind] = save_tiny_model(kind, tmp_path_factory.mktemp("models") / kind)
        return made[kind]

    return make


@pytest.fixture
def scene_settings() -> ExtractScene:
    """Flattened images, the mean over a caption's tokens, layers wider than 64 projected."""
    return ExtractScene(
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


@pytest.fixture
def scenery(rng: np.random.Generator, tmp_path: Path) -> Callable[[int], Path]:
    """Write a recording of n images of 40 × 48 pixels, each with a caption of some words."""

    def make(n: int) -> Path:
        folder = tmp_path / "recording"
        captions = [" ".join(rng.choice(WORDS, rng.integers(1, 9))) for _ in range(n)]
        ids = [f"image_{k:03d}" for k in range(n)]
        stimuli = pd.DataFrame(
            {
                "id": ids,
                "text": captions,
                "run": "1",
                "onset": np.arange(n) * 4.0,
                "duration": 3.0,
                "sample": ids,
            }
        )
        write_table(folder / "stimuli.parquet", stimuli)
        pictures = rng.integers(0, 256, (n, 40, 48, 3), dtype=np.uint8)
        write_images(folder / "images.hdf5", ids, pictures)
        return folder

    return make


@pytest.fixture
def zoo_file(tmp_path: Path, scene_settings: ExtractScene) -> Callable[[str], Path]:
    """Write the project's params.yaml with one more model in the zoo, `tiny`."""

    def make(model: str) -> Path:
        yaml = YAML()
        content = yaml.load(PROJECT / "params.yaml")
        content["models"]["tiny"] = model
        content["zoo"].append("tiny")
        content["scene"]["extract"] = scene_settings.model_dump()
        path = tmp_path / "params.yaml"
        yaml.dump(content, path)
        return path

    return make


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is only tried when it is asked for."""
    if "nightly" not in str(config.getoption("markexpr")):
        late = [item for item in items if item.get_closest_marker("nightly")]
        config.hook.pytest_deselected(items=late)
        items[:] = [item for item in items if item not in late]
