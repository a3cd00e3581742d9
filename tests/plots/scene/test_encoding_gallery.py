"""Predicted voxels beside alignment are drawn as they are in the table."""

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex

from stages.core.results.encoded_images import BESIDE
from stages.core.results.pairs import INTERVALS
from stages.core.run.errors import ConcordError
from stages.core.run.tables import write_table
from stages.plots.__main__ import main
from stages.plots.kit.palette import MODALITIES
from stages.plots.scene.encoding_dots import (
    MOST_REGIONS,
    NO_CHOICE,
    encoding_dots,
    layer_curves,
    region_means,
)
from stages.plots.scene.encoding_gallery import encoding_scene_files
from tests.plots.figures import clipped, overlaps, texts

MODELS = {"net": "vision", "word": "language", "noise": "noise"}
LAYERS = 3
PLACE = ["architecture", "trained", "measure", "region"]


def beside(rng, regions=("V1", "FFC"), subjects=("s1", "s2")):
    """Make a table of two models, their untrained twins, and noise."""
    names = [(name, kind, name, True) for name, kind in MODELS.items()]
    names += [(f"{name}-untrained-{k}", MODELS[name], name, False)
              for name in ("net", "word") for k in (0, 1)]  # fmt: skip
    rows = [
        {"model": model, "modality": kind, "architecture": architecture, "subject": subject}
        | {"trained": trained and kind != "noise", "region": region, "measure": measure}
        | {"kind": "layer" if layer else "nested", "layer": f"layer_{layer}"}
        | {"depth": np.nan if kind == "noise" else (layer - 1) / 2, "q": 0.01 if trained else 0.9}
        | {"metric": "r" if measure == "encoding" else "cka_linear", "score": rng.random()}
        for model, kind, architecture, trained in names
        for subject in subjects
        for region in regions
        for measure in ("encoding", "alignment")
        for layer in range(LAYERS + 1)
    ]
    table = pd.DataFrame(rows).assign(dataset="made", null_mean=0.0, null_sd=0.1, p=0.01, n=9.0)
    return table.assign(q_family="", ceiling=0.8)[list(BESIDE)]


@pytest.fixture
def table(rng):
    return beside(rng)


def chosen(table):
    return table[table["kind"] == "nested"]


def told(table):
    """Intervals of all models, of a tenth on either side of the mean."""
    rows = chosen(table)
    rows = rows[rows["measure"] == "encoding"]
    means = rows.groupby(["model", "modality", "region", "metric"], sort=False)["score"].mean()
    found = means.reset_index().assign(subject="mean", people=2.0)
    ends = {"low": found["score"] - 0.1, "high": found["score"] + 0.1}
    return found.assign(**ends, people_low=np.nan, people_high=np.nan)[list(INTERVALS)]


def test_intervals_are_those_of_trained_models_and_of_encoding(table):
    means = region_means(chosen(table), told(table))
    known = means["trained"] & means["measure"].eq("encoding")
    assert (means["low"].notna() == known).all()
    np.testing.assert_allclose(means.loc[known, "low"], means.loc[known, "score"] - 0.1)
    lines = [
        one
        for one in encoding_dots(means, "title").axes[0].collections
        if isinstance(one, LineCollection)
    ]
    ends = [segment[:, 0].tolist() for segment in lines[-1].get_segments()]
    own = means[known & means["architecture"].eq("net")]
    np.testing.assert_allclose(ends, own[["low", "high"]])


def test_means_are_over_subjects_and_twins(table):
    means = region_means(chosen(table), told(table)).set_index(
        ["architecture", "trained", "measure", "region"]
    )
    rows = chosen(table)
    rows = rows[(rows["region"] == "V1") & (rows["measure"] == "encoding")]
    twins = rows[rows["model"].str.startswith("net-untrained")]
    assert len(twins) == 4
    found = means.loc[("net", False, "encoding", "V1")]
    assert found["score"] == pytest.approx(twins["score"].mean())
    assert (found["found"], found["share"]) == pytest.approx((0, twins["score"].mean() / 0.8))


def test_scores_are_divided_by_the_ceilings_of_those_who_have_one(table):
    rows = chosen(table)
    one = (rows["model"] == "net") & (rows["region"] == "V1") & (rows["measure"] == "alignment")
    lacking = rows.assign(ceiling=rows["ceiling"].mask(one & (rows["subject"] == "s2")))
    place = ("net", True, "alignment", "V1")
    means = region_means(lacking, told(table)).set_index(
        ["architecture", "trained", "measure", "region"]
    )
    own = rows[one & (rows["subject"] == "s1")]["score"].iloc[0]
    assert means.loc[place, "share"] == pytest.approx(own / 0.8)
    low = region_means(rows.assign(ceiling=0.05), told(table))
    assert low["share"].isna().all()


