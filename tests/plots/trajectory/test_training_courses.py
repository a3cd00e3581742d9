"""Learning curves of networks that are trained here."""

import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.plots.kit.panels import INK
from stages.plots.trajectory.course_tables import read_training
from stages.plots.trajectory.training_courses import (
    kind_of_run,
    training_courses,
    training_table,
)
from tests.plots.figures import clipped, overlaps, texts
from tests.plots.trajectory.made_trajectories import curve_file


def test_every_run_and_kind_of_weights_has_a_line(tmp_path):
    for run in ("labels-0", "labels-1", "shuffled-0"):
        curve_file(tmp_path, run, ("raw", "ema"))
    figure = training_courses(read_training(tmp_path), "A title")
    figure.draw_without_rendering()
    assert not clipped(figure)
    assert not overlaps(figure.axes)
    titles = [ax.get_title() for ax in figure.axes]
    assert titles == ["training loss", "heldout loss", "heldout accuracy", "learning rate"]
    for ax in figure.axes:
        drawn = [line for line in ax.lines if line.get_color() != INK]  # not the break of the axis
        lines = [line for line in drawn if line.get_marker() != "o"]
        assert len(lines) == 6
        assert len({line.get_color() for line in lines}) == 2
        assert [line.get_linestyle() for line in lines[:2]] == ["-", "--"]
    accuracy = figure.axes[2].lines[0]
    assert list(accuracy.get_ydata()) == pytest.approx([0.1, 0.2, 0.4, 0.8])
    assert list(accuracy.get_xdata()) == pytest.approx([0, 0.30103, 0.60206, 0.90309], abs=1e-4)
    said = ["labels (2 runs)", "shuffled", "raw weights", "ema weights"]
    assert texts(figure.legends[0].texts) == said


def test_the_table_has_one_value_a_row_and_no_loss_before_the_first_update(tmp_path):
    curve_file(tmp_path, "read-0")
    table = training_table(read_training(tmp_path))
    assert set(table["line"]) == {"read-0"}
    assert len(table) == 4 * 5 - 1
    assert table["value"].notna().all()


@pytest.mark.parametrize("make", [True, False])
def test_without_runs_there_is_no_picture(tmp_path, make):
    folder = tmp_path / "train"
    if make:
        folder.mkdir()
    for trained in (read_training(folder), read_training(None)):
        assert trained.empty
        assert training_table(trained).empty
        assert training_courses(trained, "A title") is None


def test_other_files_are_refused(tmp_path):
    curve_file(tmp_path, "read-0", lr=["fast"] * 5)
    with pytest.raises(InputError, match=r"wrong kind of values in .*read-0.csv, column lr"):
        read_training(tmp_path)
    (tmp_path / "read-0.csv").write_text("step,seen\n0,0\n")
    with pytest.raises(InputError, match=r"column missing in .*read-0.csv"):
        read_training(tmp_path)
    for content in (b"", b"\xff\xfe\x00", b'"a,b\n1,2,3\n'):
        (tmp_path / "read-0.csv").write_bytes(content)
        with pytest.raises(InputError, match=r"read-0.csv"):
            read_training(tmp_path)


def test_runs_of_other_seeds_are_of_one_kind():
    names = ["read-0", "labels-mixnet_s-12", "mixnet-seed3", "alone", "-1"]
    assert [*map(kind_of_run, names)] == ["read", "labels-mixnet_s", "mixnet", "alone", "-1"]


def test_a_run_without_rows_is_left_out(tmp_path):
    curve_file(tmp_path, "read-0")
    curve_file(tmp_path, "read-1")
    empty = pd.read_csv(tmp_path / "read-1.csv").iloc[:0]
    empty.to_csv(tmp_path / "read-1.csv", index=False)
    assert set(read_training(tmp_path)["run"]) == {"read-0"}
