"""Whose images and voxels are encoded: what is the same for all layers of a person."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.vocabulary import HELD_APART
from stages.core.params.schema import EncodeScene, Folds, Ridge
from stages.core.recording.types import Recording, Subject
from stages.core.regression.folds import Fold
from stages.core.run.errors import ConcordError, InputError
from stages.core.run.tables import check_same_ids
from stages.core.stats.pieces import number_pieces
from stages.core.stats.row_orders import row_orders
from stages.encode.consecutive_folds import consecutive_folds
from stages.encode.image_folds import image_folds
from stages.encode.image_orders import image_orders
from stages.encode.image_targets import Voxels, gather_voxels, shown_rows

Ints = NDArray[np.intp]
APART = HELD_APART[0]

log = logging.getLogger("concord.encode")


@dataclass(frozen=True)
class Settings:
    """What encoding of images follows: sections of params.yaml."""

    encode_scene: EncodeScene
    folds: Folds
    ridge: Ridge


@dataclass(frozen=True)
class Person:
    """What is the same for all layers of a person.

    Attributes
    ----------
    name : str
    rows : ndarray of int
        Of the layers, one per image that the person saw.
    folds : tuple of Fold
    voxels : Voxels
    orders : ndarray of int, shape (n_draws, n_images)
        Of the images, for chance; none where it is exact.
    pieces : ndarray of int, shape (n_images,)
        In which piece each image is that is tested.
    """

    name: str
    rows: Ints
    folds: tuple[Fold, ...]
    voxels: Voxels
    orders: Ints
    pieces: Ints


def gather_people(
    recording: Recording, settings: Settings, groups: pd.DataFrame | None
) -> list[Person]:
    """Cut the images of all people, and collect their voxels.

    Parameters
    ----------
    recording : Recording
        Of the kind `events`.
    settings : Settings
    groups : DataFrame or None
        Columns id, of all stimuli, and group, of which images are left out together.

    Raises
    ------
    InputError
        If images are too few.
    ConcordError
        If no region of anybody is left.
    """
    alike, asked = _numbered(recording, groups), settings.encode_scene
    cuts = [_cut(recording, subject, settings, alike) for subject in recording.subjects]
    kept = [cut for cut in cuts if cut is not None]
    pieces = _pieces(kept, alike, asked)
    gathered = ((cut, gather_voxels(cut.subject, cut.folds, asked)) for cut in kept)
    found = [
        Person(cut.subject.name, cut.rows, cut.folds, voxels, cut.orders, pieces[cut.rows])
        for cut, voxels in gathered
        if voxels is not None
    ]
    if not found:
        raise ConcordError("no region left", where=recording.dataset, do="See the messages above.")
    return found


@dataclass(frozen=True)
class _Cut:
    """A person's images, cut into folds; attributes as of `Person`."""

    subject: Subject
    rows: Ints
    folds: tuple[Fold, ...]
    orders: Ints


def _numbered(recording: Recording, groups: pd.DataFrame | None) -> Ints:
    """Turn the group of every stimulus into a number; without any, each is one."""
    ids = list(recording.stimuli["id"])
    if groups is None:
        return np.arange(len(ids))
    do = "Run `dvc repro metrics/dvc.yaml:alike_images`."
    check_same_ids(ids, list(groups["id"]), "stimuli", "the groups of images", do)
    numbers: Ints = pd.factorize(groups["group"])[0].astype(np.intp)
    return numbers


def _cut(recording: Recording, subject: Subject, settings: Settings, groups: Ints) -> _Cut | None:
    """Cut the images of a person; None where none of those kept apart was seen."""
    rows = shown_rows(recording, subject)
    apart = np.zeros(len(rows), dtype=bool)
    if "split" in recording.samples:
        apart = (recording.samples["split"].to_numpy() == APART)[rows]
        if not apart.any():
            log.warning("subject %s left out: saw no image that is kept apart", subject.name)
            return None
    asked = settings.encode_scene
    folds, orders = _folds_and_orders(apart, groups[rows], asked, settings.folds.blocks)
    return _Cut(subject, rows, folds, orders)


def _folds_and_orders(
    apart: NDArray[np.bool_], groups: Ints, asked: EncodeScene, parts: int
) -> tuple[tuple[Fold, ...], Ints]:
    """Cut the images of a person, and draw the orders that chance is made of."""
    how = asked.permute, asked.block
    if asked.permute != "rows":
        folds = consecutive_folds(apart, parts, groups, *how)
        return folds, row_orders(len(apart), asked.draws, asked.seed, *how)[1:]
    draws, rng = 0 if apart.any() else asked.draws, np.random.default_rng([asked.seed, len(apart)])
    return image_folds(apart, parts, asked.seed, groups), image_orders(groups, draws, rng)


def _pieces(cuts: Sequence[_Cut], groups: Ints, asked: EncodeScene) -> Ints:
    """Cut the stimuli that anybody is tested on into pieces; all others are in none, -1."""
    found = np.full(len(groups), -1)
    tested = [cut.rows[fold.outer.test] for cut in cuts for fold in cut.folds]
    if tested:
        which = np.unique(np.concatenate(tested))
        found[which] = number_pieces(groups[which], asked.pieces, asked.permute, asked.seed)
    for cut in cuts:
        _check_pieces(found[cut.rows], cut, asked.pieces)
    return found


def _check_pieces(pieces: Ints, cut: _Cut, n: int) -> None:
    tested = np.concatenate([fold.outer.test for fold in cut.folds])
    found = len(np.unique(pieces[tested]))
    if found < n:
        raise InputError(
            "piece without an image that is tested",
            where=f"params.yaml: encode_scene.pieces, subject {cut.subject.name}",
            expected=f"{n} pieces of {len(tested)} images",
            got=found,
            do="Lower it, to 2 at least; images that are nearly the same are in one piece.",
        )
