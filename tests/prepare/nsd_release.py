"""Writer of a release in the layout of the Natural Scenes Dataset, with planted responses."""

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
from scipy.io import savemat

from stages.core.hcp import AREAS

Array = NDArray[Any]

TRIALS, IMAGES, SHARED, OWN = 750, 73000, 1000, 9000
# Trials of the twelve runs of a session.
RUNS = (63, 62) * 6
COLUMNS = [
    "SUBJECT",
    "SESSION",
    "RUN",
    "TRIAL",
    "73KID",
    "10KID",
    "TIME",
    "ISOLD",
    "ISCORRECT",
    "RT",
    "CHANGEMIND",
    "MEMORYRECENT",
    "MEMORYFIRST",
    "ISOLDCURRENT",
    "ISCORRECTCURRENT",
    "TOTAL1",
    "TOTAL2",
    "BUTTON",
    "MISSINGDATA",
]


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
        return self.images[number - 1, self.ordering[trials]]


@dataclass(frozen=True)
class Brain:
    """A subject's volumes, all of shape (x, y, z)."""

    left: Array
    right: Array
    ncsnr: Array
    affine: Array


def make_design(n_sessions: int, n_shared: int, n_own: int, rng: np.random.Generator) -> Design:
    """Show some shared and some own images up to three times each in the first sessions."""
    order = rng.permutation(IMAGES)
    own = order[SHARED:].reshape(8, OWN)
    images = np.hstack([np.broadcast_to(order[:SHARED], (8, SHARED)), own])
    early = np.r_[np.arange(n_shared), SHARED + np.arange(n_own)]
    planned = rng.permutation(np.repeat(early, 3))[: n_sessions * TRIALS]
    late = rng.integers(0, SHARED + OWN, 40 * TRIALS - len(planned))
    return Design(np.r_[planned, late], images)


def write_design(root: Path, design: Design) -> None:
    """Write `nsd_expdesign.mat` and the table of images."""
    folder = root / "nsddata" / "experiments" / "nsd"
    folder.mkdir(parents=True)
    savemat(
        folder / "nsd_expdesign.mat",
        {
            "basiccnt": np.zeros((3, 40)),
            "masterordering": design.ordering[None].astype(float) + 1,
            "sharedix": design.images[:1, :SHARED].astype(float) + 1,
            "stimpattern": np.ones((40, 12, 75)),
            "subjectim": design.images.astype(float) + 1,
        },
    )
    info = pd.DataFrame(
        {
            "cocoId": coco_id(np.arange(IMAGES)),
            "cocoSplit": np.where(np.arange(IMAGES) % 2, "train2017", "val2017"),
            "cropBox": "(0, 0, 0.25, 0.25)",
            "loss": 0.0,
            "nsdId": np.arange(IMAGES),
            "flagged": False,
            "BOLD5000": False,
            "shared1000": np.isin(np.arange(IMAGES), design.images[0, :SHARED]),
        }
    )
    info.to_csv(folder / "nsd_stim_info_merged.csv")


def coco_id(images: Array) -> Array:
    """Number that an image has in COCO."""
    return 500000 - 3 * images


def write_names(root: Path) -> None:
    """Write the colour table, with the blanks and tabs that its sisters have."""
    folder = root / "nsddata" / "freesurfer" / "fsaverage" / "label"
    folder.mkdir(parents=True)
    lines = [f"{number} {name}\t    " for number, name in enumerate(("Unknown", *AREAS))]
    (folder / "HCP_MMP1.mgz.ctab").write_text("\n".join(lines) + "\n")


