"""Model against model: differences of their chosen layers' scores, on the same stimuli and people.

Differences are paired: what a person or a piece of the stimuli does to both models is not counted
as error. See `stages.core.stats.jackknife`.
"""

import logging
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import false_discovery_control

from stages.core.names.vocabulary import GROUP, MEAN, SIGNIFICANT
from stages.core.results.pairs import COLUMNS
from stages.core.results.typed_tables import empty_table
from stages.core.stats.jackknife import over_both, over_stimuli
from stages.survey.piece_shares import Entity, Shares

MOST = 100  # trained models of which each is compared with each other
log = logging.getLogger("concord.survey")


def pairs_of(roll: pd.DataFrame, shares: Shares) -> list[tuple[Entity, Entity]]:
    """List what is compared: trained models with each other, and with their untrained twins.

    Parameters
    ----------
    roll : DataFrame
        Made by `stages.survey.zoo_models.call_roll`.
    shares : dict
        Made by `stages.survey.piece_shares.piece_shares`; models that are not in it are left out.
    """
    known = roll.set_index("model")
    trained = [entity for entity in shares if known.loc[entity[0], "trained"]]
    twins = [
        (one, other)
        for one in trained
        for other in shares
        if not known.loc[other[0], "trained"]
        and known.loc[other[0], "architecture"] == one[0]
        and one[1] == other[1]
    ]
    if len(trained) > MOST:
        log.warning(
            "%d trained models, more than %d: each is compared with its untrained twins alone",
            *(len(trained), MOST),
        )
        return twins
    return [*combinations(trained, 2), *twins]


def pair_table(shares: Shares, pairs: Sequence[tuple[Entity, Entity]]) -> pd.DataFrame:
    """Compare pairs of models, place by place.

    Returns
    -------
    DataFrame
        The columns of `stages.core.results.pairs`; q are over pairs and regions of each metric, of
        the average of responses and of people each.
    """
    tables = [
        table.assign(
            model=one[0], modality=one[1], other=other[0], other_modality=other[1], metric=metric
        )
        for one, other in pairs
        for metric, table in compared(shares[one], shares[other])
    ]
    if not tables:
        return empty_table(COLUMNS)
    found = pd.concat(tables, ignore_index=True)
    kind = found["subject"].eq(GROUP)
    for _, rows in found.groupby([found["metric"], kind], sort=False):
        for p, q in (("p", "q"), ("people_p", "people_q")):
            tested = rows.index[rows[p].notna()]
            if len(tested):
                found.loc[tested, q] = false_discovery_control(found.loc[tested, p])
    return found.reindex(columns=list(COLUMNS))


def compared(one: pd.DataFrame, other: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Compare two models, by metric: of the average or only subject, and over people.

    Parameters
    ----------
    one, other : DataFrame
        Of `stages.survey.piece_shares.piece_shares`.

    Yields
    ------
    str, DataFrame
        The metric, and columns of `stages.core.results.pairs` of some regions.
    """
    places = one.index.intersection(other.index, sort=False)
    first, second = one.loc[places], other.loc[places]
    for metric in places.unique("metric"):
        here = places.get_level_values("metric") == metric
        left, right = (rows[here].droplevel("metric") for rows in (first, second))
        who = left.index.get_level_values("subject")
        people = left[who != GROUP].groupby(level="region", sort=False)
        average = who == GROUP
        if average.any():
            yield metric, _rows(left[average], right[average], GROUP)
        for n, regions in people.size().groupby(people.size()):
            names = list(regions.index)
            parts = [side[who != GROUP].loc[names] for side in (left, right)]
            subject = MEAN if n > 1 else ""
            yield metric, _rows(parts[0], parts[1], subject, int(n))


def _rows(left: pd.DataFrame, right: pd.DataFrame, subject: str, people: int = 1) -> pd.DataFrame:
    """Compare in regions that so many people have, whose rows are in succession."""
    left = left.sort_index(level="region", sort_remaining=True, kind="stable")
    right = right.loc[left.index]
    regions = left.index.get_level_values("region").to_numpy()[::people]
    named = subject or left.index.get_level_values("subject").to_numpy()[::people]
    scores, others = (_cells(side, people) for side in (left, right))
    difference = scores - others
    here, there = over_stimuli(difference), over_both(difference)
    each = over_stimuli(difference[:, :, None])
    found = each.p < SIGNIFICANT
    return pd.DataFrame(
        {
            "subject": named,
            "region": regions,
            "score": scores.mean(axis=(1, 2)),
            "other_score": others.mean(axis=(1, 2)),
            "difference": here.mean,
            **{name: getattr(here, name) for name in ("low", "high", "p")},
            **{f"people_{name}": getattr(there, name) for name in ("low", "high", "p")},
            "people": float(0 if subject == GROUP else people),
            "ahead": (found & (each.mean > 0)).sum(axis=1).astype(float),
            "behind": (found & (each.mean < 0)).sum(axis=1).astype(float),
        }
    )


def _cells(rows: pd.DataFrame, people: int) -> NDArray[np.float64]:
    """Shape rows to regions × people × pieces."""
    values = rows.to_numpy(float)
    return values.reshape(len(values) // people, people, values.shape[1])
