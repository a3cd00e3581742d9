"""The Natural Scenes Dataset, and simulated recordings in its format (Allen et al. 2022).

A sample is an image, a response the mean over its repeats of a voxel's betas, z-scored within
each session. People saw different images: each has own samples. Those that everybody was to see
are kept apart by the column `split` of the samples.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.nsd_regions import HCP
from stages.core.recording.types import Recording, Stream
from stages.core.run.errors import InputError
from stages.core.run.files import require_file, sha256
from stages.core.run.settings import read_settings
from stages.prepare.nsd.betas import check_axes, check_copies, open_betas
from stages.prepare.nsd.freesurfer import read_surfaces, surface_files
from stages.prepare.nsd.parcellation import read_names, read_targets
from stages.prepare.nsd.repeats import MEMORY, stream_responses, stream_single
from stages.prepare.nsd.stimuli import (
    Photographs,
    image_id,
    read_captions,
    read_categories,
    read_stimulus_info,
)
from stages.prepare.nsd.tree import (
    OBTAIN,
    Design,
    Tree,
    choose_sessions,
    find_subjects,
    read_design,
    read_trials,
    sessions_there,
)
from stages.prepare.scenes import Scenes, Unfinished
from stages.prepare.single_responses import SINGLE
from stages.prepare.subjects import select_subjects

logger = logging.getLogger("concord.prepare")

RUN = "1"


@dataclass(frozen=True)
class Selection:
    """What of the release is studied.

    Attributes
    ----------
    subjects : `all` or list of str
        Those whose folder is there, or `subj01` to `subj08`.
    sessions : `all` or list of int
        Counted from 1; those that were planned for a subject. Other sessions mean other images
        and other averages.
    regions : `all` or list of str
        Of the atlas, such as `V1`; both hemispheres.
    atlas : str
        HCP_MMP1, or one of `stages.core.names.nsd_regions.SETS`.
    """

    subjects: Literal["all"] | list[str]
    sessions: Literal["all"] | list[int]
    regions: Literal["all"] | list[str]
    atlas: str = HCP


@dataclass(frozen=True)
class Viewer:
    """What one subject saw in the sessions that are studied.

    Attributes
    ----------
    name : str
    sessions : list of int
    images : ndarray of int, shape (n_images,)
        Ascending numbers, counted from 0.
    rows : ndarray of int, shape (n_trials,)
        Which of `images` each trial showed.
    """

    name: str
    sessions: list[int]
    images: NDArray[np.int64]
    rows: NDArray[np.intp]

    @property
    def repeats(self) -> NDArray[np.intp]:
        """How many trials showed each image."""
        return np.bincount(self.rows)


def load_nsd(folder: Path, dataset: str, selection: Selection, memory: int = MEMORY) -> Scenes:
    """Load the release below a folder; responses and images are read while they are written.

    Parameters
    ----------
    folder : Path
    dataset : str
        Name of the recording.
    selection : Selection
    memory : int
        Bytes of responses to work on at a time, about.

    Returns
    -------
    Scenes
        Targets have the columns `network` (Yeo-7) and `ncsnr` besides; their ceiling is the
        noise ceiling over all images of the subject. Sources give the size in bytes of responses
        and images, and the digest of every other file.

    Raises
    ------
    InputError
        If a file is missing or damaged, or the files contradict each other.
    """
    tree, kept = Tree(folder, selection.atlas), read_settings().scratch / "prepare" / dataset
    pictures = require_file(tree.stimuli / "nsd_stimuli.hdf5", OBTAIN)
    design = read_design(tree.design)
    names = select_subjects(selection.subjects, find_subjects(tree), "scene.subjects")
    viewers = [find_viewer(tree, name, selection.sessions, design) for name in names]
    info = read_stimulus_info(tree.experiment / "nsd_stim_info_merged.csv")
    check_shared(info, design, tree.experiment)
    images = np.unique(np.concatenate([viewer.images for viewer in viewers]))
    shown = info.loc[images]
    annotations = tree.stimuli / "annotations"
    captions = read_captions(annotations, shown)
    stimuli = stimulus_table(images, captions)
    recording = Recording(
        dataset=dataset,
        kind="events",
        tr=None,
        cleaning=None,
        stimuli=stimuli,
        samples=sample_table(stimuli, shown["shared1000"].to_numpy(bool)),
        subjects=[],
        streams=[
            prepare_subject(
                tree, viewer, selection.regions, design.shared, kept / viewer.name, memory=memory
            )
            for viewer in viewers
        ],
        features=read_categories(annotations, shown),
        captions=captions,
        sources=list_sources(tree, viewers, shown),
    )
    photographs = Photographs(pictures, images.tolist())
    unfinished = Unfinished(kept / "images", photographs.key)
    return Scenes(recording, photographs, read_surfaces(tree, names), unfinished)


def find_viewer(
    tree: Tree, subject: str, requested: Literal["all"] | Sequence[int], design: Design
) -> Viewer:
    """Read what a subject saw in the sessions requested."""
    sessions = choose_sessions(tree, subject, requested)
    trials = read_trials(tree.trials(subject), subject, sessions, design)
    images, rows = np.unique(trials["image"].to_numpy(), return_inverse=True)
    viewer = Viewer(subject, sessions, images, rows)
    logger.info(
        "%s: %d sessions, %d images, seen %.2f times on average",
        *(subject, len(sessions), len(images), viewer.repeats.mean()),
    )
    left = sessions_there(tree, subject) - set(sessions)
    if left:
        named = ", ".join(map(str, sorted(left)))
        logger.warning(
            "%s: sessions that are there and scene.sessions leaves out: %s", subject, named
        )
    return viewer


def check_shared(info: pd.DataFrame, design: Design, where: object) -> None:
    """Raise `InputError` unless the table of images and the design share the same images."""
    flagged = np.flatnonzero(info["shared1000"])
    if set(flagged) != set(design.shared):
        odd = min(set(flagged) ^ set(design.shared))
        raise InputError("shared images differ", where=where, got=f"image {odd} in one file only")


def stimulus_table(images: NDArray[np.int64], captions: pd.DataFrame) -> pd.DataFrame:
    """Stimuli: the images, each a sample, with their first caption as text."""
    ids = [image_id(image) for image in images]
    return pd.DataFrame(
        {
            "id": ids,
            "text": captions.loc[captions["number"] == 0, "text"].to_numpy(),
            "run": RUN,
            "onset": np.arange(len(ids), dtype=float),
            "duration": 1.0,
            "sample": ids,
        }
    )


def sample_table(stimuli: pd.DataFrame, shared: NDArray[np.bool_]) -> pd.DataFrame:
    """Make the samples: one per image; the shared ones are for testing."""
    samples = stimuli[["id", "run", "onset"]]
    return samples.assign(split=np.where(shared, "test", "train"))


def prepare_subject(
    tree: Tree,
    viewer: Viewer,
    regions: Literal["all"] | list[str],
    shared: Collection[int],
    kept: Path,
    *,
    memory: int,
) -> Stream:
    """Check a subject's files, and say how the responses are to be made.

    Parameters
    ----------
    tree : Tree
    viewer : Viewer
    regions : `all` or list of str
    shared : collection of int
        Images that everybody was to see: of those shown often enough, single responses are kept.
    kept : Path
        Where the subject's trials are kept.
    memory : int
        Bytes of responses to work on at a time, about.
    """
    names = read_names(tree.region_names(viewer.name), tree.atlas)
    targets, volume = read_targets(tree, viewer.name, names, regions, viewer.repeats)
    x, y, z = volume.numbers.shape
    paths = [tree.session(viewer.name, session) for session in viewer.sessions]
    for path in paths:
        with open_betas(path, (x, y, z)):
            pass
    voxels = targets[["i", "j", "k"]].to_numpy(np.int64)
    check_axes(paths[0], (x, y, z), voxels)
    check_copies(paths, (x, y, z), voxels)
    ids = [image_id(image) for image in viewer.images]
    often = np.isin(viewer.images, list(shared)) & (viewer.repeats >= SINGLE)
    repeated = np.flatnonzero(often)
    sizes = len(targets), len(ids), len(repeated)
    return Stream(
        name=viewer.name,
        parts=stream_responses(
            paths, targets, viewer.rows, (x, y, z), kept, repeated=repeated, memory=memory
        ),
        at_most=len(targets),
        samples=pd.DataFrame({"id": ids, "repeats": viewer.repeats, "single": often}),
        single=stream_single(*sizes, kept, memory=memory) if len(repeated) else None,
        affine=volume.affine,
        shape=(x, y, z),
    )


def list_sources(tree: Tree, viewers: Sequence[Viewer], shown: pd.DataFrame) -> dict[str, str]:
    """Digests of the small files and sizes of the large ones, by path in the release."""
    annotations = tree.stimuli / "annotations"
    named = dict.fromkeys(tree.region_names(viewer.name) for viewer in viewers)
    small = [tree.design, *named, tree.experiment / "nsd_stim_info_merged.csv"]
    for split in sorted(shown["cocoSplit"].unique()):
        small += [annotations / f"{kind}_{split}.json" for kind in ("captions", "instances")]
    large = [tree.stimuli / "nsd_stimuli.hdf5"]
    for viewer in viewers:
        name = viewer.name
        small += [tree.trials(name), tree.ncsnr(name)]
        small += [tree.regions(name, side) for side in ("lh", "rh")]
        large += [tree.session(name, session) for session in viewer.sessions]
    small += surface_files(tree, [viewer.name for viewer in viewers])
    sources = {str(path.relative_to(tree.root)): sha256(path) for path in small}
    sizes = {str(path.relative_to(tree.root)): f"{path.stat().st_size} bytes" for path in large}
    return sources | sizes
