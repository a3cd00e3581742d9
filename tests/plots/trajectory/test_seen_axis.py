"""The axis of what was seen: logarithmic, the start apart."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from stages.plots.trajectory import layer_courses
from stages.plots.trajectory.seen_axis import (
    LABELS,
    draw_axis,
    round_octaves,
    seen_axis,
    short,
    ticks,
)
from tests.plots.figures import overlaps, png, texts


def test_places_are_decades_and_the_start_stands_left_of_them():
    axis = seen_axis(pd.Series([0.0, 10.0, 1000.0]))
    assert axis.at(np.array([10.0, 100.0, 1000.0])) == pytest.approx([1, 2, 3])
    assert axis.at(np.array([0.0]))[0] == axis.start < 1 - 0.2


@pytest.mark.parametrize("last", [1.5, 3, 8, 40, 700, 1e5, 3e11])
@pytest.mark.parametrize("first", [1.0, 64.0, 2.1e6])
def test_ticks_are_round_few_and_legible(first, last):
    axis = seen_axis(pd.Series([0.0, first, first * last]))
    marks = ticks(axis)
    assert len(marks) <= LABELS
    assert all(axis.first - 1e-6 <= mark <= axis.last + 1e-6 for mark in marks)
    assert all(f"{10**mark:.6e}"[1:8] == ".000000" for mark in marks)
    figure = Figure(figsize=(2.4, 1.5), layout="constrained")
    ax = figure.subplots()
    draw_axis(ax, axis)
    png(figure)
    assert texts(ax.get_xticklabels())[0] == "0"
    assert not overlaps([ax])


@pytest.mark.parametrize("last", [3, 40, 800, 3e5])
@pytest.mark.parametrize("first", [1.0, 1024.0, 2.1e6])
def test_amounts_under_the_narrow_panels_of_layers_do_not_touch(first, last):
    axis = seen_axis(pd.Series([0.0, first, first * last]))
    figure = Figure(figsize=layer_courses.PANEL, layout="constrained")
    ax = figure.subplots()
    draw_axis(ax, axis, layer_courses.LABELS)
    png(figure)
    boxes = [label.get_window_extent() for label in ax.get_xticklabels()]
    room = 3 * boxes[0].width
    assert all(right.x0 - left.x1 > room for left, right in pairwise(boxes))


@pytest.mark.parametrize("amounts", [[], [0.0], [0.0, 5.0]])
def test_an_axis_with_little_on_it_can_be_drawn(amounts):
    axis = seen_axis(pd.Series(amounts, dtype=float))
    assert axis.start < axis.first < axis.last


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (1, "1"),
        (999, "999"),
        (1000, "1k"),
        (2.5e6, "2.5M"),
        (1e9, "1G"),
        (3e12, "3T"),
        (10**6, "1M"),
    ],
)
def test_amounts_are_short(amount, written):
    assert short(amount) == written


def test_octaves_are_named_by_round_amounts():
    marks, names = round_octaves(np.log2(900), np.log2(11000))
    assert names == ["1k", "2k", "5k", "10k"]
    assert 2.0 ** np.array(marks) == pytest.approx([1000, 2000, 5000, 10000])
