"""A map of models: near each other are those that align with the same regions."""

import importlib
import logging
import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.core.results.survey import TABLES
from stages.core.results.typed_tables import empty_table

FEWEST = 4  # models
PARTS = ("umap.umap_", "umap.layouts", "umap.utils")  # with all that is compiled in `embed`

log = logging.getLogger("concord.survey")


def model_map(
    best: pd.DataFrame, roll: pd.DataFrame, metric: str, neighbours: int, seed: int
) -> pd.DataFrame:
    """Lay models out in a plane by UMAP of their best scores.

    Parameters
    ----------
    best : DataFrame
        Made by `stages.survey.scene.choice.choose_layers`.
    roll : DataFrame
        Made by `stages.survey.zoo_models.call_roll`.
    metric : str
    neighbours, seed : int

    Returns
    -------
    DataFrame
        One row per model, or tower of a model of two. Empty, by name, with fewer than four, or
        with fewer than two regions of a subject that all have scores for.
    """
    vectors = score_vectors(best[best["metric"] == metric])
    if len(vectors) < FEWEST or vectors.shape[1] < 2:
        log.warning(
            "no map of models: expected %d models and 2 regions, got %d and %d",
            *(FEWEST, *vectors.shape),
        )
        return empty_table(TABLES["umap"])
    points = embed(vectors.to_numpy(float), neighbours, seed)
    table = vectors.index.to_frame(index=False).assign(x=points[:, 0], y=points[:, 1])
    trained = roll.set_index("model")["trained"]
    return table.assign(trained=table["model"].map(trained).astype(bool))[list(TABLES["umap"])]


def score_vectors(best: pd.DataFrame) -> pd.DataFrame:
    """Make one row per model and tower, one column per subject and region that all have."""
    index = ["model", "modality"]
    wide = best.pivot_table(index=index, columns=["subject", "region"], values="score")
    order = pd.MultiIndex.from_frame(best[index].drop_duplicates())
    return wide.reindex(order).dropna(axis="columns")


def embed(vectors: NDArray[np.float64], neighbours: int, seed: int) -> NDArray[np.float64]:
    """Embed in two dimensions (McInnes et al. 2018, arXiv:1802.03426), deterministically.

    Parameters
    ----------
    vectors : ndarray, shape (n_models, n_regions)
    neighbours : int
        At most n_models - 1 are used.
    seed : int

    Returns
    -------
    ndarray, shape (n_models, 2)
        Begun from the first two principal components.
    """
    points: NDArray[np.float64] = _reducer(
        len(vectors), neighbours, seed, init="pca"
    ).fit_transform(vectors)
    return points.astype(float)


def embed_distances(
    distances: NDArray[np.float64], start: NDArray[np.float64], neighbours: int, seed: int
) -> NDArray[np.float64]:
    """Embed what has distances, and no coordinates, deterministically.

    Parameters
    ----------
    distances : ndarray, shape (n, n)
    start : ndarray, shape (n, n_dimensions)
        Where every point begins, and in how many dimensions.
    neighbours, seed : int
        As those of `embed`.

    Returns
    -------
    ndarray, shape (n, n_dimensions)
    """
    reducer = _reducer(
        len(distances),
        neighbours,
        seed,
        init=start,
        metric="precomputed",
        n_components=start.shape[1],
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "using precomputed metric")  # which can not be inverted
        points: NDArray[np.float64] = reducer.fit_transform(distances)
    return points.astype(float)


def compile_maps() -> None:
    """Let Numba compile all that maps need, once for an environment; see `_keep_compiled`."""
    points = np.random.default_rng(0).standard_normal((3 * FEWEST, 3))
    distances = np.linalg.norm(points[:, None] - points, axis=2)
    embed(points, FEWEST, seed=0)
    for dimensions in (2, 3):
        embed_distances(distances, points[:, :dimensions], FEWEST, seed=0)


def _reducer(n: int, neighbours: int, seed: int, **settings: Any) -> Any:
    """Prepare UMAP for n points."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of optional parts that are not installed
        umap = importlib.import_module("umap")  # takes seconds
        _keep_compiled()
    count = min(neighbours, n - 1)
    return umap.UMAP(n_neighbors=count, random_state=seed, n_jobs=1, **settings)


def _keep_compiled() -> None:
    """Let Numba keep what it compiles of UMAP for the next run, which saves some 25 s of it.

    UMAP does not ask for that itself. The cache is beside its source, or with the user's others.
    """
    dispatcher = importlib.import_module("numba.core.dispatcher").Dispatcher
    for part in PARTS:
        for function in vars(importlib.import_module(part)).values():
            if isinstance(function, dispatcher):
                function.enable_caching()
