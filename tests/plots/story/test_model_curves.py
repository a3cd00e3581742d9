import numpy as np
import pytest
from matplotlib.colors import to_hex

from stages.plots.kit.model_lines import model_lines
from stages.plots.story.model_curves import DOT, model_curves
from stages.plots.story.model_tables import encoding_models, probing_models
from tests.plots.figures import clipped, overlaps, texts
from tests.plots.shapes import shapes
from tests.plots.story_models import ZOO, roll_of, several

LINES = model_lines(roll_of(ZOO))


@pytest.fixture
def table(encoded):
    """Make the table of every model of the zoo."""
    return lambda **shape: encoding_models(several(encoded(**shape), ZOO), roll_of(ZOO))


def parts(ax):
    """Curves and dots of a panel, by the colour and the dashes, or the marker, of the model."""
    curves = [line for line in ax.lines if line.get_markersize() == 2]
    dots = [line for line in ax.lines if line.get_markersize() == DOT]
    return curves, dots


@shapes
def test_every_model_has_its_curve_and_the_layer_chosen_its_dot(table, shape):
    made = table(**shape)
    figure = model_curves(made, "region", LINES, "title")
    regions = list(made["region"].unique())
    assert [ax.get_title() for ax in figure.axes] == [name.replace("_", " ") for name in regions]
    for ax, region in zip(figure.axes, regions, strict=True):
        curves, dots = parts(ax)
        assert [to_hex(line.get_color()) for line in curves] == [x.color for x in LINES.values()]
        for curve, dot, name in zip(curves, dots, ZOO, strict=True):
            rows = made[(made["region"] == region) & (made["model"] == name)]
            hidden, (nested,) = rows[rows["kind"] == "hidden"], rows.tail(1).to_dict("records")
            np.testing.assert_array_equal(curve.get_xdata(), hidden["depth"])
            np.testing.assert_array_equal(curve.get_ydata(), hidden["score"])
            assert (curve.get_linestyle() == "-") == ZOO[name]
            assert (*dot.get_xdata(), *dot.get_ydata()) == (nested["depth"], nested["score"])
            face = LINES[name].color if nested["significant"] else "#ffffff"
            assert to_hex(dot.get_markerfacecolor()) == face


@shapes
def test_no_two_labels_overlap_and_none_is_clipped(table, shape):
    figure = model_curves(table(**shape), "region", LINES, "Layers to brain: a study, 4 models")
    figure.draw_without_rendering()
    assert overlaps(figure.axes) == []
    assert not clipped(figure)


def test_the_band_is_that_of_the_first_model(table):
    made = table(regions=("LATL",))
    made.loc[made["model"] == "big", ["null_low", "null_high"]] = [-9.0, 9.0]
    (ax,) = model_curves(made, "region", LINES, "title").axes
    heights = ax.collections[0].get_paths()[0].vertices[:, 1]
    first = made[(made["model"] == "tiny") & (made["kind"] == "hidden")]
    assert heights.min() == pytest.approx(first["null_low"].min())
    assert heights.max() == pytest.approx(first["null_high"].max())


@pytest.mark.parametrize("ceiling", [0.7, np.nan])
def test_the_legend_explains_what_is_drawn(table, ceiling):
    figure = model_curves(table(ceiling=ceiling), "region", LINES, "title")
    expected = [*ZOO, "null (95 %), tiny", *(["ceiling"] if ceiling > 0 else [])]
    expected += [f"layer chosen in the inner folds, q {sign} .05" for sign in "<≥"]
    assert texts(figure.legends[0].get_texts()) == expected
    heights = [set(line.get_ydata()) for line in figure.axes[0].lines]
    assert ({0.7} in heights) == (ceiling > 0)


def test_types_of_features_are_named_with_their_family(probe_results):
    table = probing_models(several(probe_results(), ZOO), roll_of(ZOO))
    figure = model_curves(table, "type", LINES, "title")
    names = ["Verbs (discourse)", "Emotion (discourse)", "Word Num (syntax)"]
    assert [ax.get_title() for ax in figure.axes] == names
    assert texts(figure.legends[0].get_texts()) == [*ZOO, "null (95 %), tiny"]
    for ax in figure.axes:
        curves, dots = parts(ax)
        assert (len(curves), len(dots)) == (4, 0)
    alone = table[table["type"] == "Emotion"].assign(family="emotion")
    assert model_curves(alone, "type", LINES, "title").axes[0].get_title() == "Emotion"


def test_a_dot_is_filled_where_most_voxels_are_significant(table):
    made = table(regions=("A", "B", "C"))
    made["significant"] = made["region"].map({"A": 0.2, "B": 0.5, "C": 0.51})
    axes = model_curves(made, "region", LINES, "title").axes
    faces = [to_hex(parts(ax)[1][0].get_markerfacecolor()) for ax in axes]
    assert faces == ["#ffffff", "#ffffff", LINES["tiny"].color]
