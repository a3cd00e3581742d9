"""Leads as a forest, and sizes side by side."""

import numpy as np
import pytest

from stages.plots.trajectory.lead_forest import lead_forest, leads_table
from stages.plots.trajectory.size_overview import by_size, size_overview, sizes_table
from tests.plots.figures import clipped, overlaps, texts
from tests.plots.trajectory.made_trajectories import made, made_tables


@pytest.fixture
def planted(tmp_path):
    return made(tmp_path)


def dots(ax):
    return [line for line in ax.lines if line.get_marker() == "o"]


def test_planted_leads_lie_on_their_side_of_0(planted):
    figure = lead_forest(planted, "A title")
    figure.draw_without_rendering()
    assert not clipped(figure)
    assert not overlaps(figure.axes)
    ahead, behind, flat = figure.axes
    head, *others = [ax.get_title() for ax in figure.axes]
    assert others == ["single", "shuffled"]
    name, said, verdict = head.splitlines()
    assert (name, verdict) == ("planted", "beyond its control")
    row = leads_table(planted).iloc[0]
    ends = f"({row['beyond_control_low']:.3f} to {row['beyond_control_high']:.3f})"
    assert said == f"rise less that of shuffled: {row['beyond_control']:+.3f} {ends}"
    assert row["beyond_control"] == pytest.approx(0.3, abs=0.03)
    middle = [dot for dot in dots(ahead) if dot.get_ydata()[0] in (1, 4)]
    assert [dot.get_xdata()[0] for dot in middle] == pytest.approx([1, 1], abs=0.2)
    assert {dot.get_markerfacecolor() for dot in dots(ahead)} == {"#222222"}
    assert all(dot.get_xdata()[0] < 0 for dot in dots(behind))
    assert {dot.get_markerfacecolor() for dot in dots(behind)} == {"white"}
    assert dots(flat) == []
    said = [set(texts(ax.texts)) for ax in figure.axes]
    assert said == [{"3 runs"}, {"1 run"}, {"no lead", "alignment: flat"}]


def test_dots_are_where_the_table_says(planted):
    table = leads_table(planted)
    figure = lead_forest(planted, "A title")
    own = table[table["line"].eq("planted")]
    rows = [
        (measure, share) for measure in table["measure"].unique() for share in (0.25, 0.5, 0.75)
    ]
    shown = {rows[int(dot.get_ydata()[0])]: dot.get_xdata()[0] for dot in dots(figure.axes[0])}
    assert shown == dict(
        zip(zip(own["measure"], own["share"], strict=True), own["lead"], strict=True)
    )


def test_every_lead_is_within_its_panel_though_its_interval_is_not(tmp_path):
    leads = made_tables("planted")["leads"].copy()
    leads.loc[leads["of"].eq("single"), "lead"] = -5.0
    leads.loc[leads["of"].eq("planted"), ["low", "high"]] = [-60.0, 62.0]
    figure = lead_forest(made(tmp_path, leads=leads), "A title")
    low, high = figure.axes[0].get_xlim()
    assert -20 < low < -5
    assert low == -high


def test_without_a_lead_there_is_no_forest(tmp_path):
    leads = made_tables("planted")["leads"]
    flat = leads[leads["of"].eq("shuffled")]
    assert lead_forest(made(tmp_path, leads=flat), "A title") is None


def test_sizes_stand_in_their_order_with_time_and_gain(tmp_path):
    tables = made(tmp_path, "sizes")
    table = sizes_table(tables).set_index("size")
    assert table["gain"].to_dict() == pytest.approx(
        {"70m": 0.1, "160m": 0.2, "1.4b": 0.3}, abs=0.03
    )
    assert np.isnan(table.loc["1.4b", "gain_low"])
    figure = size_overview(tables, "tokens", "A title")
    figure.draw_without_rendering()
    assert not clipped(figure)
    assert not overlaps(figure.axes)
    left, right = figure.axes
    assert texts(left.get_xticklabels()) == ["70m", "160m", "1.4b"]
    gains = {round(dot.get_xdata()[0]): dot.get_ydata()[0] for dot in dots(right)}
    assert gains == pytest.approx({0: 0.1, 1: 0.2, 2: 0.3}, abs=0.03)


def test_one_size_has_no_overview(planted):
    assert sizes_table(planted).empty
    assert size_overview(planted, "tokens", "A title") is None


def test_sizes_are_numbers_with_units():
    assert by_size(["1b", "70m", "tiny", "1.4b", "410m", "14m"]) == [
        *("14m", "70m", "410m", "1b", "1.4b", "tiny")
    ]
