"""What was measured in a run, how long it is, and how often; whatever the kind of image."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stages.core.run.errors import InputError
from stages.prepare.series.grayordinates import open_grayordinates, read_grayordinates
from stages.prepare.series.header_times import cifti_time, surface_time, volume_time
from stages.prepare.series.measured_places import SIDES, Places
from stages.prepare.series.opened_images import open_image
from stages.prepare.series.vertex_places import Pair, open_surface, read_vertices, series_shape
from stages.prepare.series.volume_blocks import open_volumes
from stages.prepare.series.voxel_places import read_volumes

# An image of a run: of a volume or of grayordinates, or one per hemisphere, left first.
Image = Path | Pair
GRAYORDINATES = ".dtseries.nii"


def read_series(image: Image, places: Places) -> NDArray[np.float32]:
    """Read what was measured at places.

    Returns
    -------
    ndarray of float32, shape (n_samples, n_places)
        Scaled as the header says.

    Raises
    ------
    InputError
        If a file is missing or damaged, or its grid, mesh or grayordinates are not the places'.
    """
    found = kind_of(image)
    if found != places.kind:
        raise InputError("other kind of image", where=image, expected=places.kind, got=found)
    if isinstance(image, tuple):
        return read_vertices(image, places)
    return (read_grayordinates if of_grayordinates(image) else read_volumes)(image, places)


def kind_of(image: Image) -> str:
    """Kind of `Places` of an image, by its name."""
    if isinstance(image, tuple):
        return "surface"
    return "cifti" if of_grayordinates(image) else "volume"


def of_grayordinates(path: Path) -> bool:
    """Whether an image is one of grayordinates, by its name."""
    return path.name.endswith(GRAYORDINATES)


def series_length(image: Image) -> int:
    """Count the samples of a run, as the header says; of a pair, of the left hemisphere.

    Raises
    ------
    InputError
        If the file is missing or damaged, or not a series.
    """
    if isinstance(image, tuple):
        return series_shape(open_surface(image[0], SIDES[0]), image[0])[0]
    if of_grayordinates(image):
        return len(open_grayordinates(image)[1])
    return open_volumes(image).n_volumes


def header_tr(image: Image) -> float | None:
    """Seconds between samples as the header says; None where it does not: 0, or 1 of no unit.

    Raises
    ------
    InputError
        If the file is missing or damaged, or not a series.
    """
    if isinstance(image, tuple):
        return surface_time(open_surface(image[0], SIDES[0]), image[0])
    if of_grayordinates(image):
        return cifti_time(open_grayordinates(image)[1])
    open_volumes(image)
    return volume_time(open_image(image).header)
