"""The command that draws trajectories: what is in its folder, and what it says of bad tables."""

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from stages.core.results.leaks import MARK
from stages.plots.__main__ import main
from stages.plots.trajectory.course_tables import TABLES
from tests.plots.trajectory.made_trajectories import curve_file, made_tables, write_made

PICTURES = ["courses", "layers", "leads", "regions", "training"]
TABLED = [*PICTURES, "overview"]


def run(tmp_path, *more, code=0):
    words = ["trajectory", "--tables", str(tmp_path / "story"), "--out", str(tmp_path / "out")]
    words += ["--train", str(tmp_path / "train"), *more]
    done = CliRunner().invoke(main, words, catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done


def written(tmp_path):
    return sorted(path.name for path in (tmp_path / "out").iterdir())


def index(tmp_path):
    return json.loads((tmp_path / "out" / "index.json").read_text(encoding="utf-8"))


def test_pictures_stand_beside_their_tables(tmp_path):
    write_made(tmp_path / "story")
    curve_file(tmp_path / "train", "read-0")
    run(tmp_path, "--unit", "tokens")
    tables = [f"{name}.csv" for name in TABLED]
    assert written(tmp_path) == sorted(
        [*tables, *(f"{name}.png" for name in PICTURES), "index.json"]
    )
    for entry in index(tmp_path):
        assert entry["table"] in tables
        assert len(pd.read_csv(tmp_path / "out" / entry["table"]))
        assert "{" not in entry["caption"]
        assert entry["caption"].endswith(".")
        assert "run" in entry["title"]
    captions = {entry["file"]: entry["caption"] for entry in index(tmp_path)}
    assert "tokens seen in training, for 6 runs of 3 families" in captions["courses.png"]
    assert "layer chosen on other seeds or its own last steps" in captions["courses.png"]
    once = {name: (tmp_path / "out" / name).read_bytes() for name in written(tmp_path)}
    run(tmp_path, "--unit", "tokens")
    assert once == {name: (tmp_path / "out" / name).read_bytes() for name in written(tmp_path)}


@pytest.mark.usefixtures("blank")
def test_shuffled_folds_are_told_in_every_title_and_caption(tmp_path):
    marked = {}
    for name, table in made_tables("planted").items():
        named = [column for column in ("measure", "metric") if column in table]
        marked[name] = table.replace({one: {"r_partial": f"r_partial{MARK}"} for one in named})
    write_made(tmp_path / "story", **marked)
    run(tmp_path)
    assert len(index(tmp_path)) == len(PICTURES) - 1
    for entry in index(tmp_path):
        assert MARK in entry["title"]
        assert MARK in entry["caption"]


@pytest.mark.parametrize("columns", [True, False])
def test_tables_without_rows_make_a_folder_without_pictures(tmp_path, columns):
    empty = {
        name: table.iloc[:0] if columns else pd.DataFrame()
        for name, table in made_tables("planted").items()
    }
    write_made(tmp_path / "story", **empty)
    run(tmp_path)
    assert written(tmp_path) == sorted([*(f"{name}.csv" for name in TABLED), "index.json"])
    assert index(tmp_path) == []
    assert "of,size,weights" in (tmp_path / "out" / "courses.csv").read_text()


@pytest.mark.usefixtures("blank")
def test_curves_that_do_not_rise_have_courses_and_no_leads(tmp_path):
    tables = made_tables("planted")
    flat = {name: table[table["of"].eq("shuffled")] for name, table in tables.items()}
    write_made(tmp_path / "story", **flat)
    run(tmp_path)
    drawn = {entry["file"] for entry in index(tmp_path)}
    assert drawn == {"courses.png", "layers.png", "regions.png"}


def test_sizes_have_an_overview(tmp_path):
    write_made(tmp_path / "story", "sizes")
    run(tmp_path)
    assert "overview.png" in written(tmp_path)


@pytest.mark.parametrize("name", TABLES)
def test_a_missing_or_wrong_table_says_what_to_run(tmp_path, name):
    write_made(tmp_path / "story")
    path = tmp_path / "story" / f"{name}.parquet"
    path.unlink()
    said = run(tmp_path, code=2).stderr
    do = "Run `dvc repro data/training/dvc.yaml:trajectory_story`."
    assert said.rstrip().endswith(f"{name}.parquet. {do}")
    wrong = made_tables("planted")[name].assign(of=1)
    write_made(tmp_path / "story", **{name: wrong})
    assert f"{name}.parquet, column of" in run(tmp_path, code=2).stderr
    write_made(tmp_path / "story", **{name: wrong.drop(columns="of")})
    assert "column missing" in run(tmp_path, code=2).stderr
    assert not (tmp_path / "out").exists()
