import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from stages.core.results.results import results_table
from stages.plots.kit.averages import grid
from stages.plots.story.tables import (
    decoding_table,
    encoding_table,
    heads_table,
    probing_table,
    shown_subject,
)


@pytest.mark.parametrize(
    ("subjects", "shown"), [(("s1", "s2", "group"), "group"), (("s7",), "s7"), (("s2", "s1"), "s2")]
)
def test_the_subject_average_or_else_the_first_subject(encoded, subjects, shown):
    results = encoded(subjects=subjects)
    assert shown_subject(results) == shown
    table = encoding_table(results)
    for row in table.itertuples():
        source = results[
            (results["subject"] == shown)
            & (results["metric"] == "r")
            & (results["kind"] == row.kind)
            & (results["region"] == row.region)
            & (results["layer"] == row.layer)
        ]
        assert len(source) == 1
        assert row.score == pytest.approx(source["score"].item(), abs=5e-5)
        assert row.significant == (source["q"].item() < 0.05)
        assert row.ceiling == 0.7


def test_regions_are_alphabetical_and_layers_in_the_order_of_the_model(encoded, layers):
    table = encoding_table(encoded(regions=("Temporal_Sup_L", "Angular_R", "LATL"), blocks=11))
    assert list(table["region"].unique()) == ["Angular_R", "LATL", "Temporal_Sup_L"]
    for _, rows in table.groupby("region"):
        assert dict(zip(rows["layer"], rows["kind"], strict=True)) == layers(11)
        assert list(rows["layer"]) == list(layers(11))
        hidden = rows[rows["kind"] == "hidden"]
        assert list(hidden["layer_number"]) == list(range(12))
        assert rows.loc[rows["kind"] == "control", "layer_number"].isna().all()


def test_the_band_holds_95_percent_of_the_null(encoded):
    results = encoded(subjects=("s1",), regions=("LATL",))
    chosen = results[(results["metric"] == "r") & results["kind"].isin(["hidden", "attention"])]
    low, high = norm.interval(0.95, chosen["null_mean"], chosen["null_sd"])
    table = encoding_table(results).query("kind != 'control'")
    np.testing.assert_allclose(table["null_low"], low, atol=1e-4)
    np.testing.assert_allclose(table["null_high"], high, atol=1e-4)


def test_voxels_are_averaged_over_their_region(results, layers):
    voxels = [{"subject": "s1", "region": "LATL", "target": f"voxel_{i}"} for i in range(4)]
    made = results(voxels, layers(1))
    first = (made["layer"] == "layer_00") & (made["kind"] == "hidden") & (made["metric"] == "r")
    made.loc[first, "q"] = [0.01, 0.2, 0.3, 0.049]
    table = encoding_table(made)
    assert len(table) == len(layers(1))
    assert table["score"][0] == pytest.approx(made.loc[first, "score"].mean(), abs=5e-5)
    assert table["significant"][0] == 0.5
    assert table["ceiling"].isna().all()


def test_features_are_averaged_over_their_type(probed):
    table = probing_table(probed)
    assert set(table["kind"]) == {"hidden", "attention"}
    chosen = probed[(probed["metric"] == "r") & (probed["kind"] == "hidden")]
    verbs = chosen[chosen["target"].str.startswith("Verbs/") & (chosen["layer"] == "layer_02")]
    assert len(verbs) == 3
    row = table[(table["type"] == "Verbs") & (table["layer"] == "layer_02")].iloc[0]
    assert row["score"] == pytest.approx(verbs["score"].mean(), abs=5e-5)
    assert row["significant"] == pytest.approx((verbs["q"] < 0.05).mean(), abs=5e-5)


def test_what_another_test_does_not_find_is_not_marked(probed):
    chosen = (probed["metric"] == "r") & (probed["layer"] == "layer_02")
    found = probed.assign(q=0.01)
    beyond = found[chosen].assign(metric="r_partial", q=[0.01, 0.2, 0.01, 0.01, 0.3])
    words = found[chosen].assign(metric="r_words", q=[0.2, 0.2, 0.01, 0.01, 0.01])
    table = probing_table(pd.concat([found, beyond, words], ignore_index=True))
    types = table[table["layer"] == "layer_02"].set_index("type")["significant"]
    # Verbs are the first, second and fourth feature, Word_Num the third, Emotion the last.
    assert types.to_dict() == {"Verbs": pytest.approx(1 / 3, abs=5e-5), "Word_Num": 1, "Emotion": 0}
    others = table[table["layer"] != "layer_02"]
    assert (others["significant"] == 1).all()
    assert probing_table(found)["score"].equals(table["score"])


