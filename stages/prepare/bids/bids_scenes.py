"""A laboratory's own BIDS dataset: people who saw images, and betas that were estimated before."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.params.bids_section import Bids
from stages.core.params.schema import Scene
from stages.core.recording.types import STIMULUS_COLUMNS, Recording, Subject
from stages.core.run.errors import InputError
from stages.core.run.progress import progress
from stages.core.stats.averaged_noise import noise_ceiling
from stages.core.time.cleaning import clean
from stages.prepare.atlases.region_atlas import Atlas
from stages.prepare.bids.bids_recording import (
    dataset_root,
    everyones_atlas,
    files_of,
    named_places,
)
from stages.prepare.bids.dataset_files import Dataset, open_dataset
from stages.prepare.bids.file_sources import STIMULI, file_sources
from stages.prepare.bids.find_runs import Run, find_runs
from stages.prepare.bids.person_series import COLUMNS, STANDARDIZE, person_places
from stages.prepare.bids.shown_images import (
    CAPTIONS,
    DESCRIBED,
    image_captions,
    shown_images,
    volume_tables,
)
from stages.prepare.noise_ceilings import LEAST_REPEATS, repeats_ncsnr, sum_by
from stages.prepare.picture_files import ImageFiles, image_paths
from stages.prepare.scenes import Scenes
from stages.prepare.series.run_series import read_series
from stages.prepare.single_responses import kept_single
from stages.prepare.subjects import (
    check_subjects,
    drop_unusable,
    select_regions,
    select_subjects,
)
from stages.prepare.usable_targets import drop_targets

logger = logging.getLogger("concord.prepare")

# Images that all people saw are kept apart for testing if there are so many.
LEAST_APART = 20
# But only if everybody has so many others, on which layers are chosen.
LEAST_OWN = 10
Names = NDArray[np.object_]


@dataclass(frozen=True)
class Viewing:
    """What a person saw: the files of betas, and the image of each of their volumes."""

    runs: list[Run]
    images: list[Names]

    @property
    def seen(self) -> set[str]:
        """Names of the images."""
        return {name for names in self.images for name in names} - {""}


def load_bids_images(raw: Path, scene: Scene, settings: Bids) -> Scenes:
    """Load images and betas of a BIDS dataset, a volume per trial.

    Betas are standardised over the trials of a session, as the names of files tell sessions apart,
    and averaged by image. People may have seen different images; those that all saw are then kept
    apart for testing, if there are `LEAST_APART` of them, and everybody saw `LEAST_OWN` others.

    Parameters
    ----------
    raw : Path
        The dataset, or a folder with a `sources.json` of the form `{"root": "/the/dataset"}`.
    scene : Scene
    settings : Bids

    Raises
    ------
    InputError
        If files are missing, damaged or contradict each other or the settings.
    """
    data = open_dataset(dataset_root(raw), settings.derivative)
    runs = find_runs(data, settings, settings.betas)
    names = select_subjects(
        scene.subjects, list(dict.fromkeys(run.subject for run in runs)), "scene.subjects"
    )
    runs = [run for run in runs if run.subject in names]
    tables = volume_tables(runs, data, settings)
    viewings = viewings_of(runs, tables, settings)
    atlases = everyones_atlas(settings, data.root, list(viewings))
    subjects = check_subjects(
        everyone(viewings, atlases, scene, settings), f"{data.derivative}, _{settings.betas}"
    )
    seen = {subject.name: viewings[subject.name].seen for subject in subjects}
    shown = sorted(set().union(*seen.values()))
    images = ImageFiles(image_paths(data.root / STIMULI, shown))
    captions = image_captions(data.root / STIMULI, shown, settings.stimulus)
    stimuli = stimulus_table(shown, captions)
    recording = Recording(
        dataset="bids",
        kind="events",
        tr=None,
        cleaning=None,
        stimuli=stimuli,
        samples=sample_table(stimuli, list(seen.values())),
        subjects=subjects,
        captions=captions,
        sources=_sources(data, runs, [*tables, *files_of(atlases)], watched=data.root == raw)
        | {STIMULI: images.digest},
        space=settings.space,
    )
    return Scenes(recording, images)


def viewings_of(runs: Sequence[Run], tables: Sequence[Path], settings: Bids) -> dict[str, Viewing]:
    """Read what everybody saw, by subject.

    Raises
    ------
    InputError
        If a table does not fit its file, or somebody saw no image.
    """
    found: dict[str, Viewing] = {}
    for run, path in progress(list(zip(runs, tables, strict=True)), "tables"):
        one = found.setdefault(run.subject, Viewing([], []))
        one.runs.append(run)
        one.images.append(shown_images(run, path, settings))
    for name, one in found.items():
        if not one.seen:
            raise InputError(f"no image shown to {name}", where=one.runs[0].label)
    return found


def everyone(
    viewings: Mapping[str, Viewing], atlases: Mapping[str, Atlas], scene: Scene, settings: Bids
) -> Iterator[Subject]:
    """Yield each person's averages by image.

    Raises
    ------
    InputError
        If a region is asked for that nobody has, or a file is damaged.
    """
    for name, viewing in progress(list(viewings.items()), "subjects"):
        places = person_places(viewing.runs)
        targets = named_places(places, atlases[name], settings, name)
        known = sorted(set(targets["region"]) - {""})
        asked = targets["region"].isin(select_regions(scene.regions, known))
        blocks = [
            read_series(run.image, places)[images != ""]
            for run, images in zip(viewing.runs, viewing.images, strict=True)
        ]
        sessions = [run.name.entities.get("ses", "") for run in viewing.runs]
        yield viewer(
            name,
            np.concatenate(blocks),
            targets.assign(region=targets["region"].where(asked, "")),
            np.concatenate([images[images != ""] for images in viewing.images]),
            np.repeat(sessions, [len(block) for block in blocks]),
            grid=(places.affine, places.shape),
        )


def viewer(
    name: str,
    betas: NDArray[np.float32],
    targets: pd.DataFrame,
    images: Names,
    sessions: NDArray[np.str_],
    *,
    grid: tuple[NDArray[np.float64] | None, tuple[int, int, int] | None] = (None, None),
) -> Subject:
    """Standardise betas by session, and average them by image.

    Parameters
    ----------
    name : str
    betas : ndarray, shape (n_trials, n_targets)
    targets : DataFrame
        Region is empty where a target is not studied.
    images : ndarray of str, shape (n_trials,)
    sessions : ndarray of str, shape (n_trials,)
    grid : tuple
        Affine and shape of the volume, if there is one.

    Returns
    -------
    Subject
        Targets have the ceiling that their repeats tell, missing where there are too few. With
        own samples, in the order of the images' names, and single betas of images seen three times.
    """
    outside = (targets["region"] == "").to_numpy()
    betas, targets = drop_targets(betas, targets, outside, name, "outside every region")
    betas, targets = drop_unusable(betas, targets, sessions, name)
    series = standardized(betas, sessions)
    own, shown = np.unique(images.astype(str), return_inverse=True)
    repeats = np.bincount(shown)
    ncsnr = repeats_ncsnr(series, shown)
    if ncsnr is None:
        logger.warning("%s: no ceiling: fewer than %d trials repeat an image", name, LEAST_REPEATS)
    else:
        targets = targets.assign(ncsnr=ncsnr, ceiling=noise_ceiling(ncsnr, repeats))
    means = (sum_by(series, shown) / repeats[:, None]).astype(np.float32)
    often, single = kept_single(series, shown)
    samples = pd.DataFrame({"id": own.astype(object), "repeats": repeats, "single": often})
    return Subject(name, means, targets, *grid, samples=samples, single=single)


def standardized(betas: NDArray[np.floating], sessions: NDArray[np.str_]) -> NDArray[np.float32]:
    """Bring every column to mean 0 and standard deviation 1 in each session."""
    found = np.empty(betas.shape, dtype=np.float32)
    for start in range(0, betas.shape[1], COLUMNS):
        columns = slice(start, start + COLUMNS)
        found[:, columns] = clean(betas[:, columns], sessions, 1.0, STANDARDIZE)
    return found


def stimulus_table(images: Sequence[str], captions: pd.DataFrame | None) -> pd.DataFrame:
    """Make the stimuli: images, each a sample, with their first caption or else their name."""
    if captions is None:
        texts = [Path(name).stem for name in images]
        logger.warning("no %s/%s: language models will read the names of files", STIMULI, CAPTIONS)
    else:
        texts = captions.loc[captions["number"] == 0, "text"].tolist()
    table = pd.DataFrame({"id": list(images), "text": texts, "run": "1"}, dtype=object)
    table = table.assign(onset=np.arange(len(table), dtype=float), duration=1.0, sample=table["id"])
    return table[list(STIMULUS_COLUMNS)]


def sample_table(stimuli: pd.DataFrame, seen: Sequence[set[str]]) -> pd.DataFrame:
    """Make the samples; images that everybody saw are for testing, where enough others are left."""
    samples = stimuli[["id", "run", "onset"]]
    everybody = set.intersection(*seen)
    if len(everybody) == len(samples) or len(seen) == 1:
        return samples
    if len(everybody) < LEAST_APART:
        logger.info("%d images seen by all: too few to be kept apart", len(everybody))
        return samples
    fewest = min(len(one - everybody) for one in seen)
    if fewest < LEAST_OWN:
        logger.info("somebody saw but %d images that not all saw: none are kept apart", fewest)
        return samples
    apart = samples["id"].isin(everybody)
    logger.info("%d images seen by all are kept apart for testing", int(apart.sum()))
    return samples.assign(split=np.where(apart, "test", "train"))


def _sources(
    data: Dataset, runs: Sequence[Run], others: Sequence[Path], *, watched: bool
) -> dict[str, str]:
    texts = [data.root / STIMULI / name for name in (CAPTIONS, DESCRIBED)]
    return file_sources(runs, data.root, [*others, *texts], watched=watched)
