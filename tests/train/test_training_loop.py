import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from ruamel.yaml import YAML
from safetensors.torch import load_file

from stages.core.names.run_name import RunName
from stages.core.run.errors import ConcordError, InputError
from stages.core.run.files import sha256
from stages.train.processes import alone
from stages.train.scene.image_learner import ImageLearner
from stages.train.scene.image_sources import folder_images
from stages.train.scene.scene_run import train_images
from stages.train.story.corpus import read_text, split_text
from stages.train.story.language_learner import LanguageLearner
from stages.train.story.story_run import about_run, make_learner, train_words
from stages.train.training_loop import Plan, train
from stages.train.unfinished import differences, flatten, load_state, save_state, work_folder
from tests.conftest import PROJECT

READ = RunName("read", "", 0)


def weights(folder):
    """Digest of every file below a folder, by path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256(path) for path in files}


class CutError(Exception):
    """Stands for a kill between two updates."""


@contextmanager
def cut_at(monkeypatch, learner, step):
    """Within the block, a learner stops before update `step`."""
    update = learner.update

    def cut(self, number):
        if number == step:
            raise CutError
        return update(self, number)

    with monkeypatch.context() as patch:
        patch.setattr(learner, "update", cut)
        yield


@pytest.mark.parametrize("step", [1, 3, 7, 12])
def test_a_run_cut_anywhere_ends_with_the_same_words(text, words, tmp_path, monkeypatch, step):
    train_words(text, READ, words(), tmp_path / "whole", tmp_path / "whole.csv")
    with cut_at(monkeypatch, LanguageLearner, step), pytest.raises(CutError):
        train_words(text, READ, words(), tmp_path / "cut", tmp_path / "cut.csv")
    assert not (tmp_path / "cut").exists()
    train_words(text, READ, words(), tmp_path / "cut", tmp_path / "cut.csv")
    assert weights(tmp_path / "cut") == weights(tmp_path / "whole")
    assert (tmp_path / "cut.csv").read_text() == (tmp_path / "whole.csv").read_text()
    assert not work_folder(tmp_path / "cut").exists()


def test_every_state_on_disk_is_one_to_go_on_from(text, words, tmp_path):
    """Half of the run is gone on with from a state that no checkpoint belongs to."""
    train_words(text, READ, words(), tmp_path / "whole", tmp_path / "whole.csv")
    settings = words()
    corpus = split_text(read_text(text), settings.held_out, text)
    about = about_run(corpus, READ, settings)

    class Halting(LanguageLearner):
        def update(self, step):
            if step == 7:
                raise CutError
            return super().update(step)

    learner = make_learner(corpus, READ, settings, text, alone())
    learner.__class__ = Halting
    plan = Plan(settings.steps, settings.keep, about)
    with pytest.raises(CutError):
        train(learner, plan, tmp_path / "cut", tmp_path / "cut.csv", interval=0.0)
    assert load_state(work_folder(tmp_path / "cut"), about)["step"] == 6
    train_words(text, READ, settings, tmp_path / "cut", tmp_path / "cut.csv")
    assert weights(tmp_path / "cut") == weights(tmp_path / "whole")
    assert (tmp_path / "cut.csv").read_text() == (tmp_path / "whole.csv").read_text()


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
def test_a_run_of_images_cut_in_half_ends_with_the_same(
    pictures, seeing, tmp_path, monkeypatch, precision
):
    settings, images = seeing(precision=precision, calibration=8), folder_images(pictures)
    run = RunName("labels", "", 0)
    train_images(images, run, settings, tmp_path / "whole", tmp_path / "whole.csv")
    with cut_at(monkeypatch, ImageLearner, 6), pytest.raises(CutError):
        train_images(images, run, settings, tmp_path / "cut", tmp_path / "cut.csv")
    train_images(images, run, settings, tmp_path / "cut", tmp_path / "cut.csv")
    assert weights(tmp_path / "cut") == weights(tmp_path / "whole")


@pytest.mark.slow
def test_a_killed_process_goes_on(text, words, tmp_path):
    """Killed while it works, again and again, by a signal that cannot be caught."""
    content = YAML(typ="safe").load(PROJECT / "params.yaml")
    content["train"]["story"] |= words(steps=150, keep=list(range(0, 150, 10))).model_dump()
    YAML().dump(content, tmp_path / "params.yaml")

    def start(out):
        command = ["-m", "stages.train", "story", "--text", text, "--run", "read-0", "--out", out]
        files = ["--curves", f"{out}.csv", "--params", tmp_path / "params.yaml"]
        return subprocess.Popen(
            [sys.executable, *map(str, [*command, *files])],
            cwd=PROJECT,
            env=os.environ | {"CONCORD_SCRATCH": str(tmp_path / "scratch")},
            stderr=subprocess.PIPE,
        )

    state = work_folder(tmp_path / "killed") / "state.pt"
    kills = 0
    for _ in range(2):
        begun, before = start(tmp_path / "killed"), state.stat().st_mtime_ns if kills else 0
        while begun.poll() is None:
            if state.exists() and state.stat().st_mtime_ns != before:
                time.sleep(0.05)
                begun.send_signal(signal.SIGKILL)
                kills += 1
                break
            time.sleep(0.005)
        begun.communicate()
    assert kills == 2
    _, said = (last := start(tmp_path / "killed")).communicate()
    assert last.returncode == 0, said
    assert b"going on after update" in said
    settings = words(steps=150, keep=list(range(0, 150, 10)))
    train_words(text, READ, settings, tmp_path / "whole", tmp_path / "whole.csv")
    assert weights(tmp_path / "killed") == weights(tmp_path / "whole")


def test_other_parameters_do_not_go_on(text, words, tmp_path, monkeypatch):
    with cut_at(monkeypatch, LanguageLearner, 5), pytest.raises(CutError):
        train_words(text, READ, words(), tmp_path / "run", tmp_path / "run.csv")
    with pytest.raises(InputError, match=r"another run is unfinished in .*: got lr was 0.01, is "):
        train_words(text, READ, words(lr=0.02), tmp_path / "run", tmp_path / "run.csv")
    text.write_text(text.read_text() + "the end .\n")
    with pytest.raises(InputError, match=r"got text was [0-9a-f]{64}, is [0-9a-f]{64}\. Set back"):
        train_words(text, READ, words(), tmp_path / "run", tmp_path / "run.csv")


def test_differences_are_named():
    before, now = flatten({"a": {"b": 1, "c": 2}, "d": [1]}), flatten({"a": {"b": 3}, "d": [1]})
    assert differences(before, now) == ["a.b was 1, is 3", "a.c was 2, is nothing"]


def test_a_state_is_data(tmp_path):
    class Payload:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "run"),)

    save_state(tmp_path, {}, {"step": 1, "trainee": Payload()})
    with pytest.raises(InputError, match="unreadable state of training"):
        load_state(tmp_path, {})
    assert not (tmp_path / "run").exists()
    (tmp_path / "state.pt").write_bytes(b"cut")
    with pytest.raises(InputError, match="unreadable state of training"):
        load_state(tmp_path, {})


def test_no_number_stops_it(text, words, tmp_path, monkeypatch):
    monkeypatch.setattr(LanguageLearner, "update", lambda self, step: float("nan"))
    with pytest.raises(ConcordError, match="training diverged in update 1: expected a finite"):
        train_words(text, READ, words(), tmp_path / "run", tmp_path / "run.csv")
    assert not (tmp_path / "run").exists()


def test_a_curve_has_the_mean_loss_since_the_row_before(text, words, tmp_path, monkeypatch):
    monkeypatch.setattr(LanguageLearner, "update", lambda self, step: float(step))
    train_words(text, READ, words(), tmp_path / "run", tmp_path / "run.csv")
    with (tmp_path / "run.csv").open() as file:
        losses = {row["step"]: row["loss"] for row in csv.DictReader(file)}
    assert losses == {"0": "", "1": "1.0", "4": "3.0", "12": "8.5"}


def test_a_checkpoint_lost_on_the_way_is_missed(text, words, tmp_path, monkeypatch):
    """Somebody tidies the folder of unfinished work, and the run goes on."""
    with cut_at(monkeypatch, LanguageLearner, 7), pytest.raises(CutError):
        train_words(text, READ, words(), tmp_path / "out", tmp_path / "out.csv")
    shutil.rmtree(work_folder(tmp_path / "out") / "step1")
    with pytest.raises(ConcordError, match=r"checkpoint lost in training.*step1"):
        train_words(text, READ, words(), tmp_path / "out", tmp_path / "out.csv")
    assert not (tmp_path / "out").exists()


def test_an_earlier_run_is_replaced_whole(text, words, tmp_path):
    (tmp_path / "run" / "step99").mkdir(parents=True)
    train_words(text, READ, words(), tmp_path / "run", tmp_path / "run.csv")
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == [
        "step0", "step1", "step12", "step4"
    ]  # fmt: skip
    first, last = (
        load_file(tmp_path / "run" / step / "model.safetensors") for step in ("step0", "step12")
    )
    assert any((first[name] != last[name]).any() for name in first)
    assert json.loads((tmp_path / "run" / "step0" / "evaluation.json").read_text()).keys() == {
        "heldout_loss", "heldout_accuracy"
    }  # fmt: skip


def test_nothing_but_a_run_is_replaced(text, words, tmp_path):
    (tmp_path / "run" / "thesis").mkdir(parents=True)
    with pytest.raises(InputError, match=r"not a folder of checkpoints in .*run.*got thesis"):
        train_words(text, READ, words(), tmp_path / "run", tmp_path / "run.csv")
    with pytest.raises(InputError, match="got a file"):
        train_words(text, READ, words(), text, tmp_path / "run.csv")
    assert (tmp_path / "run" / "thesis").is_dir()
