"""Scales of pixels that make something of an image, and those that do not."""

import numpy as np
import pytest

from stages.core.nets.pixel_scale import check_scale
from stages.core.run.errors import InputError


@pytest.mark.parametrize(
    "scale",
    [
        {},
        {"mean": None, "std": None},
        {"mean": 0, "std": 1},
        {"mean": [-1, 0, 0.5], "std": (0.1, 1e-9, 7)},
        {"image_mean": 0.5, "image_std": np.array([0.2])},
    ],
)
def test_scales_that_are_taken(scale):
    check_scale(scale, "net")


@pytest.mark.parametrize(
    ("scale", "message"),
    [
        ({"std": 0}, "std of net: expected finite numbers above 0, got 0"),
        ({"image_std": [0.1, -1]}, "image_std of net: expected finite numbers above 0"),
        ({"std": [0.5, np.nan]}, "std of net"),
        ({"mean": None, "std": 0}, "std of net"),
        ({"mean": np.inf}, "mean of net: expected finite numbers, got inf"),
        ({"mean": [0.5, np.nan, 0.5], "std": 1}, "mean of net"),
        ({"mean": "bright"}, "mean of net: expected finite numbers, got bright"),
        ({"mean": [[1], [2, 3]]}, "mean of net"),
        ({"mean": {"a": 1}}, "mean of net"),
    ],
)
def test_scales_that_make_nothing_of_an_image(scale, message):
    with pytest.raises(InputError, match=f"wrong scale of pixels in {message}"):
        check_scale(scale, "net")
