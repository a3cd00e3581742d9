"""The activations contract: what `extract` writes and every comparison reads.

A folder `data/activations/<dataset>/<model>/`:

- `layer_00.safetensors` (embedding output), `layer_01` … (each block), `attention_01` …:
  `activations`, float32, rows × units; the header repeats the key of the extraction.
- `rows.parquet`: one row per passage: id, the sample during which it began (or empty), run,
  onset of its first and offset of its last word in seconds.
- `activations.json`: what was extracted from what, and how; written last.

A model of the zoo that could not be run leaves `failure.json` instead: why, for the roll call.
Layers of vision models bear timm's names, the towers of a model with two `vision.` or `language.`
before them; the layers of noise are `width_0512` and so on.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from stages.core.run.errors import InputError
from stages.core.run.files import atomic, read_json, write_json
from stages.core.run.tables import check_unique, read_table, write_table
from stages.core.run.tensors import map_tensor

ROW_COLUMNS = ("id", "sample", "run", "onset", "offset")
RERUN = "Run `dvc repro`."
# Rows whose values are looked at together.
ROWS = 512


@dataclass(frozen=True)
class Activations:
    """What was extracted.

    Attributes
    ----------
    model : str
        Canonical model string.
    label : str
        Name of the model's folder.
    revision : str
        Commit of the repository, or digest of the model's files.
    modality : str
        What was shown: `vision` (images), `language` (words), `both` to two towers, or `noise`.
    parameters : int
        Of the network, the weights of heads that are not run left out; 0 of noise.
    tokenizer : str
        Class of the tokenizer; empty where no words were shown.
    seed : int or None
        Seed of an untrained twin.
    presentation, context, pooling
        As in params.yaml; context is None for windows. `image` and `caption` are presentations too.
    dtype : str
        Precision of the forward pass (the files are float32).
    stimuli_digest : str
        Digest of the stimuli shown.
    layers : dict of str to int
        Units of every layer, in order of depth (of each tower by itself).
    widths : dict of str to int
        Units of every layer before any projection.
    heads : int
        Attention heads per block; 0 if attention was not described.
    attention_statistics : list of str
        The numbers that describe a head; a layer's units are heads × statistics, head first.
    """

    model: str
    label: str
    revision: str
    modality: str
    parameters: int
    tokenizer: str
    seed: int | None
    presentation: str
    context: int | None
    pooling: str
    dtype: str
    stimuli_digest: str
    layers: dict[str, int]
    widths: dict[str, int]
    heads: int
    attention_statistics: list[str]


def write_layer(path: Path, values: NDArray[np.float32], key: str) -> None:
    """Write one layer, atomically, marked with the key of its extraction."""
    with atomic(path) as partial:
        save_file({"activations": np.ascontiguousarray(values)}, partial, metadata={"key": key})


def has_layer(path: Path, key: str) -> bool:
    """Whether a finished layer of the same extraction lies there."""
    try:
        with safe_open(path, "numpy") as file:
            return bool(file.metadata() == {"key": key})
    except (FileNotFoundError, SafetensorError):
        return False


def read_layer(folder: Path, layer: str, about: Activations, n_rows: int) -> NDArray[np.float32]:
    """Map one layer into memory, read-only, shape (n_rows, n_units).

    Raises
    ------
    InputError
        If the file is missing, truncated, not finite or not of the announced shape.
    """
    path = folder / f"{layer}.safetensors"
    values = map_tensor(path, "activations", f"{RERUN[:-1]} or `dvc pull {path}`.")
    shape = (n_rows, about.layers[layer])
    if values.shape != shape:
        raise InputError("wrong shape", where=path, expected=shape, got=values.shape, do=RERUN)
    if not all(np.isfinite(values[k : k + ROWS]).all() for k in range(0, n_rows, ROWS)):
        raise InputError("values that are not finite", where=path, do=RERUN)
    return values


def write_about(folder: Path, about: Activations, rows: pd.DataFrame) -> None:
    """Write `rows.parquet` and, last, `activations.json`."""
    write_table(folder / "rows.parquet", rows)
    write_json(folder / "activations.json", asdict(about))


def read_about(folder: Path, stimuli_digest: str) -> tuple[Activations, pd.DataFrame]:
    """Read what was extracted, and the rows, checking that the stimuli are the same.

    Raises
    ------
    InputError
        If the extraction is absent or unfinished, or was made from other stimuli.
    """
    about = Activations(**read_json(folder / "activations.json", RERUN))
    if about.stimuli_digest != stimuli_digest:
        raise InputError(
            "stimuli changed after extraction",
            where=folder,
            expected=f"stimuli with digest {stimuli_digest[:12]}",
            got=about.stimuli_digest[:12],
            do=RERUN,
        )
    rows = read_table(folder / "rows.parquet", ROW_COLUMNS, RERUN)
    check_unique(rows["id"], folder / "rows.parquet")
    return about, rows


def write_failure(folder: Path, model: str, label: str, error: str) -> None:
    """Write why a model of the zoo could not be run."""
    write_json(folder / "failure.json", {"model": model, "label": label, "error": error})


def read_failure(folder: Path) -> str | None:
    """Read why a model could not be run; None if it could."""
    path = folder / "failure.json"
    return str(read_json(path, RERUN)["error"]) if path.exists() else None
