"""Layers of nothing but noise: what an alignment owes to the width of a layer alone."""

import hashlib
import re

import numpy as np
from numpy.typing import NDArray

from stages.core.names.models import ModelSpec
from stages.core.run.errors import InputError
from stages.extract.towers import Ints, Layers, Replica, Shown, Tower, ZooModel

SHARD = 512
_RANGE = re.compile(r"(\d+)-(\d+)")


def open_noise(spec: ModelSpec, shown: Shown) -> ZooModel:
    """Describe the noise that a model string such as `noise:512-8192` names.

    Its layers are as wide as they say, however many units are kept of other models'.

    Parameters
    ----------
    spec : ModelSpec
    shown : Shown
        Only the ids of the stimuli matter; the seed is that of the settings.

    Raises
    ------
    InputError
        If the widths are not such a range, or an untrained twin is asked for.
    """
    widths = noise_widths(spec)
    ids, settings = list(shown.stimuli["id"]), shown.settings

    def run(rows: Ints) -> Layers:
        values = {
            layer_name(width): np.stack([noise(settings.seed, width, ids[row]) for row in rows])
            for width in widths
        }
        return Layers(values, {layer_name(width): width for width in widths})

    tower = Tower("", np.arange(len(ids)), SHARD, lambda: [Replica(0, run)])
    return ZooModel(
        modality="noise",
        revision="",
        dtype="float32",
        presentation="none",
        pooling="none",
        tokenizer="",
        towers=[tower],
    )


def noise_widths(spec: ModelSpec) -> list[int]:
    """Widths that double from the least to the greatest."""
    where = f"params.yaml: models: {spec.string}"
    if spec.seed is not None or spec.revision is not None:
        raise InputError("noise has neither revision nor untrained twin", where=where)
    found = _RANGE.fullmatch(spec.name)
    low, high = (int(found[1]), int(found[2])) if found else (0, 0)
    widths = [low << k for k in range(max(high // max(low, 1), 1).bit_length())]
    if low < 2 or widths[-1] != high:
        expected = "LOW-HIGH, the least width and one that doubling it leads to, such as 512-8192"
        raise InputError("wrong widths", where=where, expected=expected, got=spec.name)
    return widths


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
