import numpy as np
import pytest

from stages.plots.kit.palette import MODALITIES
from stages.plots.story.curves import layer_curves
from stages.plots.story.tables import encoding_table
from tests.plots.figures import clipped, png, texts
from tests.plots.shapes import shapes
from tests.plots.story_models import several


@shapes
def test_curves_show_every_score(encoded, shape):
    table = encoding_table(encoded(**shape))
    figure = layer_curves({"tiny": table}, "title")
    figure.draw_without_rendering()
    regions = list(table["region"].unique())
    assert [ax.get_title() for ax in figure.axes] == [name.replace("_", " ") for name in regions]
    for ax, region in zip(figure.axes, regions, strict=True):
        rows = table[table["region"] == region]
        lines = {line.get_label(): line for line in ax.lines}
        for kind, name in (("hidden", "hidden states"), ("attention", "attention")):
            expected = rows[rows["kind"] == kind]
            assert (name in lines) == bool(len(expected))
            if name in lines:
                np.testing.assert_array_equal(lines[name].get_xdata(), expected["layer_number"])
                np.testing.assert_array_equal(lines[name].get_ydata(), expected["score"])
        assert ("ceiling" in lines) == rows["ceiling"].notna().any()
        assert ("nuisance alone" in lines) == (rows["layer"] == "nuisance").any()


def test_curves_lie_on_the_null_band_and_under_the_ceiling(encoded):
    table = encoding_table(encoded(regions=("LATL",)))
    (ax,) = layer_curves({"tiny": table}, "title").axes
    hidden = table[table["kind"] == "hidden"]
    corners = ax.collections[0].get_paths()[0].vertices
    for row in hidden.itertuples():
        heights = corners[corners[:, 0] == row.layer_number, 1]
        assert {round(heights.min(), 4), round(heights.max(), 4)} == {row.null_low, row.null_high}
    lines = {line.get_label(): set(line.get_ydata()) for line in ax.lines}
    assert lines["ceiling"] == {0.7}
    assert lines["nuisance alone"] == set(table.loc[table["layer"] == "nuisance", "score"])


def test_the_legend_names_what_any_panel_shows(encoded):
    results = encoded(regions=("A", "B", "C"))
    results.loc[results["region"] == "A", "ceiling"] = np.nan
    (legend,) = layer_curves({"tiny": encoding_table(results)}, "title").legends
    assert sorted(texts(legend.get_texts())) == [
        "attention",
        "ceiling",
        "hidden states",
        "nuisance alone",
        "null (95 %)",
    ]


def test_every_column_of_curves_ends_with_the_numbers_of_the_layers(encoded):
    figure = layer_curves({"tiny": encoding_table(encoded(regions=tuple("ABCDEFG")))}, "title")
    figure.draw_without_rendering()
    assert [ax.get_title() for ax in figure.axes if ax.get_xlabel() == "layer"] == ["E", "F", "G"]
    for ax in figure.axes[-3:]:
        shown = [label.get_text() for label in ax.get_xticklabels() if label.get_visible()]
        assert set("0123") <= set(shown)


@pytest.mark.slow
def test_curves_of_all_116_regions_of_the_atlas(encoded):
    regions = tuple(f"Temporal_Pole_Mid_{i:03}" for i in range(116))
    table = encoding_table(encoded(regions=regions, subjects=("group",), blocks=6))
    assert len(layer_curves({"tiny": table}, "title").axes) == 116  # laying them out takes long


def test_the_same_table_gives_the_same_bytes(encoded):
    table = encoding_table(encoded())
    assert png(layer_curves({"tiny": table}, "t")) == png(layer_curves({"tiny": table.copy()}, "t"))


@shapes
def test_the_twin_is_dashed_in_grey(encoded, shape):
    rows = several(encoded(**shape)).groupby("model", sort=False)
    tables = {str(name): encoding_table(one) for name, one in rows}
    figure = layer_curves(tables, "title")
    figure.draw_without_rendering()
    assert not clipped(figure)
    twin = tables["tiny+untrained"]
    for ax, region in zip(figure.axes, twin["region"].unique(), strict=True):
        expected = twin[(twin["region"] == region) & (twin["kind"] == "hidden")]
        (line,) = (one for one in ax.lines if one.get_label() == "hidden states, tiny+untrained")
        np.testing.assert_array_equal(line.get_ydata(), expected["score"])
        assert line.get_color() == MODALITIES["untrained"]
        assert line.is_dashed()
    assert "hidden states, tiny+untrained" in texts(figure.legends[0].get_texts())
