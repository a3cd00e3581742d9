"""A random projection of pixels: what an alignment owes to the picture, without any network."""

import hashlib
import math

import numpy as np

from stages.core.names.models import ModelSpec, control_draw, control_units
from stages.core.run.errors import InputError
from stages.extract.projection import project, projection_matrix
from stages.extract.towers import ONLY_LAYER, Ints, Layers, OpenedModel, Replica, Stimuli, Tower

SHARD = 32


def open_random_pixels(spec: ModelSpec, shown: Stimuli) -> OpenedModel:
    """Prepare the random projection that `control:random-N` or `control:random-N:DRAW` names.

    Its one layer has N units, however many are kept of other models'; they keep, in expectation,
    the correlation of the pixels of two images (see `stages.extract.projection`).

    Parameters
    ----------
    spec : ModelSpec
    shown : Stimuli
        Of its settings, the seed counts.

    Raises
    ------
    InputError
        If it is a control of words, or no projection to fewer units.
    """
    units, width = control_units(spec), math.prod(shown.images.shape[1:])
    if not 1 < units < width:
        expected = f"control:random-UNITS, of 2 to {width - 1} units"
        raise InputError(
            "no random projection of images", where="model", expected=expected, got=spec.string
        )
    drawn = hashlib.sha256(f"{shown.settings.seed} {control_draw(spec)}".encode()).digest()
    matrix = projection_matrix(width, units, int.from_bytes(drawn[:7], "little"))

    def run(rows: Ints) -> Layers:
        pixels = np.stack([np.asarray(shown.images[row]) for row in rows]).reshape(len(rows), width)
        projected = project(pixels.astype(np.float32) / 255, matrix)
        return Layers(
            {ONLY_LAYER: np.ascontiguousarray(projected, np.float32)}, {ONLY_LAYER: units}
        )

    order = np.arange(len(shown.table))
    return OpenedModel(
        modality="vision",
        revision="",
        dtype="float32",
        presentation="none",
        pooling="none",
        tokenizer="",
        towers=[Tower("", order, SHARD, lambda: [Replica(0, run)])],
    )
