"""Images saved whole or not at all."""

from pathlib import Path
from typing import Any

import nibabel

from stages.core.run.files import atomic


def save_image(image: Any, path: Path, extension: str) -> None:
    """Save any image of nibabel's under a name with this extension, which names the format."""
    with atomic(path) as partial:
        whole = partial.with_suffix(extension)
        nibabel.save(image, whole)
        whole.replace(partial)
