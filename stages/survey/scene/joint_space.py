"""A map of layers and areas together: near each other are those that arrange images alike."""

import logging
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial.distance import pdist, squareform
from scipy.stats import spearmanr

from stages.core.names.areas import networks_in
from stages.core.results.area_alignment import (
    APART,
    AREA,
    FIDELITY,
    LAYER,
    POINTS,
    SAME,
    WHOLE,
)
from stages.core.results.typed_tables import empty_table
from stages.survey.scene.embedding import embed_distances

Array = NDArray[np.float64]
FEWEST = 5  # points
PLACE = ["model", "name"]  # of an area, the model is empty
MAPS = {"umap": ("x", "y"), "umap3": ("x", "y", "z"), "mds": ("x", "y", "z")}

log = logging.getLogger("concord.survey")


@dataclass(frozen=True)
class Space:
    """Points that lie at distances from each other.

    Attributes
    ----------
    points : DataFrame
        Columns model and name.
    distances : ndarray, shape (n_points, n_points)
        Angles in radians.
    corrected : bool
        Whether the noise of areas is out of them.
    dataset : str
        Whose areas these are.
    """

    points: pd.DataFrame
    distances: Array
    corrected: bool
    dataset: str


def joint_space(areas: pd.DataFrame, layers: pd.DataFrame, subject: str) -> Space:
    """Find the angles between all layers and the whole areas of a person.

    The arc cosine of debiased CKA is the angle between two centred kernels, and so a distance
    (Williams et al. 2021, NeurIPS 34:4738), where 1 - CKA breaks the triangle inequality. Where
    repeats tell, the angles are those without noise: score by ceiling, of areas from showings
    apart; areas of which repeats do not tell are left out, by name. Otherwise noise pushes areas
    away from everything, and what they share of it pulls them together.

    Parameters
    ----------
    areas, layers : DataFrame
        Made by the stage `compare_areas`.
    subject : str
    """
    own = layers[(layers["subject"] == subject) & (layers["parts"] == WHOLE)]
    between = areas[(areas["subject"] == subject) & (areas["second_subject"] == subject)]
    between = between[between["parts"] == WHOLE]
    corrected = bool((own["ceiling"].notna() & (own["second_model"] == "")).any())
    regions = own["second"].drop_duplicates()
    if corrected:
        lost = own.loc[own["ceiling"].isna(), "second"].drop_duplicates()
        for region in lost:
            log.info(
                "region %s of subject %s is not on the map: repeats do not tell", region, subject
            )
        regions = regions[~regions.isin(lost)]
        own = own.assign(score=own["score"] / own["ceiling"])
        between = between.assign(score=between["score"] / between["ceiling"])
    between = between[between["kind"] == (APART if corrected else SAME)]
    points = pd.concat(
        [
            _layers_of(layers).rename(columns={"layer": "name"}),
            pd.DataFrame({"model": "", "name": regions}),
        ],
        ignore_index=True,
    )
    pairs = [
        layers[layers["subject"] == ""].rename(columns={"layer": "name"}),
        own.rename(columns={"layer": "name"}),
        between.rename(columns={"region": "name", "second_region": "second"}).assign(
            model="", second_model=""
        ),
    ]
    distances = np.arccos(_square(points, pd.concat(pairs)))
    return Space(points, distances, corrected, str(layers["dataset"].iloc[0]))


