"""An image network in training."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from timm.loss import LabelSmoothingCrossEntropy
from timm.models import save_for_hf

from stages.core.names.run_name import AVERAGES, CALIBRATED, EMA, EMA_CALIBRATED, FITTED, RAW
from stages.core.nets.calibrated_norms import calibrate
from stages.core.params.training import TrainScene
from stages.train.processes import Processes
from stages.train.scene.labelled_images import LabelledImages, Rows
from stages.train.scene.pixel_views import plain_view, training_view, varied_batch
from stages.train.scene.recognition import evaluate_classes
from stages.train.scene.timm_parts import RateSchedule, make_average, make_optimiser
from stages.train.seeded import rng_of, seeded
from stages.train.trainee import Measures

DTYPES = {"bfloat16": torch.bfloat16, "float16": torch.float16, "float32": torch.float32}


class ImageLearner:
    """A network of timm that learns the classes of images; see `Trainee`.

    Parameters
    ----------
    network : Module
    images : LabelledImages
        Labelled as the network is to learn them.
    rows, held_out : ndarray of int
        Which images it learns from, and which it is measured on.
    settings : TrainScene
    seed : int
    processes : Processes
    """

    def __init__(
        self,
        network: Any,
        images: LabelledImages,
        rows: Rows,
        held_out: Rows,
        *,
        settings: TrainScene,
        seed: int,
        processes: Processes,
    ) -> None:
        device = processes.device
        self._network = network.to(device)
        self.processes = processes
        self._images, self._rows, self._held_out = images, rows, held_out
        self._settings, self._seed, self._device = settings, seed, device
        self._per_epoch = len(rows) // settings.batch
        self._data = data_config(network, settings)
        scale = {key: self._data[key] for key in ("mean", "std")}
        self._varied, self._plain = training_view(settings, scale), plain_view(self._data)
        self._loss = LabelSmoothingCrossEntropy(settings.smoothing)
        self._optimiser = make_optimiser(self._network, settings)
        self._schedule = RateSchedule(self._optimiser, settings, self._per_epoch)
        self._rate = self._schedule.set_rate(1)
        self._average = make_average(self._network, settings)
        half = settings.precision == "float16"
        self._scaler = torch.amp.GradScaler(device.type, enabled=half)
        self._calibrated: dict[str, Any] = {}
        kept = (RAW, EMA) if self._average else (RAW,)
        fitted = (CALIBRATED, EMA_CALIBRATED)[: len(kept)] if settings.calibration else ()
        self.weights: tuple[str, ...] = (*kept, *fitted)
        self.seen_per_update = float(settings.batch)

    def update(self, step: int) -> float:
        """Take one update."""
        self._calibrated = {}
        self._rate = self._schedule.set_rate(step)
        epoch, place = divmod(step - 1, self._per_epoch)
        start = place * self._settings.batch
        batch = self._order(epoch)[start : start + self._settings.batch]
        rows = self.processes.part(batch)
        labels = torch.from_numpy(self._images.labels[rows]).to(self._device)
        shown = varied_batch(self._images, rows, self._varied, self._seed, epoch)
        self._network.train()
        dtype = DTYPES[self._settings.precision]
        low = torch.autocast(self._device.type, dtype, enabled=dtype is not torch.float32)
        with seeded(self._seed, step, self.processes.rank), low:
            loss = self._loss(self._network(shown.to(self._device)).float(), labels)
        self._optimiser.zero_grad()
        self._scaler.scale(loss).backward()
        told = self.processes.average_update(self._network, loss)
        self._scaler.step(self._optimiser)
        self._scaler.update()
        if self._average is not None:
            self._average.update(self._network, step=step)
        return told

    def rate(self) -> float:
        """Return the learning rate."""
        return self._rate

    def evaluate(self, weights: str) -> Measures:
        """Measure on the images held out."""
        return evaluate_classes(
            self._of(weights),
            self._images,
            self._held_out,
            self._plain,
            batch=self._settings.batch,
            device=self._device,
        )

    def save(self, folder: Path, weights: str) -> None:
        """Write configuration and weights as timm does."""
        classes = list(self._images.classes)
        save_for_hf(
            self._of(weights),
            folder,
            model_config={"label_names": classes, "pretrained_cfg": {"num_classes": len(classes)}},
            safe_serialization=True,
            data_config=self._data,
        )

    def state(self) -> dict[str, Any]:
        """Weights, their average, moments and loss scale; all chance follows from seed and step."""
        return {
            "network": self._network.state_dict(),
            "average": self._average.module.state_dict() if self._average else {},
            "optimiser": self._optimiser.state_dict(),
            "scaler": self._scaler.state_dict(),
        }

    def restore(self, state: dict[str, Any], step: int) -> None:
        """Go on from what `state` gave after update number `step`."""
        self._calibrated = {}
        self._network.load_state_dict(state["network"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._scaler.load_state_dict(state["scaler"])
        if self._average is not None:
            self._average.module.load_state_dict(state["average"])
        self._rate = self._schedule.set_rate(max(step, 1))

    def _order(self, epoch: int) -> Rows:
        return rng_of(self._seed, epoch).permutation(self._rows)

    def _of(self, weights: str) -> Any:
        average = self._average.module if self._average else None
        network = average if weights in AVERAGES and average is not None else self._network
        if weights not in FITTED:
            return network
        if weights not in self._calibrated:
            self._calibrated[weights] = deepcopy(network)
            calibrate(self._calibrated[weights], self._first_batches())
        return self._calibrated[weights]

    def _first_batches(self) -> Iterator[torch.Tensor]:
        """Show the first images of the first epoch as they are shown in it, in whole batches."""
        batch = self._settings.batch
        count = min(self._settings.calibration // batch, self._per_epoch)
        for rows in np.split(self._order(0)[: count * batch], count):
            shown = varied_batch(self._images, rows, self._varied, self._seed, 0)
            yield shown.to(self._device)


def data_config(network: Any, settings: TrainScene) -> dict[str, Any]:
    """Say how a network is evaluated: its own scaling of pixels, the size and crop asked for."""
    own = network.pretrained_cfg
    return {
        "input_size": (3, settings.size, settings.size),
        "mean": tuple(own["mean"]),
        "std": tuple(own["std"]),
        "crop_pct": settings.crop,
        "interpolation": settings.interpolation,
    }
