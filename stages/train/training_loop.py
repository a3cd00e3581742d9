"""The loop of a training run: updates, the checkpoints among them, and its state on disk."""

import math
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from stages.core.run.errors import ConcordError
from stages.core.run.files import write_json
from stages.core.run.progress import progress
from stages.train.learning_curve import Row, curve_row, write_curve
from stages.train.seeded import repeatable
from stages.train.trainee import Trainee
from stages.train.unfinished import check_place, finish, load_state, save_state, work_folder

# Seconds between states on disk, beside those at checkpoints: what a kill costs at most.
INTERVAL = 60.0


@dataclass
class Course:
    """How far a run has come.

    Attributes
    ----------
    step : int
        Updates taken.
    rows : list of Row
        Of the learning curve.
    losses : list of float
        Of the updates since the last row.
    """

    step: int = -1
    rows: list[Row] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """What a run does.

    Attributes
    ----------
    steps : int
        Updates in all.
    keep : sequence of int
        Those after which the network is kept; the last one always is.
    about : mapping
        Everything that determines the run, flat: parameters, digests of data, versions.
    """

    steps: int
    keep: Sequence[int]
    about: Mapping[str, Any]


def train(
    trainee: Trainee, plan: Plan, out: Path, curves: Path, interval: float = INTERVAL
) -> list[Row]:
    """Train a network, or go on training it, and write its checkpoints and its learning curve.

    Parameters
    ----------
    trainee : Trainee
    plan : Plan
    out : Path
        Folder to write: `step<k>/`, with one folder per set of weights where there are several.
    curves : Path
        Table to write (CSV).
    interval : float
        Seconds between states on disk.

    Returns
    -------
    list of Row
        The learning curve; of the first process, which alone measures and writes.

    Raises
    ------
    ConcordError
        If the loss is no number any more, a checkpoint was removed on the way, or another process
        of the run is gone or trains another one.
    InputError
        If an unfinished run with other parameters is in the way, or `out` is no folder of
        checkpoints.
    """
    check_place(out)
    folder, processes = work_folder(out), trainee.processes
    plan = replace(plan, about={**plan.about, **processes.about})
    with repeatable():
        course = _resumed(trainee, plan, folder)
        processes.agree({"update": course.step, **plan.about})
        _go_on(trainee, plan, course, folder, interval)
    if processes.first:
        _check_whole(trainee, plan, folder)
        write_curve(curves, course.rows)
        finish(folder, out)
    return course.rows


def _resumed(trainee: Trainee, plan: Plan, folder: Path) -> Course:
    state = load_state(folder, plan.about)
    if state is None:
        if trainee.processes.first:
            shutil.rmtree(folder, ignore_errors=True)
        return Course()
    trainee.restore(state["trainee"], state["step"])
    return Course(state["step"], state["rows"], state["losses"])


def _go_on(trainee: Trainee, plan: Plan, course: Course, folder: Path, interval: float) -> None:
    """Take the updates that are left; update 0 is none, and only kept."""
    keep, saved = {*plan.keep, plan.steps}, time.monotonic()
    steps, first = range(course.step + 1, plan.steps + 1), trainee.processes.first
    for step in progress(steps, folder.name, total=len(steps)) if first else steps:
        if step:
            course.losses.append(_update(trainee, step))
        course.step = step
        if not first:
            continue
        if step in keep:
            _keep(trainee, course, folder)
        if step in keep or time.monotonic() - saved > interval:
            kept = {"step": step, "rows": course.rows, "losses": course.losses}
            save_state(folder, plan.about, {**kept, "trainee": trainee.state()})
            saved = time.monotonic()


def _check_whole(trainee: Trainee, plan: Plan, folder: Path) -> None:
    """Raise `ConcordError` if a checkpoint of an earlier step has been removed meanwhile."""
    for step in sorted({*plan.keep, plan.steps}):
        for weights in trainee.weights:
            place = folder / f"step{step}" / weights / "evaluation.json"
            if not place.is_file():
                do = f"Remove {folder} and train again."
                raise ConcordError("checkpoint lost in training", where=place.parent, do=do)


def _update(trainee: Trainee, step: int) -> float:
    loss = trainee.update(step)
    if not math.isfinite(loss):
        raise ConcordError(
            "training diverged",
            where=f"update {step}",
            expected="a finite loss",
            got=loss,
            do="Lower the learning rate, or clip gradients.",
        )
    return loss


def _keep(trainee: Trainee, course: Course, folder: Path) -> None:
    """Write the checkpoint of a step, and its rows of the learning curve."""
    step, seen = course.step, course.step * trainee.seen_per_update
    loss = math.fsum(course.losses) / len(course.losses) if course.losses else None
    for weights in trainee.weights:
        place = folder / f"step{step}" / weights
        shutil.rmtree(place, ignore_errors=True)
        measured = trainee.evaluate(weights)
        trainee.save(place, weights)
        write_json(place / "evaluation.json", measured)
        course.rows.append(
            curve_row(step, weights, seen=seen, loss=loss, rate=trainee.rate(), measured=measured)
        )
    course.losses = []
