"""From profiles to one row per measurement."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.features import family
from stages.core.names.vocabulary import HEMISPHERES, hemisphere_mean
from stages.core.params.schema import Profile
from stages.core.stats.judged import judged_rows
from stages.profile.similarity import (
    kappa,
    permutations,
    preference,
    products,
    reliability,
    unit,
    unit_ranks,
)
from stages.profile.vectors import (
    Profiles,
    common_features,
    layer_profiles,
    region_profiles,
    scopes,
)

Array = NDArray[np.float64]
Ints = NDArray[np.intp]
KINDS = ("hidden", "attention")
CEILING = "split-half reliability over runs"
SCALES: dict[str, Callable[[Array], Array]] = {"cosine": unit, "spearman": unit_ranks}
FEWEST = 4  # features, of a family or in all: fewer have too few orders for a null


def too_little(decoded: pd.DataFrame, probed: pd.DataFrame) -> str:
    """Say why no profile is compared; empty where profiles are.

    Parameters
    ----------
    decoded, probed : DataFrame
        See `measure`.
    """
    if decoded.empty:
        return "no region was decoded"
    n = len(common_features(decoded, probed))
    return f"a profile takes {FEWEST} features, got {n}" if n < FEWEST else ""


def measure(decoded: pd.DataFrame, probed: pd.DataFrame, settings: Profile) -> list[dict[str, Any]]:
    """Compare every region with every layer, over all features and within families.

    Parameters
    ----------
    decoded : DataFrame
        Results of decode.
    probed : DataFrame
        Results of probe.
    settings : Profile

    Returns
    -------
    list of dict
        Rows of the results table, by subject, region (or hemisphere), layer and family (or
        `all`): `cosine` and `spearman` of the scores, with a ceiling; `kappa` of the sets of
        features found; and `cosine_preference`, `spearman_preference` of regions.
    """
    features = common_features(decoded, probed)
    chosen = scopes(features, FEWEST)
    orders = permutations(np.array([family(f) for f in features]), settings.draws, settings.seed)
    kinds = [kind for kind in KINDS if (probed["kind"] == kind).any()]
    layers = {kind: layer_profiles(probed, kind, features) for kind in kinds}
    rows: list[dict[str, Any]] = []
    for subject in decoded.loc[decoded["kind"] == "frem", "subject"].unique():
        regions = region_profiles(decoded, subject, features)
        for kind, profiles in layers.items():
            for name, members in chosen.items():
                label = {"subject": subject, "kind": kind, "family": name}
                some = _within(orders, members)
                pair = regions.select(members), profiles.select(members)
                rows += _compare(*pair, some, label)
    return rows


def _within(orders: Ints, members: NDArray[np.bool_]) -> Ints:
    """Orders of some features among themselves; they are whole families."""
    place = np.cumsum(members) - 1
    return place[orders[:, members]]


def _compare(
    regions: Profiles, layers: Profiles, orders: Ints, label: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Compare the regions and layers over some features."""
    means = {hemisphere_mean(name) for name in HEMISPHERES}
    alone = [at for at, name in enumerate(regions.names) if name not in means]
    everything = _labels(regions.names, layers.names, label)
    some = _labels([regions.names[at] for at in alone], layers.names, label)
    n = len(regions.score)
    for metric, scale in SCALES.items():
        observed, null = products(scale(regions.score), scale(layers.score), orders)
        bounds = _ceilings(regions, layers, scale).ravel()
        bounded = [
            one | {"ceiling": float(bound), "ceiling_kind": CEILING}
            for one, bound in zip(everything, bounds, strict=True)
        ]
        yield from _judge(bounded, metric, observed, null, n)
        if len(alone) > 1:
            particular = preference(observed[alone]), preference(null[alone])
            yield from _judge(some, f"{metric}_preference", *particular, n)
    observed, null = products(regions.found, layers.found, orders)
    sets = regions.found.sum(axis=0), layers.found.sum(axis=0), n
    yield from _judge(everything, "kappa", kappa(observed, *sets), kappa(null, *sets), n)


def _labels(regions: list[str], layers: list[str], label: dict[str, Any]) -> list[dict[str, Any]]:
    return [label | {"region": region, "layer": layer} for region in regions for layer in layers]


def _judge(
    labels: list[dict[str, Any]], metric: str, observed: Array, null: Array, n: int
) -> list[dict[str, Any]]:
    """One row per region and layer."""
    draws = null.reshape(len(labels), -1)
    return judged_rows(labels, metric, observed.ravel(), draws, np.full(len(labels), float(n)))


def _ceilings(regions: Profiles, layers: Profiles, scale: Callable[[Array], Array]) -> Array:
    """Bound the similarity of noisy profiles, shape (n_regions, n_layers)."""
    one = reliability(scale(regions.odd), scale(regions.even))
    other = reliability(scale(layers.odd), scale(layers.even))
    bound: Array = np.sqrt(np.outer(one, other))
    return bound
