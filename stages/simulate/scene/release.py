"""The files of the Natural Scenes Dataset: its tree, its tables, its volumes."""

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import nibabel
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.areas import AREAS
from stages.core.run.files import atomic
from stages.simulate.mat_files import write_mat

Array = NDArray[Any]
Crop = tuple[float, float, float, float]

TRIALS, IMAGES, SHARED, OWN, REPEATS = 750, 73000, 1000, 9000, 3
SUBJECTS, PLANNED_SESSIONS = 8, 40
# Trials of the twelve runs of a session.
RUNS = (63, 62) * 6
# A run has so many places for a trial, the first and last of them blank (Allen et al. 2022).
PLACES, BLANK_START, BLANK_END = 75, 3, 4
# Betas are stored as whole numbers: percent signal change times this.
SCALE = 300
# Width and height of COCO's images.
COCO_SIZE = (640, 480)
COLUMNS = (
    "SUBJECT SESSION RUN TRIAL 73KID 10KID TIME ISOLD ISCORRECT RT CHANGEMIND MEMORYRECENT "
    "MEMORYFIRST ISOLDCURRENT ISCORRECTCURRENT TOTAL1 TOTAL2 BUTTON MISSINGDATA"
)


@dataclass(frozen=True)
class Design:
    """What each trial shows, counted from 0.

    Attributes
    ----------
    ordering : ndarray of int, shape (30000,)
        Which of a subject's images.
    images : ndarray of int, shape (8, 10000)
        Each subject's images, the shared ones first.
    """

    ordering: Array
    images: Array

    def shown(self, number: int, sessions: Sequence[int]) -> Array:
        """Images that a subject is shown in some sessions, shape (n_trials,)."""
        trials = np.concatenate([np.arange((s - 1) * TRIALS, s * TRIALS) for s in sessions])
        shown: Array = self.images[number - 1, self.ordering[trials]]
        return shown


@dataclass(frozen=True)
class Brain:
    """A subject's volumes, all of shape (x, y, z).

    Attributes
    ----------
    left, right : ndarray
        Area numbers of a hemisphere; 0 is cortex without a name, -1 everything else.
    ncsnr : ndarray
        Ratio of signal to noise.
    affine : ndarray, shape (4, 4)
    """

    left: Array
    right: Array
    ncsnr: Array
    affine: Array


def make_design(n_sessions: int, n_shared: int, n_own: int, rng: np.random.Generator) -> Design:
    """Show some shared and some own images up to three times each in the first sessions."""
    order = rng.permutation(IMAGES)
    own = order[SHARED:].reshape(SUBJECTS, OWN)
    images = np.hstack([np.broadcast_to(order[:SHARED], (SUBJECTS, SHARED)), own])
    early = np.r_[np.arange(n_shared), SHARED + np.arange(n_own)]
    planned = rng.permutation(np.repeat(early, REPEATS))[: n_sessions * TRIALS]
    late = rng.integers(0, SHARED + OWN, PLANNED_SESSIONS * TRIALS - len(planned))
    return Design(np.r_[planned, late], images)


def times_shown(ordering: Array) -> Array:
    """Count the images that were shown once, twice and three times by the end of each session.

    Returns
    -------
    ndarray of int, shape (3, PLANNED_SESSIONS)
    """
    sessions = np.split(ordering, PLANNED_SESSIONS)
    counts = np.cumsum([np.bincount(shown, minlength=SHARED + OWN) for shown in sessions], axis=0)
    return np.stack([(counts >= times).sum(axis=1) for times in range(1, REPEATS + 1)])


def trial_pattern() -> Array:
    """Mark the places of trials that show an image.

    Returns
    -------
    ndarray of uint8, shape (PLANNED_SESSIONS, n_runs, PLACES)
    """
    pattern = np.zeros((PLANNED_SESSIONS, len(RUNS), PLACES), dtype=np.uint8)
    last = PLACES - BLANK_END - 1
    for run, trials in enumerate(RUNS):
        pattern[:, run, np.linspace(BLANK_START, last, trials).round().astype(int)] = 1
    return pattern