def write_trials(root: Path, number: int, design: Design, n_sessions: int) -> None:
    """Write `responses.tsv` of the first sessions."""
    run = np.repeat(np.arange(12), RUNS) + 1
    trial = np.concatenate([np.arange(length) + 1 for length in RUNS])
    shown = design.shown(number, range(1, n_sessions + 1))
    table = pd.DataFrame(dict.fromkeys(COLUMNS, np.nan), index=range(len(shown)))
    table = table.assign(
        **{
            "SUBJECT": number,
            "SESSION": np.repeat(np.arange(n_sessions) + 1, TRIALS),
            "RUN": np.tile(run, n_sessions),
            "TRIAL": np.tile(trial, n_sessions),
            "73KID": shown + 1,
            "10KID": design.ordering[: len(shown)] + 1,
            "MISSINGDATA": 0,
        }
    )
    folder = root / "nsddata" / "ppdata" / f"subj{number:02d}" / "behav"
    folder.mkdir(parents=True)
    table.to_csv(folder / "responses.tsv", sep="\t", index=False, na_rep="NaN")


def write_brain(root: Path, number: int, brain: Brain) -> None:
    """Write the volumes of regions and of signal-to-noise ratios."""
    regions = root / "nsddata" / "ppdata" / f"subj{number:02d}" / "func1pt8mm" / "roi"
    both = np.where(brain.left != -1, brain.left, brain.right)
    for name, volume in (("lh.", brain.left), ("rh.", brain.right), ("", both)):
        write_volume(regions / f"{name}HCP_MMP1.nii.gz", volume, brain.affine)
    write_volume(betas_folder(root, number) / "ncsnr.nii.gz", brain.ncsnr, brain.affine)


def write_volume(path: Path, volume: Array, affine: Array) -> None:
    """Write a volume of single floats."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(volume.astype(np.float32), affine), path)


def betas_folder(root: Path, number: int) -> Path:
    """Folder of a subject's responses."""
    space = root / "nsddata_betas" / "ppdata" / f"subj{number:02d}" / "func1pt8mm"
    return space / "betas_fithrf_GLMdenoise_RR"


def write_session(root: Path, number: int, session: int, betas: Array) -> None:
    """Write the betas of a session.

    Parameters
    ----------
    betas : ndarray, shape (750, x, y, z)
        Percent signal change; 0 throughout outside the brain.
    """
    path = betas_folder(root, number) / f"betas_session{session:02d}.hdf5"
    path.parent.mkdir(parents=True, exist_ok=True)
    stored = (betas * 300).round().astype(np.int16).transpose(0, 3, 2, 1)
    with h5py.File(path, "w") as file:
        file.create_dataset("betas", data=stored, chunks=(len(stored), 1, 1, 1))


def write_stimuli(
    root: Path,
    pixels: Mapping[int, Array],
    captions: Mapping[int, Sequence[str]],
    objects: Mapping[int, Sequence[tuple[str, Sequence[float]]]],
    categories: Sequence[str],
) -> None:
    """Write the images and COCO's annotations of them.

    Parameters
    ----------
    pixels : mapping of int to ndarray of uint8, shape (height, width, 3)
        By number counted from 0; all of one size.
    captions : mapping of int to list of str
    objects : mapping of int to list of (category, box)
        Boxes left, top, width, height in images of 640 × 480.
    categories : sequence of str
    """
    folder = root / "nsddata_stimuli" / "stimuli" / "nsd"
    (folder / "annotations").mkdir(parents=True)
    shape = next(iter(pixels.values())).shape
    with h5py.File(folder / "nsd_stimuli.hdf5", "w") as file:
        bricks = file.create_dataset("imgBrick", (IMAGES, *shape), "u1", chunks=(1, *shape))
        for image, values in pixels.items():
            bricks[image] = values
    names = dict(enumerate(categories, start=1))
    numbers = {name: number for number, name in names.items()}
    for odd, split in enumerate(("val2017", "train2017")):
        ids = [image for image in pixels if image % 2 == odd]
        about = [{"id": int(coco_id(image)), "width": 640, "height": 480} for image in ids]
        texts = [
            {"image_id": int(coco_id(image)), "id": 10 * image + n, "caption": text}
            for image in ids
            for n, text in enumerate(captions[image])
        ]
        boxes = [
            {
                "image_id": int(coco_id(image)),
                "category_id": numbers[name],
                "bbox": list(box),
                "iscrowd": 0,
                "segmentation": [[0.0] * 8],
            }
            for image in ids
            for name, box in objects[image]
        ]
        kinds = [{"id": number, "name": name} for number, name in names.items()]
        for kind, found in (
            ("captions", {"images": about, "annotations": texts}),
            ("instances", {"images": about, "annotations": boxes, "categories": kinds}),
        ):
            (folder / "annotations" / f"{kind}_{split}.json").write_text(json.dumps(found))


