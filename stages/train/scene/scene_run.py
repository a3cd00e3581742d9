"""One training run of an image network, from labelled images to its checkpoints."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import timm
import torch
import torchvision

from stages.core.names.run_name import RunName
from stages.core.params.training import TrainScene
from stages.core.run.errors import InputError
from stages.train.learning_curve import Row
from stages.train.processes import Processes, alone
from stages.train.scene.image_learner import ImageLearner
from stages.train.scene.labelled_images import (
    LabelledImages,
    check_labels,
    shuffle_labels,
    split_rows,
)
from stages.train.scene.timm_parts import make_classifier
from stages.train.seeded import seeded
from stages.train.training_loop import Plan, train
from stages.train.unfinished import flatten


def train_images(
    images: LabelledImages,
    run: RunName,
    settings: TrainScene,
    out: Path,
    curves: Path,
    *,
    processes: Processes | None = None,
) -> list[Row]:
    """Train an image network; the control, on labels dealt at random among the training images.

    Either is measured on the same held-out images, by their own labels. Without `processes` this
    one trains alone.

    Raises
    ------
    InputError
        If there are too few images, timm has no such model, a kept update never comes, processes
        cannot share a batch, or an unfinished run had other parameters.
    ConcordError
        If training diverged, or another process is gone.
    """
    learner, per_epoch = make_image_learner(images, run, settings, processes or alone())
    steps = settings.epochs * per_epoch
    keep = sorted({*settings.keep, *(epoch * per_epoch for epoch in settings.keep_epochs)})
    if keep and keep[-1] > steps:
        where = "params.yaml: train.scene.keep"
        expected = f"at most {steps}, {settings.epochs} epochs of {per_epoch} updates"
        raise InputError("update that never comes", where=where, expected=expected, got=keep[-1])
    return train(learner, Plan(steps, keep, about_run(images, run, settings)), out, curves)


def make_image_learner(
    images: LabelledImages,
    run: RunName,
    settings: TrainScene,
    processes: Processes,
) -> tuple[ImageLearner, int]:
    """Make the network of a run before its first update; return the updates of an epoch too."""
    processes.check_batch(settings.batch, "params.yaml: train.scene.batch")
    check_labels(images.labels, len(images.classes), "the images")
    rows, held_out = split_rows(images, settings.held_out, settings.split_seed)
    if len(rows) < settings.batch:
        raise InputError(
            "fewer training images than a batch",
            where="params.yaml: train.scene.batch",
            expected=f"at most {len(rows)}",
            got=settings.batch,
        )
    if run.shuffled:
        images = replace(images, labels=shuffle_labels(images.labels, rows, run.seed))
    with seeded(run.seed, 0):
        network = make_classifier(settings, len(images.classes))
    learner = ImageLearner(
        network,
        images,
        rows,
        held_out,
        settings=settings,
        seed=run.seed,
        processes=processes,
    )
    return learner, len(rows) // settings.batch


def about_run(images: LabelledImages, run: RunName, settings: TrainScene) -> dict[str, Any]:
    """Everything that determines the weights, flat."""
    return flatten(
        {
            "run": f"{run.kind}-{run.seed}",
            "images": images.digest,
            **settings.model_dump(exclude={"runs"}),
            "torch": torch.__version__,
            "torchvision": torchvision.__version__,
            "timm": timm.__version__,
        }
    )