def write_design(root: Path, design: Design, crop: Crop) -> None:
    """Write `nsd_expdesign.mat` and the table of images.

    Parameters
    ----------
    root : Path
    design : Design
    crop : tuple of float
        Parts cut off COCO's images to make those shown: top, bottom, left, right.
    """
    folder = root / "nsddata" / "experiments" / "nsd"
    write_mat(
        folder / "nsd_expdesign.mat",
        {
            "basiccnt": times_shown(design.ordering).astype(np.uint16),
            "masterordering": (design.ordering[None] + 1).astype(np.uint16),
            "sharedix": (design.images[:1, :SHARED] + 1).astype(np.int32),
            "stimpattern": trial_pattern(),
            "subjectim": (design.images + 1).astype(np.int32),
        },
    )
    numbers = np.arange(IMAGES)
    info = pd.DataFrame(
        {
            "cocoId": coco_id(numbers),
            "cocoSplit": np.where(numbers % 2, "train2017", "val2017"),
            "cropBox": str(crop),
            "loss": 0.0,
            "nsdId": numbers,
            "flagged": False,
            "BOLD5000": False,
            "shared1000": np.isin(numbers, design.images[0, :SHARED]),
        }
    )
    with atomic(folder / "nsd_stim_info_merged.csv") as partial:
        info.to_csv(partial)


def coco_id(images: Any) -> Any:
    """Return the number that an image, or each of an array of images, has in COCO."""
    return 500000 - 3 * images


def write_names(root: Path) -> None:
    """Write the colour table of the areas, with the blanks and tabs that its sisters have."""
    lines = [f"{number} {name}\t    " for number, name in enumerate(("Unknown", *AREAS))]
    with atomic(_labels(root) / "HCP_MMP1.mgz.ctab") as partial:
        partial.write_text("\n".join(lines) + "\n")


def write_surface(root: Path, hemisphere: str, labels: NDArray[np.int32]) -> None:
    """Write the area number of every vertex of fsaverage in a hemisphere, `lh` or `rh`."""
    image = nibabel.MGHImage(labels[:, None, None], np.eye(4))
    with atomic(_labels(root) / f"{hemisphere}.HCP_MMP1.mgz") as partial:
        partial.write_bytes(gzip.compress(image.to_bytes(), mtime=0))


def _labels(root: Path) -> Path:
    return root / "nsddata" / "freesurfer" / "fsaverage" / "label"


def write_trials(root: Path, number: int, design: Design, n_sessions: int) -> None:
    """Write `responses.tsv` of the first sessions; what people answered is missing."""
    run = np.repeat(np.arange(len(RUNS)), RUNS) + 1
    trial = np.concatenate([np.arange(length) + 1 for length in RUNS])
    shown = design.shown(number, range(1, n_sessions + 1))
    table = pd.DataFrame(np.nan, index=range(len(shown)), columns=COLUMNS.split())
    table["SUBJECT"], table["MISSINGDATA"] = number, 0
    table["SESSION"] = np.repeat(np.arange(n_sessions) + 1, TRIALS)
    table["RUN"], table["TRIAL"] = np.tile(run, n_sessions), np.tile(trial, n_sessions)
    table["73KID"], table["10KID"] = shown + 1, design.ordering[: len(shown)] + 1
    path = root / "nsddata" / "ppdata" / f"subj{number:02d}" / "behav" / "responses.tsv"
    with atomic(path) as partial:
        table.to_csv(partial, sep="\t", index=False, na_rep="NaN")


def write_brain(root: Path, number: int, brain: Brain) -> None:
    """Write the volumes of areas and of signal-to-noise ratios."""
    regions = root / "nsddata" / "ppdata" / f"subj{number:02d}" / "func1pt8mm" / "roi"
    both = np.where(brain.left != -1, brain.left, brain.right)
    for name, volume in (("lh.", brain.left), ("rh.", brain.right), ("", both)):
        write_volume(regions / f"{name}HCP_MMP1.nii.gz", volume, brain.affine)
    write_volume(betas_folder(root, number) / "ncsnr.nii.gz", brain.ncsnr, brain.affine)


