"""Layers of nothing but noise: what an alignment owes to the width of a layer alone."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from stages.core.names.models import ModelSpec, noise_widths
from stages.extract.towers import Ints, Layers, OpenedModel, Replica, Stimuli, Tower

SHARD = 512


def open_noise(spec: ModelSpec, shown: Stimuli) -> OpenedModel:
    """Describe the noise that a model string such as `noise:512-8192` names.

    Its layers are as wide as they say, however many units are kept of other models'.

    Parameters
    ----------
    spec : ModelSpec
    shown : Stimuli
        Only the ids of the stimuli matter; the seed is that of the settings.

    Raises
    ------
    InputError
        If the widths are not such a range, or an untrained twin is asked for.
    """
    widths = noise_widths(spec)
    ids, settings = list(shown.table["id"]), shown.settings

    def run(rows: Ints) -> Layers:
        values = {
            layer_name(width): np.stack([noise(settings.seed, width, ids[row]) for row in rows])
            for width in widths
        }
        return Layers(values, {layer_name(width): width for width in widths})

    tower = Tower("", np.arange(len(ids)), SHARD, lambda: [Replica(0, run)])
    return OpenedModel(
        modality="noise",
        revision="",
        dtype="float32",
        presentation="none",
        pooling="none",
        tokenizer="",
        towers=[tower],
    )


def layer_name(width: int) -> str:
    """`width_0512` and so on."""
    return f"width_{width:04d}"


def noise(seed: int, width: int, stimulus: str) -> NDArray[np.float32]:
    """Draw standard normal numbers that depend on nothing but the arguments.

    Returns
    -------
    ndarray, shape (width,)
    """
    name = hashlib.sha256(stimulus.encode()).digest()
    rng = np.random.default_rng([seed, width, *np.frombuffer(name, "<u4").tolist()])
    return rng.standard_normal(width, dtype=np.float32)
