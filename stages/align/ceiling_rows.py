"""Rows of a table of ceilings."""

from collections.abc import Sequence
from typing import Any

from stages.core.stats.backend import Array

Rows = list[dict[str, Any]]


def ceiling_rows(subjects: Sequence[str], values: Array, labels: dict[str, Any]) -> Rows:
    """Make a row per subject; labels are those of `ceiling_labels`."""
    return [
        labels | {"subject": subject, "score": float(value)}
        for subject, value in zip(subjects, values, strict=True)
    ]


def ceiling_labels(region: str, metric: str, split: str, kind: str, n: int) -> dict[str, Any]:
    """Name what a ceiling is of; n is the number of stimuli."""
    return {
        "region": region,
        "metric": metric,
        "split": split,
        "ceiling_kind": kind,
        "n": float(n),
    }
