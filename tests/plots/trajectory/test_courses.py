"""Courses of alignment and performance: means, bands, runs, and the time to half."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from stages.plots.kit.panels import FAINT
from stages.plots.trajectory.course_rows import GAIN, courses_table, kind_of, timeless
from stages.plots.trajectory.courses import courses, standing
from stages.plots.trajectory.layer_courses import (
    MOST,
    layer_courses,
    layers_table,
    shown_layers,
)
from tests.plots.figures import clipped, overlaps, texts
from tests.plots.trajectory.made_trajectories import made
from tests.trajectory.planted_scores import LAYERS, NULL, REGIONS, STEPS, TOKENS


@pytest.fixture
def planted(tmp_path):
    return made(tmp_path)


def diamonds(ax):
    return [line for line in ax.lines if line.get_marker() == "D"]


def test_the_table_holds_means_over_runs(planted):
    table, curves = courses_table(planted), planted.curves
    at = curves["of"].eq("planted") & curves["step"].eq(64)
    whole = at & curves["layer"].eq("chosen") & curves["region"].eq("all")
    row = table[table["of"].eq("planted") & table["step"].eq(64)].set_index("measure")
    assert row.loc["r_partial", "value"] == pytest.approx(
        curves.loc[whole, "gain"].mean(), abs=1e-4
    )
    lost = curves.loc[at & curves["measure"].eq("heldout_loss"), "value"]
    assert row.loc["heldout_loss", "value"] == pytest.approx(lost.mean(), abs=1e-4)
    assert set(row["n_runs"]) == {3}
    assert len(table) == 3 * 3 * len(STEPS)


def test_chance_is_the_null_less_what_the_run_began_with(planted):
    table, curves = courses_table(planted), planted.curves
    whole = curves["of"].eq("planted") & curves["layer"].eq("chosen") & curves["region"].eq("all")
    start = curves.loc[whole & curves["step"].eq(0), "value"].mean()
    assert start == pytest.approx(0.05, abs=0.01)
    rows = table[table["of"].eq("planted") & table["side"].eq("alignment")]
    assert rows["chance"].to_numpy() == pytest.approx(NULL["null_mean"] - start, abs=1e-4)
    for name, side in (("chance_low", -1), ("chance_high", 1)):
        reach = (rows[name] - rows["chance"]).to_numpy()
        assert reach == pytest.approx(side * 1.96 * NULL["null_sd"], abs=1e-4)
    assert table.loc[table["side"].eq("performance"), "chance"].isna().all()


def test_chance_is_dotted_where_alignment_is_drawn_and_can_be_seen(planted):
    figure = courses(planted, "tokens seen", "A title")
    table = courses_table(planted)
    for ax, of in zip(figure.axes[:3], ("planted", "single", "shuffled"), strict=True):
        [dotted] = [line for line in ax.lines if line.is_dashed() and line.get_color() == FAINT]
        own = table[table["of"].eq(of) & table["chance"].notna()]
        assert list(dotted.get_ydata()) == list(own.sort_values("seen")["chance"])
        assert ax.get_ylim()[0] < own["chance"].min()
    for ax in figure.axes[3:]:
        assert not any(line.is_dashed() and line.get_color() == FAINT for line in ax.lines)


def test_every_family_has_its_panels_and_says_on_what_it_stands(planted):
    figure = courses(planted, "tokens seen", "A title")
    figure.draw_without_rendering()
    assert not clipped(figure)
    assert not overlaps(figure.axes)
    assert len(figure.axes) == 9
    titles = [ax.get_title() for ax in figure.axes if ax.get_title()]
    assert titles == ["planted\n3 runs", "single\n1 run: no interval", "shuffled\n2 runs"]
    assert [ax.get_ylabel() for ax in figure.axes if ax.get_ylabel()] == [GAIN, "loss", "accuracy"]


def test_the_mark_stands_where_half_of_the_planted_rise_is(planted):
    figure = courses(planted, "tokens seen", "A title")
    first, second, third = figure.axes[:3]
    [mark] = diamonds(first)
    expected = np.log10(TOKENS * 2 ** REGIONS["middle"])
    assert mark.get_xdata()[0] == pytest.approx(expected, abs=0.15)
    assert mark.get_ydata()[0] == pytest.approx(0.15, abs=0.03)
    assert mark.get_markerfacecolor() != "white"
    assert [line.get_markerfacecolor() for line in diamonds(second)] == ["white"]
    assert diamonds(third) == []  # does not rise


def test_the_legend_names_what_is_there(planted):
    figure = courses(planted, "tokens seen", "A title")
    said = texts(figure.legends[0].texts)
    assert said[:3] == ["alignment (r_partial)", "heldout loss", "heldout accuracy"]
    assert said[3:] == [
        "single runs", "95 % over runs", "chance, 95 %", "half of the rise",
        "half, no interval", "its control",
    ]  # fmt: skip
    alone = {name: table[table["of"].eq("single")] for name, table in vars(planted).items()}
    figure = courses(replace(planted, **alone), "tokens seen", "A title")
    assert texts(figure.legends[0].texts)[3:] == ["chance, 95 %", "half, no interval"]


def test_the_control_is_dashed_behind(planted):
    """The line of the control's own panel, in that of the family and no other."""
    figure = courses(planted, "tokens seen", "A title")
    first, second, third = figure.axes[:3]
    broken = [[line for line in ax.lines if line.is_dashed()] for ax in (first, second, third)]
    dashed = [[line for line in lines if line.get_color() != FAINT] for lines in broken]
    assert [len(lines) for lines in dashed] == [1, 0, 0]
    drawn = [list(line.get_ydata()) for line in third.lines]
    assert list(dashed[0][0].get_ydata()) in drawn
    assert list(dashed[0][0].get_ydata()) == pytest.approx([0] * (len(STEPS) - 1), abs=0.03)
    assert sum(line.is_dashed() for line in figure.axes[3].lines) == 1  # loss


