"""How images are shown to a network: varied in training, plain in evaluation; timm's transforms."""

from typing import Any

import numpy as np
import torch
from timm.data import create_transform

from stages.core.params.training import TrainScene
from stages.train.scene.labelled_images import LabelledImages, Rows
from stages.train.seeded import seeded


def training_view(settings: TrainScene, scale: dict[str, Any]) -> Any:
    """Make the transform of training: crop, flip, policy or colour jitter, erasing.

    Parameters
    ----------
    settings : TrainScene
    scale : dict
        `mean` and `std` of pixels.
    """
    augment = settings.augment
    return create_transform(
        input_size=(3, settings.size, settings.size),
        is_training=True,
        scale=tuple(augment.scale),
        hflip=augment.flip,
        color_jitter=augment.colour,
        auto_augment=augment.policy or None,
        interpolation=augment.interpolation,
        re_prob=augment.erase,
        re_mode=augment.erase_mode,
        **scale,
    )


def plain_view(data: dict[str, Any]) -> Any:
    """Make the transform of evaluation from what `data_config` says."""
    return create_transform(**data, is_training=False)


def varied_batch(images: LabelledImages, rows: Rows, view: Any, *numbers: int) -> torch.Tensor:
    """Show a batch in training, shape (n, 3, height, width).

    The variation of an image is a function of `numbers`, such as the seed and the epoch, and its
    row: not of the other images of the batch, nor of who shows it.
    """
    shown = []
    for row in rows.tolist():
        with seeded(*numbers, row):
            shown.append(view(images.read(row)))
    return torch.stack(shown)


def plain_batch(images: LabelledImages, rows: Rows, view: Any) -> torch.Tensor:
    """Show a batch in evaluation, shape (n, 3, height, width)."""
    return torch.stack([view(images.read(row)) for row in np.asarray(rows).tolist()])
