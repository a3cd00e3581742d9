"""Figures in the column of a journal: how wide, and whether they can be read."""

import click
import numpy as np
import pytest
from click.testing import CliRunner

from stages.core.run.command import stage
from stages.plots.kit.panels import paper
from stages.plots.kit.picture import Picture, set_title
from stages.plots.kit.print_form import fitted, save_figure
from stages.plots.kit.print_size import DOTS, INCH, LEAST, crowding, fit_width, smallest_letters
from tests.plots.figures import clipped, overlaps


def bars(n, width=8.0):
    """A figure of n bars with names, whose letters have 7 and 9 points."""
    figure = paper(width, 4.0)
    ax = figure.subplots()
    ax.bar([f"area {place:02}" for place in range(n)], np.arange(n))
    ax.tick_params(labelsize=7)
    set_title(figure, "A title that names all: made, a model, average of 4 subjects " * 2)
    return figure


@pytest.mark.parametrize("column", [88.0, 175.0])
def test_a_figure_is_as_wide_as_the_column_and_can_be_read(column):
    figure = bars(6)
    assert fit_width(figure, column) == pytest.approx(column)
    assert figure.get_figwidth() * INCH == pytest.approx(column)
    figure.draw_without_rendering()
    assert smallest_letters(figure) >= LEAST
    assert not overlaps(figure.axes)
    assert not clipped(figure)


def test_what_has_no_room_stays_wider():
    figure = bars(13)
    width = fit_width(figure, 88.0)
    assert 88 < width <= 8 * INCH
    assert figure.get_figwidth() * INCH == pytest.approx(width)
    figure.draw_without_rendering()
    assert smallest_letters(figure) >= LEAST
    assert not overlaps(figure.axes)


def test_a_narrow_figure_stays_as_it_is():
    figure = bars(6, width=4.0)
    assert fit_width(figure, 175.0) == pytest.approx(4 * INCH)
    assert list(figure.get_size_inches()) == [4.0, 4.0]
    assert smallest_letters(figure) == 7


def test_letters_that_were_too_small_grow():
    figure = bars(3, width=4.0)
    figure.axes[0].tick_params(labelsize=5)
    figure.draw_without_rendering()
    assert smallest_letters(figure) == 5
    fit_width(figure, 175.0)
    assert smallest_letters(figure) == LEAST


def test_texts_that_touch_each_other_or_the_edge_are_counted():
    figure = paper(4, 4)
    for x, y in ((0.4, 0.5), (0.41, 0.5), (0.4, 0.1)):
        figure.text(x, y, "text")
    assert crowding(figure) == 1
    figure.text(0.98, 0.9, "beyond")
    assert crowding(figure) == 2


def test_a_legend_beyond_the_edge_is_counted_though_its_texts_are_not():
    figure = paper(4, 2)
    figure.subplots().plot([0, 1], label="a line")
    legend = figure.legend(loc="center left", bbox_to_anchor=(-0.04, 0.5))
    assert crowding(figure) == 1
    legend.set_visible(False)
    assert crowding(figure) == 0


def test_a_blank_line_leaves_room_for_what_stands_there():
    figure = paper(4, 2)
    name = figure.text(0.3, 0.5, "a model\n", va="bottom")
    figure.text(0.3, 0.5, "layer 1", va="bottom")
    assert crowding(figure) == 0
    name.set_text("a model")
    assert crowding(figure) == 1


def test_letters_are_measured_as_they_are_saved():
    figure = paper(2, 1)
    figure.set_dpi(40)
    text = figure.text(0.0, 0.5, "illimitable willfulness", fontsize=7)
    figure.set_dpi(DOTS)
    wide = text.get_window_extent().width / figure.bbox.width
    figure.set_dpi(40)
    text.set_x(1 - wide + 0.01)
    assert crowding(figure) == 1
    text.set_x(1 - wide - 0.001)
    assert crowding(figure) == 0
    assert figure.dpi == 40


def test_a_figure_whose_panels_would_vanish_is_wider():
    figure = paper(14.0, 3.0)
    for ax in figure.subplots(1, 9):
        ax.set_ylabel("held-out correlation")
        ax.set_yticks([0], ["head_12"])
        ax.set_xticks([])
    assert 60.0 < fit_width(figure, 60.0) < 14.0 * INCH
    figure.draw_without_rendering()
    assert not overlaps(figure.axes)
    assert not clipped(figure)


@pytest.mark.parametrize(("kind", "start"), [("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_vector_files_are_the_same_twice_and_named_by_their_kind(tmp_path, kind, start):
    files = fitted({"a/b.png": Picture(bars(3), "One.", "a/b.csv")}, kind, 88.0)
    assert list(files) == [f"a/b.{kind}"]
    for name in ("one", "two"):
        save_figure(files[f"a/b.{kind}"].figure, tmp_path / name, kind)
    first = (tmp_path / "one").read_bytes()
    assert first == (tmp_path / "two").read_bytes()
    assert first.startswith(start)
    millimetres = files[f"a/b.{kind}"].figure.get_figwidth() * INCH
    if kind == "svg":
        assert f'width="{millimetres / INCH * 72:.6f}'.rstrip("0") in first.decode()


def test_a_pdf_says_nothing_of_its_letters(tmp_path):
    @click.command()
    @stage
    def draw():
        save_figure(bars(3), tmp_path / "one.pdf", "pdf")

    answer = CliRunner().invoke(draw)
    assert (tmp_path / "one.pdf").exists()
    assert answer.stderr == ""


def test_a_picture_that_stays_wider_is_named(caplog):
    fitted({"a/b.png": Picture(bars(13), "One.")}, "pdf", 88.0)
    assert "a/b.png is" in caplog.text
    assert "no room in 88 mm" in caplog.text
