from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex, to_rgba
from matplotlib.figure import Figure
from matplotlib.text import Text

from stages.core.names.areas import purity_of
from stages.plots.kit.averages import grid
from stages.plots.kit.palette import NETWORKS, model_colors
from stages.plots.kit.planted import Planted
from stages.plots.scene.bandwidth_curves import bandwidth_curves
from stages.plots.scene.best import best_map
from stages.plots.scene.depth import depth_map, gradient_scatter
from stages.plots.scene.depth_curves import depth_curves
from stages.plots.scene.model_roll import FAILED, roll_picture
from stages.plots.scene.model_space import model_space
from stages.plots.scene.network_dots import contrast_bars, network_bars
from stages.plots.scene.performance import forest
from stages.plots.scene.selection import of_metric
from stages.plots.scene.subject_agreement import consistency_map
from stages.plots.scene.tables import (
    best_table,
    ceilings_table,
    layers_table,
    models_table,
    performance_table,
)
from stages.plots.scene.width_control import width_scatter
from tests.plots.figures import clipped, drawn, overlaps, texts
from tests.plots.survey_tables import (
    METRICS,
    PEOPLE,
    REGIONS,
    network,
    related,
    survey_of,
    zoo_of,
)

RDM = {"rdm": True, "people": ("BE", "KO"), "regions": ("human_IT", "monkey_IT")}


@pytest.fixture
def survey(rng):
    return of_metric(survey_of(rng), "cka_linear")


def labels(figure):
    return texts(figure.legends[0].get_texts())


def titled(figure):
    return {ax.get_title().splitlines()[0]: ax for ax in figure.axes if ax.get_title()}


def points(collection):
    return np.asarray(collection.get_offsets())


def curve(ax, index):
    return ax.lines[index].get_xdata(), ax.lines[index].get_ydata()


def test_the_best_map_shows_every_score_ceiling_and_network(survey):
    table = best_table(survey)
    figure = best_map(table, "title")
    figure.draw_without_rendering()
    ceiling, cells, strip = figure.axes[:3]
    expected = grid(table, "model", "score", "region")
    np.testing.assert_array_equal(cells.images[0].get_array(), expected)
    assert texts(cells.get_yticklabels()) == list(expected.index)
    assert texts(cells.get_yticklabels(minor=True)) == ["vision", "language", "untrained", "noise"]
    marked = {(int(y), int(x)) for x, y in points(cells.collections[0])}
    significant = np.argwhere(grid(table, "model", "significant", "region").to_numpy() > 0.5)
    assert marked == set(map(tuple, significant.tolist()))
    np.testing.assert_allclose([bar.get_height() for bar in ceiling.patches], 0.5)
    assert texts(strip.get_xticklabels()) == list(REGIONS)
    shown = [to_hex(patch.get_facecolor()) for patch in strip.patches]
    assert shown == [NETWORKS[network(region)].lower() for region in REGIONS]
    heights = [patch.get_height() for patch in strip.patches]
    np.testing.assert_allclose(heights, [purity_of(region) for region in REGIONS])
    assert strip.get_ylim() == (0, 1)


def test_a_best_map_without_ceiling_has_no_bars(survey):
    survey.best["ceiling"] = np.nan
    figure = best_map(best_table(survey), "title")
    assert figure.axes[0].images


def test_the_bars_of_ceilings_below_zero_are_in_sight(survey):
    table = best_table(survey)
    assert best_map(table, "title").axes[0].get_ylim() == pytest.approx((0, 0.525))
    table.loc[table["region"] == table["region"].iloc[0], "ceiling"] = -0.2
    assert best_map(table, "title").axes[0].get_ylim() == pytest.approx((-0.21, 0.525))


def test_the_model_that_drives_a_region_is_outlined(survey):
    table = best_table(survey)
    truth = {
        "FFC": Planted("minilm", "minilm", "layer_01"),
        "V1": Planted("hub:absent", "", "layer_00"),
        "V4": Planted("nothing"),
    }
    figure = best_map(table, "title", truth)
    cells = figure.axes[1]
    rows = texts(cells.get_yticklabels())
    outlined = [patch.get_center() for patch in cells.patches if not patch.get_fill()]
    np.testing.assert_allclose(outlined, [(list(REGIONS).index("FFC"), rows.index("minilm"))])
    assert texts(figure.legends[0].get_texts())[-1] == "model planted"
    assert "model planted" not in texts(best_map(table, "title").legends[0].get_texts())


