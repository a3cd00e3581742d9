"""Times of regions as a heat map."""

import numpy as np
import pytest

from stages.plots.trajectory.region_onsets import (
    REGIONS as MANY,
)
from stages.plots.trajectory.region_onsets import (
    region_onsets,
    regions_table,
    shown_regions,
)
from tests.plots.figures import clipped, drawn, overlaps, texts
from tests.plots.trajectory.made_trajectories import made, made_tables
from tests.trajectory.planted_scores import REGIONS, TOKENS


@pytest.fixture
def planted(tmp_path):
    return made(tmp_path)


def test_times_are_those_planted_first_regions_first(planted):
    table = regions_table(planted)
    assert list(table["region"].unique()) == ["all", "early", "middle", "late"]
    half = table[table["of"].eq("planted") & table["share"].eq(0.5)].set_index("region")
    for region, octave in REGIONS.items():
        assert half.loc[region, "octave"] == pytest.approx(octave + np.log2(TOKENS), abs=0.4)
    assert set(half["without"]) == {""}
    flat = table[table["of"].eq("shuffled")]
    assert flat["octave"].isna().all()
    assert set(flat["without"]) == {"no rise"}


def test_cells_hold_the_times_and_grey_ones_are_explained(planted):
    figure = region_onsets(planted, "tokens seen", "A title")
    figure.draw_without_rendering()
    assert not clipped(figure)
    assert not overlaps(figure.axes)
    panels = drawn(figure)
    assert texts([ax.title for ax in panels])[1] == "single\n1 run: no interval"
    table = regions_table(planted)
    cells = panels[0].images[0].get_array()
    for row, region in enumerate(table["region"].unique()):
        for column, share in enumerate((0.25, 0.5, 0.75)):
            one = table[table["region"].eq(region) & table["share"].eq(share)]
            expected = one.loc[one["of"].eq("planted"), "octave"].iloc[0]
            assert cells[row, column] == pytest.approx(expected)
    assert panels[2].images[0].get_array().mask.all()
    assert texts(figure.legends[0].texts) == ["no time: no rise"]


@pytest.mark.parametrize(
    ("shape", "why", "hatched"),
    [
        ("turns", "turns back", True),
        ("rises", "before the first checkpoint", True),
        ("", "too few", True),
        ("falls", "no rise", False),
    ],
)
def test_why_a_region_has_no_time_is_hatched(tmp_path, shape, why, hatched):
    tables = made_tables("planted")
    gone = {}
    for name in ("run_onsets", "onsets"):
        table = tables[name].copy()
        here = table["region"].eq("late") & table["layer"].eq("chosen")
        table.loc[here, "octave"] = np.nan
        if name == "run_onsets":
            table.loc[here, "shape"] = shape
        gone[name] = table
    figure = region_onsets(made(tmp_path, **gone), "tokens", "A title")
    figure.draw_without_rendering()
    panel = drawn(figure)[0]
    assert len(panel.patches) == 3 * hatched
    assert f"no time: {why}" in texts(figure.legends[0].texts)


def test_areas_that_are_too_many_are_drawn_as_networks(planted):
    table = regions_table(planted).head(1)
    names = ["all", "VIS", "DMN", *(f"area {place}" for place in range(MANY))]
    rows = table.loc[table.index.repeat(len(names))].assign(region=names)
    assert shown_regions(rows) == ["all", "VIS", "DMN"]
    assert shown_regions(rows.iloc[:10]) == names[:10]


def test_a_family_without_any_time_is_drawn_grey(tmp_path):
    tables = made_tables("planted")
    flat = {name: table[table["of"].eq("shuffled")] for name, table in tables.items()}
    figure = region_onsets(made(tmp_path, **flat), "tokens", "A title")
    figure.draw_without_rendering()
    assert len(drawn(figure)) == len(figure.axes) == 1