def test_dots_are_the_means_and_hollow_where_nothing_was_found(table):
    means = region_means(chosen(table), told(table))
    figure = encoding_dots(means, "title")
    figure.draw_without_rendering()
    titles = [ax.get_title() for ax in figure.axes]
    measures = ("held-out r", "alignment")
    assert titles == [f"{name}: {what}" for name in ("net", "word") for what in measures]
    at = means.set_index(["architecture", "trained", "measure"])
    twins, ceilings, _, trained = figure.axes[0].collections[-4:]
    own = at.loc[("net", True, "encoding")]
    np.testing.assert_allclose(trained.get_offsets()[:, 0], own["score"])
    np.testing.assert_allclose(ceilings.get_offsets()[:, 0], 0.8)
    grey = at.loc[("net", False, "encoding")]["score"]
    np.testing.assert_allclose(twins.get_offsets()[:, 0], grey)
    assert to_hex(trained.get_facecolor()[0]) == MODALITIES["vision"]
    assert to_hex(twins.get_facecolor()[0]) == "#ffffff"
    assert texts(figure.axes[0].get_yticklabels()) == ["V1", "FFC"]
    assert not overlaps(figure.axes)
    assert not clipped(figure)


def test_many_regions_are_those_with_the_highest_ceilings(rng):
    regions = [f"area{k}" for k in range(MOST_REGIONS + 5)]
    table = beside(rng, regions, ["s1"])
    low = table["region"].isin(regions[:5])
    figure = encoding_dots(
        region_means(chosen(table.assign(ceiling=0.8 - 0.5 * low)), told(table)), "title"
    )
    assert texts(figure.axes[0].get_yticklabels()) == regions[5:]
    assert not clipped(figure)


def test_a_measure_of_which_nothing_chose_a_layer_says_so(table):
    rows = chosen(table)
    figure = encoding_dots(region_means(rows[rows["measure"] == "encoding"], told(table)), "title")
    assert texts(figure.axes[1].texts) == [NO_CHOICE]
    assert not figure.axes[0].texts


def test_curves_are_the_means_by_depth(table):
    layers = table[table["kind"] == "layer"]
    figure = layer_curves(layers, "title")
    figure.draw_without_rendering()
    assert [ax.get_title() for ax in figure.axes[:2]] == ["net", "word"]
    own = layers[(layers["model"] == "net") & (layers["measure"] == "alignment")]
    curve = figure.axes[2].lines[1]
    np.testing.assert_allclose(curve.get_ydata(), own.groupby("depth")["score"].mean())
    assert curve.get_linestyle() == "-"
    assert figure.axes[2].lines[2].get_linestyle() == "--"
    assert not clipped(figure)


def test_the_caption_counts_what_noise_predicts(table):
    files = encoding_scene_files(table, told(table))
    assert list(files) == [
        *("encode_scene/regions.csv", "encode_scene/regions.png"),
        *("encode_scene/layers.csv", "encode_scene/layers.png"),
    ]
    assert "Layers of noise predict 4 of 4 regions" in files["encode_scene/regions.png"].caption
    assert "cka_linear" in files["encode_scene/regions.png"].title
    without = encoding_scene_files(table[table["modality"] != "noise"], told(table))
    assert "There is no noise model." in without["encode_scene/regions.png"].caption


def test_regions_that_were_not_tested_are_not_told_to_be_unpredicted(table):
    """As with `encode_scene.targets: voxel`, whose means over a region have no p."""
    table["q"] = table["q"].mask(table["measure"] == "encoding")
    caption = encoding_scene_files(table, told(table))["encode_scene/regions.png"].caption
    assert "Layers of noise" not in caption
    assert "tested voxel by voxel" in caption
    means = region_means(chosen(table), told(table))
    assert means["found"].isna().equals(means["measure"] == "encoding")
    trained = encoding_dots(means, "title").axes[0].collections[-1]
    assert to_hex(trained.get_facecolor()[0]) == MODALITIES["vision"]


def test_without_a_trained_model_there_are_tables_alone(table):
    files = encoding_scene_files(table[~table["trained"]], told(table))
    assert list(files) == ["encode_scene/regions.csv", "encode_scene/layers.csv"]
    with pytest.raises(ConcordError, match="nothing was encoded"):
        encoding_scene_files(table.head(0), told(table))


def test_the_command_writes_pictures_and_tables(table, tmp_path):
    write_table(tmp_path / "beside.parquet", table, {"recording made": "a"})
    write_table(tmp_path / "intervals.parquet", told(table), {"recording made": "a"})
    words = ["encoding", "--beside", tmp_path / "beside.parquet", "--out", tmp_path / "plots"]
    words += ["--intervals", tmp_path / "intervals.parquet"]
    done = CliRunner().invoke(main, list(map(str, words)))
    assert done.exit_code == 0, done.output
    assert len(pd.read_csv(tmp_path / "plots/encode_scene/regions.csv")) == 20
    assert (tmp_path / "plots/encode_scene/layers.png").stat().st_size > 1000
