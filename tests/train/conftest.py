"""Tiny texts, pictures and settings of training."""

import pytest

from stages.core.params.training import TrainScene, TrainStory
from tests.train.tiny_runs import IMAGES, WORDS, tell, write_classes


@pytest.fixture(autouse=True)
def scratch(tmp_path, monkeypatch):
    """Unfinished runs lie in the test's own folder."""
    monkeypatch.setenv("CONCORD_SCRATCH", str(tmp_path / "scratch"))
    return tmp_path / "scratch"


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
        return TrainStory.model_validate(WORDS | changes)

    return make


@pytest.fixture
def pictures(rng, tmp_path):
    """Folder of three classes of pictures: red, green and blue stripes, with noise."""
    return write_classes(tmp_path / "pictures", rng)


@pytest.fixture
def seeing():
    """Make settings of a small image network, some of them changed; `a__b` reaches into a block."""

    def make(**changes):
        tiny = dict(IMAGES)
        for key, value in changes.items():
            block, _, inner = key.partition("__")
            tiny[block] = tiny[block] | {inner: value} if inner else value
        return TrainScene.model_validate(tiny)

    return make
