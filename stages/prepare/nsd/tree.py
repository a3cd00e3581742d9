"""The folders of the Natural Scenes Dataset: which files there are, and what each trial showed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.nsd_regions import HCP
from stages.core.run.delimited import read_delimited
from stages.core.run.errors import InputError
from stages.core.run.files import require_file
from stages.prepare.inner_paths import UNSEEN
from stages.prepare.matfile import numbers, read_mat

TRIALS = 750
ALL_TRIALS = 40 * TRIALS
IMAGES = 73000
SHARED = 1000
PLANNED = {"subj01": 40, "subj02": 40, "subj03": 32, "subj04": 30}
PLANNED |= {"subj05": 40, "subj06": 32, "subj07": 40, "subj08": 30}
# The subject of FreeSurfer that is the average of many.
AVERAGE = "fsaverage"
OBTAIN = f"data/raw/nsd/README.md says where to obtain it. {UNSEEN}"
HEADER = 65536  # bytes that the names of columns may take
# Columns of responses.tsv that are read.
COLUMNS = ["SUBJECT", "SESSION", "RUN", "TRIAL", "73KID", "10KID"]


@dataclass(frozen=True)
class Tree:
    """Paths of the release below its root.

    Attributes
    ----------
    root : Path
    atlas : str
        The set of regions that is read: `stages.core.names.nsd_regions`.
    """

    root: Path
    atlas: str = HCP

    @property
    def experiment(self) -> Path:
        """Folder of the design and of the table of images."""
        return self.root / "nsddata" / "experiments" / "nsd"

    @property
    def design(self) -> Path:
        """Which image each trial was to show."""
        return self.experiment / "nsd_expdesign.mat"

    @property
    def stimuli(self) -> Path:
        """Folder of the images, and of COCO's annotations."""
        return self.root / "nsddata_stimuli" / "stimuli" / "nsd"

    @property
    def all_betas(self) -> Path:
        """Folder with one folder of responses per subject."""
        return self.root / "nsddata_betas" / "ppdata"

    def freesurfer(self, name: str) -> Path:
        """Folder of the surfaces of a subject, or of `AVERAGE`."""
        return self.root / "nsddata" / "freesurfer" / name

    def region_names(self, subject: str) -> Path:
        """Find the table of numbers and names of regions: the average's, or else the subject's own.

        Of HCP-MMP1 it is the average's in any case.
        """
        own, average = (
            self.freesurfer(name) / "label" / f"{self.atlas}.mgz.ctab"
            for name in (subject, AVERAGE)
        )
        return average if self.atlas == HCP or average.is_file() else own

    def vertex_regions(self, name: str, hemisphere: str) -> Path:
        """Region number of every vertex of a hemisphere, `lh` or `rh`."""
        return self.freesurfer(name) / "label" / f"{hemisphere}.{self.atlas}.mgz"

    def surface(self, subject: str, hemisphere: str, kind: str) -> Path:
        """Mesh (`inflated`) or depth (`sulc`) of a hemisphere, `lh` or `rh`."""
        return self.freesurfer(subject) / "surf" / f"{hemisphere}.{kind}"

    def trials(self, subject: str) -> Path:
        """Table of what a subject was shown and did."""
        return self.root / "nsddata" / "ppdata" / subject / "behav" / "responses.tsv"

    def regions(self, subject: str, hemisphere: str) -> Path:
        """Volume of region numbers of a hemisphere, `lh` or `rh`."""
        folder = self.root / "nsddata" / "ppdata" / subject / "func1pt8mm" / "roi"
        return folder / f"{hemisphere}.{self.atlas}.nii.gz"

    def betas(self, subject: str) -> Path:
        """Folder of a subject's responses."""
        return self.all_betas / subject / "func1pt8mm" / "betas_fithrf_GLMdenoise_RR"

    def session(self, subject: str, session: int) -> Path:
        """Responses of one session."""
        return self.betas(subject) / f"betas_session{session:02d}.hdf5"

    def ncsnr(self, subject: str) -> Path:
        """Volume of signal-to-noise ratios."""
        return self.betas(subject) / "ncsnr.nii.gz"


