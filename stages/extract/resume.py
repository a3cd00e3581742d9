"""Unfinished work on disk, so that an interrupted extraction goes on where it stopped.

Passages are computed in shards. Each is saved with all its layers in the folder
`CONCORD_SCRATCH/<key>/` (default `.scratch/`), and at the end the shards are gathered
into one file per layer. The key names everything that determines the result.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from stages.core.files import atomic, sha256
from stages.core.models import ModelSpec
from stages.core.params import Extract

SHARD = 512


def extraction_key(
    spec: ModelSpec, revision: str, settings: Extract, dtype: str, stimuli_digest: str
) -> str:
    """SHA-256 of everything that determines the result, this stage's code included."""
    content = settings.model_dump() | {
        "context": settings.context if settings.presentation == "context" else None,
        "model": spec.string,
        "revision": revision,
        "dtype": dtype,
        "stimuli_digest": stimuli_digest,
        "code": [sha256(file) for file in sorted(Path(__file__).parent.glob("*.py"))],
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def shard_paths(key: str, n_passages: int) -> list[Path]:
    """Name the shards of an extraction, `SHARD` passages each."""
    folder = Path(os.environ.get("CONCORD_SCRATCH") or ".scratch") / key
    n_shards = -(-n_passages // SHARD)
    return [folder / f"shard_{k:04d}.safetensors" for k in range(n_shards)]


def write_shard(path: Path, layers: dict[str, NDArray[np.float32]]) -> None:
    """Write one shard, atomically."""
    with atomic(path) as partial:
        save_file(layers, partial)


def has_shard(path: Path, names: Sequence[str]) -> bool:
    """Whether a finished shard with all layers lies there."""
    try:
        with safe_open(path, "numpy") as file:
            return set(file.keys()) == set(names)
    except (FileNotFoundError, SafetensorError):
        return False


def gather_layer(paths: Sequence[Path], name: str, order: NDArray[np.int64]) -> NDArray[np.float32]:
    """Put one layer together.

    Parameters
    ----------
    paths : sequence of Path
        The shards.
    name : str
    order : ndarray of int, shape (n_passages,)
        The passage that each row of the shards, taken together, belongs to.

    Returns
    -------
    ndarray, shape (n_passages, n_units)
    """
    values = np.empty((0, 0), dtype=np.float32)
    for k, path in enumerate(paths):
        with safe_open(path, "numpy") as file:
            part = file.get_tensor(name)
        if k == 0:
            values = np.empty((len(order), part.shape[1]), dtype=np.float32)
        values[order[k * SHARD : (k + 1) * SHARD]] = part
    return values
