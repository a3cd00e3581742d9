"""The activations contract: what `extract` writes and every comparison reads.

A folder `data/activations/<dataset>/<model>/`:

- `layer_00.safetensors` (embedding output), `layer_01` … (each block), `attention_01` …:
  `activations`, float32, rows × units, and nothing else, so that equal numbers are equal bytes.
- `rows.parquet`: one row per passage: id, the sample during which it began (or empty), run,
  onset of its first and offset of its last word in seconds.
- `activations.json`: what was extracted from what, and how, with the digests of all other files
  and of itself; written last.

A model of the zoo that could not be run leaves `failure.json` instead: why, for the roll call.
Layers of vision models bear timm's names, the towers of a model with two `vision.` or `language.`
before them; the layers of noise are `width_0512` and so on.
"""

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors.numpy import save_file

from stages.core.names.datasets import rerun
from stages.core.run.errors import InputError
from stages.core.run.files import atomic, lies_there, read_json, write_json
from stages.core.run.seals import check_unchanged, file_digest, is_sealed, read_sealed, sealed
from stages.core.run.tables import check_unique, digest, read_table, write_table
from stages.core.run.tensors import map_tensor

ROW_COLUMNS = ("id", "sample", "run", "onset", "offset")
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
    key : str
        Names all that determined the layers: see `stages.extract.resume.extraction_key`.
    layers : dict of str to int
        Units of every layer, in order of depth (of each tower by itself).
    widths : dict of str to int
        Units of every layer before any projection.
    heads : int
        Attention heads per block; 0 if attention was not described.
    attention_statistics : list of str
        The numbers that describe a head; a layer's units are heads × statistics, head first.
    digests : dict of str to str
        SHA-256 of the layers' files, as they were when they were described.
    captions_digest : str
        Digest of all captions, where all of them were shown; else empty, and not written.
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
    key: str
    layers: dict[str, int]
    widths: dict[str, int]
    heads: int
    attention_statistics: list[str]
    digests: dict[str, str] = field(default_factory=dict)
    captions_digest: str = ""


def write_layer(path: Path, values: NDArray[np.float32]) -> None:
    """Write one layer, atomically."""
    with atomic(path) as partial:
        save_file({"activations": np.ascontiguousarray(values)}, partial)


def is_whole(folder: Path, key: str) -> bool:
    """Whether a finished extraction of this key lies there, with the layers that it wrote."""
    about = folder / "activations.json"
    if not about.is_file():
        return False
    content = read_json(about, "Remove it.")
    if content.get("key") != key or not is_sealed(content) or not _has_rows(folder, content):
        return False
    layers, digests = content["layers"], content["digests"]
    paths = {name: folder / f"{name}.safetensors" for name in layers}
    return layers.keys() == digests.keys() and all(
        path.is_file() and file_digest(path) == digests[name] for name, path in paths.items()
    )


def _has_rows(folder: Path, content: dict[str, Any]) -> bool:
    """Whether the rows are those that were described."""
    try:
        rows = read_table(folder / "rows.parquet", ROW_COLUMNS, "Remove it.")
    except InputError:
        return False
    return digest(rows, ROW_COLUMNS) == content.get("rows_digest")


def read_layer(folder: Path, layer: str, about: Activations, n_rows: int) -> NDArray[np.float32]:
    """Map one layer into memory, read-only, shape (n_rows, n_units).

    Raises
    ------
    InputError
        If the file is missing, truncated, not finite, not of the announced shape, or not the one
        that was extracted.
    """
    path, do = folder / f"{layer}.safetensors", rerun("extract", folder)
    values = map_tensor(path, "activations", f"{do[:-1]} or `dvc pull {path}`.")
    shape = (n_rows, about.layers[layer])
    if values.shape != shape:
        raise InputError("wrong shape", where=path, expected=shape, got=values.shape, do=do)
    if not all(np.isfinite(values[k : k + ROWS]).all() for k in range(0, n_rows, ROWS)):
        raise InputError("values that are not finite", where=path, do=do)
    expected = about.digests.get(layer)
    if expected is not None:
        check_unchanged(path, expected, do)
    return values


def write_about(folder: Path, about: Activations, rows: pd.DataFrame) -> Activations:
    """Write `rows.parquet` and, last, `activations.json`.

    Returns
    -------
    Activations
        With the digests of the layers that lie in the folder.
    """
    write_table(folder / "rows.parquet", rows)
    paths = {layer: folder / f"{layer}.safetensors" for layer in about.layers}
    digests = {layer: file_digest(path) for layer, path in paths.items() if path.is_file()}
    whole = replace(about, digests=digests)
    content = asdict(whole) | {"rows_digest": digest(rows, ROW_COLUMNS)}
    if not whole.captions_digest:
        del content["captions_digest"]
    write_json(folder / "activations.json", sealed(content))
    return whole


def read_about(
    folder: Path, stimuli_digest: str, captions_digest: str = ""
) -> tuple[Activations, pd.DataFrame]:
    """Read what was extracted, and the rows, checking that the stimuli are the same.

    Parameters
    ----------
    folder : Path
        The model's own folder.
    stimuli_digest : str
        Of the recording.
    captions_digest : str
        Of the recording's captions; it matters where all of them were shown.

    Raises
    ------
    InputError
        If the extraction is absent or unfinished, or was made from other stimuli, or its rows are
        not those that were written.
    """
    path = folder / "activations.json"
    content = read_sealed(path, rerun("extract", folder))
    expected = str(content.pop("rows_digest", ""))
    about = _activations(content, path)
    if about.stimuli_digest != stimuli_digest:
        raise InputError(
            "stimuli changed after extraction",
            where=folder,
            expected=f"stimuli with digest {stimuli_digest[:12]}",
            got=about.stimuli_digest[:12],
            do=rerun("extract", folder),
        )
    if about.captions_digest not in ("", captions_digest):
        raise InputError(
            "captions changed after extraction",
            where=folder,
            expected=f"captions with digest {captions_digest[:12] or 'none'}",
            got=about.captions_digest[:12],
            do=rerun("extract", folder),
        )
    rows = read_table(folder / "rows.parquet", ROW_COLUMNS, rerun("extract", folder))
    check_unique(rows["id"], folder / "rows.parquet")
    found = digest(rows, ROW_COLUMNS)
    if found != expected:
        raise InputError(
            "rows changed after extraction",
            where=folder / "rows.parquet",
            expected=f"rows with digest {expected[:12]}",
            got=found[:12],
            do=rerun("extract", folder),
        )
    return about, rows


def _activations(content: dict[str, Any], path: Path) -> Activations:
    try:
        return Activations(**content)
    except TypeError as error:
        do = rerun("extract", path.parent)
        raise InputError("wrong activations", where=path, got=error, do=do) from error


def write_failure(folder: Path, model: str, label: str, error: str) -> None:
    """Write why a model of the zoo could not be run."""
    write_json(folder / "failure.json", {"model": model, "label": label, "error": error})


def read_failure(folder: Path) -> str | None:
    """Read why a model could not be run; None if it could.

    Raises
    ------
    InputError
        If the file does not say why.
    """
    path, do = folder / "failure.json", rerun("extract", folder)
    if not lies_there(path):
        return None
    error = read_json(path, do).get("error")
    if not isinstance(error, str) or not error:
        raise InputError("wrong failure", where=path, expected="a text: error", got=error, do=do)
    return error
