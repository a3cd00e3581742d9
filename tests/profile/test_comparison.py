"""Regions are nearest to the layers they follow; what follows nothing stays inside its null."""

import json
import logging
import re

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from stages.core.names.features import family
from stages.core.params.schema import Profile
from stages.core.results.results import results_table, write_results
from stages.core.run.errors import InputError
from stages.core.stats.multiple import adjust
from stages.profile.__main__ import main
from stages.profile.comparison import measure
from stages.profile.summary import summarise
from stages.profile.vectors import common_features, layer_profiles, region_profiles, scopes
from tests.conftest import PROJECT

PARAMS = Profile(draws=199, seed=0)
TYPES = {"NNSE": 30, "Emotion": 20, "Part_of_speech": 25, "Visual": 1}
FEATURES = [f"{kind}/{k}" for kind, n in TYPES.items() for k in range(n)]
LAYERS = ["layer_00", "layer_01", "layer_02", "attention_01"]


def rows_of(scores, names, by, rng, noise):
    """Results of every profile: r, and r of two halves with more noise."""
    for column, name in enumerate(names):
        for metric, extra in (("r", 0), ("r_odd", 1), ("r_even", 1)):
            values = scores[:, column] + extra * noise * rng.standard_normal(len(FEATURES))
            for feature, value in zip(FEATURES, values, strict=True):
                yield {by: name, "target": feature, "family": family(feature), "metric": metric,
                       "score": value, "q": 0.01 if value > 0.3 else 0.5}  # fmt: skip


@pytest.fixture
def tables(rng):
    """Angular_L follows layer_01, Angular_R layer_02, Insula_L nothing."""
    layers = np.abs(rng.standard_normal((len(FEATURES), 4)))
    probed = results_table(rows_of(layers, LAYERS, "layer", rng, 0.1)).assign(
        dataset="toy", model="m"
    )
    probed["kind"] = probed["layer"].str.partition("_")[0].replace("layer", "hidden")
    regions = np.column_stack([layers[:, 1], layers[:, 2], rng.standard_normal(len(FEATURES))])
    regions += 0.2 * rng.standard_normal(regions.shape)
    names = ["Angular_L", "Angular_R", "Insula_L"]
    decoded = results_table(rows_of(0.5 * regions, names, "region", rng, 0.1))
    decoded = decoded.assign(kind="frem", subject="s1", dataset="toy", split="held-out runs")
    return decoded, probed


def nearest(table, metric, region):
    rows = table[(table["metric"] == metric) & (table["region"] == region)]
    rows = rows[(rows["family"] == "all") & (rows["kind"] == "hidden")]
    return rows.loc[rows["score"].idxmax()]


@pytest.mark.parametrize(
    "metric", ["cosine", "spearman", "kappa", "cosine_preference", "spearman_preference"]
)
def test_regions_are_nearest_to_the_layers_they_follow(tables, metric):
    table = results_table(measure(*tables, PARAMS))
    for region, layer in (("Angular_L", "layer_01"), ("Angular_R", "layer_02")):
        found = nearest(table, metric, region)
        assert found["layer"] == layer
        assert found["p"] == 1 / 200


def test_what_follows_nothing_stays_inside_its_null(tables):
    table = results_table(measure(*tables, PARAMS))
    rows = table[(table["region"] == "Insula_L") & table["metric"].isin(["cosine", "spearman"])]
    assert (rows["p"] < 0.05).mean() < 0.15


def test_every_family_is_compared_by_itself_and_too_small_ones_are_named(tables, caplog):
    with caplog.at_level(logging.WARNING):
        table = results_table(measure(*tables, PARAMS))
    assert set(table["family"]) == {"all", "semantics", "discourse", "syntax"}
    assert (
        "family visual not compared by itself: expected at least 4 features, got 1" in caplog.text
    )
    n = table.groupby("family")["n"].first()
    assert n.to_dict() == {"all": 76, "semantics": 30, "discourse": 20, "syntax": 25}


def test_rows_are_unique_bounded_and_have_their_null(tables):
    table = results_table(measure(*tables, PARAMS))
    keys = ["subject", "region", "layer", "kind", "family", "metric"]
    assert not table.duplicated(keys).any()
    assert np.isfinite(table[["score", "null_mean", "null_sd", "z", "p"]].to_numpy()).all()
    plain = table[table["metric"].isin(["cosine", "spearman"])]
    assert plain["ceiling"].between(0, 1).all()
    assert (plain["ceiling_kind"] == "split-half reliability over runs").all()
    angular = plain[(plain["region"] == "Angular_L") & (plain["layer"] == "layer_01")]
    assert (angular["score"] < angular["ceiling"] + 0.1).all()


def test_hemispheres_are_means_of_their_regions(tables):
    decoded, _ = tables
    found = region_profiles(decoded, "s1", FEATURES)
    assert found.names == [
        "Angular_L",
        "Angular_R",
        "Insula_L",
        "left hemisphere",
        "right hemisphere",
    ]
    np.testing.assert_allclose(found.score[:, 3], found.score[:, [0, 2]].mean(axis=1))
    np.testing.assert_allclose(found.score[:, 4], found.score[:, 1])
    assert set(np.unique(found.found)) == {0, 1}


