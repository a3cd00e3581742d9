import numpy as np
import pytest
from matplotlib.colors import to_hex

from stages.plots.kit.palette import KNOWN, MODALITIES
from stages.plots.story.bars import grouped_bars
from stages.plots.story.profiles import contrast_table
from tests.plots.figures import clipped, overlaps, texts
from tests.plots.story_models import several

SHAPES = {
    "usual": {},
    "one region": {"regions": ("A_L",)},
    "deep": {"blocks": 48, "regions": [f"Region_{i}_R" for i in range(20)]},
    "smallest": {"blocks": 1, "attention": False},
    "long names": {"regions": ("Very_long_name_of_a_region_and_its_neighbours_L", "A_R")},
    "one family": {"families": ("all", "syntax")},
    "no family": {"families": ("all",)},
    "five families": {"families": ("all", "a", "b", "c", "d", "semantics")},
}
MANY = {"regions": [f"Temporal_Pole_{i:03}_L" for i in range(115)], "blocks": 1}
every_shape = pytest.mark.parametrize(
    "shape",
    [*SHAPES.values(), pytest.param(MANY, marks=pytest.mark.slow)],
    ids=[*SHAPES, "all regions"],
)


def bars(ax, color):
    """Lower and upper ends of the bars of one colour, by place."""
    return sorted(
        (bar.get_x() + bar.get_width() / 2, *sorted((bar.get_y(), bar.get_y() + bar.get_height())))
        for bar in ax.patches
        if to_hex(bar.get_facecolor()) == color
    )


@every_shape
def test_every_score_stands_before_its_null(profiled, shape):
    table = contrast_table(profiled(**shape))
    found = sorted(
        (tuple(score[1:]), tuple(null[1:]))
        for ax in grouped_bars({"tiny": table}, "title").axes
        for color in {to_hex(bar.get_facecolor()) for bar in ax.patches} - {"#d9d9d9"}
        for score in bars(ax, color)
        for null in bars(ax, "#d9d9d9")
        if abs(score[0] - null[0]) < 1e-9
    )
    expected = sorted(
        ((min(row.score, 0), max(row.score, 0)), (row.null_low, row.null_high))
        for row in table.itertuples()
    )
    np.testing.assert_allclose(np.ravel(found), np.ravel(expected), atol=1e-9)


@every_shape
def test_no_two_labels_overlap_and_none_is_clipped(profiled, shape):
    figure = grouped_bars({"tiny": contrast_table(profiled(**shape))}, "title")
    figure.draw_without_rendering()
    assert overlaps(figure.axes) == []
    assert not clipped(figure)


def test_layers_and_regions_are_named(profiled):
    hidden, attention, regions = grouped_bars({"tiny": contrast_table(profiled())}, "title").axes
    assert texts(hidden.get_xticklabels()) == ["0", "1", "2", "3"]
    assert texts(attention.get_xticklabels()) == ["1", "2", "3"]
    names = ["A L", "B L", "A R", "left hemisphere", "right hemisphere"]
    assert texts(regions.get_xticklabels()) == names


def test_families_have_their_colours(profiled):
    table = contrast_table(profiled())
    ax = grouped_bars({"tiny": table}, "title").axes[0]
    for family in ("discourse", "syntax"):
        rows = table[(table["kind"] == "hidden") & (table["by"] == "layer")]
        scores = rows.loc[rows["family"] == family, "score"]
        ends = [low + high for _, low, high in bars(ax, KNOWN[family])]
        np.testing.assert_allclose(ends, scores, atol=1e-9)


def test_marks_tell_most_from_some_and_none(profiled):
    table = contrast_table(profiled(regions=("A_L",), attention=False, families=("all", "syntax")))
    table["significant"] = [0, 0.2, 0.5, 0.51, 0.4, 1]
    layers, regions = grouped_bars({"tiny": table}, "title").axes
    marks = layers.collections[0]
    assert [x for x, _ in marks.get_offsets()] == [1, 2, 3]
    assert [to_hex(color) for color in marks.get_facecolors()] == ["#ffffff", "#ffffff", "#222222"]
    assert [to_hex(color) for color in regions.collections[0].get_facecolors()] == [
        "#ffffff",
        "#222222",
    ]


def test_marks_stand_above_the_bar_and_its_null(profiled):
    table = contrast_table(profiled(regions=("A_L",), attention=False, families=("all", "syntax")))
    table = table.assign(significant=1.0)
    layers = grouped_bars({"tiny": table}, "title").axes[0]
    tops = np.maximum(table["score"], table["null_high"])[table["by"] == "layer"]
    np.testing.assert_allclose(layers.collections[0].get_offsets()[:, 1], tops)


def both(results):
    """Tables of a model and its untrained twin."""
    rows = several(results).groupby("model", sort=False)
    return {str(name): contrast_table(one) for name, one in rows}


@every_shape
def test_dashes_across_the_bars_are_the_twin(profiled, shape):
    tables = both(profiled(**shape))
    figure = grouped_bars(tables, "title")
    figure.draw_without_rendering()
    assert overlaps(figure.axes) == []
    assert not clipped(figure)
    dashes = [
        segment
        for ax in figure.axes
        for part in ax.collections
        if to_hex(part.get_edgecolor()[0]) == MODALITIES["untrained"]
        for segment in part.get_segments()
    ]
    heights = sorted(segment[0][1] for segment in dashes)
    np.testing.assert_allclose(heights, sorted(tables["tiny+untrained"]["score"]))
    assert "tiny+untrained" in texts(figure.legends[0].get_texts())


def test_dashes_cross_the_bar_of_their_family_and_stay_below_the_marks(profiled):
    tables = both(profiled(regions=("A_L",), attention=False))
    tables["tiny"]["significant"] = 1.0
    tables["tiny+untrained"]["score"] += 1.0
    ax = grouped_bars(tables, "title").axes[0]
    twin = tables["tiny+untrained"].query("by == 'layer' and family == 'syntax'")
    *_, dashes, marks = ax.collections
    middles = [segment.mean(axis=0) for segment in dashes.get_segments()]
    places = [place for place, *_ in bars(ax, KNOWN["syntax"])]
    np.testing.assert_allclose(middles, np.column_stack([places, twin["score"]]))
    np.testing.assert_allclose(marks.get_offsets()[:, 1], twin["score"])