@dataclass(frozen=True)
class Design:
    """What each trial was to show, with images counted from 0.

    Attributes
    ----------
    ordering : ndarray of int, shape (30000,)
        Which of a subject's images each trial shows; the same for everybody.
    images : ndarray of int, shape (8, 10000)
        Each subject's images, the shared ones first.
    shared : ndarray of int, shape (1000,)
        The images that everybody was to see.
    """

    ordering: NDArray[np.int64]
    images: NDArray[np.int64]
    shared: NDArray[np.int64]


def read_design(path: Path) -> Design:
    """Read `nsd_expdesign.mat`, which counts from 1.

    Raises
    ------
    InputError
        If the file is missing or damaged, or its parts contradict each other.
    """
    content = read_mat(path, ("masterordering", "subjectim", "sharedix"), OBTAIN)
    ordering = _indices(content["masterordering"], f"{path}: masterordering", 10000).ravel()
    images = _indices(content["subjectim"], f"{path}: subjectim", IMAGES)
    shared = _indices(content["sharedix"], f"{path}: sharedix", IMAGES).ravel()
    if len(ordering) != ALL_TRIALS:
        where, expected = f"{path}: masterordering", f"{ALL_TRIALS} trials"
        raise InputError("wrong shape", where=where, expected=expected, got=len(ordering))
    if len(images) != len(PLANNED) or len(shared) != SHARED or ordering.max() >= images.shape[1]:
        raise InputError(
            "wrong shape",
            where=path,
            expected="8 subjects, 1000 shared images, trials that show one of a subject's images",
            got=f"{len(images)}, {len(shared)}, {images.shape[1]} images",
        )
    if (np.sort(images[:, :SHARED]) != np.sort(shared)).any():
        raise InputError(
            "shared images differ", where=path, expected="sharedix, first in every row of subjectim"
        )
    return Design(ordering, images, shared)


def _indices(values: object, where: str, top: int) -> NDArray[np.int64]:
    """Count whole numbers from 1 to `top` from 0."""
    array = numbers(values, where)
    wrong = (array < 1) | (array > top) | (array % 1 != 0)
    if wrong.any():
        got = f"{array[wrong][0]:g}"
        raise InputError(
            "index out of range", where=where, expected=f"whole numbers from 1 to {top}", got=got
        )
    return array.astype(np.int64) - 1


def read_text_table(path: Path, sep: str) -> pd.DataFrame:
    """Read a table of the release.

    Raises
    ------
    InputError
        If the file is missing, or is no table.
    """
    with require_file(path, OBTAIN).open("rb") as file:
        header = file.readline(HEADER)
    if len(header) == HEADER:  # pandas is busy without end with so many columns
        expected = f"names of columns in a first line below {HEADER} bytes"
        raise InputError("unreadable table", where=path, expected=expected, do=OBTAIN)
    return read_delimited(path, OBTAIN, sep=sep)


def find_subjects(tree: Tree) -> list[str]:
    """Names of the subjects whose responses are there.

    Raises
    ------
    InputError
        If there is none.
    """
    found = [name for name in PLANNED if tree.betas(name).is_dir()]
    if not found:
        raise InputError(
            "no subject's folder",
            where=tree.all_betas,
            expected="subj01 to subj08",
            do=OBTAIN,
        )
    return found


def sessions_there(tree: Tree, subject: str) -> set[int]:
    """Sessions of a subject, counted from 1, whose responses are there."""
    sessions = range(1, PLANNED[subject] + 1)
    return {session for session in sessions if tree.session(subject, session).is_file()}


