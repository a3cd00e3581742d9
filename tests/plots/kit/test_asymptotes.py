import numpy as np
import pandas as pd
import pytest

from stages.plots.kit.asymptotes import asymptotes, extrapolated
from stages.plots.story.gallery import ceiling_files
from tests.plots.ceiling_tables import ceiling_table, point_table
from tests.plots.figures import clipped, overlaps, texts


def test_every_region_shows_dots_curves_and_its_ceiling():
    shown = extrapolated(ceiling_table())
    figure = asymptotes(shown, point_table(), "title")
    figure.draw_without_rendering()
    assert [ax.get_title() for ax in figure.axes] == ["A R", "B L"]
    for ax in figure.axes:
        (dots,) = (found for found in ax.collections if len(found.get_offsets()) > 1)
        assert len(dots.get_offsets()) == 6
        (dashed,) = (line for line in ax.lines if line.get_linestyle() == "--")
        assert list(dashed.get_xdata()) == [1, 2, 4, 60]
        levels = [set(line.get_ydata()) for line in ax.lines]
        assert {0.6} in levels
        assert len(ax.lines) == 1 + 2 + 1 + 1  # curve, replicates, ceiling, zero
        assert texts(ax.texts) == [".60 at 40"]


def test_what_is_missing_is_not_drawn():
    table = ceiling_table(low=np.nan, end=np.nan)
    (ax, *_) = asymptotes(extrapolated(table), point_table(), "title").axes
    assert not ax.patches
    assert texts(ax.texts) == [".60"]


@pytest.mark.parametrize(
    ("curve", "name"), [("agreement", "without one subject"), ("exponential", "other draws")]
)
def test_the_legend_says_what_grey_lines_are(curve, name):
    figure = asymptotes(extrapolated(ceiling_table(curve=curve)), point_table(), "title")
    assert name in texts(figure.legends[0].get_texts())


def test_the_legend_is_of_all_recordings_and_not_of_the_first():
    both = [ceiling_table((name,), curve=curve) for name, curve in
            (("A", "agreement"), ("B", "exponential"))]  # fmt: skip
    figure = asymptotes(extrapolated(pd.concat(both)), point_table(("A", "B")), "title")
    assert "without one subject, or other draws" in texts(figure.legends[0].get_texts())


@pytest.mark.parametrize("n", [1, 4, 13])
def test_any_number_of_regions_fits_the_page(n):
    regions = tuple(f"Temporal_Pole_Mid_{i:02}" for i in range(n))
    figure = asymptotes(extrapolated(ceiling_table(regions)), point_table(regions), "title")
    figure.draw_without_rendering()
    assert len(figure.axes) == n
    assert not clipped(figure)
    assert not overlaps(figure.axes)


def test_files_have_a_caption_and_their_tables():
    files = ceiling_files(ceiling_table(), point_table())
    picture = files["encode/ceilings.png"]
    assert picture.table == "encode/ceilings.csv"
    assert "in 2 regions; a dot is one of 2 subjects" in picture.caption
    title = "Ceilings, extrapolated to infinitely many subjects: made, average of 2 subjects"
    assert picture.title == title


def test_where_nothing_is_extrapolated_there_is_no_picture():
    table = ceiling_table(ceiling=np.nan)
    assert list(ceiling_files(table, point_table())) == [
        "encode/ceilings.csv",
        "encode/ceiling_points.csv",
    ]
