import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest
import vl_convert
from dvc_render.vega import VegaRenderer

from stages.plots.tables import encoding_table, heads_table, probing_table
from tests.conftest import PROJECT

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
    return draw(fill("layers", tables, "depth", "score"))


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
    shown = {(told["region"], told["layer"]): number(told["held-out r"]) for told, _ in cells}
    assert len(cells) == len(table)
    for row in table.itertuples():
        assert shown[row.region, row.layer] == pytest.approx(row.score, abs=6e-4)
    assert "The title" in texts(svg, "title-text")


def test_the_heat_map_keeps_the_order_of_layers_and_regions(encoded):
    table = encoding_table(encoded(blocks=11, regions=("LATL", "B_L", "A_R"), controls=("oasm",)))
    table = table.iloc[np.argsort([r"LB A".index(name[0]) for name in table["region"]])]
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
    dots = marks(heat_map({"workspace": table}), "child_layer_1_marks")
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
    shown = {(told["type"], told["head"]): number(told["held-out r"]) for told, _ in cells}
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


def test_dvc_fills_the_templates_with_the_columns_that_the_tables_have(encoded, probed):
    columns = set(encoding_table(encoded())) & (set(probing_table(probed)) | {"region"})
    for path in FOLDER.glob("*.json"):
        fields = set(re.findall(r'"field": "(\w+)"', path.read_text()))
        assert fields <= columns | {"rev", "row_of_table"}
