"""The interactive chart of courses and of learning curves."""

import re

import pytest
import yaml

from stages.plots.trajectory.course_rows import courses_table
from stages.plots.trajectory.course_tables import read_training
from stages.plots.trajectory.training_courses import training_table
from tests.conftest import PROJECT
from tests.plots.test_templates import FOLDER, SVG, draw, fill, marks, number, texts
from tests.plots.trajectory.made_trajectories import curve_file, made


@pytest.fixture
def tables(tmp_path):
    curve_file(tmp_path / "train", "read-0")
    training = training_table(read_training(tmp_path / "train"))
    return {"courses": courses_table(made(tmp_path / "story")), "training": training}


def shown(svg):
    dots = marks(svg, "child_layer_2_marks")
    return {
        (told["revision"], told["runs"], told["measure"], number(told["updates"])): number(
            told["value"]
        )
        for told, _ in dots
    }


@pytest.mark.parametrize("name", ["courses", "training"])
def test_every_value_of_every_revision_is_shown(tables, name):
    table = tables[name]
    other = table.assign(value=table["value"] + 0.1)
    values = shown(draw(fill("courses", {"main": table, "workspace": other}, "step", "value")))
    assert len(values) == 2 * len(table)
    for row in table.itertuples():
        place = row.line, row.measure, row.step
        assert values["main", *place] == pytest.approx(row.value, abs=6e-5)
        assert values["workspace", *place] == pytest.approx(row.value + 0.1, abs=6e-5)


def test_panels_say_what_they_show_and_updates_are_written_whole(tables):
    svg = draw(fill("courses", {"workspace": tables["courses"]}, "step", "value"))
    titles = set(texts(svg, "title-text"))
    assert {"gain in r partial", "heldout loss", "heldout accuracy"} <= titles
    assert {"0", "1", "10", "100", "1k", "10k"} <= set(texts(svg, "axis-label"))


def test_bands_stand_where_there_are_several_runs(tables):
    table = tables["courses"]
    counts = []
    for rows in (table, table[table["of"].eq("single")]):
        svg = draw(fill("courses", {"workspace": rows}, "step", "value"))
        counts.append(sum("mark-area" in group.get("class", "") for group in svg.iter(f"{SVG}g")))
    assert counts == [2 * 3, 0]


def test_charts_ask_for_files_and_columns_that_are_written(tables):
    fields = set(re.findall(r'"field": "(\w+)"', (FOLDER / "courses.json").read_text()))
    assert fields <= {*tables["courses"], "rev", "row_of_table", "panel"}
    assert fields - {"low", "high"} <= {*tables["training"], "rev", "row_of_table", "panel"}
    listed = yaml.safe_load((PROJECT / "plots" / "dvc.yaml").read_text())["plots"]
    charts = {name: chart for one in listed if isinstance(one, dict) for name, chart in one.items()}
    for study in ("story", "scene"):
        for chart, table in (("course", "courses"), ("training", "training")):
            asked = charts[f"{chart}-{study}"]
            assert asked["y"] == {f"trajectory_{study}/{table}.csv": "value"}
            assert {asked["x"], "value"} <= set(tables[table])
