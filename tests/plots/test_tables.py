import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from stages.plots.tables import encoding_table, grid, probing_table, shown_subject


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
        assert list(hidden["depth"]) == list(range(12))
        assert rows.loc[rows["kind"] == "control", "depth"].isna().all()


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


def test_features_are_averaged_over_their_family(probed):
    table = probing_table(probed)
    assert list(table["family"].unique()) == ["Verbs", "Emotion"]
    assert set(table["kind"]) == {"hidden", "attention"}
    chosen = probed[(probed["metric"] == "r") & (probed["kind"] == "hidden")]
    verbs = chosen[(chosen["family"] == "Verbs") & (chosen["layer"] == "layer_02")]
    row = table[(table["family"] == "Verbs") & (table["layer"] == "layer_02")].iloc[0]
    assert row["score"] == pytest.approx(verbs["score"].mean(), abs=5e-5)
    assert row["significant"] == pytest.approx((verbs["q"] < 0.05).mean(), abs=5e-5)


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
