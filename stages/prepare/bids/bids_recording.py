"""A laboratory's own BIDS dataset: people who heard or read words, preprocessed."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from stages.core.params.bids_section import Bids
from stages.core.params.schema import PrepareStory
from stages.core.recording.types import Cleaning, Recording, Subject
from stages.core.run.errors import InputError
from stages.core.run.files import read_json
from stages.core.run.progress import progress
from stages.prepare.atlases.label_tables import mesh_family
from stages.prepare.atlases.named_atlases import load_atlas
from stages.prepare.atlases.region_atlas import Atlas, GridLabels, labelled_share
from stages.prepare.bids.confounds import check_filter
from stages.prepare.bids.dataset_files import open_dataset
from stages.prepare.bids.file_sources import file_sources
from stages.prepare.bids.person_series import acquisitions, person, person_places
from stages.prepare.bids.run_plan import Plan, make_plan
from stages.prepare.lexical import check_language, lexical_features, nuisance_variables
from stages.prepare.series.measured_places import Places
from stages.prepare.subjects import check_subjects
from stages.prepare.timing import scan_of_word
from stages.prepare.usable_targets import target_table

log = logging.getLogger("concord.prepare")

LANGUAGE = "bids.language"
# Of the places of a person, the share that an atlas of this space should name.
COVERED = 0.5
SOURCES = "sources.json"
# In the path of an atlas, the label of each person.
PERSON = "{sub}"
# Space of the voxels of grayordinates, whose cortex is fsLR (Glasser et al. 2013).
BELOW_CORTEX = "MNI152NLin6Asym"
# Spaces that are a person's own.
NATIVE = ("", "T1w", "func", "boldref", "orig", "fsnative")


def dataset_root(raw: Path) -> Path:
    """Find the dataset: the folder that sources.json names, or else this one.

    Raises
    ------
    InputError
        If sources.json names no folder.
    """
    path = raw / SOURCES
    if not path.exists():
        if not raw.is_dir():
            what = "not a folder" if raw.exists() else "no such folder"
            raise InputError(what, where=raw, do="See data/raw/bids/README.md.")
        return raw
    root = Path(str(read_json(path, "See data/raw/bids/README.md.").get("root", "")))
    if not root.is_absolute() or not root.is_dir():
        raise InputError("no such folder", where=path, expected='{"root": "/a/folder"}', got=root)
    return root


def load_bids(raw: Path, prepare: PrepareStory, settings: Bids) -> Recording:
    """Load words and responses of a BIDS dataset.

    Samples are measured at StartTime after a volume begins; a word belongs to the volume during
    which it began. What the head and the scanner did leaves the responses only.

    Parameters
    ----------
    raw : Path
        The dataset, or a folder with a `sources.json` of the form `{"root": "/the/dataset"}`.
    prepare : PrepareStory
    settings : Bids

    Raises
    ------
    InputError
        If files are missing, damaged or contradict each other or the settings.
    """
    check_language(settings.language, LANGUAGE)
    check_filter(settings.confounds, prepare.high_pass)
    data = open_dataset(dataset_root(raw), settings.derivative)
    plan = make_plan(data, settings, prepare.subjects)
    samples, stimuli = tables(plan)
    cleaning = Cleaning(prepare.detrend, prepare.high_pass, standardize=True)
    atlases = everyones_atlas(settings, data.root, plan.subjects)
    confounds: dict[str, None] = {}

    def everyone() -> Iterator[Subject]:
        for name in progress(plan.subjects, "subjects"):
            found = acquisitions(plan, name)
            places = person_places([run for _, run in found])
            regions = named_places(places, atlases[name], settings, name)
            subject, names = person(
                plan,
                name,
                places,
                regions,
                settings=settings,
                cleaning=cleaning,
                smoothing=prepare.smoothing,
            )
            confounds.update(dict.fromkeys(names))
            yield subject

    subjects = check_subjects(everyone(), str(data.derivative))
    return Recording(
        dataset="bids",
        kind="timeseries",
        tr=plan.timing.tr,
        cleaning=replace(cleaning, confounds=tuple(confounds)),
        stimuli=stimuli,
        samples=samples,
        subjects=subjects,
        features=lexical_features(stimuli, settings.language),
        nuisance=nuisance_variables(stimuli, settings.language),
        sources=file_sources(
            [run for name in plan.subjects for _, run in acquisitions(plan, name)],
            data.root,
            [*plan.annotations, *files_of(atlases)],
            watched=data.root == raw,
        ),
        space=settings.space,
    )


def everyones_atlas(settings: Bids, root: Path, people: Sequence[str]) -> dict[str, Atlas]:
    """Load the atlas of every person: one for all, or each their own where its path has `{sub}`.

    Raises
    ------
    InputError
        If an atlas cannot be read, or one were to serve several people's own spaces.
    """
    if PERSON in settings.atlas:
        paths = {name: settings.atlas.replace(PERSON, name[len("sub-") :]) for name in people}
        return {name: load_atlas(path, root) for name, path in paths.items()}
    atlas = load_atlas(settings.atlas, root)
    if settings.space in NATIVE and atlas.space in NATIVE and len(people) > 1:
        raise InputError(
            "one atlas for the own spaces of several people",
            where=f"params.yaml: bids.atlas, {settings.atlas}",
            expected=f"a path with {PERSON}, such as anat/sub-{PERSON}_dseg.nii.gz",
            got=", ".join(people),
            do="Set bids.atlas, or bids.space to a template that the derivative has.",
        )
    return dict.fromkeys(people, atlas)


def files_of(atlases: Mapping[str, Atlas]) -> list[Path]:
    """Name the files of atlases, each once."""
    return sorted({path for atlas in atlases.values() for path in atlas.files})


def tables(plan: Plan) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make samples and stimuli; words of volumes that were dropped have no sample."""
    samples: list[pd.DataFrame] = []
    stimuli: list[pd.DataFrame] = []
    first, tr = 0, plan.timing.tr
    for one in plan.passages:
        begins = tr * np.arange(plan.dummies, one.n_volumes)
        ids = np.array([f"t{first + at:05d}" for at in range(len(begins))])
        first += len(ids)
        samples.append(
            pd.DataFrame({"id": ids, "run": one.name, "onset": begins + plan.timing.start})
        )
        at = scan_of_word(one.words["onset"].to_numpy(), begins, tr)
        stimuli.append(one.words.assign(run=one.name, sample=np.where(at < 0, "", ids[at])))
    words = pd.concat(stimuli, ignore_index=True)
    words.insert(0, "id", [f"w{at:06d}" for at in range(len(words))])
    columns = ["id", "text", "run", "onset", "duration", "sample"]
    return pd.concat(samples, ignore_index=True), words[columns]


