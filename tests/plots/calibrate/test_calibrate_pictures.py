"""Rates are drawn as they are in the table."""

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from matplotlib.collections import PathCollection

from stages.core.results.calibrations import CALIBRATION_COLUMNS
from stages.core.run.tables import write_table
from stages.plots.__main__ import main
from stages.plots.calibrate.calibrate_gallery import calibrate_files, drawn_cases
from stages.plots.calibrate.calibration_dots import COLORS, OTHERS, calibration_dots
from tests.plots.figures import clipped, overlaps

ROWS = [
    ("encode", "r", "wehbe", "white", "ours", "false positives", 0.05, 0.06, "calibrated"),
    ("encode", "r", "alice", "white", "ours", "false positives", 0.05, 0.09, "liberal"),
    ("encode", "r", "alice", "white", "not centred", "false positives", 0.05, 0.9, "liberal"),
    ("align", "cka", "images", "alone", "ours", "false positives", 0.05, 0.01, "conservative"),
    ("encode", "r", "wehbe", "planted", "ours", "power", np.nan, 0.7, "not judged"),
    ("encode", "r_partial", "wehbe", "planted", "ours", "recovery", 0.2, 0.15, "not judged"),
    ("relate", "interval", "three families", "unrelated", "ours", "coverage", 0.95, 0.9, "liberal"),
]  # fmt: skip


@pytest.fixture
def table():
    """A row of every kind."""
    names = ["stage", "test", "layout", "situation", "method", "asks", "claim", "rate", "verdict"]
    made = pd.DataFrame(ROWS, columns=names)
    made = made.assign(n=100.0, n_effective=90.0, low=made["rate"] - 0.01, high=made["rate"] + 0.02)
    return made[list(CALIBRATION_COLUMNS)]


def test_dots_are_the_rates(table):
    figure = calibration_dots(drawn_cases(table), "title")
    panels = {ax.get_xlabel().split(" where ")[0]: ax for ax in figure.axes}
    assert len(panels) == 2  # false positives and power have one beginning
    first = figure.axes[0]
    names = [label.get_text() for label in first.get_yticklabels()]
    assert names == [
        "encode r: white",
        "encode r: white — not centred",
        "align cka: images, alone",
    ]
    dots = [
        (round(float(x), 3), round(float(y), 2), tuple(one.get_edgecolor()[0][:3]))
        for one in first.collections
        if isinstance(one, PathCollection) and len(one.get_edgecolor())
        for x, y in one.get_offsets()
    ]
    rates = {x: y for x, y, _ in dots}
    assert rates == {0.06: -0.18, 0.09: 0.18, 0.9: 1.18, 0.01: 2.0}
    colors = {x: color for x, _, color in dots}
    assert colors[0.9] == pytest.approx(_rgb(OTHERS))
    assert colors[0.06] == pytest.approx(_rgb(COLORS[1]))


def _rgb(color):
    return tuple(int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))


def test_the_title_counts_ours(table):
    made = calibrate_files(table)["calibrate/rates.png"]
    assert made.title == (
        "How often tests and intervals are wrong, on simulated data: of 4 of ours 2 liberal, "
        "1 conservative"
    )
    assert made.caption.startswith("7 cases; lines are")


@pytest.mark.parametrize("asks", ["false positives", "coverage", "recovery"])
def test_one_kind_alone(table, asks):
    files = calibrate_files(table[table["asks"].eq(asks)])
    assert ("calibrate/rates.png" in files) == (asks != "recovery")


def test_nothing_is_cut_off_or_covered(table):
    many = [table.assign(situation=f"a situation with a long name, {i}") for i in range(25)]
    figure = calibration_dots(drawn_cases(pd.concat(many, ignore_index=True)), "title")
    figure.draw_without_rendering()
    assert not clipped(figure)
    assert not overlaps(figure.axes)


def test_the_command_writes_the_picture_and_its_data(table, tmp_path):
    write_table(tmp_path / "calibration.parquet", table)
    words = [
        "--calibrations",
        str(tmp_path / "calibration.parquet"),
        "--out",
        str(tmp_path / "out"),
    ]
    done = CliRunner().invoke(main, ["calibrate", *words])
    assert done.exit_code == 0, done.output
    folder = tmp_path / "out" / "calibrate"
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["index.json", "rates.csv", "rates.png"]
    assert pd.read_csv(folder / "rates.csv")["rate"].tolist() == table["rate"].tolist()
