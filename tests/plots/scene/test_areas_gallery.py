"""Areas beside areas, and layers among them, are drawn as they are in the tables."""

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from matplotlib.colors import to_hex

from stages.core.results.area_alignment import AREAS, CURVES, ENDS, FIDELITY, KINDS, POINTS
from stages.core.run.tables import write_table
from stages.plots.__main__ import main
from stages.plots.kit.palette import MODALITIES, NETWORKS
from stages.plots.scene.area_squares import NAMED, area_means, area_squares
from stages.plots.scene.areas_gallery import areas_files
from stages.plots.scene.end_dots import MARKS, end_dots, end_means
from stages.plots.scene.joint_map import joint_map
from stages.plots.scene.person_curves import MOST_AREAS, person_curves
from tests.plots.figures import clipped, overlaps, texts

REGIONS = ["FFC", "V1", "45"]


def table_of(rows, columns):
    """Fill the columns that are lacking."""
    table = pd.DataFrame(rows)
    blank = {"text": "", "number": np.nan, "flag": True}
    return table.assign(**{n: blank[k] for n, k in columns.items() if n not in table})[[*columns]]


def make_areas(rng, regions=REGIONS, sides=("L", "R"), kinds=KINDS, dataset="nsd"):
    parts = {"whole": [(one, "") for one in regions]}
    parts["hemispheres"] = [(one, side) for side in sides for one in regions]
    rows = [
        {"dataset": dataset, "metric": "cka_linear", "parts": name, "kind": kind}
        | {"subject": first, "region": a[0], "hemisphere": a[1], "second_subject": second}
        | {"second_region": b[0], "second_hemisphere": b[1], "score": rng.random()}
        | {"ceiling": 0.8, "q": 0.01 if a == b else 0.9}
        for kind in kinds
        for name, areas in parts.items()
        for first, second in ([("s1", "s2")] if "people" in kind else [("s1",) * 2, ("s2",) * 2])
        for i, a in enumerate(areas)
        for j, b in enumerate(areas)
        if "people" in kind or i <= j
    ]
    return table_of(rows, AREAS)


def make_space(rng, people=("s1", "s2")):
    names = [("net", f"b{k}", "vision", True) for k in range(3)]
    names += [("net-0", f"b{k}", "vision", False) for k in range(3)]
    names += [("noise", f"w{k}", "noise", False) for k in range(2)]
    rows = [
        {"subject": person, "kind": "layer", "model": model, "name": name, "modality": modality}
        | {"trained": trained, "depth": np.nan if model == "noise" else int(name[1:]) / 2}
        for person in people
        for model, name, modality, trained in names
    ]
    rows += [
        {"subject": person, "kind": "area", "model": "", "name": region, "network": network}
        | {"trained": False}
        for person in people
        for region, network in (("V1", "VIS"), ("45", "DMN"), ("zone", ""))
    ]
    points = table_of(rows, POINTS).fillna({"modality": "", "network": ""})
    axes = [name for name in POINTS if name.endswith(("_x", "_y", "_z"))]
    points[axes] = rng.normal(size=(len(points), len(axes)))
    true = [
        {"subject": person, "method": method, "dimensions": d, "rho": 0.5, "kept": 0.75}
        for person in people
        for method in ("umap", "mds")
        for d in (2, 3)
    ]
    return points, table_of(true, FIDELITY)


def make_ends(rng, sides=("L", "R")):
    rows = [
        {"subject": who, "parts": parts, "region": region, "hemisphere": side, "end": end}
        | {"model": model, "architecture": "net", "modality": "vision", "trained": model == "net"}
        | {"score": rng.random(), "ceiling": 0.9}
        for model in ("net", "net-untrained-0", "net-untrained-1")
        for who in ("s1", "s2")
        for parts, side in [("whole", ""), *(("hemispheres", one) for one in sides)]
        for region in REGIONS
        for end in MARKS
    ]
    return table_of(rows, ENDS)


def make_curves(rng, regions=REGIONS):
    rows = [
        {"subject": who, "region": region, "model": model, "architecture": "net"}
        | {"modality": "vision", "trained": model == "net", "layer": f"b{k}", "depth": k / 2}
        | {"score": rng.random(), "ceiling": 0.9 if who == "s1" else 0.7}
        for model in ("net", "net-untrained-0", "net-untrained-1")
        for who in ("s1", "s2")
        for region in regions
        for k in range(3)
    ]
    return table_of(rows, CURVES)


