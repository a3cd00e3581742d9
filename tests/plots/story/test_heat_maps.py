import numpy as np
import pytest
from matplotlib.colors import to_hex

from stages.plots.kit.averages import grid
from stages.plots.kit.panels import paper
from stages.plots.kit.planted import Planted
from stages.plots.story.heat_maps import heat_map, type_map
from stages.plots.story.tables import decoding_table, encoding_table, probing_table
from tests.plots.figures import clipped, drawn, overlaps, png, texts
from tests.plots.shapes import shapes
from tests.plots.story_models import several


@shapes
def test_a_heat_map_shows_every_score(encoded, shape):
    table = encoding_table(encoded(**shape))
    figure = heat_map({"tiny": table}, "region", "title")
    figure.draw_without_rendering()
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
    panel = drawn(heat_map({"tiny": encoding_table(results)}, "region", "title"))[-1]
    assert panel.images[0].get_array().filled(-1).tolist() == [[-1], [0.7]]
    assert texts(panel.get_xticklabels()) == ["ceiling"]
    assert to_hex(panel.get_facecolor()) == "#d9d9d9"  # not measured, and not white


def test_colours_are_symmetric_about_zero(encoded):
    table = encoding_table(encoded(ceiling=np.nan))
    table.loc[0, "score"] = -0.9
    limits = {ax.images[0].get_clim() for ax in drawn(heat_map({"tiny": table}, "region", "title"))}
    assert limits == {(-0.9, 0.9)}
    table["score"] = 0.001
    limits = {ax.images[0].get_clim() for ax in drawn(heat_map({"tiny": table}, "region", "title"))}
    assert limits == {(-0.05, 0.05)}  # what is nearly nothing is not painted red


def test_dots_mark_what_is_significant(encoded):
    table = encoding_table(encoded(ceiling=np.nan, attention=False, controls=()))
    (panel,) = drawn(heat_map({"tiny": table}, "region", "title"))
    marked = {(int(y), int(x)) for x, y in panel.collections[0].get_offsets()}
    expected = np.argwhere(grid(table, "region", "significant").to_numpy() > 0.5)
    assert marked == set(map(tuple, expected.tolist()))


def test_types_are_marked_where_most_features_are_significant(probed):
    table = probing_table(probed)
    figure = heat_map({"tiny": table}, "type", "title")
    assert len(drawn(figure)) == 2
    assert texts(figure.legends[0].get_texts()) == ["q < .05 for most features, in every test"]
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
    panels = drawn(heat_map({"tiny": table}, "region", "title"))
    names = [texts(ax.get_xticklabels()) for ax in panels]
    assert names == [hidden, attention, ["nuisance", "oasm"], ["ceiling"]]
    titles = [ax.get_title() for ax in panels]
    assert titles == ["hidden states", "attention", "", ""]


@shapes
def test_no_two_labels_of_a_heat_map_overlap(encoded, shape):
    figure = heat_map({"tiny": encoding_table(encoded(**shape))}, "region", "title")
    figure.draw_without_rendering()
    assert overlaps(drawn(figure)) == []


@pytest.mark.slow
def test_a_heat_map_of_all_116_regions_of_the_atlas(encoded):
    regions = tuple(f"Temporal_Pole_Mid_{i:03}" for i in range(116))
    table = encoding_table(encoded(regions=regions, subjects=("group",), blocks=6))
    figure = heat_map({"tiny": table}, "region", "title")
    figure.draw_without_rendering()
    assert overlaps(drawn(figure)[:1]) == []


def test_types_are_drawn_by_region_and_family(decoded):
    table = decoding_table(decoded())
    figure = type_map(table, "title")
    figure.draw_without_rendering()
    panels = drawn(figure)
    assert [ax.get_title() for ax in panels] == ["discourse", "syntax", ""]
    for ax, (_, rows) in zip(panels, table.groupby("family", sort=False), strict=True):
        expected = grid(rows, "region", "score", "type")
        np.testing.assert_array_equal(ax.images[0].get_array(), expected)
        marked = {(int(y), int(x)) for x, y in ax.collections[0].get_offsets()}
        significant = np.argwhere(grid(rows, "region", "significant", "type").to_numpy() > 0.5)
        assert marked == set(map(tuple, significant.tolist()))
    assert texts(panels[0].get_xticklabels()) == ["Verbs", "Emotion"]
    assert texts(panels[2].get_xticklabels()) == ["Surprisal"]
    assert len({ax.images[0].get_clim() for ax in panels}) == 1


