"""Everything that can be checked of the published tables of Shen et al. (2025)."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from stages.core.names.areas import NETWORKS, network_of
from stages.core.results.benchmarks import read_benchmarks
from stages.core.results.replications import (
    ALONE,
    DIFFERS,
    MATCHES,
    NEEDS,
    PRINTED,
    RECOMPUTED,
    UNPUBLISHED,
)
from stages.core.run.errors import InputError
from stages.core.run.files import require_file
from stages.replicate.kernel_sizes import (
    best_bandwidths,
    check_changes,
    check_normalised,
    check_subjects,
    read_changes,
    read_scores,
)
from stages.replicate.partial import check_partial
from stages.replicate.published import check_claims, check_published, read_published

SOURCE = "brainalign"
FIGURES = "brainalign/figures"
# Named as in the table, in the order of `NETWORKS`.
LONG = (
    "Visual",
    "Somatomotor",
    "Dorsal Attention",
    "Ventral Attention",
    "Limbic",
    "Frontoparietal",
    "Default",
)
PARIETAL = ("7Am", "7PL", "7PC", "LIPv", "VIP", "MIP")
NAMES = {
    "Average ⬆️": "Average",
    "pearson_abstract": "pearson, as in the abstract",
    "pearson_readme": "pearson, as in the README",
}


def check_brainalign(files: Mapping[str, Path]) -> Iterator[dict[str, Any]]:
    """Hold the published numbers against what follows from the published tables.

    Parameters
    ----------
    files : mapping of str to Path
        From `at_hand`.

    Yields
    ------
    dict
        Rows of the table of replications: what was claimed, counts of the numbers that follow
        from others, and, not shown in the metrics file, every number.
    """
    entries = read_published(_file(files, "statistic/correlation_36.csv"))
    table = [_row(raw) for raw in check_published(entries)]
    yield from (_row(raw) | {"shown": True} for raw in check_claims(entries))
    yield from _headlines(table)
    yield from _counts(table)
    yield from table
    yield from map(_row, check_partial(entries, read_benchmarks(files)))
    yield from _kernel_sizes(files)


def _kernel_sizes(files: Mapping[str, Path]) -> Iterator[dict[str, Any]]:
    scores = read_scores(_file(files, "brain_regions/kernel_size/language.csv"))
    changes = read_changes(_file(files, "kernel_size/language/28_68_consistency.csv"))
    found = [_row(raw) for raw in check_normalised(scores)]
    yield _count("normalised scores that follow from the scores, metrics", found)
    changed = [_row(raw) for raw in check_changes(scores, changes)]
    yield _count("changes from bandwidth 28 to 68 that follow, statistics × networks", changed)
    yield from found + changed
    yield from map(_row, best_bandwidths(scores))
    yield from _six_areas(scores)
    yield from _moved(scores)
    for modality, name in (("language", "lang_corr"), ("vision", "vision_corr")):
        path = require_file(_file(files, f"statistic/{name}.csv"), "Restore the file.")
        subjects = pd.read_csv(path, index_col=0)
        yield from map(_row, check_subjects(scores, subjects, modality))


def _six_areas(scores: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Count the areas that the table puts into the network in which the surface atlas has them."""
    theirs = scores.groupby("tgt_feature")["yeo7"].first()
    long = dict(zip(NETWORKS, LONG, strict=True))
    quantity = "areas in the network of the surface atlas"
    note = "by most vertices; one table serves both hemispheres there"
    for side, told in (("", ""), ("L", ", on the left"), ("R", ", on the right")):
        ours = {area: long.get(network_of(str(area), side) or "") for area in theirs.index}
        same = theirs.eq(pd.Series(ours))
        if not side:
            own = same[same.index.isin(PARIETAL)]
            six = "7Am, 7PL, 7PC, LIPv, VIP, MIP: ventral attention there, dorsal on the surface"
            yield _found(f"six parietal {quantity}", own, six)
        yield _found(f"{quantity}{told}", same, note)


