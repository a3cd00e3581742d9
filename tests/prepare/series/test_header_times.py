from types import SimpleNamespace

import nibabel
import numpy as np
import pytest

from stages.core.run.errors import InputError
from stages.prepare.series.header_times import cifti_time, surface_time, volume_time


@pytest.mark.parametrize(
    ("unit", "step", "seconds"),
    [
        ("sec", 2.0, 2.0), ("sec", 1.0, 1.0), ("msec", 720.0, 0.72), ("usec", 1_500_000.0, 1.5),
        ("unknown", 2.0, 2.0), ("unknown", 1.0, None), ("sec", 0.0, None), ("hz", 2.0, None),
        ("sec", np.nan, None), ("sec", np.inf, None), ("msec", 1.0, 0.001),
    ],
)  # fmt: skip
def test_seconds_of_a_volume(unit, step, seconds):
    header = nibabel.Nifti1Header()
    header.set_data_shape((2, 2, 2, 5))
    header.set_xyzt_units("mm", unit)
    header["pixdim"][4] = step
    assert volume_time(header) == seconds


def test_a_unit_that_stands_for_nothing_is_unknown():
    header = nibabel.Nifti1Header()
    header["xyzt_units"] = 2 + 7 * 8
    for step, seconds in ((3.0, 3.0), (1.0, None)):
        header["pixdim"][4] = step
        assert volume_time(header) == seconds


def surface(image=None, *arrays):
    held = [SimpleNamespace(meta={} if step is None else {"TimeStep": step}) for step in arrays]
    return SimpleNamespace(meta={} if image is None else {"TimeStep": image}, darrays=held)


@pytest.mark.parametrize(
    ("image", "seconds"),
    [
        (surface("1500", "2000"), 1.5), (surface(None, "2000", "3000"), 2.0),
        (surface(None, None, "3000"), None), (surface(), None), (surface("0"), None),
        (surface("-1"), None), (surface(None, "720.0004"), 0.72), (surface("720.0006"), 0.720001),
    ],
)  # fmt: skip
def test_seconds_of_a_surface(image, seconds):
    assert surface_time(image, "here") == seconds


def test_a_step_that_is_no_number_is_refused():
    with pytest.raises(InputError, match="unreadable time step in here: got 'soon'"):
        surface_time(surface("soon"), "here")


def test_seconds_of_an_axis():
    axis = nibabel.cifti2.SeriesAxis(0, 0.72, 10, "SECOND")
    assert cifti_time(axis) == 0.72
    assert cifti_time(nibabel.cifti2.SeriesAxis(0, 0.72, 10, "HERTZ")) is None
    assert cifti_time(nibabel.cifti2.SeriesAxis(0, 0.0, 10, "SECOND")) is None
