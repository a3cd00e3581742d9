"""One set of patterns and one recording, scored in every way: estimators by how folds are cut."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.params.schema import Folds
from stages.core.recording.types import Recording
from stages.core.regression.folds import SHUFFLED, Partition, partition
from stages.core.results.shown import of_people
from stages.core.run.errors import InputError
from stages.core.stats.chance import significance
from stages.rescore.fold_scores import Array, least_squares, ridge
from stages.rescore.people_matrices import WHOLE, count_targets, makers, people_by_region
from stages.rescore.published_order import over_people
from stages.rescore.random_folds import random_folds
from stages.rescore.whole_matrices import in_parts, shifted_products

WIDTH = 2.0  # standard deviation of a bump, in samples


@dataclass(frozen=True)
class Ways:
    """How samples are cut.

    Attributes
    ----------
    shuffled, held : Partition
        Single samples at random, and whole runs or blocks.
    orders : ndarray of int, shape (n_shifts, n_samples)
        Shifts of the second, for the null of whole matrices.
    lambdas : ndarray, shape (n_lambdas,)
    """

    shuffled: Partition
    held: Partition
    orders: NDArray[np.intp]
    lambdas: Array


def partitions(runs: NDArray[Any], settings: Folds) -> tuple[Partition, Partition]:
    """Cut samples at random, as published, and as the parameters have it.

    Raises
    ------
    InputError
        If the parameters ask for random folds too, or as `partition` does.
    """
    if settings.scheme == SHUFFLED:
        raise InputError(
            "nothing to compare with",
            where="params.yaml: folds.scheme",
            expected="folds that leave runs or blocks out, since shuffled ones are made anyway",
            got=SHUFFLED,
            do="Set it to auto.",
        )
    return Partition(SHUFFLED, random_folds(runs), runs), partition(runs, settings)


def places(runs: NDArray[Any]) -> Array:
    """Say where in its run each sample stands: smooth bumps, some four samples apart.

    It knows nothing but which samples stand side by side, and can predict only where these are on
    both sides of a fold (as OASM does, Hadidi, Feghhi et al. 2026, Nat Commun 17:5769, which has as
    many bumps as samples: too many for least squares).

    Parameters
    ----------
    runs : ndarray, shape (n_samples,)
        One run after the other.

    Returns
    -------
    ndarray, shape (n_samples, n_bumps)
    """
    columns = []
    for run in dict.fromkeys(runs.tolist()):
        rows = np.flatnonzero(runs == run)
        count = max(1, round(len(rows) / (2 * WIDTH)))
        centres = (np.arange(count) + 0.5) * len(rows) / count - 0.5
        for centre in centres:
            column = np.zeros(len(runs))
            column[rows] = np.exp(-((np.arange(len(rows)) - centre) ** 2) / (2 * WIDTH**2))
            columns.append(column)
    return np.column_stack(columns)


def rescored(design: Array, recording: Recording, ways: Ways) -> list[dict[str, Any]]:
    """Score one set of patterns in every way, in every region.

    The average of people is none of them: it is scored where a region is measured in nobody.

    Returns
    -------
    list of dict
        `region`, `estimator`, `folds`, `score`, `error`, `subjects`, `targets`, and of whole
        matrices `null_mean`, `null_sd` and `p`.
    """
    rows = [*_regressions(design, recording, ways), *_matrices(design, recording, ways)]
    return sorted(rows, key=lambda row: str(row["region"]))


def _regressions(design: Array, recording: Recording, ways: Ways) -> Iterator[dict[str, Any]]:
    """Median correlations over targets and people, each target by itself."""
    tables = [one.targets.assign(subject=one.name) for one in recording.subjects]
    targets = of_people(pd.concat(tables, ignore_index=True))
    series = np.hstack([one.responses for one in recording.subjects]).astype(np.float64)
    series = series[:, targets.index]
    for cut in (ways.shuffled, ways.held):
        found = {
            "ols": least_squares(design, series, [fold.outer for fold in cut.folds]),
            "ridge": ridge(design, series, cut.folds, ways.lambdas),
        }
        for name, scores in found.items():
            for region, own in targets.assign(score=scores).groupby("region", sort=False):
                told = {"region": region, "estimator": name, "folds": cut.scheme}
                counts = {"subjects": own["subject"].nunique(), "targets": len(own)}
                yield told | over_people(own["score"], own["subject"]) | counts


def _matrices(design: Array, recording: Recording, ways: Ways) -> Iterator[dict[str, Any]]:
    """RSA and CKA over the targets of each person and region, then medians over people."""
    for region, people in people_by_region(recording).items():
        told = {"region": region, **count_targets(people)}
        for row in _compared(design, people, ways):
            yield told | row


def _compared(design: Array, people: Mapping[str, Array], ways: Ways) -> Iterator[dict[str, Any]]:
    names = pd.Series(list(people))
    parts = [fold.outer for fold in ways.shuffled.folds]
    for name, (published, whole) in makers([design, *people.values()]).items():
        scores = [in_parts(published, design, own, parts) for own in people.values()]
        yield {"estimator": name, "folds": SHUFFLED} | over_people(pd.Series(scores), names)
        own = whole(design)
        others = [whole(responses) for responses in people.values()]
        scores = [float(np.vdot(own, other)) for other in others]
        null = np.median([shifted_products(own, other, ways.orders) for other in others], axis=0)
        row = over_people(pd.Series(scores), names)
        told = significance(np.array(row["score"]), null)
        chance = {one: float(getattr(told, one)) for one in ("null_mean", "null_sd", "p")}
        yield {"estimator": name, "folds": WHOLE} | row | chance
