"""The images of a recording, which are read without the rest of it."""

from pathlib import Path

from stages.core.names.datasets import rerun
from stages.core.recording.recording_files import IMAGES, read_description
from stages.core.run.seals import check_unchanged


def require_images(folder: Path) -> Path:
    """Return the path of the images of a recording, if they are those that it was written with.

    They may have come alone; and a recording that was written before it described its images says
    nothing of them.

    Raises
    ------
    InputError
        If they were edited, or `recording.json` was.
    """
    path = folder / IMAGES
    if path.is_file() and (folder / "recording.json").is_file():
        digest = read_description(folder)["files"].get(IMAGES)
        if digest is not None:
            check_unchanged(path, digest, rerun("prepare", folder))
    return path
