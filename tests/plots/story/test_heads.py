import numpy as np
import pytest

from stages.plots.kit.averages import grid
from stages.plots.story.heads import head_map
from stages.plots.story.tables import heads_table
from tests.plots.figures import drawn, overlaps, texts

# Layers and heads: the smallest, MiniLM, GPT-2 (two bands), a last band that is not full, and more
# heads than fit into a band.
SHAPES = {
    "smallest": (1, 1),
    "MiniLM": (6, 12),
    "GPT-2": (12, 12),
    "odd": (13, 20),
    "wide": (2, 150),
}
shapes = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())


@pytest.fixture
def table(probe_results):
    """Make the table of heads of a model with so many blocks and heads."""
    return lambda blocks, heads: heads_table(probe_results(blocks=blocks, heads=heads))


@shapes
def test_every_head_is_shown(table, shape):
    heads = table(*shape)
    panels = drawn(head_map({"tiny": heads}, "title"))
    assert [ax.get_title() for ax in panels] == [f"layer {i}" for i in range(1, shape[0] + 1)]
    for ax, (_, rows) in zip(panels, heads.groupby("layer", sort=False), strict=True):
        expected = grid(rows, "type", "score", "head")
        np.testing.assert_array_equal(ax.images[0].get_array(), expected)
        marked = {(int(y), int(x)) for x, y in ax.collections[0].get_offsets()}
        significant = np.argwhere(grid(rows, "type", "significant", "head").to_numpy() > 0.5)
        assert marked == set(map(tuple, significant.tolist()))


@shapes
def test_no_two_labels_overlap(table, shape):
    figure = head_map({"tiny": table(*shape)}, "title")
    figure.draw_without_rendering()
    assert overlaps(drawn(figure)) == []


def test_heads_are_numbered_and_types_grouped_by_family(table):
    first, second = drawn(head_map({"tiny": table(2, 3)}, "title"))
    assert texts(second.get_xticklabels()) == ["1", "2", "3"]
    assert texts(first.get_yticklabels()) == ["Verbs", "Emotion", "Word Num"]
    assert texts(first.get_yticklabels(minor=True)) == ["discourse", "syntax"]
    assert list(first.get_yticks(minor=True)) == [0.5, 2]
    assert [list(line.get_ydata()) for line in second.lines] == [[1.5, 1.5]]


def test_families_stand_beside_types_and_do_not_touch_them(table):
    figure = head_map({"tiny": table(2, 3)}, "title")
    figure.draw_without_rendering()
    ax = drawn(figure)[0]
    left = min(label.get_window_extent().x0 for label in ax.get_yticklabels())
    right = max(label.get_window_extent().x1 for label in ax.get_yticklabels(minor=True))
    _, *brackets = ax.lines
    assert [list(line.get_ydata()) for line in brackets] == [[-0.3, 1.3], [1.7, 2.3]]
    places = [line.get_window_extent() for line in brackets]
    assert all(right < place.x0 and place.x1 < left for place in places)


def test_one_colour_scale_is_symmetric_about_zero(table):
    heads = table(2, 3)
    heads.loc[0, "score"] = -0.9
    assert {ax.images[0].get_clim() for ax in drawn(head_map({"tiny": heads}, "title"))} == {
        (-0.9, 0.9)
    }


@shapes
def test_the_heads_of_the_twin_stand_below(table, shape):
    tables = {"tiny": table(*shape), "tiny+untrained": table(*shape)}
    figure = head_map(tables, "title")
    panels = drawn(figure)
    figure.draw_without_rendering()
    assert overlaps(panels) == []
    assert len(panels) == 2 * shape[0]
    for own, heads in zip((panels[: shape[0]], panels[shape[0] :]), tables.values(), strict=True):
        for ax, (_, rows) in zip(own, heads.groupby("layer", sort=False), strict=True):
            expected = grid(rows, "type", "score", "head")
            np.testing.assert_array_equal(ax.images[0].get_array(), expected)
    names = [ax.get_title(loc="left").strip() for ax in panels]
    assert [name for name in names if name] == list(tables)
    assert names[shape[0]] == "tiny+untrained"
    lowest = min(ax.get_position().y0 for ax in panels[: shape[0]])
    assert lowest > max(ax.get_position().y1 for ax in panels[shape[0] :])
