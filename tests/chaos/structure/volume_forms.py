"""NIfTI files of another grid, orientation, time, type or number of axes than they were."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from tests.chaos.structure.form import DIFFERENT, EQUAL, REFUSED, Form, Rng, forms
from tests.chaos.trial import UnfitError

Array = NDArray[Any]


def _open(path: Path) -> tuple[Any, Array]:
    image = nib.load(path)
    if not isinstance(image, nib.Nifti1Image):
        raise UnfitError
    return image, np.asarray(image.dataobj)


def _save(path: Path, values: Array, image: Any, affine: Any = None, kind: Any = None) -> None:
    """Write numbers with the header of another image, but for what depends on them."""
    if values.dtype == np.int64:
        values = values.astype(np.int32)
    header = image.header.copy()
    header.set_data_dtype(values.dtype)
    header["scl_slope"], header["scl_inter"] = np.nan, np.nan
    found = image.affine if affine is None else affine
    path.unlink()
    nib.save((kind or nib.Nifti1Image)(values, found, header), path)


def _header(path: Path, change: Callable[[Any], None]) -> None:
    """Change a header in place, which nibabel would correct as it writes."""
    image, values = _open(path)
    image.set_data_dtype(values.dtype)
    made = nib.Nifti1Image(values, None, image.header)
    change(made.header)
    path.unlink()
    nib.save(made, path)


def _series(path: Path) -> tuple[Any, Array]:
    image, values = _open(path)
    if values.ndim != 4:
        raise UnfitError
    return image, values


def _map(path: Path) -> tuple[Any, Array]:
    image, values = _open(path)
    if values.ndim != 3:
        raise UnfitError
    return image, values


def one_volume(path: Path, rng: Rng) -> None:
    """Keep one volume of a series, without an axis of time."""
    image, values = _series(path)
    _save(path, values[..., 0], image)


def volume_less(path: Path, rng: Rng) -> None:
    """Leave out the last volume."""
    image, values = _series(path)
    _save(path, values[..., :-1], image)


def time_as_fifth(path: Path, rng: Rng) -> None:
    """Put time on the fifth axis."""
    image, values = _series(path)
    _save(path, values[:, :, :, None, :], image)


def time_first(path: Path, rng: Rng) -> None:
    """Put time on the first axis."""
    image, values = _series(path)
    _save(path, np.moveaxis(values, -1, 0), image)


def map_as_series(path: Path, rng: Rng) -> None:
    """Give a map an axis of time, of one volume."""
    image, values = _map(path)
    _save(path, values[..., None], image)


def two_maps(path: Path, rng: Rng) -> None:
    """Put two volumes where one is expected."""
    image, values = _map(path)
    _save(path, np.stack([values, values[::-1]], -1), image)


def flat_map(path: Path, rng: Rng) -> None:
    """Keep a slice of a map, without its third axis."""
    image, values = _map(path)
    _save(path, values[..., 0], image)


def cut(path: Path, rng: Rng) -> None:
    """Leave out a slice."""
    image, values = _open(path)
    _save(path, values[1:], image)


def axes_swapped(path: Path, rng: Rng) -> None:
    """Turn axes of space, and leave the affine."""
    image, values = _open(path)
    if values.ndim < 3 or values.shape[0] == values.shape[2]:
        raise UnfitError
    _save(path, np.swapaxes(values, 0, 2), image)


def _save_elsewhere(path: Path, image: Any, values: Any) -> None:
    affine = image.affine.copy()
    affine[:3, 3] += 3 * np.abs(affine[:3, :3]).sum(axis=1)
    _save(path, values, image, affine)


def series_elsewhere(path: Path, rng: Rng) -> None:
    """Move a series by some voxels, as another grid has it."""
    _save_elsewhere(path, *_series(path))


def series_mirrored(path: Path, rng: Rng) -> None:
    """Say of left that it is right, and leave the numbers."""
    image, values = _series(path)
    _save(path, values, image, np.diag([-1.0, 1, 1, 1]) @ image.affine)


def map_elsewhere(path: Path, rng: Rng) -> None:
    """Move a map by some voxels, as another grid has it."""
    _save_elsewhere(path, *_map(path))


def turned_whole(path: Path, rng: Rng) -> None:
    """Write the first axis the other way round, the affine with it."""
    image, values = _open(path)
    step = np.eye(4)
    step[0, 0], step[0, 3] = -1, values.shape[0] - 1
    _save(path, values[::-1].copy(), image, image.affine @ step)


def without_place(path: Path, rng: Rng) -> None:
    """Leave unsaid where the voxels are."""

    def change(header: Any) -> None:
        header["qform_code"] = header["sform_code"] = 0

    _header(path, change)


def place_by_quaternions(path: Path, rng: Rng) -> None:
    """Say by quaternions alone where the voxels are."""
    image, values = _open(path)
    made = nib.Nifti1Image(values, None, image.header)
    made.header.set_qform(image.affine, 1)
    if not np.array_equal(made.header.get_qform(), image.affine):
        raise UnfitError
    made.header["sform_code"] = 0
    path.unlink()
    nib.save(made, path)


def _time(path: Path, step: float, unit: str) -> None:
    image, values = _series(path)
    made = nib.Nifti1Image(values, image.affine, image.header)
    made.header["pixdim"][4] = step
    made.header.set_xyzt_units("mm", unit)
    path.unlink()
    nib.save(made, path)


def _step(path: Path) -> float:
    return float(_series(path)[0].header["pixdim"][4])


def time_of_zero(path: Path, rng: Rng) -> None:
    """Say that no time is between volumes, as converters do."""
    _time(path, 0.0, "sec")


def time_in_milliseconds(path: Path, rng: Rng) -> None:
    """Say the same time in milliseconds."""
    _time(path, 1000 * _step(path), "msec")


def time_without_unit(path: Path, rng: Rng) -> None:
    """Say the same time and no unit."""
    _time(path, _step(path), "unknown")


def milliseconds_for_seconds(path: Path, rng: Rng) -> None:
    """Say milliseconds, and mean seconds."""
    if _step(path) <= 0:
        raise UnfitError
    _time(path, _step(path), "msec")


def other_time(path: Path, rng: Rng) -> None:
    """Say another time between volumes."""
    _time(path, 1.25 * _step(path) + 0.5, "sec")


def frequencies(path: Path, rng: Rng) -> None:
    """Say that the fourth axis is one of frequencies."""
    _time(path, max(1.0, _step(path)), "hz")


def other_ends(path: Path, rng: Rng) -> None:
    """Write the bytes of numbers the other way round."""
    image, values = _open(path)
    made = nib.Nifti1Image(values, image.affine, image.header.as_byteswapped(">"))
    path.unlink()
    nib.save(made, path)


def second_version(path: Path, rng: Rng) -> None:
    """Write NIfTI-2."""
    image, values = _open(path)
    _save(path, values, image, kind=nib.Nifti2Image)


def doubles(path: Path, rng: Rng) -> None:
    """Write numbers in double precision."""
    image, values = _open(path)
    _save(path, values.astype(np.float64), image)


def sloped(path: Path, rng: Rng) -> None:
    """Write halves, and that they are to be doubled."""
    image, values = _open(path)
    if values.dtype.kind != "f":
        raise UnfitError
    path.unlink()
    made = nib.Nifti1Image(values / 2, image.affine, image.header)
    made.header.set_slope_inter(2.0, 0.0)
    nib.save(made, path)
    _patch(path, 112, 2.0)


def _slope(path: Path, value: float) -> None:
    """Write a slope that stands for none."""
    image, values = _open(path)
    _save(path, values, image)
    _patch(path, 112, value)


def _patch(path: Path, at: int, value: float) -> None:
    import gzip

    content = bytearray(gzip.decompress(path.read_bytes()))
    content[at : at + 4] = np.float32(value).tobytes()
    path.write_bytes(gzip.compress(bytes(content), 1))


def slope_of_zero(path: Path, rng: Rng) -> None:
    """Say that numbers are to be multiplied by nothing, which means that they are not."""
    _slope(path, 0.0)


def colours(path: Path, rng: Rng) -> None:
    """Write colours in the place of numbers."""
    image, values = _open(path)
    kind = np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")])
    made = np.zeros(values.shape, dtype=kind)
    made["R"] = (np.abs(np.nan_to_num(values)) % 255).astype("u1")
    path.unlink()
    nib.save(nib.Nifti1Image(made, image.affine), path)


def complex_numbers(path: Path, rng: Rng) -> None:
    """Write complex numbers."""
    image, values = _open(path)
    _save(path, (values + 1j).astype(np.complex64), image)


def in_steps(path: Path, rng: Rng) -> None:
    """Write whole numbers with a slope, as scanners do."""
    image, values = _open(path)
    if values.dtype.kind != "f" or not np.isfinite(values).all():
        raise UnfitError
    image.set_data_dtype(np.int16)
    path.unlink()
    made = nib.Nifti1Image(values, image.affine, image.header)
    made.set_data_dtype(np.int16)
    nib.save(made, path)


def fractions(path: Path, rng: Rng) -> None:
    """Write halves between the whole numbers of labels."""
    image, values = _map(path)
    if values.dtype.kind == "f" and not np.array_equal(values, np.round(values)):
        raise UnfitError
    _save(path, (values * 0.5).astype(np.float32), image)


FORMS: dict[str, Form] = {
    **forms(
        "volume", REFUSED,
        one_volume, time_as_fifth, time_first, two_maps, flat_map, cut, axes_swapped,
        series_elsewhere, series_mirrored, without_place, milliseconds_for_seconds, other_time,
        colours, complex_numbers, fractions,
    ),
    **forms(
        "volume", EQUAL,
        map_as_series, turned_whole, place_by_quaternions, time_of_zero, time_in_milliseconds,
        time_without_unit, frequencies, other_ends, second_version, doubles, sloped, slope_of_zero,
    ),
    **forms("volume", DIFFERENT, volume_less, map_elsewhere, in_steps),
}  # fmt: skip
