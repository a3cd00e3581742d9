"""The published table of correlations (Shen et al. 2025), held against itself.

The alignments behind it, one per model, are not among the tables that can be fetched: no
correlation can be computed again. But intervals, p and q follow from what is printed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from stages.core.results.replications import DIFFERS, MATCHES, NEEDS
from stages.core.run.delimited import read_delimited
from stages.core.run.errors import InputError
from stages.core.stats.correlation import p_value
from stages.replicate.printed import Printed, printed, printed_interval, verdict

ITSELF = "score"  # the row in which alignment is correlated with itself
# The alignments of single models, kept in Git LFS.
ALIGNMENTS = "data/intermediate_results/{}_all.parquet"
# What was claimed: where, of which modality, correlated with what, the number.
CLAIMS = (
    ("abstract", "language", "Average ⬆️", "0.89", 36),
    ("abstract", "vision", "imagenet", "0.53", 594),
    ("readme", "language", "Average ⬆️", "0.89", None),
    ("readme", "vision", "", "0.56", None),
)
_CATEGORIES = {"Language Models": "language", "Vision Models": "vision"}
_COLUMNS = {
    "pearson": ("Pearson r", "95% CI", "p-value", "FDR p-value"),
    "spearman": ("Spearman ρ", "Spearman 95% CI", "Spearman p-value", "Spearman FDR p-value"),
}


@dataclass(frozen=True)
class Entry:
    """One correlation of the published table."""

    benchmark: str
    modality: str
    metric: str
    n: int
    statistic: str
    r: Printed
    interval: tuple[Printed, Printed] | None
    p: Printed
    q: Printed

    @property
    def r_ends(self) -> tuple[float, float]:
        """The least and the greatest coefficient that is printed so."""
        low, high = self.r.ends
        return max(low, -1.0), min(high, 1.0)

    @property
    def needs(self) -> str:
        """The file from which the coefficient could be computed."""
        first = self.modality.split()[0].lower()
        each = ("language", "vision") if first == "combined" else (first,)
        return " and ".join(ALIGNMENTS.format(modality) for modality in each)

    @property
    def label(self) -> dict[str, Any]:
        """What its rows have in common."""
        return {
            "benchmark": self.benchmark,
            "modality": self.modality,
            "metric": self.metric,
            "n": self.n,
        }


def read_published(path: Path) -> list[Entry]:
    """Read correlation_36.csv: Pearson and Spearman of every line.

    Raises
    ------
    InputError
        If a column is missing or a number cannot be read.
    """
    do = "Restore the file from where it was fetched."
    table = read_delimited(path, do, dtype=str, keep_default_na=False)
    needed = ["Model Category", "Metric", "Model Count", "kernel_size", *sum(_COLUMNS.values(), ())]
    absent = [name for name in needed if name not in table.columns]
    if absent:
        raise InputError("column missing", where=path, expected=absent, got=list(table.columns))
    return [_entry(line, statistic, path) for statistic in _COLUMNS for _, line in table.iterrows()]


def _entry(line: "pd.Series[str]", statistic: str, path: Path) -> Entry:
    where = f"{path}, {line['Metric']}, {statistic}"
    r, interval, p, q = (line[name] for name in _COLUMNS[statistic])
    category = line["Model Category"]
    return Entry(
        benchmark=line["Metric"],
        modality=_CATEGORIES.get(category, category),
        metric=f"cka_{line['kernel_size']}",
        n=int(printed(line["Model Count"], where).value),
        statistic=statistic,
        r=printed(r, where),
        interval=printed_interval(interval, where),
        p=printed(p, where),
        q=printed(q, where),
    )


def check_published(entries: list[Entry]) -> Iterator[dict[str, Any]]:
    """Hold every coefficient's interval, p and q against what follows from the table itself.

    Ours are Fisher's interval of r (of Spearman's ρ with the variance of Bonett & Wright 2000,
    Psychometrika 65:23), Student's t, and Benjamini & Hochberg over all tests of the table,
    Pearson and Spearman, as the published q imply. They match where some number that is printed
    as r or p gives one that is printed as published.

    Yields
    ------
    dict
        Rows of the table: the statistics `pearson` (never derivable), `pearson_low`,
        `pearson_high`, `pearson_p`, `pearson_q`, and the same of `spearman`.
    """
    ends = [
        false_discovery_control(np.clip([entry.p.ends[end] for entry in entries], 0, 1))
        for end in (0, 1)
    ]
    middle = false_discovery_control([entry.p.value for entry in entries])
    for at, entry in enumerate(entries):
        yield _coefficient(entry)
        yield from _interval(entry)
        weak, strong = (p_value(r, entry.n - 2) for r in sorted(entry.r_ends, key=abs))
        p = p_value(entry.r.value, entry.n - 2)
        yield _row(entry, "p", p, (strong, weak), entry.p)
        note = f"one family of all {len(entries)} tests, alignment with itself included"
        between = (float(ends[0][at]), float(ends[1][at]))
        yield _row(entry, "q", float(middle[at]), between, entry.q) | {"note": note}


def _coefficient(entry: Entry) -> dict[str, Any]:
    row = entry.label | {"statistic": entry.statistic, "published": entry.r.value}
    if entry.benchmark != ITSELF:
        return row | {"verdict": NEEDS, "needs": entry.needs}
    itself = {"value": 1.0, "verdict": verdict(1, 1, entry.r.value, entry.r.half)}
    return row | itself | {"note": "alignment with itself"}


def _interval(entry: Entry) -> Iterator[dict[str, Any]]:
    note = _symmetric(entry)
    for at, end in enumerate(("low", "high")):
        value = fisher_interval(entry.r.value, entry.n, entry.statistic)[at]
        ends = sorted(fisher_interval(r, entry.n, entry.statistic)[at] for r in entry.r_ends)
        if entry.interval is None:
            name = f"{entry.statistic}_{end}"
            yield entry.label | {"statistic": name, "value": value, "note": "published: nan"}
        else:
            yield _row(entry, end, value, (ends[0], ends[1]), entry.interval[at]) | {"note": note}


def _row(
    entry: Entry, quantity: str, value: float, ends: tuple[float, float], published: Printed
) -> dict[str, Any]:
    return entry.label | {
        "statistic": f"{entry.statistic}_{quantity}",
        "value": value,
        "published": published.value,
        "verdict": verdict(*ends, published.value, published.half),
    }


def fisher_interval(r: float, n: int, statistic: str) -> tuple[float, float]:
    """95 % interval of a correlation over n independent models, by Fisher's z."""
    if abs(r) >= 1:
        return r, r
    variance = (1 + r * r / 2 if statistic == "spearman" else 1.0) / (n - 3)
    reach = 1.959964 * np.sqrt(variance)
    return float(np.tanh(np.arctanh(r) - reach)), float(np.tanh(np.arctanh(r) + reach))


