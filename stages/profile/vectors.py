"""Score vectors over features: what each region and each layer carries."""

import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.names.features import family
from stages.core.names.vocabulary import HEMISPHERES, SIGNIFICANT, hemisphere_mean, hemisphere_of
from stages.core.run.errors import InputError

Array = NDArray[np.float64]
# What is compared, by the name it has here: the column, and the metric whose rows hold it.
PARTS = {
    "score": ("score", "r"),
    "odd": ("score", "r_odd"),
    "even": ("score", "r_even"),
    "found": ("q", "r"),
}

log = logging.getLogger("concord.profile")


@dataclass(frozen=True)
class Profiles:
    """Vectors over the same features, side by side.

    Attributes
    ----------
    names : list of str
        Of the regions or layers.
    score : ndarray, shape (n_features, n_profiles)
        Held-out r of every feature.
    odd, even : ndarray, shape (n_features, n_profiles)
        The same in each half of the folds.
    found : ndarray, shape (n_features, n_profiles)
        1 where q is below .05, and 0 elsewhere.
    """

    names: list[str]
    score: Array
    odd: Array
    even: Array
    found: Array

    def select(self, features: NDArray[np.bool_]) -> "Profiles":
        """Keep some features."""
        return Profiles(self.names, *(getattr(self, name)[features] for name in PARTS))


def common_features(decoded: pd.DataFrame, probed: pd.DataFrame) -> list[str]:
    """Name the features that both were scored on, in the order of the probes.

    Raises
    ------
    InputError
        If there is none.
    """
    known = set(decoded.loc[decoded["metric"] == "r", "target"])
    targets = probed.loc[probed["metric"] == "r", "target"].unique()
    features = [str(name) for name in targets if name in known]
    if not features:
        raise InputError("no feature in common", where="results of decode and probe")
    left = len(known.union(targets)) - len(features)
    if left:
        log.warning("%d features left out: scored in regions or in layers only", left)
    return features


def region_profiles(decoded: pd.DataFrame, subject: str, features: list[str]) -> Profiles:
    """Collect the regions of a subject, and the mean of those of each hemisphere.

    Parameters
    ----------
    decoded : DataFrame
        Results of decode.
    subject : str
    features : list of str
    """
    rows = decoded[(decoded["subject"] == subject) & (decoded["kind"] == "frem")]
    return _with_hemispheres(_profiles(rows, "region", features))


def layer_profiles(probed: pd.DataFrame, kind: str, features: list[str]) -> Profiles:
    """Collect the layers of one kind."""
    return _profiles(probed[probed["kind"] == kind], "layer", features)


def _profiles(rows: pd.DataFrame, by: str, features: list[str]) -> Profiles:
    names = [str(name) for name in rows[by].unique()]
    parts = {
        part: rows[rows["metric"] == metric]
        .pivot_table(index="target", columns=by, values=column)
        .loc[features, names]
        .to_numpy(float)
        for part, (column, metric) in PARTS.items()
    }
    return Profiles(names, **parts | {"found": (parts["found"] < SIGNIFICANT).astype(float)})


def _with_hemispheres(regions: Profiles) -> Profiles:
    """Add the mean of the regions whose names end in `_L`, and of those in `_R`."""
    names, parts = list(regions.names), {part: [getattr(regions, part)] for part in PARTS}
    for name in HEMISPHERES:
        members = [at for at, region in enumerate(regions.names) if hemisphere_of(region) == name]
        if members:
            names.append(hemisphere_mean(name))
            for part, columns in parts.items():
                columns.append(getattr(regions, part)[:, members].mean(axis=1, keepdims=True))
    joined = {part: np.hstack(columns) for part, columns in parts.items()}
    return Profiles(names, **joined | {"found": (joined["found"] >= 0.5).astype(float)})


def scopes(features: list[str], fewest: int) -> dict[str, NDArray[np.bool_]]:
    """Mark all features, and those of each family that has enough of them.

    Returns
    -------
    dict
        `all` and the families, each with an array of shape (n_features,).
    """
    families = np.array([family(name) for name in features])
    found = {"all": np.ones(len(features), dtype=bool)}
    for name in dict.fromkeys(families):
        members = families == name
        if members.sum() >= fewest:
            found[str(name)] = members
        else:
            log.warning(
                "family %s not compared by itself: expected at least %d features, got %d",
                *(name, fewest, members.sum()),
            )
    return found
