"""The gradient: whether deeper layers align with regions further to the front of the brain."""

import logging
from collections.abc import Iterator

import numpy as np
import pandas as pd

from stages.core.names.vocabulary import MEAN
from stages.core.results.shown import aligned, where_aligned
from stages.core.results.survey import TABLES
from stages.core.stats.spatial_null import spatial_spearman
from stages.survey.all_scores import KEYS

QUANTITIES = ("best_depth", "depth_centre")
PLACE = ["aside", "y", "z"]
FEWEST = 7  # regions; of fewer there are too few maps for any to be significant
DRAWS = 9999
_GRADIENT = ["model", "modality", "metric", "quantity"]

log = logging.getLogger("concord.survey")


def gradients(
    best: pd.DataFrame, centres: pd.DataFrame, regions: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """Correlate depth with place, from the back of the brain to the front.

    Only regions count with which the chosen layer aligns (`aligned`): in others, which layer is the
    best, and where their weight lies, is up to chance, and hides a gradient of those that align.

    Parameters
    ----------
    best : DataFrame
        Made by `stages.survey.scene.choice.choose_layers`.
    centres : DataFrame
        Made by `stages.survey.depths.depth_centre`.
    regions : DataFrame
        Made by `stages.survey.scene.places.region_table`; its y ascends to the front.
    seed : int
        Of the null.

    Returns
    -------
    DataFrame
        Per model, subject (and `mean`), metric and quantity (`best_depth` of the chosen layer,
        `depth_centre` of all layers): Spearman's correlation and its two-sided p over maps of the
        regions that are as smooth (`spatial_spearman`), over `smoothness` mm. Only where seven or
        more regions that count have coordinates, and not all are equally deep; the others are left
        out by name. The mean of a region is that of the subjects in whom it counts.
    """
    values = _values(aligned(best), where_aligned(centres, best, KEYS), regions)
    if regions["y"].notna().any():
        _tell_few(best, values)
    rows = [row for _, one in values.groupby("subject", sort=False) for row in _of_one(one, seed)]
    table = pd.DataFrame(rows, columns=list(TABLES["gradient"]))
    return table.astype({"regions": int, "spearman": float, "p": float, "smoothness": float})


def _values(best: pd.DataFrame, centres: pd.DataFrame, regions: pd.DataFrame) -> pd.DataFrame:
    """Make the long table of depths and places, the means over subjects included."""
    depths = best.rename(columns={"depth": "best_depth"})
    long = pd.concat(
        [
            table[KEYS].assign(quantity=name, value=table[name].astype(float))
            for name, table in zip(QUANTITIES, (depths, centres), strict=True)
        ]
    )
    place = regions.groupby(["subject", "region"], sort=False)[PLACE].mean().reset_index()
    long = _with_mean(long.dropna(subset=["value"]), [*_GRADIENT, "region"], ["value"])
    place = _with_mean(place, ["region"], PLACE)
    long = long.merge(place, on=["subject", "region"], how="left", validate="many_to_one")
    return long.dropna(subset=PLACE)


def _tell_few(best: pd.DataFrame, values: pd.DataFrame) -> None:
    """Say of each model how many gradients have too few regions."""
    by = ["model", "modality", "metric", "subject"]
    deep = best.loc[best["depth"].notna(), by]
    cases = pd.concat([deep, deep.assign(subject=MEAN)]).drop_duplicates()
    found = values[values["quantity"] == QUANTITIES[0]].groupby(by).size().rename("found")
    cases = cases.join(found, on=by).fillna({"found": 0})
    for (model, modality), rows in cases.groupby(["model", "modality"], sort=False):
        few = rows.loc[rows["found"] < FEWEST, "found"]
        if len(few):
            log.warning(
                "no gradient of model %s (%s) in %d of %d cases, subjects by metrics: expected at "
                "least %d regions with a place and with which it aligns, got %d to %d",
                *(model, modality, len(few), len(rows), FEWEST, few.min(), few.max()),
            )


def _with_mean(table: pd.DataFrame, by: list[str], columns: list[str]) -> pd.DataFrame:
    """Append the mean over subjects of some columns."""
    mean = table.groupby(by, sort=False)[columns].mean().reset_index()
    return pd.concat([table, mean.assign(subject=MEAN)], ignore_index=True)


def _of_one(values: pd.DataFrame, seed: int) -> Iterator[dict[str, object]]:
    """Gradients of one subject: all that are known for the same regions at once."""
    subject, place = str(values["subject"].iloc[0]), values.groupby("region")[PLACE].first()
    wide = values.pivot_table(index=_GRADIENT, columns="region", values="value", sort=False)
    for _, rows in wide.groupby(wide.notna().apply(tuple, axis=1), sort=False):
        known = rows.dropna(axis="columns")
        if known.shape[1] < FEWEST:
            continue
        at, rng = place.loc[known.columns], np.random.default_rng(seed)
        y, there = at["y"].to_numpy(float), at.to_numpy(float)
        found = spatial_spearman(known.to_numpy(float), y, there, DRAWS, rng)
        for name, one, chance, width in zip(known.index, *found, strict=True):
            label = {"subject": subject, **dict(zip(_GRADIENT, name, strict=True))}
            if np.isfinite(one):
                numbers = {"spearman": one, "p": chance, "smoothness": width}
                yield label | {"regions": known.shape[1]} | numbers
            else:
                said = ", ".join(label.values())
                log.warning("no gradient, since all regions are equally deep: %s", said)
