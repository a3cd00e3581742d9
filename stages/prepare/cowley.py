"""Macaque V4: spike counts of 50 units to 640 grey images of objects, shown six to ten times.

One session (210325) of one animal, PE (Cowley et al. 2023, bioRxiv 2023.11.22.568315): counts of
100 ms, of the images of Bashivan et al. (2019), in which an object floats before a scene; those of
one object follow each other.
"""

import io
import logging
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from stages.core.recording.types import Recording, Subject
from stages.core.run.errors import InputError
from stages.core.run.files import require_file, sha256
from stages.core.stats.averaged_noise import noise_ceiling
from stages.prepare.noise_ceilings import repeats_ncsnr, sum_by
from stages.prepare.scenes import Scenes
from stages.prepare.subjects import select_subjects
from stages.prepare.usable_targets import target_table

RESPONSES = "v4_cowley2023/responses_210325.npy"
IMAGES = "v4_cowley2023/images_210325.zip"
OBTAIN = "Restore the file in the mirror, or unset CONCORD_DATA_MIRROR to download it."
ANIMAL, REGION, RUN = "PE", "V4", "1"
SHAPE = (50, 640, 10)  # units, images, most repeats
NAME = r"image\d{4}\.jpg"

Counts = NDArray[np.float64]
Pixels = NDArray[np.uint8]

logger = logging.getLogger("concord.prepare")


def load_v4(files: Mapping[str, Path], requested: Literal["all"] | list[str]) -> Scenes:
    """Load the images and the mean response of every unit to each.

    Images have no captions: the text of one is its name, and language models read that.

    Parameters
    ----------
    files : mapping of str to Path
        By name in the mirror folder.
    requested : `all` or list of str
        Subjects, of whom there is one.

    Returns
    -------
    Scenes
        Of kind `events`. Targets are the units, with the column `ncsnr` besides; their ceiling is
        that of means over as many repeats as each image had. No images are kept apart.

    Raises
    ------
    InputError
        If a file is damaged, or the two files contradict each other.
    """
    select_subjects(requested, [ANIMAL], "scene.subjects")
    counts = read_counts(files[RESPONSES])
    names, images = read_zip(files[IMAGES])
    if len(names) != counts.shape[1]:
        raise InputError(
            "images without responses",
            where=files[IMAGES],
            expected=f"{counts.shape[1]} images",
            got=len(names),
            do=OBTAIN,
        )
    logger.warning("no captions: language models will read the names of images, which are numbers")
    stimuli = stimulus_table([Path(name).stem for name in names])
    recording = Recording(
        dataset="v4_cowley2023",
        kind="events",
        tr=None,
        cleaning=None,
        stimuli=stimuli,
        samples=stimuli[["id", "run", "onset"]],
        subjects=[unit_responses(counts, list(stimuli["id"]))],
        sources={name: sha256(files[name]) for name in (RESPONSES, IMAGES)},
    )
    return Scenes(recording, images)


def read_counts(path: Path) -> Counts:
    """Spike counts, shape (n_units, n_images, n_repeats), NaN where there was no such repeat.

    Raises
    ------
    InputError
        If there are other numbers of units, images or repeats, counts are no counts, a repeat is
        missing for some units only or before others, or an image was shown less than twice.
    """
    require_file(path, OBTAIN)
    try:
        counts = np.load(path, allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise InputError("unreadable responses", where=path, got=error, do=OBTAIN) from error
    if counts.shape != SHAPE:
        raise InputError("wrong shape", where=path, expected=SHAPE, got=counts.shape, do=OBTAIN)
    absent = np.isnan(counts)
    shown = (~absent).sum(axis=2)
    in_front = absent == (np.arange(SHAPE[2]) >= shown[:, :, None])
    if not in_front.all() or (shown != shown[0]).any() or shown.min() < 2:
        raise InputError(
            "repeats missing",
            where=path,
            expected="two or more of each image, the same for all units, and NaN after the last",
            do=OBTAIN,
        )
    there = counts[~absent]
    if (there < 0).any() or (there != np.round(there)).any():
        raise InputError("no spike counts", where=path, expected="whole numbers from 0", do=OBTAIN)
    return np.asarray(counts, dtype=np.float64)


def unit_responses(counts: Counts, ids: list[str]) -> Subject:
    """Standardise every unit over all trials of the session, and average it by image.

    Raises
    ------
    InputError
        If a unit's count is always the same.
    """
    shown, repeat = np.nonzero(~np.isnan(counts[0]))
    trials = counts[:, shown, repeat].T
    constant = np.ptp(trials, axis=0) == 0
    if constant.any():
        raise InputError("constant unit", where=RESPONSES, got=f"unit {int(constant.argmax()) + 1}")
    trials = (trials - trials.mean(axis=0)) / trials.std(axis=0)
    repeats = np.bincount(shown)
    ncsnr = repeats_ncsnr(trials, shown)
    if ncsnr is None:
        raise InputError("too few repeats", where=RESPONSES, got=f"{len(trials)} trials")
    names = [f"unit_{number:02d}" for number in range(1, len(counts) + 1)]
    targets = target_table(names, [REGION] * len(names), [""] * len(names))
    return Subject(
        name=ANIMAL,
        responses=(sum_by(trials, shown) / repeats[:, None]).astype(np.float32),
        targets=targets.assign(ncsnr=ncsnr, ceiling=noise_ceiling(ncsnr, repeats)),
        samples=pd.DataFrame({"id": ids, "repeats": repeats}),
    )


def read_zip(path: Path) -> tuple[list[str], list[Pixels]]:
    """Names and pixels of the images, in the order of their numbers.

    Raises
    ------
    InputError
        If the archive is damaged, or holds anything but images named by consecutive numbers.
    """
    require_file(path, OBTAIN)
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(archive.namelist())
            _check_names(names, path)
            return names, [_pixels(archive.read(name)) for name in names]
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        raise InputError("unreadable images", where=path, got=error, do=OBTAIN) from error


def _check_names(names: list[str], path: Path) -> None:
    """Raise `InputError` unless images are named by consecutive numbers, from 1."""
    for number, name in enumerate(names, start=1):
        if not re.fullmatch(NAME, name) or int(name[5:9]) != number:
            expected = f"image{number:04d}.jpg"
            raise InputError("unexpected image", where=path, expected=expected, got=name, do=OBTAIN)


def _pixels(content: bytes) -> Pixels:
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert("RGB"), dtype=np.uint8)


def stimulus_table(names: list[str]) -> pd.DataFrame:
    """Stimuli: the images, each a sample, with its name as text."""
    return pd.DataFrame(
        {
            "id": names,
            "text": names,
            "run": RUN,
            "onset": np.arange(len(names), dtype=float),
            "duration": 1.0,
            "sample": names,
        }
    )
