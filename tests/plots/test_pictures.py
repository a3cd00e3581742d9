import io
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_hex

from stages.plots.pictures import heat_map, layer_curves
from stages.plots.tables import encoding_table, grid, probing_table

# What a study may look like: one region, very many, deep models, no attention, no controls,
# no ceiling.
SHAPES = {
    "one region": {"regions": ("reading_time",)},
    "two regions of a small model": {"regions": ("LATL", "RATL"), "blocks": 1},
    "five regions, no attention": {"regions": tuple("ABCDE"), "blocks": 24, "attention": False},
    "deep": {"regions": ("LATL", "RATL", "LIFG"), "blocks": 48},
    "no ceiling": {"ceiling": np.nan},
    "bare": {"ceiling": np.nan, "attention": False, "controls": ()},
    "one subject": {"subjects": ("s1",), "ceiling": np.nan},
}
shapes = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())


def png(figure) -> bytes:
    """Draw a figure: layout problems are warnings, and warnings are errors."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=50)
    return stream.getvalue()


def drawn(figure):
    """Panels of a heat map, without the colour bar."""
    return [ax for ax in figure.axes if ax.images]


def texts(labels):
    return [label.get_text() for label in labels]


@shapes
def test_a_heat_map_shows_every_score(encoded, shape):
    table = encoding_table(encoded(**shape))
    figure = heat_map(table, "region", "title")
    assert png(figure)
    kinds = list(table["kind"].unique())
    panels = drawn(figure)
    assert len(panels) == len(kinds) + table["ceiling"].notna().any()
    for ax, kind in zip(panels, kinds, strict=False):
        expected = grid(table[table["kind"] == kind], "region", "score")
        np.testing.assert_array_equal(ax.images[0].get_array(), expected)
    rows = [region.replace("_", " ") for region in table["region"].unique()]
    assert texts(panels[0].get_yticklabels()) == rows


def test_a_heat_map_ends_with_the_ceiling(encoded):
    results = encoded()
    results.loc[results["region"] == "Angular_R", "ceiling"] = np.nan
    panel = drawn(heat_map(encoding_table(results), "region", "title"))[-1]
    assert panel.images[0].get_array().filled(-1).tolist() == [[-1], [0.7]]
    assert texts(panel.get_xticklabels()) == ["ceiling"]
    assert to_hex(panel.get_facecolor()) == "#d9d9d9"  # not measured, and not white


def test_colours_are_symmetric_about_zero(encoded):
    table = encoding_table(encoded(ceiling=np.nan))
    table.loc[0, "score"] = -0.9
    limits = {ax.images[0].get_clim() for ax in drawn(heat_map(table, "region", "title"))}
    assert limits == {(-0.9, 0.9)}
    table["score"] = 0.001
    limits = {ax.images[0].get_clim() for ax in drawn(heat_map(table, "region", "title"))}
    assert limits == {(-0.05, 0.05)}  # what is nearly nothing is not painted red


def test_dots_mark_what_is_significant(encoded):
    table = encoding_table(encoded(ceiling=np.nan, attention=False, controls=()))
    (panel,) = drawn(heat_map(table, "region", "title"))
    marked = {(int(y), int(x)) for x, y in panel.collections[0].get_offsets()}
    expected = np.argwhere(grid(table, "region", "significant").to_numpy() > 0.5)
    assert marked == set(map(tuple, expected.tolist()))


def test_types_are_marked_where_most_features_are_significant(probed):
    table = probing_table(probed)
    figure = heat_map(table, "type", "title")
    assert len(drawn(figure)) == 2
    assert texts(figure.legends[0].get_texts()) == ["q < .05 for most features"]
    marked = sum(len(ax.collections[0].get_offsets()) for ax in drawn(figure))
    assert marked == (table["significant"] > 0.5).sum()


@pytest.mark.parametrize(
    ("blocks", "hidden", "attention"),
    [
        (3, ["0", "1", "2", "3"], ["1", "2", "3"]),
        (48, [str(i) for i in range(0, 49, 2)], [str(i) for i in range(1, 49, 2)]),
    ],
)
def test_layers_are_named_by_number_as_many_as_there_is_room_for(
    encoded, blocks, hidden, attention
):
    table = encoding_table(encoded(blocks=blocks))
    panels = drawn(heat_map(table, "region", "title"))
    names = [texts(ax.get_xticklabels()) for ax in panels]
    assert names == [hidden, attention, ["nuisance", "oasm"], ["ceiling"]]
    titles = [ax.get_title() for ax in panels]
    assert titles == ["hidden states", "attention", "", ""]


@shapes
def test_no_two_labels_of_a_heat_map_overlap(encoded, shape):
    figure = heat_map(encoding_table(encoded(**shape)), "region", "title")
    figure.draw_without_rendering()
    for ax in drawn(figure):
        for labels in (ax.get_xticklabels(), ax.get_yticklabels()):
            boxes = [label.get_window_extent() for label in labels if label.get_visible()]
            for one, next_one in pairwise(boxes):
                assert not one.overlaps(next_one)


@shapes
def test_curves_show_every_score(encoded, shape):
    table = encoding_table(encoded(**shape))
    figure = layer_curves(table, "title")
    assert png(figure)
    regions = list(table["region"].unique())
    assert [ax.get_title() for ax in figure.axes] == [name.replace("_", " ") for name in regions]
    for ax, region in zip(figure.axes, regions, strict=True):
        rows = table[table["region"] == region]
        lines = {line.get_label(): line for line in ax.lines}
        for kind, name in (("hidden", "hidden states"), ("attention", "attention")):
            expected = rows[rows["kind"] == kind]
            assert (name in lines) == bool(len(expected))
            if name in lines:
                np.testing.assert_array_equal(lines[name].get_xdata(), expected["depth"])
                np.testing.assert_array_equal(lines[name].get_ydata(), expected["score"])
        assert ("ceiling" in lines) == rows["ceiling"].notna().any()
        assert ("nuisance alone" in lines) == (rows["layer"] == "nuisance").any()


def test_curves_lie_on_the_null_band_and_under_the_ceiling(encoded):
    table = encoding_table(encoded(regions=("LATL",)))
    (ax,) = layer_curves(table, "title").axes
    hidden = table[table["kind"] == "hidden"]
    corners = ax.collections[0].get_paths()[0].vertices
    for row in hidden.itertuples():
        heights = corners[corners[:, 0] == row.depth, 1]
        assert {round(heights.min(), 4), round(heights.max(), 4)} == {row.null_low, row.null_high}
    lines = {line.get_label(): set(line.get_ydata()) for line in ax.lines}
    assert lines["ceiling"] == {0.7}
    assert lines["nuisance alone"] == set(table.loc[table["layer"] == "nuisance", "score"])


def test_the_legend_names_what_any_panel_shows(encoded):
    results = encoded(regions=("A", "B", "C"))
    results.loc[results["region"] == "A", "ceiling"] = np.nan
    (legend,) = layer_curves(encoding_table(results), "title").legends
    assert sorted(texts(legend.get_texts())) == [
        "attention",
        "ceiling",
        "hidden states",
        "nuisance alone",
        "null (95 %)",
    ]


def test_every_column_of_curves_ends_with_the_numbers_of_the_layers(encoded):
    figure = layer_curves(encoding_table(encoded(regions=tuple("ABCDEFG"))), "title")
    figure.draw_without_rendering()
    assert [ax.get_title() for ax in figure.axes if ax.get_xlabel() == "layer"] == ["E", "F", "G"]
    for ax in figure.axes[-3:]:
        shown = [label.get_text() for label in ax.get_xticklabels() if label.get_visible()]
        assert set("0123") <= set(shown)


@pytest.mark.slow
def test_all_116_regions_of_the_atlas(encoded):
    regions = tuple(f"Temporal_Pole_Mid_{i:03}" for i in range(116))
    table = encoding_table(encoded(regions=regions, subjects=("group",), blocks=6))
    assert png(heat_map(table, "region", "title"))
    assert len(layer_curves(table, "title").axes) == 116  # laying them out takes long


def test_the_same_table_gives_the_same_bytes(encoded):
    table = encoding_table(encoded())
    assert png(heat_map(table, "region", "t")) == png(heat_map(table.copy(), "region", "t"))
    assert png(layer_curves(table, "t")) == png(layer_curves(table.copy(), "t"))
