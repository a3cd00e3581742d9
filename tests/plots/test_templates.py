import json
import re
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
import vl_convert
from dvc_render.vega import VegaRenderer

from stages.plots.kit.model_lines import COLORS, model_lines
from stages.plots.kit.palette import MODALITIES
from stages.plots.story.model_tables import encoding_models
from stages.plots.story.profiles import contrast_table, features_table, similarity_table
from stages.plots.story.tables import decoding_table, encoding_table, heads_table, probing_table
from tests.conftest import PROJECT
from tests.plots.story_models import ZOO, roll_of, several

FOLDER = PROJECT / ".dvc" / "plots"
SVG = "{http://www.w3.org/2000/svg}"


def fill(template, tables, x, y):
    """Fill a template as `dvc plots` does: with the rows of a CSV as text, and their revision."""
    rows = [
        row | {"rev": rev}
        for rev, table in tables.items()
        for row in table.astype(object).where(table.notna(), "").astype(str).to_dict("records")
    ]
    options = {"template": template, "template_dir": str(FOLDER), "title": "The title"}
    return VegaRenderer(rows, "plot", x=x, y=y, **options).get_filled_template()


def draw(spec):
    return ElementTree.fromstring(vl_convert.vegalite_to_svg(spec))


def heat_map(tables, by="region", across="layer"):
    return draw(fill("heatmap", tables, across, by))


def curves(tables):
    return draw(fill("layers", tables, "layer_number", "score"))


def marks(svg, role):
    """Descriptions and elements of the marks of one layer of a plot."""
    groups = [g for g in svg.iter(f"{SVG}g") if f" {role}" in g.get("class", "")]
    return [
        (dict(part.split(": ", 1) for part in mark.get("aria-label").split("; ")), mark)
        for group in groups
        for mark in group
    ]


def texts(svg, role):
    groups = [g for g in svg.iter(f"{SVG}g") if g.get("class") == f"mark-text role-{role}"]
    return [text.text for group in groups for text in group.iter(f"{SVG}text")]


def number(text):
    return float(text.replace("−", "-"))


def colour(mark):
    return [int(part) for part in re.findall(r"\d+", mark.get("fill"))]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_templates_are_json_with_the_anchors_that_dvc_fills(path):
    json.loads(path.read_text())
    anchors = set(re.findall(r"<DVC_METRIC_(\w+)>", path.read_text()))
    assert anchors == {"DATA", "TITLE", "X", "Y"}


def test_the_heat_map_shows_every_score(encoded):
    table = encoding_table(encoded())
    svg = heat_map({"workspace": table})
    cells = marks(svg, "child_layer_0_marks")
    shown = {(told["region"], told["layer"]): number(told["score"]) for told, _ in cells}
    assert len(cells) == len(table)
    for row in table.itertuples():
        assert shown[row.region, row.layer] == pytest.approx(row.score, abs=6e-4)
    assert "The title" in texts(svg, "title-text")


def test_the_heat_map_keeps_the_order_of_layers_and_regions(encoded):
    table = encoding_table(encoded(blocks=11, regions=("LATL", "B_L", "A_R"), controls=("oasm",)))
    table = table.iloc[
        np.argsort(["LBA".index(name[0]) for name in table["region"]], kind="stable")
    ]
    svg = heat_map({"workspace": table})
    labels = texts(svg, "axis-label")
    hidden, attention = [f"{i:02}" for i in range(12)], [f"{i:02}" for i in range(1, 12)]
    assert [name for name in labels if name[0].isdigit()] == hidden + attention
    assert [name for name in labels if not name[0].isdigit()] == ["LATL", "B L", "A R", "oasm"]
    assert [text for text in texts(svg, "title-text") if text in table["kind"].unique()] == [
        "hidden",
        "attention",
        "control",
    ]


def test_colours_of_the_heat_map_are_symmetric_about_zero(encoded):
    table = encoding_table(encoded(regions=("LATL",), attention=False, controls=()))
    table["score"] = [0.8, 0.0, -0.1, 0.1]
    cells = [colour(mark) for _, mark in marks(heat_map({"now": table}), "child_layer_0_marks")]
    strong, nothing, cold, warm = np.array(cells)
    assert strong[0] - strong[2] > 50
    assert np.ptp(nothing) < 10
    assert 5 < cold[2] - cold[0] < 60  # -0.1 of at most 0.8 is a pale blue
    assert 5 < warm[0] - warm[2] < 60


