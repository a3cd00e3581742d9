"""When the scenes of a film are on, and which of its segments belong to which."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.run.errors import InputError
from stages.prepare.matfile import fields, numbers, read_mat
from stages.prepare.sherlock.film_responses import OBTAIN
from stages.prepare.sherlock.segments import START, STOP, shared_beginning

logger = logging.getLogger("concord.prepare")

# Of everybody: first and last scan of every scene of a run, counted from 1.
WHOLE = ("fullSL1", "fullSL2")
# Seconds that are none: times are seconds in floating point.
TOUCH = 1e-6


def read_scenes(path: Path, scans: Sequence[int], tr: float) -> pd.DataFrame:
    """Read when scenes are on, which is the same for everybody.

    Parameters
    ----------
    path : Path
    scans : sequence of int
        Of each run.
    tr : float
        Seconds that a scan lasts.

    Returns
    -------
    DataFrame
        Columns id, run, onset and end (seconds within the run), first and last: scans, counted from
        0 throughout the runs.

    Raises
    ------
    InputError
        If the file is damaged, people saw other scenes, or scenes are no stretches of scans, one
        after the other.
    """
    struct = read_mat(path, ["ev"], OBTAIN)["ev"]
    people = list(struct.dtype.names or ())
    if not people:
        raise InputError("wrong variable", where=f"{path}: ev", expected="a struct of people")
    seen = [_seen_by(person, struct, path) for person in people]
    for person, runs in zip(people, seen, strict=True):
        if not all(np.array_equal(*both) for both in zip(runs, seen[0], strict=True)):
            where, expected = f"{path}: {person}", f"that of {people[0]}"
            raise InputError("another film", where=where, expected=expected, do=OBTAIN)
    tables: list[pd.DataFrame] = []
    earlier = np.cumsum([0, *scans[:-1]])
    for run, n_scans, before, scenes in zip(WHOLE, scans, earlier, seen[0], strict=True):
        _check_order(scenes, n_scans, f"{path}: {run}")
        first, last = scenes.T - 1
        table = {"run": str(len(tables) + 1), "onset": tr * first, "end": tr * (last + 1)}
        tables.append(pd.DataFrame(table | {"first": before + first, "last": before + last}))
    found = pd.concat(tables, ignore_index=True)
    found.insert(0, "id", [f"scene{number:02d}" for number in range(1, len(found) + 1)])
    return found


def _seen_by(person: str, struct: NDArray[Any], path: Path) -> list[NDArray[np.int64]]:
    """Read the scenes of each run, shape (n_scenes, 2), that one person saw."""
    where = f"{path}: {person}"
    (own,) = fields(struct, [person], where)
    runs = fields(np.atleast_1d(own[0]), WHOLE, where)
    found = [numbers(cells[0], where, (None, 2)) for cells in runs]
    return [scenes.astype(np.int64) for scenes in found]


def _check_order(scenes: NDArray[np.int64], n_scans: int, where: str) -> None:
    """Raise `InputError` unless scenes are stretches of scans, one after the other."""
    steps = np.diff(scenes.ravel())
    ordered = len(scenes) and (steps[::2] >= 0).all() and (steps[1::2] > 0).all()
    if not ordered or scenes[0, 0] < 1 or scenes[-1, 1] > n_scans:
        expected = f"stretches of scans from 1 to {n_scans}, one after the other"
        raise InputError(
            "wrong scenes", where=where, expected=expected, got=scenes.tolist(), do=OBTAIN
        )


def new_scenes(scenes: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Leave out scenes that show what every run begins with; they are logged."""
    new = scenes["onset"] >= scenes["run"].map(shared_beginning(segments)) - TOUCH
    if not new.all():
        logger.info(
            "%d of %d scenes are left out: they show what every run begins with",
            *(int((~new).sum()), len(scenes)),
        )
    return scenes[new].reset_index(drop=True)


def scenes_of_segments(segments: pd.DataFrame, scenes: pd.DataFrame) -> list[str]:
    """Name the scene that the middle of each segment is in; empty where there is none.

    Raises
    ------
    InputError
        If a scene has no segment.
    """
    middle = (segments[START] + segments[STOP]).to_numpy() / 2
    same = segments["run"].to_numpy()[:, None] == scenes["run"].to_numpy()
    begun = middle[:, None] >= scenes["onset"].to_numpy() - TOUCH
    inside = same & begun & (middle[:, None] < scenes["end"].to_numpy() - TOUCH)
    lacking = scenes["id"][~inside.any(axis=0)]
    if len(lacking):
        raise InputError("scene without a segment", where=START, got=lacking.iloc[0], do=OBTAIN)
    told = inside.any(axis=1)
    logger.info("%d of %d segments have their middle in no scene", (~told).sum(), len(segments))
    names = scenes["id"].to_numpy()[inside.argmax(axis=1)]
    return [str(name) for name in np.where(told, names, "")]