def test_layers_are_drawn_with_twins_null_and_ceilings(survey):
    table, limits = layers_table(survey), ceilings_table(survey)
    figure = depth_curves(table, limits, "title")
    figure.draw_without_rendering()
    axes = titled(figure)
    assert list(axes) == list(REGIONS)
    rows = table[table["region"] == "FFC"]
    lines = {
        to_hex(line.get_color()): line for line in axes["FFC"].lines if line.get_marker() == "o"
    }
    trained = rows[rows["kind"].isin(["vision", "language"])]
    names = trained.drop_duplicates("model").rename(columns={"model": "name"})
    for model, color in model_colors(names).items():
        own = trained[trained["model"] == model]
        np.testing.assert_array_equal(lines[color].get_xdata(), own["depth"])
        np.testing.assert_array_equal(lines[color].get_ydata(), own["score"])
    seeds = rows[(rows["architecture"] == "efficientnet") & (rows["kind"] == "untrained")]
    band = axes["FFC"].collections[0].get_paths()[0].vertices[:, 1]
    assert band.min() == pytest.approx(seeds["score"].min())
    assert band.max() == pytest.approx(seeds["score"].max())
    null = axes["FFC"].patches[0]
    assert null.get_y() == pytest.approx(rows["null_low"].min())
    assert null.get_y() + null.get_height() == pytest.approx(rows["null_high"].max())
    across = [line.get_ydata()[0] for line in axes["FFC"].lines if line.get_color() == "#b2182b"]
    assert sorted(across) == pytest.approx([0.35, 0.5])
    assert {"clip (vision)", "alignment between subjects"} <= set(labels(figure))


def test_dissimilarities_are_drawn_below_the_band_of_their_ceilings(rng):
    survey = of_metric(survey_of(rng, **RDM), "cka_linear")
    figure = depth_curves(layers_table(survey), ceilings_table(survey), "title")
    figure.draw_without_rendering()
    assert list(titled(figure)) == ["human IT", "monkey IT"]
    band = titled(figure)["human IT"].patches[1]
    assert (band.get_y(), band.get_height()) == pytest.approx((0.35, 0.1))
    assert "ceiling, from lower to upper" in labels(figure)
    assert "untrained twins, all seeds" in labels(figure)


def test_many_regions_are_averaged_by_network(rng):
    regions = [f"{name}" for name in ("V1", "V2", "V3", "4", "FEF", "PEF")]
    many = [*regions, *(f"made{i}" for i in range(20))]
    survey = of_metric(survey_of(rng, regions=many), "cka_linear")
    figure = depth_curves(layers_table(survey), ceilings_table(survey), "title")
    assert list(titled(figure)) == ["VIS", "SOM", "DAN", "no network"]


def test_depth_is_drawn_with_the_first_layers_below(survey):
    figure = depth_map(survey, "title")
    figure.draw_without_rendering()
    axes = titled(figure)
    assert list(axes) == ["efficientnet", "clip (vision)", "minilm", "clip (language)"]
    rows = survey.depth[survey.depth["model"] == "minilm"]
    expected = rows.groupby(["bin", "region"])["score"].mean()
    shown = axes["minilm"].images[0].get_array()
    assert shown.shape == (8, len(REGIONS))
    for (part, region), score in expected.items():
        assert shown[8 - part, REGIONS.index(region)] == pytest.approx(score)
    assert shown.mask.any(axis=1).sum() == 8 - rows["bin"].nunique() > 0
    assert "no layer in this part" in labels(figure)


def test_regions_with_which_nothing_aligns_are_not_drawn_beside_place(survey):
    best = survey.best.assign(p=survey.best["p"].where(survey.best["region"] != "V1", 0.05))
    best["p"] = best["p"].where(best["model"] != "minilm", 0.6)
    figure = gradient_scatter(replace(survey, best=best), "title")
    whole = gradient_scatter(survey, "title")
    titles, before = ([ax.get_title() for ax in one.axes] for one in (figure, whole))
    assert any("minilm\n" in title for title in before)
    assert not any("minilm\n" in title for title in titles)
    people = survey.best["subject"].nunique()
    for ax, title in zip(figure.axes, titles, strict=True):
        drawn = len(points(whole.axes[before.index(title)].collections[0]))
        assert len(points(ax.collections[0])) == drawn - people > 0