def named_places(places: Places, atlas: Atlas, settings: Bids, subject: str) -> pd.DataFrame:
    """Make targets of places, each in its region of the atlas; the region is empty outside.

    Raises
    ------
    InputError
        If hardly any place has a region.
    """
    named = atlas.label(places)
    share = labelled_share(named)
    if settings.space in NATIVE and atlas.space not in (*NATIVE, settings.space):
        raise InputError(
            "atlas of a template, images of a person",
            where=f"params.yaml: bids.atlas, {settings.atlas}",
            expected="one in the space of each image",
            got=atlas.space,
            do="Set bids.space to a template that the derivative has.",
        )
    below = places.kind == "cifti" and isinstance(atlas.labels, GridLabels)
    space = BELOW_CORTEX if below else settings.space
    if len({mesh_family(name) for name in (atlas.space, space)} - {""}) > 1:
        log.warning("atlas of %s, images of %s: some mm apart", atlas.space, space)
    if share == 0:
        raise InputError(
            f"atlas names no place of {subject}",
            where=settings.atlas,
            expected=f"space {settings.space or 'native'}",
            got=atlas.space or "another space",
            do="Set bids.atlas.",
        )
    if share < COVERED:
        log.warning("%s: %.0f %% of places are in a region of the atlas", subject, 100 * share)
    _warn_unnamed_part(places, named, subject)
    voxels = places.table[["i", "j", "k"]]
    table = target_table(
        places.table["id"].tolist(), named["region"].tolist(), named["hemisphere"].tolist()
    )
    table = table.assign(**{axis: voxels[axis].array for axis in ("i", "j", "k")})
    return table.assign(structure=places.table["structure"]) if places.kind == "cifti" else table


def _warn_unnamed_part(places: Places, named: pd.DataFrame, subject: str) -> None:
    """Warn where the atlas names nothing of the cortex, or nothing below it, of grayordinates."""
    if places.kind != "cifti":
        return
    for part, what in ((places.on_grid, "voxels below the cortex"), (~places.on_grid, "vertices")):
        if part.any() and (named["region"][part] == "").all():
            log.warning(
                "%s: none of %d %s is in a region, and all are left out: a .dlabel.nii may name "
                "both, hcp-mmp1 does, a _dseg.nii.gz names voxels alone; see bids.atlas",
                *(subject, int(part.sum()), what),
            )