def write_volume(path: Path, volume: Array, affine: Array) -> None:
    """Write a volume of single floats; the same volume makes the same bytes."""
    image = nibabel.Nifti1Image(volume.astype(np.float32), affine)
    with atomic(path) as partial:
        partial.write_bytes(gzip.compress(image.to_bytes(), mtime=0))


def betas_folder(root: Path, number: int) -> Path:
    """Folder of a subject's responses."""
    space = root / "nsddata_betas" / "ppdata" / f"subj{number:02d}" / "func1pt8mm"
    return space / "betas_fithrf_GLMdenoise_RR"


def write_session(
    path: Path, shape: tuple[int, int, int], voxels: NDArray[np.intp], betas: Array
) -> None:
    """Write the betas of a session, 0 outside the voxels given, which take no space there.

    Parameters
    ----------
    path : Path
    shape : tuple of int
        Of the volume, x, y, z.
    voxels : ndarray of int, shape (n_voxels, 3)
        Indices x, y, z from 0.
    betas : ndarray, shape (750, n_voxels)
        Percent signal change.
    """
    stored = np.ascontiguousarray((betas * SCALE).round().astype("<i2").T)
    with atomic(path) as partial, h5py.File(partial, "w") as file:
        dataset = file.create_dataset(
            "betas", (TRIALS, *shape[::-1]), "<i2", chunks=(TRIALS, 1, 1, 1)
        )
        for (x, y, z), values in zip(voxels.tolist(), stored, strict=True):
            dataset.id.write_direct_chunk((0, z, y, x), values.tobytes())


def session_path(root: Path, number: int, session: int) -> Path:
    """File of a session's betas."""
    return betas_folder(root, number) / f"betas_session{session:02d}.hdf5"


@dataclass(frozen=True)
class Shown:
    """What is known of an image shown.

    Attributes
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)
        All images are of one size.
    captions : sequence of str
    objects : sequence of (category, box)
        Boxes left, top, width, height in pixels of COCO's image.
    """

    pixels: NDArray[np.uint8]
    captions: Sequence[str]
    objects: Sequence[tuple[str, Sequence[float]]]


def write_stimuli(root: Path, shown: Mapping[int, Shown], categories: Sequence[str]) -> None:
    """Write the images, by number counted from 0, and COCO's annotations of them."""
    folder = root / "nsddata_stimuli" / "stimuli" / "nsd"
    shape = next(iter(shown.values())).pixels.shape
    with atomic(folder / "nsd_stimuli.hdf5") as partial, h5py.File(partial, "w") as file:
        bricks = file.create_dataset("imgBrick", (IMAGES, *shape), "u1", chunks=(1, *shape))
        for image, about in shown.items():
            bricks[image] = about.pixels
    for odd, split in enumerate(("val2017", "train2017")):
        of_split = {image: about for image, about in shown.items() if image % 2 == odd}
        for kind, content in _annotations(of_split, categories).items():
            with atomic(folder / "annotations" / f"{kind}_{split}.json") as partial:
                partial.write_text(json.dumps(content))


def _annotations(
    shown: Mapping[int, Shown], categories: Sequence[str]
) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Arrange captions and objects as COCO does; outlines are boxes."""
    width, height = COCO_SIZE
    images = [{"id": coco_id(image), "width": width, "height": height} for image in shown]
    captions = [
        {"image_id": coco_id(image), "id": 10 * image + number, "caption": text}
        for image, about in shown.items()
        for number, text in enumerate(about.captions)
    ]
    objects = [
        {
            "image_id": coco_id(image),
            "category_id": 1 + categories.index(name),
            "bbox": [left, top, wide, high],
            "iscrowd": 0,
            "segmentation": [
                [left, top, left + wide, top, left + wide, top + high, left, top + high]
            ],
        }
        for image, about in shown.items()
        for name, (left, top, wide, high) in about.objects
    ]
    kinds = [{"id": number, "name": name} for number, name in enumerate(categories, start=1)]
    return {
        "captions": {"images": images, "annotations": captions},
        "instances": {"images": images, "annotations": objects, "categories": kinds},
    }
