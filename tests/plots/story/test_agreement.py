import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from scipy.stats import spearmanr

from stages.plots.kit.palette import KNOWN, family_colors
from stages.plots.story.agreement import feature_scatter
from stages.plots.story.profiles import features_table
from tests.plots.figures import clipped, texts

KAPPA = (0.4, 0.1)


@pytest.fixture
def table(rng):
    """Make features of three families, of which some carry more in the brain."""

    def make(n=60, name="type/feature_{}"):
        probed = rng.uniform(-0.1, 0.9, n)
        made = {"feature": [name.format(i) for i in range(n)], "type": "type", "probed": probed}
        made |= {"family": np.resize(["discourse", "syntax", "own"], n)}
        made |= {"decoded": 0.4 * probed + rng.normal(0, 0.05, n)}
        made |= {"regions_found": rng.choice([0, 0.2, 1], n), "layers_found": rng.choice([0, 1], n)}
        frame = pd.DataFrame(made)
        ranks = frame[["decoded", "probed"]].rank(pct=True)
        return frame.assign(rank_difference=ranks["decoded"] - ranks["probed"])

    return make


def names(figure):
    return [text for text in figure.axes[0].texts if text.get_text()]


def test_every_feature_is_a_dot_of_its_family(table):
    features = table()
    figure = feature_scatter({"tiny": features}, [KAPPA], "title")
    figure.draw_without_rendering()
    groups = features.groupby("family", sort=False)
    for dots, (family, rows) in zip(figure.axes[0].collections, groups, strict=True):
        np.testing.assert_array_equal(dots.get_offsets(), rows[["probed", "decoded"]])
        color = family_colors(["discourse", "syntax", "own"])[family]
        assert {to_hex(edge) for edge in dots.get_edgecolors()} == {color}
        filled = [face[3] > 0 for face in dots.get_facecolors()]
        assert filled == list((rows["regions_found"] > 0) & (rows["layers_found"] > 0))


def test_the_legend_tells_how_far_they_agree(table):
    features = table()
    legend = feature_scatter({"tiny": features}, [KAPPA], "title").axes[0].get_legend()
    r = spearmanr(features["probed"], features["decoded"]).statistic
    heading = legend.get_title().get_text()
    assert heading.startswith(f"Spearman r = {r:.2f}\nκ = 0.40, null 0.10")
    labels = texts(legend.get_texts())
    for family, rows in features.groupby("family"):
        r = spearmanr(rows["probed"], rows["decoded"]).statistic
        assert f"{family} ({len(rows)}), r = {r:.2f}" in labels


@pytest.mark.parametrize("far", [0, 0.4])
def test_both_are_equal_on_the_dashed_line(table, far):
    features = table(6)
    features["decoded"] = features["probed"] = far + 0.02 * np.arange(6)
    ax = feature_scatter({"tiny": features}, [KAPPA], "title").axes[0]
    (line,) = [line for line in ax.lines if line.get_linestyle() == "--"]
    ends = line.get_transform().transform(line.get_xydata())
    across, up = ax.transData.inverted().transform(ends).T
    np.testing.assert_allclose(across, up, atol=1e-9)
    assert across.min() <= features["probed"].min() < features["probed"].max() <= across.max()
    assert texts(ax.get_legend().get_texts())[-1] == "equal"


def test_the_most_discrepant_features_are_named(table):
    features = table()
    features.loc[[3, 8], "rank_difference"] = [0.99, -0.99]
    figure = feature_scatter({"tiny": features}, [KAPPA], "title")
    ranked = features.sort_values("rank_difference")["feature"]
    assert set(texts(names(figure))) == {*ranked[:3], *ranked[-3:]}
    assert {"type/feature_3", "type/feature_8"} <= set(texts(names(figure)))


@pytest.mark.parametrize("n", [1, 2, 5, 60, 500])
def test_names_stand_inside_and_apart(table, n):
    figure = feature_scatter({"tiny": table(n)}, [KAPPA], "title")
    figure.draw_without_rendering()
    ax = figure.axes[0]
    inside = ax.get_window_extent()
    boxes = [type(ax.title).get_window_extent(text) for text in names(figure)]
    assert len(boxes) == min(n, 6)
    for at, box in enumerate(boxes):
        assert inside.x0 <= box.x0 <= box.x1 <= inside.x1
        assert inside.y0 <= box.y0 <= box.y1 <= inside.y1
        assert not any(box.overlaps(other) for other in boxes[:at])
    assert not clipped(figure)


def test_names_of_dots_in_one_place_stand_apart(table):
    features = table(6, name="type/a_long_name_{}")
    features[["probed", "decoded"]] = 0.5 + 0.01 * np.arange(12).reshape(6, 2) % 0.03
    figure = feature_scatter({"tiny": features}, [KAPPA], "title")
    figure.draw_without_rendering()
    boxes = [type(figure.axes[0].title).get_window_extent(text) for text in names(figure)]
    assert not any(box.overlaps(other) for at, box in enumerate(boxes) for other in boxes[:at])


def test_a_single_feature_has_no_correlation(table):
    heading = feature_scatter({"tiny": table(1)}, [KAPPA], "title").axes[0].get_legend().get_title()
    assert heading.get_text().startswith("κ = 0.40")


def test_features_of_results_are_drawn(decoded, probed):
    figure = feature_scatter({"tiny": features_table(decoded(), probed)}, [KAPPA], "title")
    assert sum(len(dots.get_offsets()) for dots in figure.axes[0].collections) == 5


def test_families_keep_their_colours():
    colors = family_colors(["syntax", "new", "newer"])
    assert colors["syntax"] == KNOWN["syntax"]
    assert len(set(colors.values())) == len(KNOWN) + 2


def test_the_twin_has_its_own_dots_and_its_own_agreement(table):
    tables = {"tiny": table(), "tiny+untrained": table()}
    figure = feature_scatter(tables, [KAPPA, (0.2, 0.15)], "title")
    figure.draw_without_rendering()
    assert not clipped(figure)
    assert [ax.get_title(loc="left") for ax in figure.axes] == list(tables)
    assert figure.axes[0].get_xlim() == figure.axes[1].get_xlim()
    for ax, features in zip(figure.axes, tables.values(), strict=True):
        dots = np.concatenate([dots.get_offsets() for dots in ax.collections])
        assert {tuple(dot) for dot in dots} == set(
            features[["probed", "decoded"]].itertuples(index=False, name=None)
        )
        r = spearmanr(features["probed"], features["decoded"]).statistic
        assert ax.get_legend().get_title().get_text().startswith(f"Spearman r = {r:.2f}\n")
        ranked = features.sort_values("rank_difference")["feature"]
        named = {text.get_text() for text in ax.texts} - {""}
        assert named == {*ranked[:3], *ranked[-3:]}
    assert "κ = 0.20, null 0.15" in figure.axes[1].get_legend().get_title().get_text()


def test_the_axis_of_a_correlation_ends_at_one(table):
    features = table(30).assign(probed=np.linspace(-0.2, 0.95, 30))
    figure = feature_scatter({"tiny": features}, [KAPPA], "title")
    ax = figure.axes[0]
    assert ax.get_xlim()[1] > 1, "names have room beyond"
    assert max(ax.get_xticks()) <= 1
    assert ax.spines["bottom"].get_bounds()[1] == 1
