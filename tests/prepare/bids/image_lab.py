"""A small laboratory whose people saw images: betas, a volume per trial, written with nibabel.

Two people, two sessions of one file each. Both saw the first `SHARED` images, and each others of
their own, everything `REPEATS` times. Voxels of `Left_A` answer to what is in an image, with noise
of every trial; all others to nothing. sub-02's volumes have no table of their own, and belong to
the rows `image` of the events.
"""

import nibabel as nib
import numpy as np
from PIL import Image

from tests.prepare.bids.lab import AFFINE, SHAPE, SPACE, atlas_labels, write_atlas, write_json

SHARED, OWN, REPEATS = 24, 16, 3
# Standard deviation of what an image evokes, where the noise of a trial has 1.
SIGNAL = 1.0
DERIVED = "derivatives/betas"


def seen_by(number):
    """Names of the images that a person saw, in no order."""
    own = range(SHARED + (number - 1) * OWN, SHARED + number * OWN)
    return [f"set/img_{k:03d}.png" for k in [*range(SHARED), *own]]


def evoked(name):
    """What an image evokes in the voxels of Left_A, shape (27,)."""
    return SIGNAL * np.random.default_rng([7, int(name[-7:-4])]).normal(size=27)


def make_image_lab(root):
    """Write the dataset."""
    for k in range(SHARED + 2 * OWN):
        path = root / "stimuli" / "set" / f"img_{k:03d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(k).integers(0, 255, (40, 48, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path)
    write_json(root / "dataset_description.json", {"Name": "images", "BIDSVersion": "1.10.0"})
    for number in (1, 2):
        rng = np.random.default_rng([1, number])
        trials = rng.permutation(np.repeat(seen_by(number), REPEATS))
        for session, shown in enumerate(np.array_split(trials, 2), start=1):
            write_betas(root, number, session, shown, rng)
    write_atlas(root / "derivatives/atlases")
    return root


def write_betas(root, number, session, shown, rng):
    """Write the betas of a session, whose scale and mean are the session's own, and its table."""
    stem = f"sub-0{number}_ses-0{session}_task-look"
    folder = root / DERIVED / f"sub-0{number}" / f"ses-0{session}" / "func"
    raw = root / f"sub-0{number}" / f"ses-0{session}" / "func"
    values = rng.normal(size=(*SHAPE, len(shown)))
    inside = atlas_labels() == 1
    for at, name in enumerate(shown):
        values[inside, at] += evoked(name)
    values = values * session + 10 * session
    values[1, 2, 2] = 5.0  # a voxel of Left_A that was not measured
    for place in (folder, raw):
        place.mkdir(parents=True, exist_ok=True)
    image = nib.Nifti1Image(values.astype(np.float32), AFFINE)
    nib.save(image, folder / f"{stem}_space-{SPACE}_betaseries.nii.gz")
    rows = ["onset\tduration\ttrial_type\tstim_file"]
    if number == 1:
        rows += [f"{4 * at}\t3\timage\t{name}" for at, name in enumerate(shown)]
        (folder / f"{stem}_betaseries.tsv").write_text("\n".join(rows) + "\n")
    else:
        rows += ["0\t3\tfixation\tn/a"]
        rows += [f"{4 * at + 4}\t3\timage\t{name}" for at, name in enumerate(shown)]
        (raw / f"{stem}_events.tsv").write_text("\r\n".join(rows) + "\r\n")
