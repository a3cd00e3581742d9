"""From a number that we find to its row: what was published, how near ours is, and the verdict."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from stages.core.results.replications import (
    ALONE,
    DIFFERS,
    MATCHES,
    NEEDS,
    PRINTED,
    REPLICATION_COLUMNS,
    UNPUBLISHED,
    WITHIN,
)
from stages.core.run.errors import ConcordError
from stages.replicate.printed import printed

SLACK = 1e-9  # relative, of rounding in binary


@dataclass(frozen=True)
class Target:
    """A published number, and how near ours has to be: stated before ours is looked at.

    Attributes
    ----------
    quantity : str
    published : str
        As it was printed, `.44`; empty where nothing was published.
    tolerance : float
        Greatest difference that is still `within`. Nearer than half a unit of the last printed
        digit, ours `matches`.
    basis : str
        `printed`, `recomputed` or `none`: see `stages.core.results.replications`.
    note : str
    needs : str
        The file from which it could be derived, where that is none of the small public tables.
    shown : bool
        Whether it is one of the numbers of the metrics file and the picture.
    """

    quantity: str
    published: str
    tolerance: float = 0.0
    basis: str = PRINTED
    note: str = ""
    needs: str = ""
    shown: bool = True


@dataclass(frozen=True)
class Found:
    """Our number, its 95 % interval, and how many models, people or words it stands on."""

    value: float
    low: float = np.nan
    high: float = np.nan
    n: float = np.nan
    note: str = ""


def judge(source: str, target: Target, found: Found | str | None) -> dict[str, Any]:
    """Make the row of a number.

    Parameters
    ----------
    source : str
    target : Target
    found : Found, str or None
        A text names the file that is not at hand.

    Raises
    ------
    ConcordError
        If there is none, or it is not finite.
    """
    row: dict[str, Any] = {
        "source": source,
        "quantity": target.quantity,
        "basis": target.basis if target.published else ALONE,
        "tolerance": target.tolerance,
        "note": target.note,
        "shown": target.shown,
    }
    if target.published:
        row["published"] = printed(target.published, target.quantity).value
    lacking = target.needs or (found if isinstance(found, str) else "")
    if lacking:
        return row | {"verdict": NEEDS, "needs": lacking}
    if not isinstance(found, Found) or not np.isfinite(found.value):
        got = found.value if isinstance(found, Found) else found
        raise ConcordError("number that was not derived", where=target.quantity, got=got)
    told = "; ".join(part for part in (target.note, found.note) if part)
    numbers = {"ours": found.value, "low": found.low, "high": found.high, "n": found.n}
    return row | numbers | {"note": told, "verdict": verdict_of(found.value, target)}


def verdict_of(value: float, target: Target) -> str:
    """Say how near a value is to what was published."""
    if not target.published:
        return UNPUBLISHED
    number = printed(target.published, target.quantity)
    apart, slack = abs(value - number.value), SLACK * max(abs(value), abs(number.value))
    if apart <= number.half + slack:
        return MATCHES
    return WITHIN if apart <= target.tolerance + slack else DIFFERS


def judge_all(
    source: str, targets: Sequence[Target], found: Mapping[str, Found | str]
) -> Iterator[dict[str, Any]]:
    """Make the rows of a source, in the order of its targets.

    Raises
    ------
    ConcordError
        If a number has no target: it would be passed over in silence.
    """
    odd = set(found) - {target.quantity for target in targets}
    if odd:
        raise ConcordError("number without a target", where=source, got=min(odd))
    for target in targets:
        yield judge(source, target, found.get(target.quantity))


def replication_table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Make the table: absent texts are empty, absent numbers missing, absent flags false.

    Raises
    ------
    ConcordError
        If two rows are of one quantity of one source.
    """
    table = pd.DataFrame(list(rows), columns=list(REPLICATION_COLUMNS))
    for name, kind in REPLICATION_COLUMNS.items():
        if kind == "text":
            table[name] = table[name].astype(object).where(table[name].notna(), "").astype(str)
        elif kind == "number":
            table[name] = table[name].astype(float)
        else:
            table[name] = table[name].eq(True)
    twice = table.duplicated(["source", "quantity"])
    if twice.any():
        first = table[twice].iloc[0]
        raise ConcordError(
            "quantity that occurs twice", where=first["source"], got=first["quantity"]
        )
    return table