def _symmetric(entry: Entry) -> str:
    """Say so if the published interval is r ± 1.96 · 0.6325 / √(n − 1), whatever r is."""
    if entry.interval is None:
        return ""
    reach = 1.96 * 0.6325 / np.sqrt(entry.n - 1)
    least, greatest = entry.r.ends
    pairs = zip((-reach, reach), entry.interval, strict=True)
    if any(verdict(least + d, greatest + d, p.value, p.half) == DIFFERS for d, p in pairs):
        return ""
    return "as published: r ± 1.96 · 0.6325 / √(n − 1), whatever r is, and so above 1 near 1"


def check_claims(entries: list[Entry]) -> Iterator[dict[str, Any]]:
    """Hold the correlations that the abstract and the README claim against the table.

    Yields
    ------
    dict
        Rows whose value is the table's; where no benchmark is named, that of the nearest row.
    """
    for where, modality, benchmark, claimed, n in CLAIMS:
        claim = printed(claimed, where)
        rows = [
            entry
            for entry in entries
            if entry.statistic == "pearson"
            and entry.benchmark != ITSELF
            and entry.modality.startswith((modality, modality.capitalize()))
            and benchmark in ("", entry.benchmark)
        ]
        nearest = min(rows, key=lambda entry: abs(entry.r.value - claim.value))
        same = nearest.r.value == claim.value and n in (None, nearest.n)
        named = f"the table's {nearest.benchmark}, n = {nearest.n}"
        yield nearest.label | {
            "modality": modality,
            "statistic": f"pearson_{where}",
            "value": nearest.r.value,
            "published": claim.value,
            "verdict": MATCHES if same else DIFFERS,
            "note": named if benchmark else f"{named}: the nearest of all {modality} rows",
        }
