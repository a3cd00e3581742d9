import pytest

from stages.plots.story.model_tables import (
    by_model,
    chosen_layers,
    encoding_models,
    probing_models,
    twins,
)
from tests.plots.story_models import ZOO, roll_of, several

OF_MODEL = ["model", "weights", "layer", "kind", "depth"]
NUMBERS = ["score", "null_low", "null_high", "ceiling", "significant"]
REGIONS = ("Temporal_Sup_L", "Angular_R")


@pytest.fixture
def encode(encoded):
    return several(encoded(regions=REGIONS), ZOO)


def test_the_first_two_models_are_the_model_and_its_twin():
    assert twins(roll_of(ZOO)) == ["tiny", "tiny+untrained"]
    assert twins(roll_of({"tiny": True})) == ["tiny"]


def test_rows_are_told_apart_by_model(encode):
    rows = by_model(encode, ["big", "nobody"])
    assert list(rows) == ["big", "nobody"]
    assert rows["big"].equals(encode[encode["model"] == "big"])
    assert rows["nobody"].empty


def test_every_hidden_layer_of_every_model_is_there(encode):
    table = encoding_models(encode, roll_of(ZOO))
    assert list(table) == ["region", *OF_MODEL, *NUMBERS]
    assert list(table["region"].unique()) == sorted(REGIONS)
    for _, rows in table.groupby("region"):
        assert list(rows["model"].unique()) == list(ZOO)
        for name, own in rows.groupby("model"):
            assert list(own["layer"][:4]) == [f"layer_0{i}" for i in range(4)]
            assert list(own["kind"]) == ["hidden"] * 4 + ["nested"]
            assert list(own["depth"][:4]) == [0, 0.3333, 0.6667, 1]
            assert set(own["weights"]) == {"trained" if ZOO[name] else "untrained"}
    for row in table.itertuples():
        source = encode[
            (encode["subject"] == "group")
            & (encode["metric"] == "r")
            & (encode["model"] == row.model)
            & (encode["kind"] == row.kind)
            & (encode["region"] == row.region)
            & (encode["layer"] == row.layer)
        ]
        assert len(source) == 1
        assert row.score == pytest.approx(source["score"].item(), abs=5e-5)
        assert row.significant == (source["q"].item() < 0.05)


def test_the_layer_chosen_has_the_depth_of_its_layer(encode):
    chosen = (encode["kind"] == "nested") & (encode["model"] == "big")
    encode.loc[chosen, "layer"] = "layer_02"
    table = encoding_models(encode, roll_of(ZOO))
    nested = table[table["kind"] == "nested"]
    assert set(nested.loc[nested["model"] == "big", "depth"]) == {0.6667}
    assert set(nested.loc[nested["model"] != "big", "depth"]) == {0}
    best = chosen_layers(table)
    assert list(best) == ["region", "model", "weights", "layer", "depth", *NUMBERS]
    assert best["score"].tolist() == nested["score"].tolist()
    assert list(best["region"]) == ["Angular_R"] * 4 + ["Temporal_Sup_L"] * 4


def test_of_voxels_the_layer_chosen_most_often(results, layers):
    voxels = [{"subject": "s1", "region": "LATL", "target": f"voxel_{i}"} for i in range(5)]
    made = results(voxels, layers(2))
    chosen = (made["kind"] == "nested") & (made["metric"] == "r")
    made.loc[chosen, "layer"] = ["layer_02", "layer_01", "layer_02", "layer_01", "layer_02"]
    table = encoding_models(made, roll_of({"tiny": True}))
    (row,) = table[table["kind"] == "nested"].to_dict("records")
    assert (row["layer"], row["depth"]) == ("layer_02", 1)
    assert row["score"] == pytest.approx(made.loc[chosen, "score"].mean(), abs=5e-5)
    assert row["significant"] == pytest.approx((made.loc[chosen, "q"] < 0.05).mean())


def test_the_only_layer_of_a_model_is_half_way(results):
    made = results([{"subject": "s1", "region": "LATL"}], {"layer_00": "hidden"})
    assert set(encoding_models(made, roll_of({"tiny": True}))["depth"]) == {0.5}


def test_features_of_a_type_are_averaged_by_model_and_layer(probe_results):
    probe = several(probe_results(heads=2), ZOO)
    table = probing_models(probe, roll_of(ZOO))
    assert list(table) == ["type", "family", *OF_MODEL, *NUMBERS]
    assert len(table) == 3 * 4 * 4
    assert set(table["kind"]) == {"hidden"}
    pairs = table[["type", "family"]].drop_duplicates().to_numpy().tolist()
    assert pairs == [["Verbs", "discourse"], ["Emotion", "discourse"], ["Word_Num", "syntax"]]
    for row in table.itertuples():
        source = probe[
            (probe["model"] == row.model)
            & (probe["layer"] == row.layer)
            & (probe["kind"] == "hidden")
            & (probe["metric"] == "r")
            & probe["target"].str.startswith(f"{row.type}/")
        ]
        assert len(source) == (3 if row.type == "Verbs" else 1)
        assert row.score == pytest.approx(source["score"].mean(), abs=5e-5)
        assert row.weights == ("trained" if ZOO[row.model] else "untrained")
