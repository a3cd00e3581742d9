import numpy as np
import pytest
from matplotlib.patches import Rectangle

from stages.plots.kit.averages import grid
from stages.plots.kit.print_size import INCH, LEAST, TALLEST, fit_width, smallest_letters
from stages.plots.story.profiles import similarity_table
from stages.plots.story.similarity_map import short, similarity_map
from tests.plots.figures import clipped, drawn, overlaps, texts

# One region, many and deep, a layer, no attention, long names, one subject, no ceiling.
SHAPES = {
    "usual": {},
    "one region": {"regions": ("A_L",)},
    "no side": {"regions": ("LATL", "RATL")},
    "deep": {"blocks": 24},
    "smallest": {"blocks": 1, "attention": False},
    "long names": {"regions": ("Very_long_name_of_a_region_and_its_neighbours_L", "A_R")},
    "one subject": {"subjects": ("s7",)},
    "no ceiling": {"ceiling": np.nan},
}
MANY = {"regions": [f"Temporal_Pole_{i:03}_L" for i in range(115)], "blocks": 1}
every_shape = pytest.mark.parametrize(
    "shape",
    [*SHAPES.values(), pytest.param(MANY, marks=pytest.mark.slow)],
    ids=[*SHAPES, "all regions"],
)


@pytest.fixture
def table(profiled):
    """Make the table of all features, or of the families."""

    def make(within=False, **kw):
        made = similarity_table(profiled(**kw))
        return made[(made["family"] != "all") == within]

    return make


@every_shape
@pytest.mark.parametrize("within", [False, True], ids=["all", "families"])
def test_every_similarity_is_shown(table, shape, within):
    rows = table(within, **shape)
    panels = drawn(similarity_map({"tiny": rows}, "title"))
    parts = [one for _, one in rows.groupby(["kind", "family"], sort=False)]
    assert len(panels) == len(parts)
    shown = {ax.get_title().replace("\n", " "): ax for ax in panels}
    for part in parts:
        kind = {"hidden": "hidden states", "attention": "attention"}[part["kind"].iloc[0]]
        family = part["family"].iloc[0]
        ax = shown[kind if family == "all" else f"{family} {kind}"]
        scores = grid(part, "region", "score")
        image = ax.images[0].get_array()
        np.testing.assert_array_equal(image[:, : scores.shape[1]], scores)
        ends = part.groupby("region", sort=False)[["null_low", "null_high", "ceiling"]].mean()
        null = (ends["null_low"] + ends["null_high"]) / 2
        np.testing.assert_allclose(image[:, scores.shape[1]], null, atol=1e-12)
        if part["ceiling"].notna().any():
            np.testing.assert_allclose(image[:, -1], ends["ceiling"], atol=1e-12)
            assert image.shape[1] == scores.shape[1] + 2


@every_shape
@pytest.mark.parametrize("within", [False, True], ids=["all", "families"])
def test_no_two_labels_overlap_and_none_is_clipped(table, shape, within):
    figure = similarity_map({"tiny": table(within, **shape)}, "Brain and layers: a study, a model")
    figure.draw_without_rendering()
    assert overlaps(drawn(figure)) == []
    assert not clipped(figure)


def test_hemispheres_are_apart_and_their_means_come_last(table):
    (ax, _) = drawn(similarity_map({"tiny": table()}, "title"))
    names = ["A L", "B L", "A R", "left hemisphere", "right hemisphere"]
    assert texts(ax.get_yticklabels()) == names
    assert texts(ax.get_yticklabels(minor=True)) == ["left", "right", "mean"]


def test_numbers_are_those_of_the_cells(table):
    for ax in drawn(similarity_map({"tiny": table()}, "title")):
        scores = ax.images[0].get_array()
        written = {text.get_position(): text.get_text() for text in ax.texts}
        assert len(written) == scores.size
        for (column, row), text in written.items():
            number = float(text.replace("\N{MINUS SIGN}", "-"))
            assert number == pytest.approx(scores[row, column], abs=0.00501)


@pytest.mark.parametrize("shape", [MANY, {"blocks": 48}], ids=["many", "deep"])
def test_numbers_that_would_not_fit_are_left_out(table, shape):
    assert not any(ax.texts for ax in drawn(similarity_map({"tiny": table(**shape)}, "title")))


def test_families_fit_across_a_page(table):
    regions = [f"Frontal_Inf_Oper_{at}_{side}" for at in "abcdef" for side in "LR"]
    families = ("semantics", "discourse", "syntax")
    rows = table(within=True, regions=regions, blocks=6, families=families)
    figure = similarity_map({"tiny": rows, "tiny+untrained": rows}, "title")
    assert not [text for ax in drawn(figure) for text in ax.texts]
    assert fit_width(figure, 175) == pytest.approx(175, abs=1)
    assert smallest_letters(figure) >= LEAST
    assert figure.get_figheight() * INCH < 2 * TALLEST
    wide = fit_width(similarity_map({"tiny": table(regions=regions, blocks=6)}, "title"), 175)
    assert wide < 175.5


