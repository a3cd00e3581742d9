"""How headline numbers are made of others: means and shares, coarsely rounded."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from stages.core.names.vocabulary import SIGNIFICANT

DIGITS = 3


def coarse(value: float) -> float:
    """Round so coarsely that another processor gives the same."""
    return round(float(value), DIGITS) + 0.0


def mean_of(entries: Iterable[Mapping[str, Any]], key: str) -> dict[str, float]:
    """Average what the entries that have it call `key`; nothing if none has."""
    values = [float(entry[key]) for entry in entries if key in entry]
    return {key: coarse(float(np.mean(values)))} if values else {}


def share_of(entries: Iterable[Mapping[str, Any]], key: str) -> float | None:
    """Share of entries with a q below the level of significance; None if none has a q."""
    values = [float(entry[key]) for entry in entries if key in entry]
    return coarse(float(np.mean(np.array(values) < SIGNIFICANT))) if values else None


def named(numbers: Mapping[str, float | None]) -> dict[str, float]:
    """Leave out what is not known."""
    return {name: coarse(value) for name, value in numbers.items() if value is not None}