def _found(quantity: str, same: "pd.Series[bool]", note: str) -> dict[str, Any]:
    row = _tally(quantity, int(same.sum()), len(same))
    return row | {"basis": RECOMPUTED, "note": note}


def _moved(scores: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Find the best bandwidths of the two networks concerned, the six areas moved."""
    dorsal = scores["tgt_feature"].isin(PARIETAL)
    moved = scores.assign(yeo7=scores["yeo7"].mask(dorsal, "Dorsal Attention"))
    before = {raw["benchmark"]: raw["value"] for raw in best_bandwidths(scores)}
    for raw in best_bandwidths(moved):
        network = raw["benchmark"]
        if network in ("Dorsal Attention", "Ventral Attention"):
            row = _row(raw)
            quantity = f"{row['quantity']}, six areas moved"
            note = f"{before[network]:.0f} with the areas as published; {row['note']}"
            yield row | {"quantity": quantity, "note": note, "shown": True}


def _headlines(table: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Show the correlations that only the alignment of every model could give again."""
    asked = {"language ~ Average: pearson", "language ~ #Params (B): pearson"}
    asked |= {"vision ~ imagenet: pearson", "vision ~ #Params (M): pearson"}
    yield from (
        dict(row) | {"quantity": f"{row['quantity']}, from single models", "shown": True}
        for row in table
        if row["quantity"] in asked
    )


def _counts(table: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Count, statistic by statistic, the printed numbers that follow from the others."""
    kinds: dict[str, list[Mapping[str, Any]]] = {}
    for row in table:
        statistic = row["quantity"].rsplit(": ", 1)[1]
        if row["verdict"] in (MATCHES, DIFFERS) and "_" in statistic:
            kinds.setdefault(statistic, []).append(row)
    for statistic, rows in kinds.items():
        yield _count(f"{statistic.replace('_', ' ')} that follow from the printed r, p and n", rows)


def _count(quantity: str, rows: list[Any]) -> dict[str, Any]:
    following = [row for row in rows if row["verdict"] == MATCHES]
    odd = [row["quantity"].split(": ")[0] for row in rows if row["verdict"] != MATCHES]
    note = f"not: {', '.join(odd[:8])}{' …' if len(odd) > 8 else ''}" if odd else ""
    return _tally(quantity, len(following), len(rows)) | {"note": note}


def _tally(quantity: str, ours: int, total: int) -> dict[str, Any]:
    """Make the row of a count: all of them should."""
    return {
        "source": SOURCE,
        "quantity": f"{quantity}, of {total}",
        "basis": PRINTED,
        "published": float(total),
        "ours": float(ours),
        "n": float(total),
        "tolerance": 0.0,
        "verdict": MATCHES if ours == total else DIFFERS,
        "shown": True,
    }


def _row(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Make a row of a number and of what it is of; the tolerance is what rounding leaves open."""
    benchmark = NAMES.get(raw["benchmark"], raw["benchmark"])
    of = f"{raw['modality']} ~ {benchmark}: {NAMES.get(raw['statistic'], raw['statistic'])}"
    bandwidth = raw["statistic"].startswith(("pearson", "spearman", "partial", "between"))
    published = raw.get("published")
    verdict = raw.get("verdict", UNPUBLISHED)
    return {
        "source": SOURCE,
        "quantity": of if bandwidth else f"{of} ({raw['metric']})",
        "basis": ALONE if published is None else PRINTED,
        "published": published,
        "ours": raw.get("value") if verdict != NEEDS else None,
        "low": raw.get("low"),
        "high": raw.get("high"),
        "n": raw.get("n"),
        "tolerance": None if published is None else 0.0,
        "verdict": verdict if published is not None or verdict == NEEDS else UNPUBLISHED,
        "needs": raw.get("needs", ""),
        "note": raw.get("note", ""),
        "shown": False,
    }


def _file(files: Mapping[str, Path], name: str) -> Path:
    try:
        return files[f"{FIGURES}/{name}"]
    except KeyError as error:
        where = "data/raw/brainalign/sources.json"
        raise InputError("file not listed", where=where, expected=f"{FIGURES}/{name}") from error