def place_points(
    space: Space, roll: pd.DataFrame, layers: pd.DataFrame, neighbours: int, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lay points out by UMAP, in two and three dimensions, and by classical scaling.

    Parameters
    ----------
    space : Space
    roll, layers : DataFrame
        Made by `stages.survey.zoo_models`.
    neighbours, seed : int

    Returns
    -------
    tuple of DataFrame
        Points, and how true each map is to the distances; columns `POINTS` and `FIDELITY`, but for
        dataset and subject. Without rows, by name, with fewer than five points.
    """
    n = len(space.points)
    if n < FEWEST:
        log.warning("no map of layers and areas: expected %d points, got %d", FEWEST, n)
        return empty_table(POINTS), empty_table(FIDELITY)
    scaled = classical_scaling(space.distances, 3)
    found = {
        "umap": embed_distances(space.distances, scaled[:, :2], neighbours, seed),
        "umap3": embed_distances(space.distances, scaled, neighbours, seed),
        "mds": scaled,
    }
    points = _described(space, roll, layers)
    for name, axes in MAPS.items():
        for place, axis in enumerate(axes):
            points[f"{name}_{axis}"] = found[name][:, place]
    flat = {("umap", 2): found["umap"], ("umap", 3): found["umap3"]}
    flat |= {("mds", 2): scaled[:, :2], ("mds", 3): scaled}
    rows = [
        {"method": method, "dimensions": dimensions}
        | fidelity(space.distances, places, min(neighbours, n - 1))
        for (method, dimensions), places in flat.items()
    ]
    return points, pd.DataFrame(rows).assign(points=n, corrected=space.corrected)


def classical_scaling(distances: Array, dimensions: int) -> Array:
    """Lay points out so that squared distances are kept as well as a projection can.

    Torgerson 1952, Psychometrika 17:401. Of each axis, the coordinate that is farthest from 0 is
    positive.

    Parameters
    ----------
    distances : ndarray, shape (n, n)
    dimensions : int

    Returns
    -------
    ndarray, shape (n, dimensions)
        Axes without variance are 0.
    """
    centring = np.eye(len(distances)) - 1 / len(distances)
    values, vectors = np.linalg.eigh(-centring @ np.square(distances) @ centring / 2)
    kept = vectors[:, ::-1][:, :dimensions] * np.sqrt(np.maximum(values[::-1][:dimensions], 0))
    largest = kept[np.abs(kept).argmax(axis=0), np.arange(dimensions)]
    places: Array = kept * np.where(largest < 0, -1.0, 1.0)
    return places


def fidelity(distances: Array, places: Array, neighbours: int) -> dict[str, float]:
    """Say how true a map is.

    Returns
    -------
    dict
        `rho`, Spearman's correlation of distances on the map with those that it is made of, and
        `kept`, the mean share of a point's nearest neighbours that are its nearest on the map.
    """
    mapped = squareform(pdist(places))
    upper = np.triu_indices(len(distances), 1)
    rho = spearmanr(distances[upper], mapped[upper]).statistic
    true, near = (_nearest(one, neighbours) for one in (distances, mapped))
    kept = [len(set(a) & set(b)) / neighbours for a, b in zip(true, near, strict=True)]
    return {"rho": float(rho), "kept": float(np.mean(kept))}


def _nearest(distances: Array, count: int) -> list[list[int]]:
    apart = distances + np.diag(np.full(len(distances), np.inf))
    found: list[list[int]] = np.argsort(apart, axis=1, kind="stable")[:, :count].tolist()
    return found


def _layers_of(layers: pd.DataFrame) -> pd.DataFrame:
    """List all layers, in the order of the table."""
    return layers.loc[layers["subject"] != "", ["model", "layer"]].drop_duplicates()


def _square(points: pd.DataFrame, pairs: pd.DataFrame) -> Array:
    """Arrange the scores of pairs, each in either direction, from -1 to 1."""
    place = pd.MultiIndex.from_frame(points[PLACE])
    first = place.get_indexer(pd.MultiIndex.from_frame(pairs[PLACE]))
    second = place.get_indexer(pd.MultiIndex.from_frame(pairs[["second_model", "second"]]))
    known = (first >= 0) & (second >= 0)
    square = np.full((len(points), len(points)), np.nan)
    square[first[known], second[known]] = pairs["score"].to_numpy(float)[known]
    square = np.where(np.isnan(square), square.T, square)
    np.fill_diagonal(square, 1.0)
    clipped: Array = np.clip(square, -1, 1)
    return clipped


def _described(space: Space, roll: pd.DataFrame, layers: pd.DataFrame) -> pd.DataFrame:
    """Say of every point what it is."""
    about = layers.rename(columns={"layer": "name"})[["model", "name", "modality", "depth"]]
    table = space.points.merge(about, on=PLACE, how="left", validate="one_to_one")
    is_area = table["model"] == ""
    networks = networks_in(space.dataset, table["name"])
    return table.assign(
        kind=np.where(is_area, AREA, LAYER),
        modality=table["modality"].where(~is_area, ""),
        network=table["name"].map(networks).where(is_area, ""),
        trained=table["model"].map(roll.set_index("model")["trained"]).eq(True),
        depth=table["depth"].astype(float),
    )
