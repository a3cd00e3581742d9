import re

import pytest

from stages.plots.scene.selection import of_metric
from stages.plots.scene.tables import best_table, layers_table, performance_table
from tests.plots.survey_tables import related, survey_of
from tests.plots.test_templates import FOLDER, draw, fill, marks, number, texts


@pytest.fixture
def survey(rng):
    return of_metric(survey_of(rng, regions=("V1", "FFC")), "cka_linear")


def test_the_heat_map_shows_the_best_layers_by_kind_of_model(survey):
    table = best_table(survey)
    svg = draw(fill("heatmap", {"workspace": table}, "model", "region"))
    cells = marks(svg, "child_layer_0_marks")
    shown = {(told["region"], told["model"]): number(told["score"]) for told, _ in cells}
    assert len(cells) == len(table)
    for row in table.itertuples():
        assert shown[row.region, row.model] == pytest.approx(row.score, abs=6e-4)


def test_curves_along_depth_show_every_layer_of_every_revision(survey):
    table = layers_table(survey)
    other = table.assign(score=table["score"] + 0.1)
    svg = draw(fill("depths", {"main": table, "workspace": other}, "depth", "score"))
    dots = marks(svg, "child_layer_2_layer_1_marks")
    shown = {
        (told["revision"], told["region"], told["model"], told["layer"]): number(told["alignment"])
        for told, _ in dots
    }
    assert len(shown) == 2 * len(table)
    for row in table.itertuples():
        place = row.region, row.model, row.layer
        assert shown["main", *place] == pytest.approx(row.score, abs=6e-4)
        assert shown["workspace", *place] == pytest.approx(row.score + 0.1, abs=6e-4)


def test_curves_without_a_ceiling_have_no_line_across(survey):
    table = layers_table(survey)
    with_line, without = (
        draw(fill("depths", {"main": one}, "depth", "score"))
        for one in (table, table.assign(ceiling=None))
    )
    assert len(marks(with_line, "child_layer_1_marks")) == 2
    assert marks(without, "child_layer_1_marks") == []


def test_the_forest_shows_values_and_intervals(rng):
    table = performance_table(related(rng, modalities=("vision", "language")))
    table.loc[table["statistic"] == "spearman", "q"] = 0.3
    svg = draw(fill("forest", {"workspace": table}, "value", "benchmark"))
    found = marks(svg, "child_layer_1_marks"), marks(svg, "child_layer_2_marks")
    assert [len(dots) for dots in found] == [18, 6]
    shown = {
        (told["modality"], told["benchmark"], told["statistic"]): number(told["value"])
        for told, _ in (*found[0], *found[1])
    }
    for row in table.itertuples():
        value = shown[row.modality, row.benchmark, row.statistic]
        assert value == pytest.approx(row.value, abs=6e-4)
    assert len(marks(svg, "child_layer_0_marks")) == len(table)
    assert {"vision", "language", "The title"} <= set(texts(svg, "title-text"))


def test_the_templates_ask_for_columns_that_the_tables_have(survey, rng):
    tables = {"depths": layers_table(survey), "forest": performance_table(related(rng))}
    made = {"rev", "row_of_table", "low", "high"}
    for name, table in tables.items():
        fields = set(re.findall(r'"field": "(\w+)"', (FOLDER / f"{name}.json").read_text()))
        assert fields <= set(table) | made
