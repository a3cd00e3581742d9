"""What happened in simulations, one row each, as `rates` takes it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from stages.core.results.calibrations import (
    ALPHA,
    CASE,
    CONFIDENCE,
    COVERAGE,
    FALSE_POSITIVES,
    OURS,
    POWER,
    RECOVERY,
)

OBSERVED = (*CASE, "value", "left", "right")
CLAIMS = {FALSE_POSITIVES: ALPHA, COVERAGE: CONFIDENCE, POWER: np.nan, RECOVERY: np.nan}


@dataclass(frozen=True)
class Case:
    """What is asked of which test.

    Attributes
    ----------
    stage, test : str
    situation : str
        What there is to find.
    layout : str
        Of how much, and in which order.
    method : str
        `OURS`, or what else might be done.
    asks : str
        One of `stages.core.results.calibrations.ASKS`.
    truth : float
        What an estimate is of, where recovery is asked for.
    """

    stage: str
    test: str
    situation: str
    layout: str = ""
    method: str = OURS
    asks: str = FALSE_POSITIVES
    truth: float = np.nan


def observed(
    values: ArrayLike, case: Case, left: ArrayLike | None = None, right: ArrayLike | None = None
) -> pd.DataFrame:
    """Make rows of one case.

    Parameters
    ----------
    values : array, shape (n,)
        Values of p, where false positives or power are asked for; else as `rates` takes them.
    case : Case
    left, right : array, shape (n,), optional
        What simulations have in common; by default nothing.
    """
    given = np.asarray(values, dtype=float)
    if case.asks in (FALSE_POSITIVES, POWER):
        given = (given <= ALPHA + 1e-12).astype(float)
    table = pd.DataFrame({"value": given})
    for name, common in (("left", left), ("right", right)):
        table[name] = np.asarray(range(len(given)) if common is None else common).astype(str)
    claim = case.truth if case.asks == RECOVERY else CLAIMS[case.asks]
    named = {name: value for name, value in vars(case).items() if name != "truth"}
    return table.assign(**named, claim=claim)[list(OBSERVED)]


def of_results(rows: pd.DataFrame, case: Case, column: str = "p") -> pd.DataFrame:
    """Make rows of one case of a results table with columns `left` and `right`."""
    return observed(rows[column], case, rows["left"], rows["right"])
