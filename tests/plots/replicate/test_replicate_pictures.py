"""Published numbers beside ours are drawn as they are in the table."""

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from stages.core.results.replications import REPLICATION_COLUMNS
from stages.core.run.tables import write_table
from stages.plots.__main__ import main
from stages.plots.replicate.published_numbers import COLORS, published_numbers
from stages.plots.replicate.replicate_gallery import drawn_numbers, replicate_files
from tests.plots.figures import clipped, overlaps

ROWS = [
    ("a", "r", 0.5, 0.501, 0.2, 0.7, 0.0, "matches", ""),
    ("a", "fails", 0.67, 0.367, -0.5, 0.8, 0.03, "does not recompute", ""),
    ("b", "count", 6.0, 0.0, np.nan, np.nan, 0.0, "does not recompute", ""),
    ("b", "near", 100.0, 104.4, np.nan, np.nan, 5.0, "within", ""),
    ("b", "nothing", 0.0, 1e-9, np.nan, np.nan, 1e-6, "within", ""),
    ("b", "far", 0.3, np.nan, np.nan, np.nan, 0.0, "needs", "big.nc"),
    ("b", "alone", np.nan, 0.25, np.nan, np.nan, 0.0, "nothing published", ""),
]


@pytest.fixture
def table():
    """A row of every verdict, and one that is not shown."""
    names = ["source", "quantity", "published", "ours", "low", "high", "tolerance", "verdict"]
    made = pd.DataFrame(ROWS, columns=[*names, "needs"])
    made = made.assign(basis="printed", n=10.0, note="", shown=True)
    hidden = made.iloc[:1].assign(quantity="hidden", shown=False)
    return pd.concat([made, hidden], ignore_index=True)[list(REPLICATION_COLUMNS)]


def test_those_that_fail_come_first_and_hidden_ones_not_at_all(table):
    drawn = drawn_numbers(table)
    assert drawn["quantity"].tolist() == ["fails", "count", "near", "nothing", "r", "far", "alone"]
    assert drawn["told"][0] == "0.67 → 0.367"
    assert drawn["name"][0] == "a: fails"


def test_dots_are_published_against_ours(table):
    figure = published_numbers(drawn_numbers(table), "title")
    left, right = figure.axes
    dots = {
        color: [
            tuple(point)
            for one in left.collections
            if one.get_offsets().size and one.get_facecolor().size and _color(one) == color
            for point in one.get_offsets()
        ]
        for color in COLORS.values()
    }
    assert dots[COLORS["matches"]] == [(0.5, 0.501)]
    assert dots[COLORS["does not recompute"]] == [(0.67, 0.367)]
    assert dots[COLORS["within"]] == [(0.0, 1e-9)]
    assert [text.get_text() for text in left.texts] == ["fails"]
    assert left.get_title() == "3 correlations and shares"
    assert [label.get_text() for label in right.get_yticklabels()] == [
        "a: fails",
        "b: count",
        "b: near",
    ]
    np.testing.assert_allclose(right.collections[-1].get_offsets()[:, 0], [0.367 / 0.67, 0, 1.044])
    assert [text.get_text() for text in right.texts] == ["0.67 → 0.367", "6 → 0", "100 → 104"]


def _color(collection):
    red, green, blue, _ = (collection.get_facecolor()[0] * 255).round().astype(int)
    return f"#{red:02x}{green:02x}{blue:02x}"


def test_the_caption_counts(table):
    made = replicate_files(table)["replicate/numbers.png"]
    assert made.title == (
        "Published numbers derived again from public tables: 2 do not recompute, 2 are within "
        "tolerance, 1 match, 1 need a file that is not here, 1 were not published"
    )
    assert made.caption.startswith("7 numbers of 2 sources")


@pytest.mark.parametrize("kept", [[], ["far", "alone"], ["r"]])
def test_few_numbers(table, kept):
    files = replicate_files(table[table["quantity"].isin(kept)])
    assert ("replicate/numbers.png" in files) == (kept == ["r"])
    assert len(files["replicate/numbers.csv"]) == len(kept)


def test_the_command_writes_the_picture_and_its_data(table, tmp_path):
    write_table(tmp_path / "replicate.parquet", table)
    words = ["--replications", str(tmp_path / "replicate.parquet"), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(main, ["replicate", *words])
    assert done.exit_code == 0, done.output
    folder = tmp_path / "out" / "replicate"
    assert sorted(path.name for path in folder.iterdir()) == [
        "index.json",
        "numbers.csv",
        "numbers.png",
    ]
    assert len(pd.read_csv(folder / "numbers.csv")) == 7
    assert json.loads((folder / "index.json").read_text())[0]["table"] == "numbers.csv"
    wrong = ["--replications", str(tmp_path / "none"), "--out", str(tmp_path)]
    done = CliRunner().invoke(main, ["replicate", *wrong])
    assert done.exit_code == 2
    assert "dvc repro metrics/dvc.yaml" in done.output


def test_nothing_is_cut_off_or_covered(table):
    many = [table.iloc[1:2].assign(quantity=f"a quantity with a long name, {i}") for i in range(30)]
    drawn = drawn_numbers(pd.concat([table, *many], ignore_index=True))
    figure = published_numbers(drawn, "title")
    figure.draw_without_rendering()
    assert not clipped(figure)
    assert not overlaps(figure.axes)