@pytest.mark.parametrize("blocks", [3, 12, 24])
def test_no_number_is_wider_than_its_cell(table, blocks):
    rows = table(blocks=blocks)
    rows["score"] = -0.88
    figure = similarity_map({"tiny": rows}, "title")
    figure.draw_without_rendering()
    for ax in drawn(figure):
        cell = ax.get_window_extent().width / ax.images[0].get_array().shape[1]
        assert ax.texts
        assert max(text.get_window_extent().width for text in ax.texts) < cell


@pytest.mark.parametrize(
    ("score", "text"),
    [
        (0.876, ".88"),
        (0.1, ".10"),
        (0.001, "0"),
        (-0.004, "0"),
        (0.999, "1"),
        (-0.05, "-.05"),
        (-1, "-1"),
        (np.nan, ""),
    ],
)
def test_numbers_are_short(score, text):
    assert short(score) == text.replace("-", "\N{MINUS SIGN}")


def test_dots_mark_what_is_significant_and_outlines_what_is_preferred(table):
    rows = table()
    rows["preferred"] = np.arange(len(rows)) % 3 == 0
    for ax, (_, part) in zip(
        drawn(similarity_map({"tiny": rows}, "title")),
        rows.groupby("kind", sort=False),
        strict=True,
    ):
        dots = {(round(y), round(x)) for x, y in ax.collections[0].get_offsets()}
        marked = np.argwhere(grid(part, "region", "significant").to_numpy() > 0.5)
        assert dots == set(map(tuple, marked.tolist()))
        boxes = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
        middles = {(round(box.get_y() + 0.42), round(box.get_x() + 0.44)) for box in boxes}
        preferred = np.argwhere(grid(part, "region", "preferred").to_numpy() > 0)
        assert middles == set(map(tuple, preferred.tolist()))


def test_the_legend_explains_the_marks_that_are_drawn(table):
    none = table().assign(preferred=0)
    some = none.assign(preferred=[1] + [0] * (len(none) - 1))
    legend = similarity_map({"tiny": some, "tiny+untrained": none}, "title").legends[0]
    assert texts(legend.get_texts()) == ["q < .05", "layer preferred, q < .05"]
    legend = similarity_map({"tiny": none}, "title").legends[0]
    assert texts(legend.get_texts()) == ["q < .05"]


def test_one_colour_scale_is_symmetric_about_zero(table):
    rows = table(within=True)
    rows.iloc[0, list(rows).index("score")] = -0.95
    limits = {ax.images[0].get_clim() for ax in drawn(similarity_map({"tiny": rows}, "title"))}
    assert limits == {(-0.95, 0.95)}


def test_the_last_number_of_narrow_layers_makes_room_for_the_null(table):
    wide = drawn(similarity_map({"tiny": table(blocks=24)}, "title"))[0]
    narrow = drawn(similarity_map({"tiny": table(within=True, blocks=24)}, "title"))[0]
    assert texts(wide.get_xticklabels())[-3:] == ["24", "null", "ceiling"]
    assert texts(narrow.get_xticklabels())[-3:] == ["22", "null", "ceiling"]


def test_kinds_of_layers_of_a_deep_model_stand_one_above_the_other(table):
    beside = [ax.get_position().y0 for ax in drawn(similarity_map({"tiny": table()}, "title"))]
    above = [
        ax.get_position().y0 for ax in drawn(similarity_map({"tiny": table(blocks=24)}, "title"))
    ]
    assert beside[0] == beside[1]
    assert above[0] > above[1]


@every_shape
def test_the_twin_stands_below_with_the_same_colours(table, shape):
    tables = {"tiny": table(**shape), "tiny+untrained": table(**shape)}
    figure = similarity_map(tables, "title")
    figure.draw_without_rendering()
    panels = drawn(figure)
    assert overlaps(panels) == []
    assert not clipped(figure)
    half = len(panels) // 2
    for own, (name, rows) in zip((panels[:half], panels[half:]), tables.items(), strict=True):
        assert own[0].get_title(loc="left").strip() == name
        scores = grid(rows[rows["kind"] == "hidden"], "region", "score")
        image = own[0].images[0].get_array()
        np.testing.assert_array_equal(image[:, : scores.shape[1]], scores)
    assert panels[half - 1].get_position().y0 > panels[half].get_position().y1
    assert len({ax.images[0].get_clim() for ax in panels}) == 1
