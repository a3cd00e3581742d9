"""Tables of areas beside areas, and of layers beside both: what shares a geometry with what.

Of areas, a row per pair of them, with their people. The kind says what else than images is in a
score:

- `people, showings apart`: two people's, one area from the first showing of the images and the
  other from the last.
- `people`: means of trials of two people. Where everybody sees the images in one order, as in NSD,
  what goes with time in a session (drift, habituation, getting tired) is common to all.
- `showings apart`: one person's, likewise.
- `same trials`: one person's means of trials. Noise that areas share is in it (a head moves, a
  scanner drifts, a person dozes off), and no p stands beside it: permuted images part noise too.

`parts` are whole areas, or those of each hemisphere, where the recording tells. The ceiling is what
two areas of one geometry would score: score by ceiling is alignment without noise.
"""

from pathlib import Path

import pandas as pd

from stages.core.results.typed_tables import Columns, flag, number, read_typed, text

PEOPLE_APART, PEOPLE, APART, SAME = (
    *("people, showings apart", "people"),
    *("showings apart", "same trials"),
)
KINDS = (PEOPLE_APART, PEOPLE, APART, SAME)
WHOLE, HALVES = "whole", "hemispheres"
AREA, LAYER = "area", "layer"

AREAS: Columns = (
    text("dataset", "metric", "split", "parts", "kind", "subject", "region", "hemisphere")
    | text("second_subject", "second_region", "second_hemisphere")
    | number("score", "null_mean", "null_sd", "p", "q")
    | text("q_family")
    | number("ceiling", "n")
)
# Layers beside layers (no subject, and a second model) and beside areas (no second model).
LAYERS: Columns = (
    text("dataset", "metric", "split", "model", "layer", "subject", "parts", "second_model")
    | text("second", "hemisphere")
    | number("score", "ceiling", "n")
)
# The first, the last and the best layer of each model beside each area.
ENDS: Columns = (
    text("dataset", "metric", "subject", "parts", "region", "hemisphere", "model", "modality")
    | text("architecture")
    | flag("trained")
    | text("end", "layer")
    | number("depth", "score", "ceiling")
)
# Every layer that has a depth beside whole areas, person by person.
CURVES: Columns = (
    text("dataset", "metric", "subject", "region", "model", "modality", "architecture")
    | flag("trained")
    | text("layer")
    | number("depth", "score", "ceiling")
)
FIRST, BEST, LAST = "first", "best", "last"
# The map of both, of each person: `name` is the region, or the layer.
POINTS: Columns = (
    text("dataset", "subject", "kind", "model", "name", "modality", "network")
    | flag("trained")
    | number("depth", "umap_x", "umap_y", "umap3_x", "umap3_y", "umap3_z")
    | number("mds_x", "mds_y", "mds_z")
)
FIDELITY: Columns = (
    text("dataset", "subject", "method")
    | number("dimensions", "rho", "kept", "points")
    | flag("corrected")
)
DO = "Run `dvc repro metrics/dvc.yaml:compare_areas`."
DO_SPACE = "Run `dvc repro metrics/dvc.yaml:survey_areas`."


def read_areas(path: Path) -> pd.DataFrame:
    """Read the table of areas beside areas; raises as `read_typed` does."""
    return read_typed(path, AREAS, DO)


def read_layers(path: Path) -> pd.DataFrame:
    """Read the table of layers beside layers and areas; raises as `read_typed` does."""
    return read_typed(path, LAYERS, DO)


def read_ends(folder: Path) -> pd.DataFrame:
    """Read the table of first, best and last layers; raises as `read_typed` does."""
    return read_typed(folder / "ends.parquet", ENDS, DO_SPACE)


def read_curves(folder: Path) -> pd.DataFrame:
    """Read the table of every layer beside every area; raises as `read_typed` does."""
    return read_typed(folder / "curves.parquet", CURVES, DO_SPACE)


def read_space(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the points of the maps, and how true these are; raises as `read_typed` does."""
    points = read_typed(folder / "points.parquet", POINTS, DO_SPACE)
    return points, read_typed(folder / "fidelity.parquet", FIDELITY, DO_SPACE)