def test_the_order_of_the_rows_does_not_matter(tables, rng):
    probed = tables[1]
    shuffled = probed.iloc[rng.permutation(len(probed))]
    one, other = (layer_profiles(table, "hidden", FEATURES) for table in (probed, shuffled))
    order = [other.names.index(name) for name in one.names]
    np.testing.assert_array_equal(one.score, other.score[:, order])


def test_scores_stand_in_the_order_of_the_features(tables):
    probed = tables[1]
    chosen = FEATURES[::-3]
    found = layer_profiles(probed, "hidden", chosen)
    rows = probed[(probed["layer"] == "layer_01") & (probed["metric"] == "r_even")]
    expected = rows.set_index("target").loc[chosen, "score"]
    np.testing.assert_array_equal(found.even[:, found.names.index("layer_01")], expected)


def test_features_on_one_side_only_are_left_out_and_counted(tables, caplog):
    decoded, probed = tables
    with caplog.at_level(logging.WARNING):
        names = common_features(decoded[decoded["target"] != FEATURES[0]], probed)
    assert names == FEATURES[1:]
    assert "1 features left out" in caplog.text
    with pytest.raises(InputError, match="no feature in common"):
        common_features(decoded.assign(target="x"), probed)


def test_scopes_are_whole_families():
    found = scopes(FEATURES, fewest=1)
    assert sum(members.sum() for name, members in found.items() if name != "all") == len(FEATURES)


def test_the_summary_names_the_nearest_layer(tables):
    table = results_table(measure(*tables, PARAMS))
    table = adjust(table, ("subject", "kind", "family", "metric"), "regions × layers")
    summary = summarise(table)
    assert summary["Angular_R"]["nearest_layer"] == "layer_02"
    assert summary["Angular_R"]["preferred_layer"] == "layer_02"
    assert {"score", "null", "q", "ceiling", "semantics", "discourse", "syntax"} <= set(
        summary["left hemisphere"]
    )


def command(folder, decoded, probed):
    write_results(folder / "decode.parquet", decoded)
    write_results(folder / "probe.parquet", probed)
    paths = {"decode": "decode.parquet", "probe": "probe.parquet", "out": "o", "summary": "m"}
    words = [word for name, path in paths.items() for word in (f"--{name}", str(folder / path))]
    result = CliRunner().invoke(main, [*words, "--params", str(PROJECT / "params.yaml")])
    assert result.exit_code == 0, result.output
    return result, pd.read_parquet(folder / "o"), json.loads((folder / "m").read_text())


def test_the_command_writes_results_and_metrics(tables, tmp_path):
    _, table, metrics = command(tmp_path, *tables)
    assert metrics["Angular_L"]["nearest_layer"] == "layer_01"
    assert table["model"].unique() == ["m"]
    assert table["q"].notna().all()


@pytest.mark.parametrize("probed", ["recording other", "recording toy"])
def test_regions_and_layers_of_two_recordings_are_refused(tables, tmp_path, probed):
    write_results(tmp_path / "decode.parquet", tables[0], {"recording toy": "1" * 64})
    write_results(tmp_path / "probe.parquet", tables[1], {probed: "2" * 64})
    paths = {"decode": "decode.parquet", "probe": "probe.parquet", "out": "o", "summary": "m"}
    words = [word for name, path in paths.items() for word in (f"--{name}", str(tmp_path / path))]
    result = CliRunner().invoke(main, [*words, "--params", str(PROJECT / "params.yaml")])
    assert result.exit_code == 2
    assert re.search(
        r"made from something else in .*probe\.parquet: expected .*decode\.parquet", result.output
    )
    assert not (tmp_path / "o").exists()


def test_without_decoded_regions_the_command_says_so(tables, tmp_path):
    result, table, metrics = command(tmp_path, results_table([]), tables[1])
    assert "skipped: no region was decoded" in result.output
    assert metrics == {"skipped": "no region was decoded"}
    assert table.empty


@pytest.mark.parametrize(("left", "told"), [(3, True), (4, False)])
def test_a_profile_of_few_features_is_none(tables, tmp_path, left, told):
    """Of two features every rank correlation is 1 or -1."""
    decoded, probed = (table[table["target"].isin(FEATURES[:left])] for table in tables)
    result, table, metrics = command(tmp_path, decoded, probed)
    assert ("skipped: a profile takes 4 features, got 3" in result.output) == told
    assert table.empty == ("skipped" in metrics) == told


def test_models_are_compared_by_themselves_with_or_without_attention(tables, tmp_path):
    """The metrics are the first one's; a model whose attention was not described has none."""
    decoded, probed = tables
    twin = probed[probed["kind"] == "hidden"].assign(model="m+untrained")
    _, alone, metrics = command(tmp_path, decoded, probed)
    _, both, same = command(tmp_path, decoded, pd.concat([probed, twin]))
    pd.testing.assert_frame_equal(both[both["model"] == "m"], alone)
    assert same == metrics
    assert set(both.loc[both["model"] == "m+untrained", "kind"]) == {"hidden"}
    assert list(both["model"].unique()) == ["m", "m+untrained"]
