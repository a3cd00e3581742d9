import numpy as np
import pytest
from matplotlib.colors import to_hex

from stages.plots.kit.model_lines import model_lines
from stages.plots.story.chosen_layers import best_dots
from stages.plots.story.curves import CEILING
from stages.plots.story.model_tables import chosen_layers, encoding_models
from tests.plots.figures import clipped, overlaps, texts
from tests.plots.shapes import shapes
from tests.plots.story_models import ZOO, roll_of, several

LINES = model_lines(roll_of(ZOO))


@pytest.fixture
def table(encoded):
    """Make the table of the layers chosen, of every model of the zoo."""

    def make(**shape):
        models = roll_of(ZOO)
        return chosen_layers(encoding_models(several(encoded(**shape), ZOO), models))

    return make


@shapes
def test_every_score_is_a_dot_in_the_row_of_its_region(table, shape):
    made = table(**shape)
    (ax,) = best_dots(made, LINES, "title").axes
    regions = list(made["region"].unique())
    assert texts(ax.get_yticklabels()) == [name.replace("_", " ") for name in regions]
    shown = [part for part in ax.collections if len(part.get_offsets()) == len(regions)]
    for dots, (name, line) in zip(shown[-len(ZOO) :], LINES.items(), strict=True):
        rows = made[made["model"] == name]
        scores, places = np.transpose(dots.get_offsets())
        np.testing.assert_array_equal(scores, rows["score"])
        assert [regions[round(place)] for place in places] == list(rows["region"])
        assert {to_hex(edge) for edge in dots.get_edgecolors()} == {line.color}
        faces = [line.color if share > 0.5 else "#ffffff" for share in rows["significant"]]
        assert [to_hex(face) for face in dots.get_facecolors()] == faces


@shapes
def test_no_two_labels_overlap_and_none_is_clipped(table, shape):
    figure = best_dots(table(**shape), LINES, f"Layers to brain: a study, 4 models, {'s' * 40}")
    figure.draw_without_rendering()
    assert overlaps(figure.axes) == []
    assert not clipped(figure)


def test_bands_and_ceilings_are_those_of_the_region(table):
    made = table()
    made.loc[made["model"] != "tiny", ["null_low", "null_high"]] = [-9.0, 9.0]
    made.loc[made["region"] == "Angular_R", "ceiling"] = np.nan
    (ax,) = best_dots(made, LINES, "title").axes
    first = made[made["model"] == "tiny"]
    bands = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]
    np.testing.assert_allclose(bands, first[["null_low", "null_high"]])
    lines = [part for part in ax.collections if to_hex(part.get_edgecolor()[0]) == CEILING]
    ends = [path.vertices for part in lines for path in part.get_paths()]
    known = [end for end in ends if np.isfinite(end).all()]
    np.testing.assert_allclose(known, [[[0.7, 0.6], [0.7, 1.4]]])


@pytest.mark.parametrize("ceiling", [0.7, np.nan])
def test_the_legend_explains_what_is_drawn(table, ceiling):
    (legend,) = best_dots(table(ceiling=ceiling), LINES, "title").legends
    ends = ["q ≥ .05", "null (95 %), tiny", *(["ceiling"] if ceiling > 0 else [])]
    assert texts(legend.get_texts()) == [*ZOO, *ends]


@pytest.mark.slow
def test_all_116_regions_of_the_atlas(table):
    regions = tuple(f"Temporal_Pole_Mid_{i:03}" for i in range(116))
    figure = best_dots(table(regions=regions, subjects=("group",), blocks=1), LINES, "title")
    figure.draw_without_rendering()
    assert overlaps(figure.axes) == []
    assert not clipped(figure)


def test_a_dot_is_filled_where_most_voxels_are_significant(table):
    made = table(regions=("A", "B", "C"))
    made["significant"] = made["region"].map({"A": 0.2, "B": 0.5, "C": 0.51})
    dots = best_dots(made, LINES, "title").axes[0].collections[-1]
    faces = [to_hex(face) for face in dots.get_facecolors()]
    assert faces == ["#ffffff", "#ffffff", LINES["big-untrained"].color]