def test_dots_of_the_heat_map_mark_what_is_significant(encoded):
    table = encoding_table(encoded())
    dots = marks(heat_map({"workspace": table}), "child_layer_2_marks")
    shown = {(told["region"], told["layer"]) for told, dot in dots if dot.get("opacity") != "0"}
    marked = table[table["significant"] > 0.5]
    assert shown == set(zip(marked["region"], marked["layer"], strict=True))


def test_the_heat_map_shows_types_of_features(probed):
    table = probing_table(probed)
    svg = heat_map({"workspace": table}, "type")
    assert len(marks(svg, "child_layer_0_marks")) == len(table)
    names = [text for text in texts(svg, "axis-label") if not text.isdigit()]
    assert names == ["Verbs", "Emotion", "Word Num"]


def test_the_heat_map_shows_heads_in_the_order_of_the_model(probe_results):
    table = heads_table(probe_results(blocks=10, heads=11))
    svg = heat_map({"workspace": table}, "type", "head")
    cells = marks(svg, "child_layer_0_marks")
    shown = {(told["type"], told["head"]): number(told["score"]) for told, _ in cells}
    assert len(cells) == len(table)
    for row in table.itertuples():
        assert shown[row.type, row.head] == pytest.approx(row.score, abs=6e-4)
    names = [text for text in texts(svg, "axis-label") if text.startswith("L")]
    assert names == list(table["head"].unique())


def test_the_heat_map_sets_revisions_one_above_the_other(encoded):
    tables = {
        "HEAD~1": encoding_table(encoded(blocks=2)),
        "workspace": encoding_table(encoded(blocks=4, attention=False)),
    }
    svg = heat_map(tables)
    cells = marks(svg, "child_layer_0_marks")
    for rev, table in tables.items():
        assert sum(told["revision"] == rev for told, _ in cells) == len(table)
    assert [text for text in texts(svg, "title-text") if text in tables] == ["HEAD~1", "workspace"]


@pytest.mark.parametrize("ceiling", [0.7, np.nan])
@pytest.mark.parametrize("attention", [True, False])
def test_the_curves_show_every_score(encoded, attention, ceiling):
    table = encoding_table(encoded(attention=attention, ceiling=ceiling))
    svg = curves({"workspace": table})
    points = marks(svg, "child_layer_3_layer_1_marks")
    shown = {(told["region"], told["layer"]): number(told["held-out r"]) for told, _ in points}
    drawn = table[table["kind"] != "control"]
    assert len(points) == len(drawn)
    for row in drawn.itertuples():
        assert shown[row.region, row.layer] == pytest.approx(row.score, abs=6e-4)
    ceilings = [number(told["ceiling"]) for told, _ in marks(svg, "child_layer_1_marks")]
    assert ceilings == ([0.7, 0.7] if np.isfinite(ceiling) else [])
    nuisance = {
        told["region"]: number(told["nuisance alone"])
        for told, _ in marks(svg, "child_layer_2_marks")
    }
    alone = table[table["layer"] == "nuisance"].set_index("region")["score"]
    assert nuisance == pytest.approx(alone.to_dict(), abs=6e-4)


def test_the_curves_name_their_lines_regions_and_revisions(encoded):
    tables = {rev: encoding_table(encoded(regions=("Z_R", "A_L"))) for rev in ("main", "try")}
    tables = {rev: table[::-1] for rev, table in tables.items()}
    svg = curves(tables)
    lines = ["hidden", "attention", "nuisance", "ceiling"]
    assert texts(svg, "legend-label") == ["main", "try", *lines]
    names = [text for text in texts(svg, "title-text") if text in ("Z R", "A L")]
    assert names == ["Z R", "A L"]
    points = marks(svg, "child_layer_3_layer_1_marks")
    assert len({point.get("fill") for _, point in points}) == 2


def test_the_curves_number_layers_by_whole_numbers(encoded):
    svg = curves({"workspace": encoding_table(encoded(regions=("LATL",), blocks=1))})
    labels = [text for text in texts(svg, "axis-label") if "." not in text]
    assert labels[:2] == ["0", "1"]