def test_means_are_over_people_and_both_orders(rng):
    areas = make_areas(rng)
    means = area_means(areas)
    place = ["parts", "kind", "region", "hemisphere", "second_region", "second_hemisphere"]
    found = means.set_index(place)
    rows = areas[(areas["kind"] == "people") & (areas["parts"] == "whole")]
    pair = rows.set_index(["region", "second_region"])["score"]
    expected = (pair["FFC", "V1"] + pair["V1", "FFC"]) / 2
    for a, b in (("FFC", "V1"), ("V1", "FFC")):
        row = found.loc[("whole", "people", a, "", b, "")]
        assert row["score"] == pytest.approx(expected)
        assert row["share"] == pytest.approx(expected / 0.8)
        assert row["found"] == 0
    assert found.loc[("whole", "people", "V1", "", "V1", ""), "found"] == 1
    own = areas[(areas["kind"] == "same trials") & (areas["region"] == "FFC")]
    own = own[(own["second_region"] == "V1") & (own["parts"] == "whole")]
    assert len(own) == 2
    row = found.loc[("whole", "same trials", "V1", "", "FFC", "")]
    assert row["score"] == pytest.approx(own["score"].mean())


def test_every_score_of_an_area_with_itself_counts_once(rng):
    means = area_means(make_areas(rng))
    whole = means[means["parts"] == "whole"].set_index(["kind", "region", "second_region"])
    # Two people are one pair, of which two areas are aligned in both ways.
    assert whole.loc[("people", "V1", "V1"), "pairs"] == 1
    assert whole.loc[("people", "V1", "FFC"), "pairs"] == 2
    assert whole.loc[("showings apart", "V1", "V1"), "pairs"] == 2
    assert whole.loc[("showings apart", "FFC", "V1"), "pairs"] == 2


def test_ceilings_are_of_the_pairs_that_have_one(rng):
    areas = make_areas(rng, kinds=["showings apart"])
    lacking = areas.assign(ceiling=areas["ceiling"].mask(areas["subject"] == "s2"))
    wanted = (areas["parts"] == "whole") & (areas["region"] == "45") & (areas["subject"] == "s1")
    own = areas[wanted & (areas["second_region"] == "45")]["score"].item()
    means = area_means(lacking)
    row = means[(means["parts"] == "whole") & (means["region"] == "45")]
    row = row[row["second_region"] == "45"]
    assert row["share"].item() == pytest.approx(own / 0.8)
    bare = area_means(areas.assign(ceiling=np.nan, q=np.nan))
    assert bare[["share", "found", "ceiling"]].isna().all(axis=None)


def test_squares_are_the_means_by_network(rng):
    means = area_means(make_areas(rng))
    whole = means[means["parts"] == "whole"]
    figure = area_squares(whole, "title")
    figure.draw_without_rendering()
    panels = [ax for ax in figure.axes if ax.images and ax.get_title()]
    kinds = ["people, showings apart", "people", "showings apart", "same trials"]
    assert [ax.get_title() for ax in panels] == ["people, showings apart, by ceiling", *kinds]
    assert texts(panels[0].get_yticklabels()) == ["FFC", "V1", "45"]
    rows = whole[whole["kind"] == "people"].set_index(["region", "second_region"])["score"]
    drawn = np.asarray(panels[2].images[0].get_array())
    order = ["FFC", "V1", "45"]
    np.testing.assert_allclose(drawn, [[rows[a, b] for b in order] for a in order])
    shares = np.asarray(panels[0].images[0].get_array())
    apart = whole[whole["kind"] == kinds[0]].set_index(["region", "second_region"])["score"]
    np.testing.assert_allclose(shares, [[apart[a, b] / 0.8 for b in order] for a in order])
    dots = panels[2].collections[0].get_offsets()
    np.testing.assert_allclose(dots[:, 0], range(3))
    assert len(panels[2].texts) == 9
    assert not clipped(figure)


