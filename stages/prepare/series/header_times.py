"""Seconds between the samples of a run, as the header of its image says."""

import math
from typing import Any

from stages.core.run.errors import InputError

# Units of NIfTI; a time of unknown unit is in seconds.
PER_SECOND = {"sec": 1.0, "msec": 1e3, "usec": 1e6, "unknown": 1.0}
MILLISECONDS = 1e3
TIME_STEP = "TimeStep"


def volume_time(header: Any) -> float | None:
    """Seconds by the fourth voxel size of a NIfTI header; None where it does not say.

    It does not where the size is 0, or 1 of no unit, which writers leave there, or where the
    fourth axis is not of time.
    """
    try:
        unit = header.get_xyzt_units()[1]
    except KeyError:  # a code that stands for nothing
        unit = "unknown"
    step = float(header["pixdim"][4])
    if unit not in PER_SECOND or (unit == "unknown" and step == 1):
        return None
    return _positive(step / PER_SECOND[unit])


def surface_time(image: Any, where: object) -> float | None:
    """Seconds by the `TimeStep`, in milliseconds, of a GIFTI image or its first array.

    Raises
    ------
    InputError
        If it is no number.
    """
    found = [image.meta.get(TIME_STEP), *(array.meta.get(TIME_STEP) for array in image.darrays[:1])]
    steps = [step for step in found if step is not None]
    if not steps:
        return None
    try:
        return _positive(float(steps[0]) / MILLISECONDS)
    except ValueError as error:
        raise InputError("unreadable time step", where=where, got=repr(steps[0])) from error


def cifti_time(axis: Any) -> float | None:
    """Seconds by the axis of samples of a CIFTI image; None where they are not of time."""
    return _positive(float(axis.step)) if axis.unit.upper() == "SECOND" else None


def _positive(step: float) -> float | None:
    """Seconds, rounded from the header's single precision; None where none are said."""
    return round(step, 6) if math.isfinite(step) and step > 0 else None
