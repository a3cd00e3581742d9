"""Images of a laboratory and what they evoke, as a recording."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.params.schema import Scene
from stages.core.recording.types import SAMPLE_COLUMNS, STIMULUS_COLUMNS, Recording, Subject
from stages.core.run.errors import InputError
from stages.prepare.picture_files import ImageFiles, image_paths
from stages.prepare.scenes import Scenes
from stages.prepare.subjects import check_subjects
from stages.prepare.tables.lab_events import Answers, answers_of, as_written, single_of
from stages.prepare.tables.lab_folder import IMAGES
from stages.prepare.tables.lab_people import Lab, open_lab, read_people
from stages.prepare.tables.lab_stimuli import read_shown
from stages.prepare.tables.lab_variables import read_captions, read_variables
from stages.prepare.usable_targets import NAMED

logger = logging.getLogger("concord.prepare")

DATASET = "table"
TEST = "test"


def load_table_images(raw: Path, scene: Scene) -> Scenes:
    """Load images and responses; people may have seen different ones, as often as they did.

    Responses are averaged by image and taken as they are otherwise. Single ones are kept of images
    that somebody saw three times or more.

    Parameters
    ----------
    raw : Path
    scene : Scene

    Raises
    ------
    InputError
        If a file is missing or damaged, files contradict each other, responses are a time series,
        or regions are chosen.
    """
    lab = _of_images(raw, scene)
    stimuli, split = read_shown(lab.table("stimuli"), described="captions" in lab.tables)
    paths = image_paths(raw / IMAGES, list(stimuli["image"]))
    read = read_people(lab, scene.subjects, "scene.subjects")
    people = answers_of(read, list(stimuli["id"]), raw)
    subjects = [viewer(name, *found, stimuli["id"]) for name, found in people.items()]
    seen = _seen([answers for answers, _ in people.values()], stimuli)
    if split is not None and not (split[seen] == TEST).any():
        raise InputError("nobody saw an image that is kept apart", where=lab.table("stimuli"))
    images = ImageFiles([paths[place] for place in np.flatnonzero(seen)])
    shown, captions, variables = _described(lab, stimuli, seen)
    samples = shown[list(SAMPLE_COLUMNS)]
    recording = Recording(
        dataset=DATASET,
        kind="events",
        tr=None,
        cleaning=None,
        stimuli=shown,
        samples=samples if split is None else samples.assign(split=split[seen].to_numpy()),
        subjects=check_subjects(subjects, DATASET),
        features=variables.get("features"),
        nuisance=variables.get("nuisance"),
        captions=captions,
        sources=lab.sources(people) | {IMAGES: images.digest},
    )
    return Scenes(recording, images)


def _of_images(raw: Path, scene: Scene) -> Lab:
    """Open a folder of images, of which no regions are chosen.

    Raises
    ------
    InputError
        If there are regions to choose, or responses are a time series.
    """
    if scene.regions != "all":
        raise InputError(
            "no such choice",
            where=f"params.yaml: scene.regions, dataset {DATASET}",
            expected="all",
            got=scene.regions,
            do="Leave columns out of the responses.",
        )
    lab = open_lab(raw)
    if "samples" in lab.tables:
        got = "a time series, samples.csv"
        raise InputError("no images", where=raw, expected="a row of responses per image", got=got)
    return lab


def viewer(name: str, answers: Answers, targets: pd.DataFrame, ids: "pd.Series[str]") -> Subject:
    """Make a subject of those who saw some of the images."""
    shown = {"id": ids.to_numpy()[answers.places], "repeats": answers.repeats}
    means, kept = as_written(answers.means, targets, name)
    single = single_of(answers.single, targets, kept)
    own = pd.DataFrame(shown | {"single": answers.often})
    return Subject(name, means, kept, samples=own, single=single)


def _seen(answers: Sequence[Answers], stimuli: pd.DataFrame) -> NDArray[np.bool_]:
    """Which images somebody saw; the others are left out by name."""
    seen = np.zeros(len(stimuli), dtype=bool)
    for one in answers:
        seen[one.places] = True
    if not seen.all():
        lacking = list(stimuli["id"][~seen])
        more = ", …" if len(lacking) > NAMED else ""
        logger.warning(
            "%d of %d images are left out, to which nobody responds: %s%s",
            *(len(lacking), len(stimuli), ", ".join(lacking[:NAMED]), more),
        )
    return seen


def _described(
    lab: Lab, stimuli: pd.DataFrame, seen: NDArray[np.bool_]
) -> tuple[pd.DataFrame, pd.DataFrame | None, dict[str, pd.DataFrame]]:
    """Choose the stimuli that were seen, with texts, captions, and other variables by name."""
    every, captions = list(stimuli["id"]), None
    if "captions" in lab.tables:
        captions = read_captions(lab.tables["captions"], every)
        stimuli["text"] = captions.loc[captions["number"] == 0, "text"].to_numpy()
        captions = captions[captions["id"].isin(stimuli["id"][seen])].reset_index(drop=True)
    shown = stimuli[seen].reset_index(drop=True)
    shown = shown.assign(onset=np.arange(len(shown), dtype=float), sample=shown["id"])
    variables = {
        name: read_variables(lab.tables[name], every, typed=name == "features")[seen]
        for name in ("features", "nuisance")
        if name in lab.tables
    }
    whole = {name: table.reset_index(drop=True) for name, table in variables.items()}
    return shown[list(STIMULUS_COLUMNS)], captions, whole