def test_all_regions_of_the_atlas(encoded):
    regions = tuple(f"Region_{i:03}" for i in range(116))
    table = encoding_table(encoded(regions=regions, subjects=("group",), blocks=6))
    assert len(marks(heat_map({"now": table}), "child_layer_0_marks")) == len(table)
    assert len(marks(curves({"now": table}), "child_layer_1_marks")) == 116


@pytest.fixture
def compared(encoded):
    """Scores of every model of a zoo."""
    return encoding_models(several(encoded(regions=("Z_R", "A_L"), ceiling=0.7), ZOO), roll_of(ZOO))


def model_curves(tables):
    return draw(fill("models", tables, "depth", "score"))


def test_the_curves_of_models_show_every_score_and_every_layer_chosen(compared):
    tables = {"main": compared, "try": compared.assign(score=compared["score"] - 0.1)}
    svg = model_curves(tables)
    points = marks(svg, "child_layer_3_marks")
    shown = {
        (told["revision"], told["region"], told["model"], told["layer"]): number(told["held-out r"])
        for told, _ in points
    }
    hidden, nested = (compared[compared["kind"] == kind] for kind in ("hidden", "nested"))
    assert len(points) == len(shown) == 2 * len(hidden)
    for row in hidden.itertuples():
        place = row.region, row.model, row.layer
        assert shown["main", *place] == pytest.approx(row.score, abs=6e-4)
        assert shown["try", *place] == pytest.approx(row.score - 0.1, abs=6e-4)
    found, others = (marks(svg, f"child_layer_{i}_marks") for i in (4, 5))
    assert len(found) == 2 * (nested["significant"] > 0.5).sum()
    assert len(found) + len(others) == 2 * len(nested)
    assert {mark.get("fill") for _, mark in others} == {"white"}
    ceilings = [number(told["ceiling"]) for told, _ in marks(svg, "child_layer_1_marks")]
    assert ceilings == [0.7] * 4


def test_the_curves_of_models_have_the_colours_of_the_pictures(compared):
    svg = model_curves({"workspace": compared})
    lines = model_lines(roll_of(ZOO))
    for told, mark in marks(svg, "child_layer_3_marks"):
        assert mark.get("fill") == lines[told["model"]].color
    assert texts(svg, "legend-label") == ["untrained", "tiny", "big", "workspace"]
    template = json.loads((FOLDER / "models.json").read_text())
    colours = template["spec"]["encoding"]["color"]["scale"]["range"]
    assert colours == [MODALITIES["untrained"], *COLORS]


def test_the_band_of_the_curves_of_models_is_that_of_the_first(compared):
    wide = compared.assign(
        null_low=compared["null_low"].where(compared["model"] == "tiny", -9),
        null_high=compared["null_high"].where(compared["model"] == "tiny", 9),
    )
    svg = model_curves({"workspace": wide})
    bands = [group for group in svg.iter(f"{SVG}g") if "mark-area" in group.get("class", "")]
    assert len(bands) == 2
    heights = [text for text in texts(svg, "axis-label") if re.fullmatch(r"−?[\d.]+", text)]
    assert max(abs(number(text)) for text in heights) <= 1


def test_the_template_of_models_asks_for_columns_that_the_table_has(compared):
    fields = set(re.findall(r'"field": "(\w+)"', (FOLDER / "models.json").read_text()))
    made = {"rev", "row_of_table", "first_row", "row_of_model", "place", "line"}
    assert fields <= set(compared) | made


@pytest.fixture
def similar(profiled):
    table = similarity_table(profiled())
    return table[table["family"] == "all"]


def test_the_heat_map_shows_types_by_region_and_family(decoded):
    table = decoding_table(decoded())
    svg = heat_map({"workspace": table}, "region", "type")
    cells = marks(svg, "child_layer_0_marks")
    shown = {(told["region"], told["type"]): number(told["score"]) for told, _ in cells}
    assert len(cells) == len(table)
    for row in table.itertuples():
        assert shown[row.region, row.type] == pytest.approx(row.score, abs=6e-4)
    types = ["Verbs", "Emotion", "Word Num", "Surprisal"]
    assert [text for text in texts(svg, "axis-label") if text in types] == types
    families = [text for text in texts(svg, "title-text") if text in set(table["family"])]
    assert families == ["discourse", "syntax", "Surprisal"]


