"""Recordings and activations on disk, as the commands of other stages read them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.activations.activations import Activations, write_about, write_layer
from stages.core.recording.recording_files import write_recording
from stages.core.recording.types import TARGET_COLUMNS, Recording, stimuli_digest

Array = NDArray[np.floating]
RECORDING, LAYERS = "recording", "layers"


def write_folders(folder: Path, recording: Recording, layers: Mapping[str, Array]) -> None:
    """Write a recording, and the layers of a network that was shown its stimuli.

    Parameters
    ----------
    folder : Path
        Gets the folders `RECORDING` and `LAYERS`.
    recording : Recording
    layers : mapping of str to ndarray, shape (n_stimuli, n_units)
    """
    write_recording(folder / RECORDING, recording)
    stimuli = recording.stimuli
    for name, values in layers.items():
        write_layer(folder / LAYERS / f"{name}.safetensors", values.astype(np.float32))
    rows = stimuli[["id", "sample", "run", "onset"]]
    rows = rows.assign(offset=stimuli["onset"] + stimuli["duration"])
    write_about(folder / LAYERS, _about(stimuli, layers, recording.kind), rows)


def _about(stimuli: pd.DataFrame, layers: Mapping[str, Array], kind: str) -> Activations:
    units = {name: values.shape[1] for name, values in layers.items()}
    return Activations(
        model="simulated",
        label="simulated",
        revision="",
        modality="language" if kind == "timeseries" else "vision",
        parameters=1,
        tokenizer="",
        seed=None,
        presentation="context" if kind == "timeseries" else "image",
        context=None,
        pooling="last",
        dtype="float32",
        stimuli_digest=stimuli_digest(stimuli),
        key="simulated",
        layers=units,
        widths=units,
        heads=0,
        attention_statistics=[],
    )


def image_table(n: int) -> pd.DataFrame:
    """Tabulate n images in one run as stimuli, each a sample."""
    ids = [f"image{number:03}" for number in range(n)]
    shown = {"id": ids, "text": ids, "run": "1", "onset": np.arange(n, dtype=float)}
    return pd.DataFrame(shown).assign(duration=1.0, sample=ids)


def voxel_table(names: Sequence[str], each: int) -> pd.DataFrame:
    """Tabulate voxels in a row, so many `each` of one named region after the other."""
    regions = np.repeat(list(names), each).tolist()
    n = len(regions)
    places = np.stack([np.arange(n), *np.zeros((2, n), int)], axis=1)
    return target_table([f"v{at:05}" for at in range(n)], regions, places)


def target_table(ids: list[str], regions: list[str], places: NDArray[np.int_]) -> pd.DataFrame:
    """Tabulate targets at places of voxels, shape (n_targets, 3); no ceilings."""
    table = pd.DataFrame({"id": ids, "region": regions, "hemisphere": ""})
    table[["i", "j", "k"]] = places
    return table.assign(ceiling=np.nan)[list(TARGET_COLUMNS)]
