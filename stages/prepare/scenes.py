"""A recording of images: what brains did, the images, and where the regions lie."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from stages.core.pictures.images import Image, write_images
from stages.core.pictures.surfaces import Surface, write_surfaces
from stages.core.recording.checks import check_recording
from stages.core.recording.recording_files import write_recording
from stages.core.recording.types import Recording


@dataclass(frozen=True)
class Scenes:
    """What a loader of images gives.

    Attributes
    ----------
    recording : Recording
    images : iterable of ndarray of uint8, shape (height, width, 3)
        In the order of the stimuli; taken one at a time.
    surfaces : dict of str to Surface
        By subject or under `fsaverage5`.
    """

    recording: Recording
    images: Iterable[Image]
    surfaces: dict[str, Surface] = field(default_factory=dict)


def write_scenes(folder: Path, scenes: Scenes) -> None:
    """Check all and write it, `recording.json` last.

    Raises
    ------
    InputError
        If the recording does not keep its contract.
    """
    check_recording(scenes.recording, folder)
    write_surfaces(folder, scenes.surfaces)
    ids = list(scenes.recording.stimuli["id"])
    write_images(folder / "images.hdf5", ids, scenes.images)
    write_recording(folder, scenes.recording)
