"""What can be wrong with a NIfTI file: its header, its numbers, or what packs them."""

import gzip
from collections.abc import Callable
from functools import partial
from pathlib import Path

import nibabel as nib
import numpy as np

from tests.chaos.number_faults import CHANGES
from tests.chaos.number_faults import UNKNOWABLE as CONTENT

Rng = np.random.Generator
SKIPPED = {"as_text", "as_complex", "none_left", "all_nan"}


def change(name: str, path: Path, rng: Rng) -> None:
    """Change the numbers."""
    image = nib.load(path)
    values = CHANGES[name](np.asarray(image.dataobj), rng)
    if values.dtype in (np.float16, np.int64):
        values = values.astype(np.float32)
    path.unlink()
    nib.save(nib.Nifti1Image(values, image.affine), path)


def affine(path: Path, rng: Rng) -> None:
    """Claim another place."""
    image = nib.load(path)
    found = image.affine.copy()
    how = rng.integers(5)
    if how == 0:
        found[0] *= 0
    elif how == 1:
        found[:3, 3] += 500
    elif how == 2:
        found[:3, :3] *= -1
    elif how == 3:
        found[:3, :3] *= 1000
    else:
        found[0, 3] = np.nan
    values = np.asarray(image.dataobj)
    path.unlink()
    made = nib.Nifti1Image(values, None, image.header)
    made.header.set_sform(found, 1)
    made.header["qform_code"] = 0
    nib.save(made, path)


def header(path: Path, rng: Rng) -> None:
    """Put other bytes in the header."""
    content = bytearray(gzip.decompress(path.read_bytes()))
    for _ in range(rng.integers(1, 4)):
        content[rng.integers(40, 348)] = int(rng.integers(256))
    path.write_bytes(gzip.compress(bytes(content), 1))


def short(path: Path, rng: Rng) -> None:
    """Keep the first part, packed whole."""
    content = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(content[: rng.integers(1, len(content))], 1))


def bomb(path: Path, rng: Rng) -> None:
    """Claim a size that no memory holds, and store zeros."""
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[42:50] = np.array([32767, 32767, 1000, 3000], "<i2").tobytes()
    path.write_bytes(gzip.compress(bytes(content) + bytes(50_000_000), 1))


def scaled(path: Path, rng: Rng) -> None:
    """Claim a slope that makes nothing of the numbers."""
    content = bytearray(gzip.decompress(path.read_bytes()))
    values = [np.nan, np.inf, 1e38, -1.0]
    content[112:116] = np.float32(values[rng.integers(4)]).tobytes()
    path.write_bytes(gzip.compress(bytes(content), 1))


def unpacked(path: Path, rng: Rng) -> None:
    """Leave it unpacked under a name that says otherwise."""
    path.write_bytes(gzip.decompress(path.read_bytes()))


FAULTS: dict[str, Callable[[Path, Rng], None]] = {
    **{f"volume_{name}": partial(change, name) for name in CHANGES if name not in SKIPPED},
    "volume_affine": affine,
    "volume_header": header,
    "volume_short": short,
    "volume_bomb": bomb,
    "volume_scaled": scaled,
    "volume_unpacked": unpacked,
}
UNKNOWABLE = {f"volume_{name}" for name in CONTENT} | {
    "volume_affine", "volume_header", "volume_scaled", "volume_unpacked", "volume_infinite",
    "volume_nan", "volume_turned", "volume_shorter",
}  # fmt: skip
