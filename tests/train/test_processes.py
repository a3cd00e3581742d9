import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from stages.core.params.training import TrainScene, TrainStory
from stages.core.run.errors import ConcordError, InputError
from stages.train import processes as room
from stages.train.processes import Processes, alone, joined_processes
from stages.train.scene.image_sources import folder_images
from stages.train.scene.scene_run import make_image_learner, train_images
from stages.train.story.story_run import train_words
from tests.train.joined_runs import (
    LABELS,
    READ,
    images,
    killed_words,
    other_words,
    start,
    updates,
    words,
)
from tests.train.tiny_runs import IMAGES, tell, write_classes
from tests.train.tiny_runs import WORDS as ADAM

pytestmark = pytest.mark.slow
CPU = torch.device("cpu")
# Or AdamW makes steps of the rounding of gradients that are 0, as those of the biases of keys are.
WORDS = ADAM | {"eps": 1e-3}
WITHOUT_CHANCE = IMAGES | {"drop": 0.0, "drop_path": 0.0}
TOLERANCE = 1e-5
# A network whose images do not know of each other.
APART = WITHOUT_CHANCE | {"model": "test_vit", "epochs": 2}


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Folder with what two processes have made."""
    folder = tmp_path_factory.mktemp("pair")
    rng = np.random.default_rng(0)
    (folder / "text.txt").write_text(tell(rng, 900))
    write_classes(folder / "pictures", rng)
    jobs = [
        (words, "words", WORDS),
        (images, "images", APART),
        (updates, "norms", WITHOUT_CHANCE, 1),
        (updates, "chance", IMAGES, 3),
    ]
    assert start(folder, *jobs) == [0, 0]
    return folder


def _same(one, other, **tolerance):
    files = sorted(path.relative_to(one) for path in one.rglob("*.safetensors"))
    assert files
    for path in files:
        torch.testing.assert_close(load_file(one / path), load_file(other / path), **tolerance)


def test_two_processes_learn_the_words_that_one_does(pair, tmp_path):
    train_words(
        pair / "text.txt", READ, TrainStory.model_validate(WORDS), tmp_path / "one", tmp_path / "c"
    )
    _same(tmp_path / "one", pair / "words", rtol=0, atol=TOLERANCE)
    both = pd.read_csv(tmp_path / "c"), pd.read_csv(pair / "words.csv")
    pd.testing.assert_frame_equal(*both, rtol=1e-4)


def test_two_processes_learn_the_images_that_one_does(pair, tmp_path):
    """Augmented, erased and averaged: an image is the same, whoever shows it."""
    settings, shown = TrainScene.model_validate(APART), folder_images(pair / "pictures")
    train_images(shown, LABELS, settings, tmp_path / "one", tmp_path / "c")
    assert len(list((pair / "images").glob("step*/ema/model.safetensors"))) == 4
    _same(tmp_path / "one", pair / "images", rtol=0, atol=TOLERANCE)


def test_running_statistics_are_means_over_the_parts(pair):
    """Each part by itself, alone, from the same first weights."""
    settings, shown = TrainScene.model_validate(WITHOUT_CHANCE), folder_images(pair / "pictures")
    parts = []
    for rank in range(2):

        class Half(Processes):
            def average(self, values):
                """Nothing: the other is not there."""

        learner, _ = make_image_learner(shown, LABELS, settings, Half(rank, 2, CPU))
        loss = learner.update(1)
        parts.append((loss, learner.state()["network"]))
    joined = torch.load(pair / "norms0.pt", weights_only=True)
    assert joined["losses"][0] == pytest.approx((parts[0][0] + parts[1][0]) / 2, abs=1e-6)
    names = [name for name in joined["network"] if name.endswith(("_mean", "_var"))]
    apart = set()
    for name in names:
        first, second = (state[name] for _, state in parts)
        apart.add(not torch.allclose(first, second, atol=1e-3))
        torch.testing.assert_close(joined["network"][name], (first + second) / 2)
        torch.testing.assert_close(joined["average"][name], (first + second) / 2)
    assert True in apart


@pytest.mark.parametrize("name", ["norms", "chance"])
def test_processes_end_alike(pair, name):
    """Bit by bit, or the first one's state would not be everybody's."""
    first, second = (torch.load(pair / f"{name}{k}.pt", weights_only=True) for k in range(2))
    torch.testing.assert_close(first, second, rtol=0, atol=0)


def test_dropout_is_not_the_same_in_both_parts(pair):
    """What is drawn in a part belongs to seed, update and part."""
    settings, shown = TrainScene.model_validate(IMAGES), folder_images(pair / "pictures")
    losses = set()
    for draws in range(2):

        class Drawing(Processes):
            part = staticmethod(lambda rows: rows[:4])
            average = staticmethod(lambda values: None)

        learner, _ = make_image_learner(shown, LABELS, settings, Drawing(draws, 2, CPU))
        losses.add(learner.update(1))
    assert len(losses) == 2


def test_a_killed_process_ends_all_and_the_run_goes_on(pair):
    assert start(pair, (killed_words, "killed", WORDS)) == [1, -9]
    told = (pair / "error0.txt").read_text()
    assert told.startswith("another process of the training is gone: got ")
    assert not (pair / "killed").exists()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONCORD_SCRATCH", str(pair / "scratch"))
        with pytest.raises(InputError, match=r"another run .*: got processes was 2, is nothing\."):
            words(alone(), pair, "killed", WORDS)
    assert start(pair, (words, "killed", WORDS)) == [0, 0]
    _same(pair / "words", pair / "killed", rtol=0, atol=0)
    assert (pair / "killed.csv").read_text() == (pair / "words.csv").read_text()


def test_processes_of_different_runs_do_not_train_one_network(pair):
    assert start(pair, (other_words, "other", WORDS)) == [1, 1]
    for rank in range(2):
        told = (pair / f"error{rank}.txt").read_text()
        assert told.startswith("process of another run in process 1: got lr was 0.01, is 0.02. ")
    assert not (pair / "other").exists()


def test_a_batch_that_cannot_be_shared_is_refused(pair):
    three = Processes(0, 3, CPU)
    with pytest.raises(InputError, match=r"story.batch: expected a multiple of the 3 .* got 8"):
        words(three, pair, "three", WORDS)
    with pytest.raises(InputError, match=r"scene.batch: expected a multiple of the 3 .* got 8"):
        images(three, pair, "three", APART)


def test_parts_make_up_the_batch():
    rows = np.random.default_rng(0).permutation(12)
    parts = [Processes(rank, 4, CPU).part(rows) for rank in range(4)]
    assert [len(part) for part in parts] == [3] * 4
    assert np.concatenate(parts).tolist() == rows.tolist()


def test_without_torchrun_there_is_one():
    with joined_processes() as processes:
        assert processes == alone()
    assert (processes.rank, processes.count, processes.about) == (0, 1, {})


def test_processes_have_devices_of_their_own(monkeypatch):
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "test")
    monkeypatch.setenv("LOCAL_RANK", "1")
    monkeypatch.setattr(room, "choose_devices", lambda: [torch.device("meta")])
    with (
        pytest.raises(ConcordError, match=r"more processes than devices .* at most 1 on a mach"),
        joined_processes(),
    ):
        pass