@dataclass(frozen=True)
class Planted:
    """A small release and what was planted in it.

    Attributes
    ----------
    root : Path
    design : Design
    brains : dict of int to Brain
        By subject.
    patterns : dict of int to ndarray, shape (73000, x, y, z)
        Response of every voxel to the images shown; 0 for the others.
    betas : dict of (subject, session) to ndarray, shape (750, x, y, z)
        Percent signal change: level and gain of the session, pattern and noise.
    """

    root: Path
    design: Design
    brains: dict[int, Brain]
    patterns: dict[int, Array]
    betas: dict[tuple[int, int], Array]


SESSIONS = (1, 2, 3)
SHAPES = {1: (7, 6, 5), 2: (6, 6, 4)}
# Voxels that subject 1 lost in session 2, and that has no signal-to-noise ratio.
LOST, UNKNOWN = (1, 1, 1), (4, 2, 2)
CATEGORIES = ("person", "dog", "stop sign")
NOISE = 0.5


def plant(root: Path, rng: np.random.Generator) -> Planted:
    """Write a release of two subjects, three sessions and 800 images each."""
    design = make_design(len(SESSIONS), 300, 500, rng)
    write_design(root, design)
    write_names(root)
    brains, patterns, betas = {}, {}, {}
    for number, shape in SHAPES.items():
        brains[number] = make_brain(shape, rng)
        if number == 1:
            brains[number].ncsnr[UNKNOWN] = np.nan
        write_brain(root, number, brains[number])
        write_trials(root, number, design, len(SESSIONS))
        shown = np.unique(design.shown(number, SESSIONS))
        patterns[number] = np.zeros((IMAGES, *shape))
        patterns[number][shown] = rng.standard_normal((len(shown), *shape))
        for session in SESSIONS:
            seen = patterns[number][design.shown(number, [session])]
            level, gain = rng.uniform(-2, 2, shape), rng.uniform(1, 3, shape)
            values = level + gain * (seen + NOISE * rng.standard_normal(seen.shape))
            values[:, 0] = values[:, :, :, 0] = 0
            if (number, session) == (1, 2):
                values[:, *LOST] = 0
            betas[number, session] = values
            write_session(root, number, session, values)
    shown = np.unique([design.shown(number, SESSIONS) for number in SHAPES])
    write_pictures(root, shown.tolist(), rng)
    return Planted(root, design, brains, patterns, betas)


def make_brain(shape: tuple[int, int, int], rng: np.random.Generator) -> Brain:
    """Label the left half V1, V2, 4 and 7PL from back to front, and the right half likewise."""
    left, right = np.full(shape, -1.0), np.full(shape, -1.0)
    middle = shape[0] // 2
    for y, number in enumerate((0, 1, 4, 8, 46, 46)):
        left[1:middle, y, 1:] = number
        right[middle + 1 :, y, 1:] = number
    affine = np.diag([1.8, 1.8, 1.8, 1.0])
    affine[:3, 3] = -0.9 * np.array(shape)
    return Brain(left, right, rng.uniform(0.5, 1.5, shape), affine)


def write_pictures(root: Path, shown: Sequence[int], rng: np.random.Generator) -> None:
    """Write noise as pictures, five captions each, a person in the crop and a dog outside it."""
    write_stimuli(
        root,
        {image: rng.integers(0, 256, (8, 8, 3), dtype=np.uint8) for image in shown},
        {image: [f"caption {n} of\n image {image} " for n in range(5)] for image in shown},
        {
            image: [("person", (0, 0, 20, 30)), ("dog", (500, 0, 100, 100))]
            + [("stop sign", (400, 300, 200, 100))] * (image % 3)
            for image in shown
        },
        CATEGORIES,
    )
