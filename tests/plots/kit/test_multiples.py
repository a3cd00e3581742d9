"""Titles of panels."""

import pytest
from matplotlib.figure import Figure

from stages.plots.kit.multiples import SIZES, title_panel


@pytest.mark.parametrize("title", ["a", "a\nb"])
def test_a_title_that_says_little_is_as_large_as_any(title):
    ax = Figure().subplots()
    title_panel(ax, title, 2.0)
    assert ax.get_title() == title
    assert ax.title.get_fontsize() == SIZES[1]


def test_a_long_title_is_smaller_and_the_longest_no_smaller_than_can_be_read():
    sizes = []
    for letters in (10, 40, 400):
        ax = Figure().subplots()
        title_panel(ax, "a\n" + letters * "b", 2.0)
        sizes.append(ax.title.get_fontsize())
    assert SIZES[1] == sizes[0] > sizes[1] > sizes[2] == SIZES[0]