def test_wide_intervals_do_not_flatten_the_means(planted):
    figure = courses(planted, "tokens seen", "A title")
    for ax in figure.axes[:3]:
        low, high = ax.get_ylim()
        assert low == pytest.approx(-0.11, abs=0.03)  # chance is at -.06
        assert high == pytest.approx(0.35, abs=0.05)


def test_more_families_than_fit_side_by_side_go_below(planted):
    names = ("planted", "single")
    several = {}
    for name in ("bands", "curves"):
        table = getattr(planted, name)
        copy = table[table["of"].isin(names)]
        copy = copy.assign(of=copy["of"] + " again")
        several[name] = pd.concat([table, copy], ignore_index=True)
    figure = courses(replace(planted, **several), "tokens", "A title")
    figure.draw_without_rendering()
    assert len(figure.axes) == 5 * 3
    assert len([ax for ax in figure.axes if ax.get_ylabel()]) == 2 * 3
    assert not overlaps(figure.axes)
    assert not clipped(figure)


def test_what_ends_alike_has_one_unit(planted):
    table = (
        courses_table(planted)
        .head(5)
        .assign(
            measure=["lambada_loss", "wiki_perplexity", "top1", "story_surprise", "r"],
            side=["performance"] * 4 + ["alignment"],
        )
    )
    assert list(kind_of(table)) == ["loss", "perplexity", "accuracy", "surprise", GAIN]
    assert [standing(count) for count in (1, 2)] == ["1 run: no interval", "2 runs"]


def test_layers_stand_in_panels_of_their_own(planted):
    table = layers_table(planted)
    assert list(table["layer"].unique()) == list(LAYERS)
    figure = layer_courses(planted, "tokens seen", "A title")
    figure.draw_without_rendering()
    assert not clipped(figure)
    assert not overlaps(figure.axes)
    assert [ax.get_title() for ax in figure.axes] == [name.replace("_", " ") for name in LAYERS]
    for ax, layer in zip(figure.axes, LAYERS, strict=True):
        own = table[table["layer"].eq(layer) & table["of"].eq("planted") & table["step"].gt(0)]
        drawn = [list(line.get_ydata()) for line in ax.lines]
        assert list(own["value"]) in drawn
        assert own["value"].iloc[-1] == pytest.approx(0.3 * LAYERS[layer], abs=0.03)
    assert texts(figure.legends[0].texts)[0] == "planted (3 runs)"


def test_a_curve_without_a_mark_says_why(planted):
    figure = courses(planted, "tokens seen", "A title")
    said = {
        name: texts(ax.texts)
        for name, ax in zip(("planted", "single", "shuffled"), figure.axes[:3], strict=True)
    }
    assert said == {"planted": [], "single": [], "shuffled": ["no time: 2 flat"]}
    turned = planted.run_onsets.copy()
    turned.loc[turned["of"].eq("shuffled") & turned["seed"].eq(1), "shape"] = "turns"
    assert timeless(replace(planted, run_onsets=turned)) == {"shuffled": "no time: 1 flat, 1 turns"}


def test_of_many_layers_evenly_spaced_ones_are_drawn(planted):
    table = layers_table(planted).head(1)
    names = [f"layer_{place:02}" for place in range(70)]
    many = pd.concat([table.assign(layer=name) for name in names])
    shown = shown_layers(many)
    assert len(shown) == len(set(shown)) == MOST
    assert (shown[0], shown[-1]) == (names[0], names[-1])