def test_hemispheres_stand_apart(rng):
    means = area_means(make_areas(rng))
    figure = area_squares(means[means["parts"] == "hemispheres"], "title")
    figure.draw_without_rendering()
    panel = figure.axes[0]
    expected = ["FFC L", "V1 L", "45 L", "FFC R", "V1 R", "45 R"]
    assert texts(panel.get_yticklabels()) == expected
    assert [line.get_ydata()[0] for line in panel.lines[::2]] == [2.5]
    assert not overlaps(figure.axes)
    assert not clipped(figure)


def test_many_areas_are_named_by_network(rng):
    regions = [f"area{k}" for k in range(NAMED)] + ["V1", "V2"]
    figure = area_squares(area_means(make_areas(rng, regions, (), ["people"])), "title")
    figure.draw_without_rendering()
    assert texts(figure.axes[0].get_yticklabels()) == ["VIS", "no network"]
    assert not figure.axes[0].texts


def test_areas_of_another_atlas_have_no_network(rng):
    """They keep the order of the table: a macaque's V4 is in none of Yeo's."""
    means = area_means(make_areas(rng, ["45", "V1"], (), dataset="v4_cowley2023"))
    panel = area_squares(means, "title").axes[0]
    assert texts(panel.get_yticklabels()) == ["45", "V1"]


def test_one_area_is_no_square(rng):
    assert area_squares(area_means(make_areas(rng, ["V1"], ())), "title") is None


def test_areas_are_squares_and_layers_joined_in_order_of_depth(rng):
    points, true = make_space(rng)
    figure = joint_map(points, true, "title")
    figure.draw_without_rendering()
    titles = [ax.get_title() for ax in figure.axes]
    told = "distances ρ 0.50, neighbours kept 75%"
    expected = [f"{name}, {who}: {told}" for name in ("UMAP", "classical scaling")
                for who in ("s1", "s2")]  # fmt: skip
    assert titles == expected
    ax, own = figure.axes[0], points[points["subject"] == "s1"]
    net = own[own["model"] == "net"]
    np.testing.assert_allclose(ax.lines[0].get_xydata(), net[["umap_x", "umap_y"]])
    assert ax.lines[0].get_color() == MODALITIES["vision"]
    assert ax.lines[1].get_color() == MODALITIES["untrained"]
    assert len(ax.lines) == 2
    squares = ax.collections[1]
    areas = own[own["kind"] == "area"]
    np.testing.assert_allclose(squares.get_offsets(), areas[["umap_x", "umap_y"]])
    assert to_hex(squares.get_facecolor()[0]) == to_hex(NETWORKS["VIS"])
    assert sorted(texts(ax.texts)) == ["45", "V1", "zone"]
    below = figure.axes[2].lines[0].get_xydata()
    np.testing.assert_allclose(below, net[["mds_x", "mds_y"]])
    assert not clipped(figure)


def test_nobody_is_no_map(rng):
    points, true = make_space(rng)
    assert joint_map(points.head(0), true, "title") is None
    alone = joint_map(*make_space(rng, ["s1"]), "title")
    assert len(alone.axes) == 2
    many = joint_map(*make_space(rng, [f"s{k}" for k in range(6)]), "title")
    assert len(many.axes) == 8


def test_ends_are_means_by_hemisphere(rng):
    ends = make_ends(rng)
    means = end_means(ends)
    figure = end_dots(means, "title")
    figure.draw_without_rendering()
    assert [ax.get_title() for ax in figure.axes] == ["net, left", "net, right"]
    assert texts(figure.axes[0].get_yticklabels()) == REGIONS
    right = ends[(ends["hemisphere"] == "R") & ends["trained"]]
    twins, limits, *marks = figure.axes[1].collections
    for end, mark in zip(MARKS, marks, strict=True):
        expected = right[right["end"] == end].groupby("region", sort=False)["score"].mean()
        np.testing.assert_allclose(mark.get_offsets(), np.c_[expected, range(3)])
    grey = ends[(ends["hemisphere"] == "R") & ~ends["trained"] & (ends["end"] == "best")]
    expected = grey.groupby("region", sort=False)["score"].mean()
    np.testing.assert_allclose(twins.get_offsets()[:, 0], expected)
    np.testing.assert_allclose(limits.get_offsets()[:, 0], 0.9)
    assert not clipped(figure)


