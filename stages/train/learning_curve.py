"""The course of a training run as a table: one row per step that is kept and set of weights."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from stages.core.run.files import atomic
from stages.train.trainee import Measures

Row = dict[str, Any]


def curve_row(
    step: int, weights: str, *, seen: float, loss: float | None, rate: float, measured: Measures
) -> Row:
    """Make a row.

    Parameters
    ----------
    step : int
        Updates taken.
    weights : str
    seen : float
        Tokens or images.
    loss : float or None
        Mean training loss of the updates since the row before; None before the first.
    rate : float
        Learning rate.
    measured : dict of str to float
        What was found on the held-out material.
    """
    about: Row = {"step": step, "seen": seen, "weights": weights, "lr": rate, "loss": loss}
    return about | measured


def write_curve(path: Path, rows: Sequence[Row]) -> None:
    """Write the rows as CSV, atomically; the loss of step 0, which there is not, is left empty."""
    with atomic(path) as partial:
        pd.DataFrame(rows).to_csv(partial, index=False, lineterminator="\n")
