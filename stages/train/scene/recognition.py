"""How well an image network recognises the classes of images."""

from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from stages.train.scene.labelled_images import LabelledImages, Rows
from stages.train.scene.pixel_views import plain_batch
from stages.train.trainee import Measures


@torch.inference_mode()
def evaluate_classes(
    network: Any, images: LabelledImages, rows: Rows, view: Any, *, batch: int, device: torch.device
) -> Measures:
    """Measure a network on some of the images.

    Parameters
    ----------
    network : Module
    images : LabelledImages
    rows : ndarray of int
        Of the images that are shown.
    view : callable
        From an image to what the network takes.
    batch : int
        Images at once.
    device : torch.device

    Returns
    -------
    dict
        `heldout_loss` (cross-entropy in nats), and `top1` and `top5`: the part of the images whose
        class is the likeliest, or among the five likeliest (of all classes where there are less).
    """
    network.eval()
    loss, first, fifth = 0.0, 0, 0
    for part in np.split(rows, range(batch, len(rows), batch)):
        labels = torch.from_numpy(images.labels[part]).to(device)
        logits = network(plain_batch(images, part, view).to(device)).float()
        loss += float(cross_entropy(logits, labels, reduction="sum"))
        likeliest = logits.topk(min(5, logits.shape[1]), dim=1).indices == labels[:, None]
        first += int(likeliest[:, 0].sum())
        fifth += int(likeliest.any(dim=1).sum())
    n_images = len(rows)
    return {"heldout_loss": loss / n_images, "top1": first / n_images, "top5": fifth / n_images}
