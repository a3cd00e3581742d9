"""Matrices of people, region by region, and how well those of others tell those of one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.vocabulary import GROUP
from stages.core.recording.types import Recording
from stages.core.regression.folds import SHUFFLED, Split
from stages.core.stats.people_agreement import with_infinitely_many, with_others
from stages.rescore.published_order import over_people
from stages.rescore.whole_matrices import (
    FEWEST,
    centred_kernel,
    debiased_kernel,
    ranked_dissimilarities,
)

Array = NDArray[np.float64]
Maker = Callable[[Array], Array]
WHOLE = "none"  # in place of folds, where nothing is left out
# Who stands in for a model: the mean of the other people, and of infinitely many like them.
BOUNDS: Mapping[str, Callable[[Array], Array]] = {
    "others": with_others,
    "infinitely_many": with_infinitely_many,
}


def people_by_region(recording: Recording) -> dict[str, dict[str, Array]]:
    """Responses of each person in each region, shape (n_samples, n_targets).

    The average of people is none of them, but where a region is measured in nobody.
    """
    regions = dict.fromkeys(name for one in recording.subjects for name in one.targets["region"])
    found = {}
    for region in regions:
        people = {}
        for one in recording.subjects:
            columns = (one.targets["region"] == region).to_numpy()
            if columns.any():
                people[one.name] = one.responses[:, columns].astype(np.float64)
        if len(people) > 1:
            people.pop(GROUP, None)
        found[str(region)] = people
    return found


def count_targets(people: Mapping[str, Array]) -> dict[str, int]:
    """Count the people of a region, and the targets of all of them."""
    targets = sum(own.shape[1] for own in people.values())
    return {"subjects": len(people), "targets": targets}


def makers(patterns: Sequence[Array]) -> dict[str, tuple[Maker, Maker]]:
    """Choose what makes matrices of unit norm: as published, and of all samples at once."""
    found: dict[str, tuple[Maker, Maker]] = {"cka": (centred_kernel, debiased_kernel)}
    if all(map(_has_dissimilarities, patterns)):
        found["rdm"] = (ranked_dissimilarities, ranked_dissimilarities)
    return found


def _has_dissimilarities(patterns: Array) -> bool:
    """Whether 1 − r is defined and no mere sign: three values or more, none of them all alike."""
    enough = patterns.shape[1] >= FEWEST
    return enough and bool((patterns != patterns[:, :1]).any(axis=1).all())


def bounds(recording: Recording, splits: Sequence[Split]) -> Iterator[dict[str, Any]]:
    """Compare the matrix of each person with those of the others, as if these were a model.

    The mean of the others, which is noisy, is a lower bound of what a model can reach; that of
    infinitely many like them is what the matrix that all share would reach. Both follow from how
    people's matrices correlate, as published as a mean over the splits.

    Parameters
    ----------
    recording : Recording
    splits : sequence of Split
        Whose held-out samples are compared as published.

    Yields
    ------
    dict
        `layer` (of `BOUNDS`), `region`, `estimator`, `folds`, `score`, `error`, `subjects` and
        `targets`; none of regions that were measured in one person. Missing where people do not
        agree, or are too few to tell.
    """
    for region, people in people_by_region(recording).items():
        if len(people) < 2:
            continue
        told, names = {"region": region, **count_targets(people)}, pd.Series(list(people))
        for name, (published, whole) in makers(list(people.values())).items():
            each = [_agreement(published, people, split.test) for split in splits]
            cuts = {SHUFFLED: np.mean(each, axis=0), WHOLE: _agreement(whole, people)}
            for cut, agreement in cuts.items():
                for layer, bound in BOUNDS.items():
                    scores = pd.Series(bound(agreement))
                    row = over_people(scores if scores.notna().all() else scores * np.nan, names)
                    yield {"layer": layer, **told, "estimator": name, "folds": cut, **row}


def _agreement(
    make: Maker, people: Mapping[str, Array], rows: NDArray[np.intp] | slice = slice(None)
) -> Array:
    """Products of everybody's matrix with everybody's, shape (n_people, n_people)."""
    matrices = np.stack([make(own[rows]).ravel() for own in people.values()])
    return matrices @ matrices.T
