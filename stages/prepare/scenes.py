"""A recording of images: what brains did, the images, and where the regions lie."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from stages.core.pictures.images import write_images
from stages.core.pictures.surfaces import Surface, write_surfaces
from stages.core.recording.checks import check_recording
from stages.core.recording.recording_files import IMAGES, write_recording
from stages.core.recording.types import Recording
from stages.prepare.kept_images import Pictures, keep_images, place


@dataclass(frozen=True)
class Unfinished:
    """Where images are kept until their recording is whole.

    Attributes
    ----------
    folder : Path
    key : str
        Digest of all that determines the images.
    """

    folder: Path
    key: str


@dataclass(frozen=True)
class Scenes:
    """What a loader of images gives.

    Attributes
    ----------
    recording : Recording
    images : sequence of ndarray of uint8, shape (height, width, 3)
        In the order of the stimuli; taken one at a time.
    surfaces : dict of str to Surface
        By subject or under `fsaverage5`.
    unfinished : Unfinished or None
        None for so few images that they may as well be written again.
    """

    recording: Recording
    images: Pictures
    surfaces: dict[str, Surface] = field(default_factory=dict)
    unfinished: Unfinished | None = None


def write_scenes(folder: Path, scenes: Scenes) -> None:
    """Check all and write it, `recording.json` last.

    Raises
    ------
    InputError
        If the recording does not keep its contract.
    """
    check_recording(scenes.recording, folder)
    write_surfaces(folder, scenes.surfaces)
    ids, path = list(scenes.recording.stimuli["id"]), folder / IMAGES
    unfinished = scenes.unfinished
    if unfinished is None:
        write_images(path, ids, scenes.images)
    else:
        place(keep_images(unfinished.folder, ids, scenes.images, unfinished.key), path)
    write_recording(folder, scenes.recording, IMAGES)
    if unfinished is not None:
        shutil.rmtree(unfinished.folder)