def test_depth_is_drawn_against_place_with_its_correlation(survey):
    figure = gradient_scatter(survey, "title")
    figure.draw_without_rendering()
    titles = [ax.get_title().splitlines() for ax in figure.axes]
    at = next(i for i, title in enumerate(titles) if title[0] == "minilm")
    rows = survey.best[survey.best["model"] == "minilm"]
    places = survey.regions.set_index(["subject", "region"])["y"]
    expected = [(places[row.subject, row.region], row.depth) for row in rows.itertuples()]
    assert sorted(map(tuple, points(figure.axes[at].collections[0]))) == sorted(expected)
    gradient = survey.gradient[survey.gradient["model"] == "minilm"]
    gradient = gradient[gradient["quantity"] == "best_depth"].set_index("subject")["spearman"]
    own = gradient.drop("mean")
    told = [f"ρ = {gradient['mean']:.2f}, p = 0.01 (smooth: 30 mm)"]
    told.append(f"subjects {own.min():.2f} to {own.max():.2f}")
    assert titles[at] == ["minilm", "depth of the best layer", *told]
    assert titles[at + 1][1] == "centre of alignment"
    rows = survey.centres[survey.centres["model"] == "minilm"]
    expected = [(places[row.subject, row.region], row.depth_centre) for row in rows.itertuples()]
    assert sorted(map(tuple, points(figure.axes[at + 1].collections[0]))) == sorted(expected)
    faces, mixed = figure.axes[at].collections[0].get_facecolors(), rows["region"].eq("44")
    assert (faces[:, 3] == 0).sum() == mixed.sum() > 0
    assert "less than half in its network" in labels(figure)


def test_of_one_person_no_range_of_subjects_is_told(survey):
    kept = survey.gradient["subject"].isin(["mean", survey.gradient["subject"].iloc[0]])
    figure = gradient_scatter(replace(survey, gradient=survey.gradient[kept]), "title")
    titles = [ax.get_title() for ax in figure.axes]
    assert all("smooth" in title and "subjects" not in title for title in titles)


