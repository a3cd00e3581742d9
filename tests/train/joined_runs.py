"""Trainings that several processes share, started as torchrun starts them but from one fork."""

import os
import signal
import socket
from multiprocessing import get_context
from pathlib import Path

import torch

from stages.core.names.run_name import RunName
from stages.core.params.training import TrainScene, TrainStory
from stages.core.run.errors import ConcordError
from stages.train.processes import joined_processes
from stages.train.scene.image_sources import folder_images
from stages.train.scene.scene_run import make_image_learner, train_images
from stages.train.story.language_learner import LanguageLearner
from stages.train.story.story_run import train_words

READ, LABELS = RunName("read", "", 0), RunName("labels", "", 0)


def start(folder, *jobs, count=2):
    """Do jobs in processes that know of each other; return how each of these ended."""
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {"WORLD_SIZE": count, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    shared |= {"CONCORD_SCRATCH": folder / "scratch", "TORCHELASTIC_RUN_ID": "test"}
    places = [{**shared, "RANK": rank, "LOCAL_RANK": rank} for rank in range(count)]
    begun = [context.Process(target=_be, args=(folder, place, jobs)) for place in places]
    for process in begun:
        process.start()
    for process in begun:
        process.join(60)
        process.kill()
        process.join()
    return [process.exitcode for process in begun]


def _be(folder, place, jobs):
    """Be one process; what it raises is written beside the files of its jobs."""
    os.environ.update({name: str(value) for name, value in place.items()})
    torch.set_num_threads(1)
    with joined_processes() as processes:
        for work, *about in jobs:
            try:
                work(processes, folder, *about)
            except ConcordError as error:
                (folder / f"error{place['RANK']}.txt").write_text(str(error))
                raise SystemExit(error.exit_code) from None


def words(processes, folder, name, settings):
    """Train a language model whole."""
    chosen = TrainStory.model_validate(settings)
    files = (folder / name, folder / f"{name}.csv")
    train_words(folder / "text.txt", READ, chosen, *files, processes=processes)


def other_words(processes, folder, name, settings):
    """Train a language model whose second process has another learning rate."""
    words(processes, folder, name, settings | {"lr": settings["lr"] * (1 + processes.rank)})


def killed_words(processes, folder, name, settings):
    """Kill the second process before update 7."""
    update = LanguageLearner.update

    def kill(self, step):
        if step == 7 and processes.rank == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return update(self, step)

    LanguageLearner.update = kill
    words(processes, folder, name, settings)


def images(processes, folder, name, settings):
    """Train an image network whole."""
    chosen = TrainScene.model_validate(settings)
    files = (folder / name, folder / f"{name}.csv")
    train_images(folder_images(folder / "pictures"), LABELS, chosen, *files, processes=processes)


def updates(processes, folder, name, settings, steps):
    """Take a few updates of an image network; every process writes what it has then."""
    chosen = TrainScene.model_validate(settings)
    learner, _ = make_image_learner(folder_images(folder / "pictures"), LABELS, chosen, processes)
    losses = [learner.update(step) for step in range(1, steps + 1)]
    state = {"losses": losses, **learner.state()}
    torch.save(state, Path(folder) / f"{name}{processes.rank}.pt")
