"""The anatomy behind weights of decoders: a template of MNI152, coarse and in few levels."""

from pathlib import Path
from typing import Any

import numpy as np
from nilearn.datasets import load_mni152_template

from stages.core.names.spaces import space_of
from stages.core.recording.recording_files import read_description
from stages.core.run.files import lies_there
from stages.report.packed_tables import packed
from stages.report.volume_box import box_of

MILLIMETRES = 3
LEVELS = 15
# The notice is asked for wherever the template goes, of which the page has a part.
SOURCE = {
    "recording": "anatomy: MNI152, ICBM 2009a, as nilearn has it",
    "licence": "Copyright (C) 1993-2004 Louis Collins, McConnell Brain Imaging Centre, Montreal "
    "Neurological Institute, McGill University. May be used, copied, modified and distributed for "
    "any purpose and without fee, with this notice",
    "cited": ["fonov2011"],
    "repository": None,
    "revision": None,
}


def anatomy_of(dataset: str, prepared: Path) -> dict[str, Any]:
    """Read the template where a recording is of its space, and say why not where it is not.

    Parameters
    ----------
    dataset : str
    prepared : Path
        Folder of the prepared recording, which says what its space is.

    Returns
    -------
    dict
        reference (the space in words) and, where MNI152 is the space: shape, affine (from voxels to
        mm) and levels (packed, 0 outside of the brain to `LEVELS`, the last axis changing first).

    Raises
    ------
    InputError
        If the recording was edited or is damaged.
    """
    there = lies_there(prepared / "recording.json")
    named = str(read_description(prepared).get("space", "")) if there else ""
    space = space_of(dataset, named)
    return {"reference": space.reference} | (_template() if space.of_icbm else {})


def _template() -> dict[str, Any]:
    """Cut the template to the brain, axes to the right, front and top, and round its light."""
    image = load_mni152_template(resolution=MILLIMETRES)
    light = np.asarray(image.dataobj)
    levels = np.rint(light / light.max() * LEVELS).astype(np.uint8)
    box, affine = box_of(levels, np.array(image.affine, float))
    levels = levels[box]
    return {
        "shape": list(levels.shape),
        "affine": affine[:3].round(4).tolist(),
        "levels": packed(levels),
    }