@pytest.mark.parametrize(
    ("regions", "sides"),
    [
        (("B_L", "A_R", "A_L"), ["left", "right"]),
        (("B_L", "Vermis_3"), ["left", "neither"]),
        (("B_L",), []),
        (("LATL", "RATL"), []),
    ],
)
def test_regions_of_a_hemisphere_are_named_together(decoded, regions, sides):
    ax = drawn(type_map(decoding_table(decoded(regions)), "title"))[0]
    assert texts(ax.get_yticklabels(minor=True)) == sides


@pytest.mark.parametrize(
    "regions",
    [("A_L",), (f"{'Very_long_name_of_a_region' * 2}_L", "A_R"), [f"R{i}_L" for i in range(116)]],
    ids=("one", "long", "all"),
)
def test_no_two_labels_of_a_map_of_types_overlap(decoded, regions):
    figure = type_map(decoding_table(decoded(regions)), "title")
    figure.draw_without_rendering()
    assert overlaps(drawn(figure)) == []
    assert not clipped(figure)


def test_all_texts_are_measured_with_one_renderer():
    canvas = paper(2, 3).canvas
    assert canvas.get_renderer() is canvas.get_renderer()  # one each took gigabytes


def test_the_same_table_gives_the_same_bytes(encoded):
    table = encoding_table(encoded())
    assert png(heat_map({"tiny": table}, "region", "t")) == png(
        heat_map({"tiny": table.copy()}, "region", "t")
    )


def both(make, results):
    """Tables of a model and its untrained twin."""
    rows = several(results).groupby("model", sort=False)
    return {str(name): make(one) for name, one in rows}


@shapes
def test_the_twin_stands_below_with_the_same_colours(encoded, shape):
    tables = both(encoding_table, encoded(**shape))
    figure = heat_map(tables, "region", "title")
    figure.draw_without_rendering()
    panels = drawn(figure)
    assert overlaps(panels) == []
    assert not clipped(figure)
    half = len(panels) // 2
    for own, (name, table) in zip((panels[:half], panels[half:]), tables.items(), strict=True):
        assert own[0].get_title(loc="left").strip() == name
        hidden = grid(table[table["kind"] == "hidden"], "region", "score")
        np.testing.assert_array_equal(own[0].images[0].get_array(), hidden)
    assert panels[0].get_position().y0 > panels[half].get_position().y1
    assert len({ax.images[0].get_clim() for ax in panels}) == 1


def test_families_are_named_beside_the_types_of_both_models(probed):
    panels = drawn(heat_map(both(probing_table, probed), "type", "title"))
    for ax in (panels[0], panels[2]):
        assert texts(ax.get_yticklabels(minor=True)) == ["discourse", "syntax"]


def test_the_name_of_a_model_stands_above_the_title_of_its_first_panel(encoded):
    figure = heat_map(both(encoding_table, encoded()), "region", "title")
    figure.draw_without_rendering()
    ax = drawn(figure)[0]
    assert ax.get_title(loc="left") == "tiny\n"
    assert ax.get_title() == "hidden states"
    assert drawn(figure)[1].get_title(loc="left") == ""


def test_regions_are_grouped_by_what_drives_them_and_planted_layers_outlined(encoded):
    regions = ("A_L", "B_L", "C_L", "D_L")
    truth = {
        "A_L": Planted("tiny", "tiny", "layer_02"),
        "B_L": Planted("nothing"),
        "C_L": Planted("tiny", "tiny", "layer_00"),
        "D_L": Planted("features"),
    }
    tables = both(encoding_table, encoded(regions=regions))
    figure = heat_map(tables, "region", "title", truth)
    panels = drawn(figure)
    half = len(panels) // 2
    assert texts(panels[0].get_yticklabels()) == ["D L", "B L", "A L", "C L"]
    assert texts(panels[0].get_yticklabels(minor=True)) == ["features", "nothing", "tiny"]
    for ax, table in zip((panels[0], panels[half]), tables.values(), strict=True):
        expected = grid(table[table["kind"] == "hidden"], "region", "score")
        shown = expected.loc[["D_L", "B_L", "A_L", "C_L"]]
        np.testing.assert_array_equal(ax.images[0].get_array(), shown)
    at = [[patch.get_center() for patch in ax.patches] for ax in panels]
    np.testing.assert_allclose(at[0], [(2, 2), (0, 3)])
    assert not any(at[1:])
    assert texts(figure.legends[0].get_texts()) == ["q < .05", "layer planted"]


def test_without_a_planted_layer_nothing_is_outlined(encoded):
    truth = {"A": Planted("hub:absent", "", "layer_00")}
    figure = heat_map({"tiny": encoding_table(encoded())}, "region", "title", truth)
    assert not any(ax.patches for ax in drawn(figure))
    assert texts(figure.legends[0].get_texts()) == ["q < .05"]
