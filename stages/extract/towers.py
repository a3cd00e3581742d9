"""What a model is to the stage: towers, each shown one kind of stimulus."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.params.schema import ExtractScene

Ints = NDArray[np.int64]
# Name of the only layer of what is no network.
ONLY_LAYER = "layer_00"


@dataclass(frozen=True)
class Stimuli:
    """What is shown, and how.

    Attributes
    ----------
    table : DataFrame
        A recording's stimuli; their text is all that is shown of their captions.
    images : h5py.Dataset of uint8, shape (n_stimuli, height, width, 3)
    settings : ExtractScene
        The section `scene.extract` of params.yaml.
    """

    table: pd.DataFrame
    images: Any
    settings: ExtractScene


@dataclass(frozen=True)
class Layers:
    """The layers of some stimuli, in order of depth.

    Attributes
    ----------
    arrays : dict of str to ndarray of float32, shape (n_stimuli, n_units)
    widths : dict of str to int
        Units before projection.
    """

    arrays: dict[str, NDArray[np.float32]]
    widths: dict[str, int]


@dataclass(frozen=True)
class Replica:
    """A network on one device.

    Attributes
    ----------
    parameters : int
        Weights that are run.
    run : callable
        From rows of the stimuli to their layers; one call at a time.
    """

    parameters: int
    run: Callable[[Ints], Layers]


@dataclass(frozen=True)
class Tower:
    """A network and the stimuli that it is shown.

    Attributes
    ----------
    prefix : str
        Of its layers' names.
    order : ndarray of int, shape (n_stimuli,)
        In which the stimuli are shown.
    shard : int
        Stimuli that are finished together.
    replicas : callable
        Loads the network, once per device.
    """

    prefix: str
    order: Ints
    shard: int
    replicas: Callable[[], list[Replica]]


@dataclass(frozen=True)
class OpenedModel:
    """A model that is found and identified, its weights not yet loaded.

    Attributes
    ----------
    modality : str
        `vision`, `language`, `both` or `noise`.
    revision, dtype, presentation, pooling, tokenizer : str
        As in `stages.core.activations.activations.Activations`; of two towers both are named.
    towers : list of Tower
    context : int or None
        Words in a passage, where they are shown with those before them.
    """

    modality: str
    revision: str
    dtype: str
    presentation: str
    pooling: str
    tokenizer: str
    towers: list[Tower]
    context: int | None = None