def choose_sessions(
    tree: Tree, subject: str, requested: Literal["all"] | Sequence[int]
) -> list[int]:
    """Sessions of a subject in order: those requested that were planned for this subject.

    Another list makes other images and other averages, so it is never taken from what happens to
    be there.

    Raises
    ------
    InputError
        If a session was planned for nobody, is given twice, or its responses are missing.
    """
    where = f"sessions of {subject}"
    longest = max(PLANNED.values())
    sessions = range(1, longest + 1) if requested == "all" else sorted(requested)
    for session in sessions:
        if not 1 <= session <= longest:
            raise InputError(
                "unknown session", where=where, expected=f"1 to {longest}", got=session
            )
    if len(set(sessions)) < len(sessions):
        raise InputError("session given twice", where=where, got=list(sessions))
    chosen = [session for session in sessions if session <= PLANNED[subject]]
    for session in chosen:
        require_file(
            tree.session(subject, session), f"List the sessions you have, or obtain it: {OBTAIN}"
        )
    if not chosen:
        raise InputError(
            "no session", where=where, expected=f"some of 1 to {PLANNED[subject]}", got=requested
        )
    return chosen


def read_trials(path: Path, subject: str, sessions: Sequence[int], design: Design) -> pd.DataFrame:
    """Read what a subject was shown, in the order of the responses.

    Parameters
    ----------
    path : Path
        `responses.tsv`.
    subject : str
    sessions : sequence of int
    design : Design

    Returns
    -------
    DataFrame
        One row per trial, 750 per session: session, and image counted from 0.

    Raises
    ------
    InputError
        If the table does not hold the trials of these sessions as they were designed: it could
        not be the one that belongs to the responses.
    """
    table = _read_table(path)
    number = int(subject.removeprefix("subj"))
    if (table["SUBJECT"] != number).any():
        raise InputError("other subject", where=path, expected=number, got=set(table["SUBJECT"]))
    found = []
    for session in sessions:
        trials = table[table["SESSION"] == session]
        where = f"{path}, session {session}"
        _check_session(trials, where)
        shown = trials["73KID"].to_numpy() - 1
        order = design.ordering[(session - 1) * TRIALS : session * TRIALS]
        planned = design.images[number - 1, order]
        wrong = (planned != shown) | (order != trials["10KID"].to_numpy() - 1)
        if wrong.any():
            at = int(wrong.argmax())
            raise InputError(
                "trials do not match the design",
                where=f"{where}, trial {at + 1}",
                expected=f"image {planned[at] + 1}",
                got=shown[at] + 1,
                do="Rows may be missing or in another order: obtain responses.tsv again.",
            )
        found.append(pd.DataFrame({"session": session, "image": shown}))
    return pd.concat(found, ignore_index=True)


def _read_table(path: Path) -> pd.DataFrame:
    table = read_text_table(path, sep="\t")
    for name in COLUMNS:
        if name not in table:
            raise InputError("column missing", where=path, expected=name, got=list(table))
        if not pd.api.types.is_integer_dtype(table[name]):
            raise InputError("wrong type", where=f"{path}, column {name}", expected="whole numbers")
    outside = ~table["73KID"].between(1, IMAGES)
    if outside.any():
        row = int(outside.argmax())
        raise InputError(
            "image id out of range",
            where=f"{path}, row {row + 2}",
            expected=f"1 to {IMAGES}",
            got=table["73KID"][row],
        )
    return table


def _check_session(trials: pd.DataFrame, where: str) -> None:
    if len(trials) != TRIALS:
        raise InputError(
            "trials do not match the responses",
            where=where,
            expected=f"{TRIALS} trials",
            got=len(trials),
            do="Obtain responses.tsv again.",
        )
    place = trials["RUN"].to_numpy() * 100 + trials["TRIAL"].to_numpy()
    late = np.diff(place) <= 0
    if late.any():
        at = int(late.argmax()) + 1
        got = f"run {trials['RUN'].iloc[at]}, trial {trials['TRIAL'].iloc[at]}"
        raise InputError("trials out of order", where=f"{where}, row {at + 1}", got=got)