def test_networks_are_bars_with_subjects_as_dots(survey):
    figure = network_bars(survey.networks, survey.models, "title")
    figure.draw_without_rendering()
    axes = titled(figure)
    assert list(axes) == ["efficientnet", "clip", "minilm", "noise"]
    ax, rows = axes["efficientnet"], survey.networks
    trained = rows[(rows["model"] == "efficientnet") & (rows["network"] == "VIS")]
    assert ax.patches[0].get_height() == pytest.approx(trained["score"].mean())
    twins = rows[rows["model"].str.startswith("efficientnet-un") & (rows["network"] == "VIS")]
    assert ax.patches[len(ax.patches) // 2].get_height() == pytest.approx(twins["score"].mean())
    dots = points(ax.collections[0])
    left = dots[np.isclose(dots[:, 0], ax.patches[0].get_x() + 0.19)]
    assert sorted(left[:, 1]) == pytest.approx(sorted(trained["score"]))
    keys = ["vision", "language", "untrained", "noise", "both", "one subject"]
    assert labels(figure) == [*keys, "less than half in its network"]
    names = texts(axes["noise"].get_xticklabels())
    assert names[-1] == f"DMN {(purity_of('PGi') + purity_of('STSdp')) / 2:.2f}"


def test_networks_of_mixed_areas_are_hatched(survey):
    """Those that the mean of their areas lies in by less than half, and no others."""
    default = survey.networks["network"].eq("DMN")
    rows = survey.networks.assign(purity=np.where(default, 0.49, 0.51))
    figure = network_bars(rows, survey.models, "title")
    figure.draw_without_rendering()
    axes = titled(figure)
    networks = [name.partition(" ")[0] for name in texts(axes["noise"].get_xticklabels())]
    for ax in axes.values():
        for bar in ax.patches:
            mixed = networks[round(bar.get_x() + bar.get_width() / 2)] == "DMN"
            assert bar.get_hatch() == ("////" if mixed else "")
    assert labels(figure)[-1] == "less than half in its network"
    assert "less than half in its network" not in labels(
        network_bars(rows.assign(purity=0.5), survey.models, "title")
    )


def test_the_contrast_is_ordered_with_subjects_as_dots(survey):
    figure = contrast_bars(survey.contrast, "title")
    figure.draw_without_rendering()
    (ax,) = figure.axes
    rows = survey.contrast
    mean = rows[rows["subject"] == "mean"].set_index("region")["difference"].sort_values()
    np.testing.assert_allclose([bar.get_height() for bar in ax.patches], mean)
    assert texts(ax.get_xticklabels()) == list(mean.index)
    people = rows[rows["subject"] != "mean"]
    expected = {(mean.index.get_loc(one.region), one.difference) for one in people.itertuples()}
    assert set(map(tuple, points(ax.collections[0]).tolist())) == expected
    hatched = [name for name, bar in zip(mean.index, ax.patches, strict=True) if bar.get_hatch()]
    assert hatched == ["44"]
    assert "less than half in its network" in labels(figure)


def test_bandwidths_end_with_the_linear_kernel(survey):
    rows = survey.bandwidth
    best = (rows["model"] == "minilm") & (rows["bandwidth"] == 2.0) & ~rows["biased"].astype(bool)
    rows.loc[best, "score"] = 0.9
    figure = bandwidth_curves(rows, survey.regions, survey.models, "title")
    figure.draw_without_rendering()
    ax = titled(figure)["10v"]
    assert ax.get_xscale() == "log"
    assert texts(ax.get_xticklabels()) == ["0.25", "0.5", "1", "2", "4", "linear"]
    own = (rows["model"] == "minilm") & (rows["region"] == "10v") & ~rows["biased"].astype(bool)
    means = rows[own].groupby("bandwidth")["score"].mean()
    lines = [line for line in ax.lines if to_hex(line.get_markeredgecolor()) == "#d55e00"]
    line, dots, peak = lines
    np.testing.assert_allclose(line.get_xdata(), [0.25, 0.5, 1, 2, 4])
    np.testing.assert_allclose(line.get_ydata(), means.to_numpy()[:-1])
    np.testing.assert_allclose(dots.get_ydata(), means)
    assert dots.get_xdata()[-1] == 12.0
    assert (peak.get_xdata()[0], peak.get_ydata()[0]) == (2.0, pytest.approx(0.9))


def test_no_bandwidth_is_the_best_where_nothing_aligns(survey):
    rows = survey.bandwidth
    rows["score"] = np.where(rows["model"] == "minilm", -0.01, 0.2)
    rows.loc[(rows["model"] == "minilm") & (rows["bandwidth"] == 2.0), "score"] = 0.0
    figure = bandwidth_curves(rows, survey.regions, survey.models, "title")
    of_model = [line for line in titled(figure)["10v"].lines
                if to_hex(line.get_markeredgecolor()) == "#d55e00"]  # fmt: skip
    assert [len(line.get_xdata()) > 0 for line in of_model] == [True, True, False]


def test_many_regions_share_the_bandwidths_of_their_network(rng):
    regions = ("V1", "V2", "V3", "4", *(f"made{i}" for i in range(12)))
    survey = survey_of(rng, regions=regions)
    figure = bandwidth_curves(survey.bandwidth, survey.regions, survey.models, "title")
    assert list(titled(figure)) == ["VIS", "SOM", "no network"]


def test_without_a_kernel_that_has_a_bandwidth_there_is_no_picture(survey):
    rows = survey.bandwidth[survey.bandwidth["bandwidth"] == np.inf]
    assert bandwidth_curves(rows, survey.regions, survey.models, "title") is None


def test_subjects_are_compared_in_both_orders(survey):
    figure = consistency_map(survey.consistency, survey.models, "title")
    figure.draw_without_rendering()
    ax = titled(figure)["minilm"]
    shown = ax.images[0].get_array()
    for row in survey.consistency[survey.consistency["model"] == "minilm"].itertuples():
        i, j = PEOPLE.index(row.first), PEOPLE.index(row.second)
        assert shown[i, j] == shown[j, i] == row.r
    assert shown.mask.tolist() == np.eye(3, dtype=bool).tolist()
    assert len(ax.texts) == 6
    assert "noise" not in titled(figure)


def test_numbers_stand_out_from_the_colours_of_high_agreement(survey):
    rows = survey.consistency
    figure = consistency_map(rows.assign(r=np.linspace(0.91, 1, len(rows))), survey.models, "title")
    for ax in drawn(figure):
        assert ax.images[0].get_clim() == (0.9, 1)
        for text in ax.texts:
            dark = ax.images[0].get_array()[text.get_position()[::-1]] > 0.95
            assert to_hex(to_rgba(text.get_color())) == ("#ffffff" if dark else "#222222")


def test_models_are_placed_and_named(survey):
    figure = model_space(survey.umap, survey.models, survey.best, "title")
    figure.draw_without_rendering()
    (ax,) = figure.axes
    assert {"clip (vision)", "clip (language)", "noise"} < set(texts(ax.texts))
    at = dict(zip(texts(ax.texts), points(ax.collections[0]), strict=True))
    rows = survey.umap.set_index(["model", "modality"])
    assert tuple(at["minilm"]) == tuple(rows.loc[("minilm", "language"), ["x", "y"]])
    faces = dict(zip(texts(ax.texts), ax.collections[0].get_facecolors(), strict=True))
    assert faces["minilm-untrained-0"][3] == 0
    assert tuple(faces["minilm"]) == to_rgba("#d55e00")


def test_names_of_models_do_not_cover_each_other(rng):
    survey = survey_of(rng, zoo=zoo_of(40), people=("s1",), regions=("V1",), layers=1)
    figure = model_space(survey.umap, survey.models, survey.best, "title")
    figure.draw_without_rendering()
    boxes = [Text.get_window_extent(text) for text in figure.axes[0].texts]  # without its line
    assert len(boxes) == 40
    assert sum(box.count_overlaps(boxes) - 1 for box in boxes) == 0
    page = figure.axes[0].get_window_extent().padded(1)
    assert all(page.contains(*corner) for box in boxes for corner in (box.min, box.max))


def test_biased_and_debiased_scores_stand_against_width(rng):
    survey = survey_of(rng)
    for metric in METRICS:
        figure = width_scatter(survey.control, survey.models, metric, "title")
        titles = [ax.get_title().splitlines() for ax in figure.axes]
        assert titles == [
            ["cka_linear (debiased)", "0 % of scores flagged"],
            ["cka_linear_biased (biased)", "100 % of scores flagged"],
        ]
    figure.draw_without_rendering()
    rows = survey.control[survey.control["metric"] == METRICS[1]]
    noise = rows[rows["model"] == "noise"].groupby("units")["score"].mean()
    units, scores = curve(figure.axes[1], -1)
    np.testing.assert_allclose(units, noise.index)
    np.testing.assert_allclose(scores, noise)
    language = rows[(rows["modality"] == "language") & rows["model"].isin(["minilm", "clip"])]
    dots = [line for line in figure.axes[1].lines if to_hex(line.get_color()) == "#d55e00"]
    markers = {line.get_marker(): line for line in dots}
    for marker, column in (("o", "score"), ("x", "projected")):
        expected = language.groupby(["model", "units"])[column].mean()
        np.testing.assert_allclose(sorted(markers[marker].get_ydata()), sorted(expected))
    assert labels(figure)[-1] == "nothing but noise"


def test_a_metric_without_counterpart_is_drawn_alone(survey):
    figure = width_scatter(survey.control, survey.models, "cka_linear", "title")
    assert len(figure.axes) == 1
    assert width_scatter(survey.control, survey.models, "rsa_pearson", "title") is None


def test_a_failed_model_is_a_red_line(survey):
    figure = roll_picture(models_table(survey), "title")
    figure.draw_without_rendering()
    words = {text.get_text(): text for text in figure.axes[0].texts}
    red = [text for text in words.values() if text.get_color() == FAILED]
    assert len(red) == 2
    assert red[0].get_text() == "broken"
    assert red[1].get_text().startswith("failed: weights refused: only pickles are there.")
    best = models_table(survey).set_index("model").loc["clip"]
    assert f"{best['best']:.3f} in {best['best_region']}" in words
    assert {"untrained, seed 1", "4.6 M", "both"} <= set(words)


def test_correlations_are_drawn_with_their_intervals(rng):
    table = performance_table(related(rng, modalities=("vision", "language")))
    table.loc[table["statistic"] == "spearman", "q"] = 0.3
    figure = forest(table, "title")
    figure.draw_without_rendering()
    assert list(titled(figure)) == ["vision", "language"]
    ax, rows = titled(figure)["vision"], table[table["modality"] == "vision"]
    own = rows[rows["statistic"] == "pearson"]
    ends = np.array([path.vertices[:, 0] for path in ax.collections[0].get_paths()])
    np.testing.assert_allclose(ends, own[["low", "high"]])
    np.testing.assert_allclose(points(ax.collections[1])[:, 0], own["value"])
    filled = [to_hex(ax.collections[k].get_facecolors()[0]) for k in (1, 3)]
    assert filled == ["#0072b2", "#ffffff"]
    assert texts(ax.get_yticklabels())[0] == "imagenet (n = 36)"


def all_pictures(survey):
    shown = of_metric(survey, "cka_linear")
    best, layers = best_table(shown), layers_table(shown)
    return {
        "best": best_map(best, "t") if len(best) else None,
        "layers": depth_curves(layers, ceilings_table(shown), "t") if len(layers) else None,
        "depth": depth_map(shown, "t"),
        "gradient": gradient_scatter(shown, "t"),
        "networks": network_bars(shown.networks, shown.models, "t"),
        "contrast": contrast_bars(shown.contrast, "t"),
        "bandwidth": bandwidth_curves(shown.bandwidth, shown.regions, shown.models, "t"),
        "consistency": consistency_map(shown.consistency, shown.models, "t"),
        "umap": model_space(shown.umap, shown.models, shown.best, "t"),
        "control": width_scatter(survey.control, shown.models, "cka_linear", "t"),
        "models": roll_picture(models_table(shown), "t"),
    }


@pytest.mark.parametrize("empty", [{"zoo": {}}, {"people": ()}, {"regions": ()}])
def test_of_nothing_there_is_no_picture(rng, empty):
    made = survey_of(rng, **empty)
    umap = pd.DataFrame(columns=list(made.umap.columns))
    pictures = all_pictures(made.__class__(**vars(made) | {"umap": umap}))
    made = {name for name, picture in pictures.items() if picture}
    assert made == (set() if "zoo" in empty else {"models"})


SHAPES = {
    "usual": {},
    "one of each": {"zoo": {"m": ("vision", "m", None)}, "people": ("s",), "regions": ("V1",)},
    "only noise": {"zoo": {"noise": ("noise", "noise", None)}},
    "only untrained": {
        "zoo": {"m-untrained": ("language", "m-untrained", 0)},
        "regions": ("V1", "FFC"),
    },
    "dissimilarities": RDM,
    "one layer": {"layers": 1, "regions": ("V1", "7PL")},
    "long names": {
        "zoo": {f"a-very-long-name-of-a-model-{'x' * 20}{i}": ("vision", "a", None) for i in "123"},
        "regions": ("V1", "V2", "FFC", "4", "A5"),
    },
}


def crowded(figure):
    """Titles of panels that touch each other."""
    titles = [ax.title.get_window_extent() for ax in figure.axes if ax.get_title()]
    return sum(box.count_overlaps(titles) - 1 for box in titles)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_any_study_is_drawn_without_overlaps_inside_the_page(rng, shape):
    for name, figure in all_pictures(survey_of(rng, **shape)).items():
        if figure is not None:
            figure.draw_without_rendering()
            assert not clipped(figure), name
            assert overlaps(figure.axes) == [], name
            assert crowded(figure) == 0, name


@pytest.mark.slow
def test_many_models_and_regions_stay_readable(rng):
    from stages.core.names.areas import AREAS

    survey = survey_of(rng, zoo=zoo_of(40), people=("s1",), regions=AREAS, layers=2)
    pictures = all_pictures(survey)
    assert len(drawn(pictures["best"])) == 3
    assert set(map(type, pictures.values())) == {Figure, type(None)}
    for name, figure in pictures.items():
        if figure is not None:
            assert max(figure.get_size_inches()) < 30, name
            assert figure.get_figwidth() < 14, name
            figure.draw_without_rendering()
            assert overlaps(figure.axes) == [], name
            assert not clipped(figure), name