def test_types_of_a_family_stand_together_and_layers_in_the_order_of_the_model(probed, layers):
    table = probing_table(probed)
    pairs = table[["type", "family"]].drop_duplicates().to_numpy().tolist()
    assert pairs == [["Verbs", "discourse"], ["Emotion", "discourse"], ["Word_Num", "syntax"]]
    for _, rows in table.groupby("type"):
        assert list(rows["layer"]) == list(layers(3, controls=()))


def test_heads_are_averaged_over_the_features_of_a_type(probed):
    table = heads_table(probed)
    assert len(table) == 3 * 3 * 4
    assert set(probing_table(probed).columns) | {"head"} == set(table.columns)
    for row in table.itertuples():
        block, head = row.head.removeprefix("L").split("H")
        assert (row.layer, row.layer_number) == (f"attention_0{block}", int(block))
        source = probed[
            (probed["layer"] == f"{row.layer}.head_0{head}")
            & (probed["metric"] == "r")
            & (probed["target"].str.startswith(f"{row.type}/"))
        ]
        assert len(source) == (3 if row.type == "Verbs" else 1)
        assert row.score == pytest.approx(source["score"].mean(), abs=5e-5)
        assert row.significant == pytest.approx((source["q"] < 0.05).mean(), abs=5e-5)


def test_heads_are_in_the_order_of_the_model(probe_results):
    table = heads_table(probe_results(blocks=11, heads=12))
    expected = [f"L{layer}H{head}" for layer in range(1, 12) for head in range(1, 13)]
    assert list(table["head"].unique()) == expected


def test_a_model_without_attention_has_no_heads(probe_results):
    table = heads_table(probe_results(attention=False))
    assert len(table) == 0
    assert "head" in table


@pytest.mark.parametrize(("subjects", "shown"), [(("s1", "group"), "group"), (("s2",), "s2")])
def test_decoded_features_are_averaged_over_their_type(decoded, subjects, shown):
    results = decoded(subjects=subjects)
    table = decoding_table(results)
    assert len(table) == 3 * 4
    for row in table.itertuples():
        source = results[
            (results["subject"] == shown)
            & (results["metric"] == "r")
            & (results["region"] == row.region)
            & results["target"].str.startswith(f"{row.type}/")
        ]
        assert len(source) == (3 if row.type == "Verbs" else 1)
        assert row.score == pytest.approx(source["score"].mean(), abs=5e-5)
        assert row.significant == pytest.approx((source["q"] < 0.05).mean(), abs=5e-5)
        assert row.ceiling == 0.7


def test_decoded_regions_are_in_blocks_and_types_in_families(decoded):
    table = decoding_table(decoded(regions=("B_L", "Vermis_3", "A_R", "A_L")))
    assert list(table["region"].unique()) == ["A_L", "B_L", "A_R", "Vermis_3"]
    assert list(table["block"].unique()) == ["left", "right", "neither"]
    for _, rows in table.groupby("region"):
        assert list(rows["type"]) == ["Verbs", "Emotion", "Word_Num", "Surprisal"]
        assert list(rows["family"]) == ["discourse", "discourse", "syntax", "Surprisal"]


def test_without_results_the_table_is_empty_with_its_columns(decoded):
    empty = decoding_table(results_table([]))
    assert len(empty) == 0
    assert list(empty) == list(decoding_table(decoded()))


def test_a_grid_keeps_the_order_of_the_table():
    table = pd.DataFrame(
        {
            "family": ["Z", "Z", "A", "A"],
            "layer": ["layer_10", "attention_01"] * 2,
            "score": [1.0, 2.0, 3.0, 4.0],
        }
    )
    arranged = grid(table, "family", "score")
    assert list(arranged.index) == ["Z", "A"]
    assert list(arranged.columns) == ["layer_10", "attention_01"]
    assert arranged.to_numpy().tolist() == [[1, 2], [3, 4]]
