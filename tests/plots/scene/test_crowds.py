"""Of more models than there is room for, the best are named, and nothing is left out unsaid."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from stages.plots.kit.palette import MODALITIES
from stages.plots.scene import gallery
from stages.plots.scene.crowds import (
    GRID,
    along_depth,
    best_lines,
    draw_bands,
    keep_best,
    with_note,
)
from stages.plots.scene.gallery import scene_files
from tests.plots.figures import clipped, overlaps, texts
from tests.plots.survey_tables import survey_of, zoo_of


def table_of(**models):
    rows = [(name, kind, score) for name, (kind, score) in models.items() for _ in range(2)]
    return pd.DataFrame(rows, columns=["name", "kind", "score"])


def test_the_best_of_every_kind_are_kept_in_turn_and_counted():
    table = table_of(
        a=("vision", 0.1), b=("vision", 0.9), c=("vision", 0.5), d=("language", 0.0),
        e=("language", 0.2),
    )  # fmt: skip
    kept, note = keep_best(table, "score", 3)
    assert list(kept["name"].unique()) == ["b", "c", "e"]
    assert note == "the best 3 of 5 models"
    assert with_note("title", note, "here") == "title; the best 3 of 5 models (all: here)"
    every, none = keep_best(table, "score", 5)
    assert (every is table, none) == (True, "")
    assert with_note("title", "", "here") == "title"


def test_lines_are_as_many_as_there_are_shades():
    models = {f"v{k}": ("vision", k) for k in range(9)} | {"l": ("language", 0.0)}
    assert list(best_lines(table_of(**models), "score")["name"].unique()) == [
        *("v5", "v6", "v7", "v8"),
        "l",
    ]


def test_curves_of_other_layers_meet_at_the_same_depths(rng):
    deep = pd.DataFrame({"model": "deep", "depth": np.linspace(0, 1, 41)})
    table = pd.concat([deep, pd.DataFrame({"model": "flat", "depth": [1.0, 0.0]})])
    found = along_depth(table.assign(score=2 * table["depth"] + 1), "model")
    np.testing.assert_allclose(found.to_numpy(), np.tile(2 * GRID + 1, (2, 1)), atol=1e-12)


def test_bands_hold_half_and_nine_of_ten(rng):
    curves = pd.DataFrame(rng.normal(size=(200, 3)), columns=[0.0, 0.5, 1.0])
    ax = Figure().subplots()
    draw_bands(ax, curves, MODALITIES["vision"])
    for band, (low, high) in zip(ax.collections, [(5, 95), (25, 75)], strict=True):
        drawn = band.get_paths()[0].vertices
        for depth in curves:
            ends = drawn[drawn[:, 0] == depth, 1]
            expected = np.percentile(curves[depth], [low, high])
            np.testing.assert_allclose([ends.min(), ends.max()], expected)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), curves.median())


@pytest.fixture(scope="module")
def crowd():
    rng = np.random.default_rng(0)
    zoo = zoo_of(128) | {f"b-{k}": ("", f"b-{k}", None) for k in range(40)}
    survey = survey_of(rng, zoo=zoo, people=("s1", "s2"), regions=("V1", "FFC", "44"), layers=3)
    survey.control["units"] = 4096.0
    return survey


@pytest.fixture(scope="module")
def figures(crowd):
    files = scene_files(crowd, "made", "cka_linear")
    return {name: made.figure for name, made in files.items() if name.endswith("png")}


@pytest.mark.slow
def test_a_crowd_is_drawn_without_overlaps_inside_the_page(figures):
    assert len(figures) == 13
    for name, figure in figures.items():
        figure.draw_without_rendering()
        assert not clipped(figure), name
        assert overlaps(figure.axes) == [], name
        assert max(figure.get_size_inches()) < 25, name


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("align/best.png", "the best 120 of 128 models (all: align/best.csv)"),
        ("survey/models.png", "60 of 168 models, the first that failed and the best"),
        ("survey/depth.png", "the best 16 of 64 models"),
        ("survey/gradient.png", "the best 8 of 64 models"),
        ("survey/networks.png", "the best 24 of 64 models"),
        ("survey/consistency.png", "the best 16 of 64 models"),
        ("survey/umap.png", "named are 24 of 128, the best and the most unlike others"),
    ],
)
def test_what_is_left_out_is_said(figures, name, note):
    title = " ".join(figures[name].get_suptitle().split())
    assert note in title
    assert "parquet" in title or "csv" in title


def test_names_on_a_crowded_map_do_not_cover_each_other(figures):
    figure = figures["survey/umap.png"]
    figure.draw_without_rendering()
    boxes = [Text.get_window_extent(text) for text in figure.axes[0].texts]
    assert len(boxes) == 24
    assert sum(box.count_overlaps(boxes) - 1 for box in boxes) == 0
    assert not any("untrained" in name for name in texts(figure.axes[0].texts))


def test_all_models_are_in_the_gradients(figures, crowd):
    shown = figures["survey/gradients.png"].axes[0]
    rows = crowd.gradient.query("quantity == 'best_depth' and subject == 'mean'")
    trained = crowd.models.loc[crowd.models["trained"], "model"]
    rows = rows[rows["model"].isin(trained)]
    drawn = np.concatenate([part.get_offsets()[:, 0] for part in shown.collections])
    np.testing.assert_allclose(np.sort(drawn), np.sort(rows["spearman"].astype(float)))


def test_layers_of_the_same_width_stand_beside_each_other(figures):
    (ax,) = (ax for ax in figures["survey/control.png"].axes if "debiased" in ax.get_title())
    at = [line.get_xdata() for line in ax.lines if len(line.get_xdata()) > 2]
    ends = sorted((min(x), max(x)) for x in at)
    assert all(one[1] < other[0] for one, other in pairwise(ends))
    assert 4096 / 2**0.5 < ends[0][0] < ends[-1][1] < 4096 * 2**0.5


def test_the_table_of_very_many_layers_is_by_network(rng, monkeypatch):
    survey = survey_of(rng, zoo=zoo_of(4), regions=("V1", "V2", "44"), layers=2)
    monkeypatch.setattr(gallery, "MOST_ROWS", 10)
    files = scene_files(survey, "made", "cka_linear")
    assert set(files["align/layers.csv"]["region"]) == {"VIS", "FPN"}