def test_the_heat_map_outlines_preferred_layers(similar, encoded):
    boxes = marks(heat_map({"workspace": similar}), "child_layer_1_marks")
    preferred = similar[similar["preferred"] == 1]
    shown = {(told["region"], told["layer"]) for told, _ in boxes}
    assert shown == set(zip(preferred["region"], preferred["layer"], strict=True))
    assert marks(heat_map({"now": encoding_table(encoded())}), "child_layer_1_marks") == []


@pytest.mark.parametrize("shape", [{}, {"attention": False}, {"families": ("all", "syntax")}])
def test_the_bars_show_every_score_before_its_null(profiled, shape):
    table = contrast_table(profiled(**shape))
    svg = draw(fill("bars", {"workspace": table}, "name", "score"))
    nulls, scores = (marks(svg, f"child_layer_{layer}_marks") for layer in (0, 1))
    assert len(nulls) == len(scores) == len(table)
    shown = sorted((told["name"], told["family"], number(told["score"])) for told, _ in scores)
    expected = sorted(zip(table["name"], table["family"], table["score"], strict=True))
    for one, other in zip(shown, expected, strict=True):
        assert one[:2] == other[:2]
        assert one[2] == pytest.approx(other[2], abs=6e-4)
    low = sorted(number(told["null, 2.5 %"]) for told, _ in nulls)
    np.testing.assert_allclose(low, sorted(table["null_low"]), atol=6e-4)
    dots = marks(svg, "child_layer_2_marks")
    assert len(dots) == (table["significant"] > 0.5).sum()


def test_bars_have_a_width_and_do_not_cover_each_other(profiled):
    svg = draw(fill("bars", {"now": contrast_table(profiled())}, "name", "score"))
    paths = [bar.get("d") for _, bar in marks(svg, "child_layer_1_marks")]
    places = [tuple(map(float, re.match(r"M([\d.]+),[\d.-]+h([\d.]+)", d).groups())) for d in paths]
    assert min(width for _, width in places) > 3
    hidden = sorted(places[:8])
    assert all(x + width <= after for (x, width), (after, _) in pairwise(hidden))


def test_bars_name_families_layers_and_regions(profiled):
    tables = {rev: contrast_table(profiled(blocks=10)) for rev in ("main", "try")}
    svg = draw(fill("bars", tables, "name", "score"))
    assert texts(svg, "legend-label") == ["discourse", "syntax"]
    parts = [
        text for text in texts(svg, "title-text") if text in ("hidden", "attention", "regions")
    ]
    assert parts == ["hidden", "attention", "regions"]
    labels = texts(svg, "axis-label")
    for names in ([f"{i:02}" for i in range(11)], ["A L", "B L", "A R", "left hemisphere"]):
        start = labels.index(names[0])
        assert labels[start : start + len(names)] == names


def test_the_dots_show_every_feature(decoded, probed):
    table = features_table(decoded(), probed)
    svg = draw(fill("agreement", {"workspace": table}, "probed", "decoded"))
    dots = {told["feature"]: (told, dot) for told, dot in marks(svg, "child_marks")}
    assert len(dots) == len(table)
    for row in table.itertuples():
        told, dot = dots[row.feature]
        assert number(told["probed"]) == pytest.approx(row.probed, abs=6e-4)
        assert number(told["decoded"]) == pytest.approx(row.decoded, abs=6e-4)
        assert (told["best region"], told["best layer"]) == (row.best_region, row.best_layer)
        found = row.regions_found > 0 and row.layers_found > 0
        assert (float(dot.get("fill-opacity", 1)) > 0) == found
    assert texts(svg, "legend-label") == ["discourse", "syntax"]


def test_dvc_fills_the_templates_with_the_columns_that_the_tables_have(
    encoded, probed, decoded, similar, profiled
):
    tables = {
        "heatmap": [encoding_table(encoded()), decoding_table(decoded()), similar],
        "layers": [encoding_table(encoded())],
        "bars": [contrast_table(profiled())],
        "agreement": [features_table(decoded(), probed)],
    }
    others = {"courses", "depths", "forest", "models"}
    assert set(tables) | others == {path.stem for path in FOLDER.glob("*.json")}
    for name, filled in tables.items():
        fields = set(re.findall(r'"field": "(\w+)"', (FOLDER / f"{name}.json").read_text()))
        for table in filled:
            assert fields <= set(table) | {"rev", "row_of_table", "part", "top"}
