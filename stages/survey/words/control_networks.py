"""The language network beside networks that language does not drive, in the same people."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from stages.core.names.story_regions import CONTROL_NETWORKS, LANGUAGE_NETWORK
from stages.core.names.vocabulary import GROUP
from stages.core.results.language_scores import NETWORKS
from stages.core.results.story_ceilings import LIMIT
from stages.core.results.typed_tables import empty_table
from stages.core.stats.multiple import adjust

FEWEST = 3  # people
EVERY = 12  # people up to whom all signs are tried
FLIPS, SEED = 9999, 0


def network_rows(encoded: pd.DataFrame, ceilings: pd.DataFrame) -> pd.DataFrame:
    """Compare the networks over the people who have both, for every model.

    A difference of scores may be one of how much people share: the ceilings stand beside it.

    Parameters
    ----------
    encoded : DataFrame
        Results of encode, of all models.
    ceilings : DataFrame
        Table of `stages.core.results.story_ceilings`.

    Returns
    -------
    DataFrame
        Columns `NETWORKS`, but for the recording: held-out correlations of the chosen layer, means
        over people; their difference, its 95 % interval over people (Student's t), the difference
        in standard deviations over people (`effect`), and p of as large a difference if its sign
        were random in each person, two-sided. No rows of a recording without such networks, or of
        fewer than three people.
    """
    kept = (encoded["kind"] == "nested") & (encoded["metric"] == "r")
    people = encoded[kept & (encoded["subject"] != GROUP)]
    rows = list(_rows(people, _limits(ceilings)))
    if not rows:
        return empty_table(NETWORKS)
    return adjust(pd.DataFrame(rows), ("network",), "models")


def _limits(ceilings: pd.DataFrame) -> "pd.Series[float]":
    """Ceilings of one person, from infinitely many others, by region."""
    kept = ceilings[(ceilings["kind"] == LIMIT) & (ceilings["subject"] == GROUP)]
    return kept.set_index("region")["ceiling"]


def _rows(people: pd.DataFrame, limits: "pd.Series[float]") -> Iterator[dict[str, Any]]:
    wide = people.pivot_table("score", ["model", "subject"], "region", sort=False)
    others = [name for name in CONTROL_NETWORKS if name in wide]
    if LANGUAGE_NETWORK not in wide:
        return
    for (model, own), other in product(wide.groupby(level="model", sort=False), others):
        both = own[[LANGUAGE_NETWORK, other]].dropna()
        if len(both) < FEWEST:
            continue
        language, control = (both[name].to_numpy(float) for name in (LANGUAGE_NETWORK, other))
        yield {
            "model": str(model),
            "network": other,
            "score": float(language.mean()),
            "control_score": float(control.mean()),
            "ceiling": limits.get(LANGUAGE_NETWORK, np.nan),
            "control_ceiling": limits.get(other, np.nan),
            "people": len(both),
        } | _difference(language - control)


def _difference(each: NDArray[np.float64]) -> dict[str, float]:
    mean, deviation = float(each.mean()), float(each.std(ddof=1))
    reach = float(stats.t.ppf(0.975, len(each) - 1)) * deviation / np.sqrt(len(each))
    effect = mean / deviation if deviation > 0 else np.nan
    interval = {"difference": mean, "low": mean - reach, "high": mean + reach}
    return interval | {"effect": effect, "p": random_signs(each)}


def random_signs(each: NDArray[np.float64]) -> float:
    """Probability of a mean at least so far from 0, were the sign of each number random.

    All signs are tried where they are few, and drawn otherwise.
    """
    if len(each) <= EVERY:
        signs = np.array(list(product((1, -1), repeat=len(each))))
    else:
        drawn = np.random.default_rng(SEED).integers(0, 2, (FLIPS, len(each)))
        signs = np.vstack([np.ones(len(each)), 2 * drawn - 1])
    reached = np.abs(signs @ each) >= abs(each.sum()) - 1e-12
    return float(reached.mean())