def test_towers_of_one_model_stand_apart(rng):
    """Both in one panel, in one colour, they passed for layers of one network."""
    ends, curves = make_ends(rng), make_curves(rng)
    words = [one[one["trained"]].assign(modality="language") for one in (ends, curves)]
    figure = end_dots(end_means(pd.concat([ends, words[0]])), "title")
    titles = {ax.get_title() for ax in figure.axes}
    names = [f"net ({modality})" for modality in ("vision", "language")]
    assert titles == {f"{name}, {side}" for name in names for side in ("left", "right")}
    for ax in figure.axes:
        *_, best, _ = ax.collections
        assert len(best.get_offsets()) == len(REGIONS)
        seen = ax.get_title().partition(")")[0].removeprefix("net (")
        assert to_hex(best.get_facecolor()[0]) == to_hex(MODALITIES[seen])
    figure = person_curves(pd.concat([curves, words[1]]), "title")
    assert names[0] in texts(figure.legends[0].get_texts())
    colors = {line.get_color() for line in figure.axes[0].lines if len(line.get_xdata()) == 3}
    assert len(colors) >= 3  # both towers and the twins


def test_without_hemispheres_ends_are_of_whole_areas(rng):
    figure = end_dots(end_means(make_ends(rng, ())), "title")
    assert [ax.get_title() for ax in figure.axes] == ["net, both"]
    untrained = make_ends(rng)
    assert end_dots(end_means(untrained[~untrained["trained"]]), "title") is None


def test_curves_are_those_of_each_person(rng):
    curves = make_curves(rng)
    figure = person_curves(curves, "title")
    figure.draw_without_rendering()
    assert [ax.get_title() for ax in figure.axes] == REGIONS
    _, twins, first, ring, second, _ = figure.axes[1].lines
    here = curves[curves["region"] == "V1"]
    own = here[here["trained"] & (here["subject"] == "s1")]
    np.testing.assert_allclose(first.get_xydata(), own[["depth", "score"]])
    assert ring.get_ydata()[0] == own["score"].max()
    other = here[here["trained"] & (here["subject"] == "s2")]
    np.testing.assert_allclose(second.get_ydata(), other["score"])
    mean = here[~here["trained"]].groupby("depth")["score"].mean()
    np.testing.assert_allclose(twins.get_ydata(), mean)
    np.testing.assert_allclose(figure.axes[1].collections[0].get_offsets()[:, 1], [0.9, 0.7])
    assert not clipped(figure)


def test_many_areas_are_those_with_the_highest_scores(rng):
    regions = [f"area{k}" for k in range(MOST_AREAS + 2)]
    curves = make_curves(rng, regions)
    low = curves["region"].isin(regions[:2])
    figure = person_curves(curves.assign(score=curves["score"] - 2 * low), "title")
    assert [ax.get_title() for ax in figure.axes] == regions[2:]
    assert person_curves(curves[~curves["trained"]], "title") is None


def test_what_cannot_be_drawn_is_a_table_alone(rng):
    points, true = make_space(rng)
    empty = [make(rng).head(0) for make in (make_ends, make_curves)]
    files = areas_files(make_areas(rng).head(0), (points.head(0), true.head(0)), *empty)
    names = ("areas", "hemispheres", "space", "layers", "people")
    assert list(files) == [f"areas/{name}.csv" for name in names]


def test_the_command_writes_pictures_and_tables(rng, tmp_path):
    points, true = make_space(rng)
    write_table(tmp_path / "areas.parquet", make_areas(rng))
    write_table(tmp_path / "space/points.parquet", points)
    write_table(tmp_path / "space/fidelity.parquet", true)
    write_table(tmp_path / "space/ends.parquet", make_ends(rng))
    write_table(tmp_path / "space/curves.parquet", make_curves(rng))
    words = ["areas", "--areas", tmp_path / "areas.parquet", "--space", tmp_path / "space"]
    done = CliRunner().invoke(main, [*map(str, words), "--out", str(tmp_path / "plots")])
    assert done.exit_code == 0, done.output
    written = sorted(path.name for path in (tmp_path / "plots/areas").iterdir())
    pictures = ("areas", "hemispheres", "layers", "people", "space")
    names = [f"{name}.{end}" for name in pictures for end in ("csv", "png")]
    assert written == sorted([*names, "index.json"])
    assert len(pd.read_csv(tmp_path / "plots/areas/space.csv")) == len(points)
