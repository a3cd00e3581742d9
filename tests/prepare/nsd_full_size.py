"""A release of NSD as large as the real one, or a part of it, which takes little room on the disk.

Sessions of all people but the first are hard links to the first's, and files are sparse: only
voxels of the cortex are written, and one line of each image. Everything that `prepare` looks at has
its real size.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from stages.core.names.areas import AREAS
from stages.simulate.scene.release import (
    IMAGES,
    TRIALS,
    Brain,
    Design,
    coco_id,
    make_design,
    session_path,
    write_brain,
    write_design,
    write_names,
    write_session,
    write_trials,
)

# Volume of the first person's responses, 1.8 mm; images; objects in COCO's training images.
SHAPE, SIDE, OBJECTS = (81, 104, 83), 425, 860_000
# A person's images: those that everybody sees, and the others.
SHARED, OWN, SESSIONS, VOXELS = 1000, 9000, 40, 33_000


@dataclass(frozen=True)
class Size:
    """How much of the real size: sessions, images, voxels, pixels and objects."""

    part: float = 1.0
    people: int = 1

    def __call__(self, whole: int) -> int:
        """Return the part of a number, at least one."""
        return max(1, round(self.part * whole))

    @property
    def side(self) -> int:
        """Pixels of a side of an image."""
        return round(SIDE * self.part**0.5)


def write_release(root: Path, size: Size, rng: np.random.Generator) -> None:
    """Write the files of a release that has no surfaces."""
    sessions = size(SESSIONS)
    design = make_design(sessions, size(SHARED), size(OWN), rng)
    write_design(root, design, (0, 0, 0.125, 0.125))
    write_names(root)
    brain, voxels = make_cortex(size(VOXELS), rng)
    betas = rng.standard_normal((TRIALS, len(voxels)), dtype=np.float32)
    for person in range(1, size.people + 1):
        write_brain(root, person, brain)
        write_trials(root, person, design, sessions)
        for session in range(1, sessions + 1):
            path, first = (session_path(root, one, session) for one in (person, 1))
            if path == first:
                write_session(path, SHAPE, voxels, np.roll(betas, session, axis=0))
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                os.link(first, path)
    write_stimuli(root, size, design, rng)


def make_cortex(n: int, rng: np.random.Generator) -> tuple[Brain, NDArray[np.intp]]:
    """Make a thin folded sheet of n voxels, its areas from front to back."""
    places = np.indices(SHAPE).reshape(3, -1).T
    centred = (places - np.array(SHAPE) / 2) / (np.array(SHAPE) / 2)
    folds = 0.06 * np.sin(23 * centred).prod(axis=1)
    distance = np.abs(np.linalg.norm(centred, axis=1) - 0.8 + folds)
    voxels = places[np.sort(np.argsort(distance, kind="stable")[:n])]
    rank = np.argsort(np.argsort(voxels[:, 1], kind="stable"))
    numbers = 1 + rank * len(AREAS) // n
    sides = []
    for on_side in (voxels[:, 0] < SHAPE[0] // 2, voxels[:, 0] >= SHAPE[0] // 2):
        volume = np.full(SHAPE, -1.0)
        volume[tuple(voxels[on_side].T)] = numbers[on_side]
        sides.append(volume)
    ncsnr = rng.uniform(0.2, 1.5, SHAPE)
    return Brain(sides[0], sides[1], ncsnr, np.diag([1.8, 1.8, 1.8, 1.0])), voxels


def write_stimuli(root: Path, size: Size, design: Design, rng: np.random.Generator) -> None:
    """Write one line of every image shown, and annotations of as many objects as COCO has."""
    folder, side = root / "nsddata_stimuli" / "stimuli" / "nsd", size.side
    folder.mkdir(parents=True)
    people = range(1, size.people + 1)
    sessions = range(1, size(SESSIONS) + 1)
    shown = np.unique(np.concatenate([design.shown(person, sessions) for person in people]))
    layout = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    layout.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    layout.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    with h5py.File(folder / "nsd_stimuli.hdf5", "w") as file:
        bricks = file.create_dataset("imgBrick", (IMAGES, side, side, 3), "u1", dcpl=layout)
        for image in shown:
            bricks[image, side // 2] = rng.integers(0, 256, (side, 3), dtype=np.uint8)
    for odd, split in enumerate(("val2017", "train2017")):
        ids = coco_id(shown[shown % 2 == odd]).tolist()
        _write_annotations(folder / "annotations", split, ids, size(OBJECTS) // (1 if odd else 20))


def _write_annotations(folder: Path, split: str, ids: list[int], objects: int) -> None:
    """Write captions and objects of some images, and objects of images that nobody saw."""
    folder.mkdir(exist_ok=True)
    images = [{"id": number, "width": 640, "height": 480} for number in ids]
    captions = [
        {"image_id": number, "id": 10 * number + k, "caption": f"caption {k} of image {number}"}
        for number in ids
        for k in range(5)
    ]
    content = {"images": images, "annotations": captions}
    (folder / f"captions_{split}.json").write_text(json.dumps(content))
    outline = [round(320 + 0.37 * k, 2) for k in range(50)]
    entry = json.dumps(
        {"category_id": 1, "bbox": [1, 1, 90, 90], "iscrowd": 0, "segmentation": [outline]}
    )
    owners = [*ids, *range(1_000_000, 1_000_000 + objects - len(ids))]
    entries = ",".join(f'{{"image_id": {owner}, {entry[1:]}' for owner in owners)
    categories = json.dumps([{"id": 1, "name": "person"}])
    text = f'{{"images": {json.dumps(images)}, "categories": {categories}, "annotations": '
    (folder / f"instances_{split}.json").write_text(f"{text}[{entries}]}}")
