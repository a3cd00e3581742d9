"""When networks of images are kept, and of what a run is made, without any training."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from stages.core.names.run_name import RunName
from stages.core.params.training import TrainScene
from stages.core.run.errors import InputError
from stages.train.processes import Processes
from stages.train.scene import scene_run as module
from stages.train.scene.labelled_images import LabelledImages
from stages.train.seeded import seeded
from tests.train.tiny_runs import IMAGES

RUN, CONTROL = RunName("labels", "", 4), RunName("shuffled", "", 4)
ONE = Processes(0, 1, torch.device("cpu"))


@pytest.fixture
def planned(monkeypatch):
    """Plan of two epochs of five updates."""
    monkeypatch.setattr(module, "make_image_learner", lambda *_: ("learner", 5))
    monkeypatch.setattr(module, "about_run", lambda *_: {"a": 1})
    monkeypatch.setattr(module, "train", lambda learner, plan, *_: plan)

    def plan(keep, epochs):
        settings = SimpleNamespace(epochs=2, keep=keep, keep_epochs=epochs)
        return module.train_images(None, RUN, settings, Path("out"), Path("curves"), processes=ONE)

    return plan


def test_updates_are_kept_once_in_their_order(planned):
    plan = planned([10, 3, 5], [1, 0])
    assert (plan.steps, list(plan.keep), plan.about) == (10, [0, 3, 5, 10], {"a": 1})
    assert list(planned([], []).keep) == []


@pytest.mark.parametrize(("keep", "epochs", "got"), [([11, 2], [], 11), ([], [3], 15)])
def test_an_update_after_the_last_is_refused(planned, keep, epochs, got):
    with pytest.raises(InputError, match=f"at most 10, 2 epochs of 5 updates, got {got}"):
        planned(keep, epochs)


@pytest.mark.parametrize(("run", "dealt"), [(RUN, False), (CONTROL, True)])
def test_a_learner_is_made_of_the_training_images(monkeypatch, run, dealt):
    images = LabelledImages(("a", "b"), np.array([0, 1, 0, 1, 1, 0]), None, "d")
    other = np.array([1, 0, 1, 0, 0, 1])
    monkeypatch.setattr(module, "split_rows", lambda *_: (np.arange(5), np.array([5])))
    monkeypatch.setattr(module, "shuffle_labels", lambda labels, rows, seed: other)
    monkeypatch.setattr(module, "make_classifier", lambda settings, n: (n, float(torch.rand(1))))
    monkeypatch.setattr(module, "ImageLearner", lambda *given, **named: (given, named))
    settings = SimpleNamespace(batch=2, held_out=0.1, split_seed=0)
    (given, named), per_epoch = module.make_image_learner(images, run, settings, ONE)
    assert per_epoch == 2
    with seeded(4, 0):
        assert given[0] == (2, float(torch.rand(1)))
    assert given[1].labels.tolist() == (other if dealt else images.labels).tolist()
    assert (given[2].tolist(), given[3].tolist(), named["seed"]) == ([0, 1, 2, 3, 4], [5], 4)
    settings.batch = 5
    assert module.make_image_learner(images, run, settings, ONE)[1] == 1
    settings.batch = 6
    with pytest.raises(InputError, match="fewer training images .*at most 5, got 6"):
        module.make_image_learner(images, run, settings, ONE)


def test_a_run_is_all_that_determines_its_weights_and_not_what_other_runs_there_are():
    settings = TrainScene.model_validate(IMAGES)
    about = module.about_run(SimpleNamespace(digest="d"), CONTROL, settings)
    assert (about["run"], about["images"]) == ("shuffled-4", "d")
    assert not [name for name in about if name.startswith("runs")]
    assert about["batch"] == settings.batch


def test_without_others_a_process_is_alone(monkeypatch):
    asked = []
    monkeypatch.setattr(module, "alone", lambda: "alone")
    monkeypatch.setattr(module, "make_image_learner", lambda *given: (asked.append(given[3]), 5))
    monkeypatch.setattr(module, "about_run", lambda *_: {})
    monkeypatch.setattr(module, "train", lambda *_: [])
    settings = SimpleNamespace(epochs=2, keep=[], keep_epochs=[])
    for given in (None, ONE):
        module.train_images(None, RUN, settings, Path("out"), Path("c"), processes=given)
    assert asked == ["alone", ONE]
