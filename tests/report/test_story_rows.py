import numpy as np
import pytest

from stages.core.results.results import results_table
from stages.report.story_rows import (
    decoding_rows,
    encoding_rows,
    head_rows,
    probing_rows,
    profile_rows,
)
from tests.report.made_results import decoded, encoded, headed, probed, profiled


def voxels(rng, subject="s1"):
    rows = [
        {"dataset": "toy", "subject": subject, "region": region, "target": f"v{voxel}"}
        | {"model": "m", "layer": "layer_00", "kind": "hidden", "metric": "r", "n": 9}
        | {"score": rng.normal(), "null_mean": 0.0, "null_sd": 0.1, "ceiling": rng.random()}
        | {"q": rng.random()}
        for region in ("A", "B")
        for voxel in range(5)
    ]
    return results_table(rows)


def test_voxels_are_averaged_over_their_region(rng):
    given = voxels(rng)
    table = encoding_rows(given).set_index("region")
    for region in ("A", "B"):
        here = given[given["region"] == region]
        assert table.loc[region, "score"] == pytest.approx(np.mean(here["score"]))
        assert table.loc[region, "ceiling"] == pytest.approx(np.mean(here["ceiling"]))
        assert table.loc[region, "q"] == pytest.approx(np.median(here["q"]))


def test_regions_are_those_of_the_average_of_people(rng):
    given = encoded(rng)
    table = encoding_rows(given)
    assert set(table["subject"]) == {"group"}
    kept = given[(given["subject"] == "group") & given["metric"].isin(["r", "r_partial"])]
    assert len(table) == len(kept)
    assert table["score"].sum() == pytest.approx(kept["score"].sum())


def test_without_rows_there_are_none(rng):
    assert encoding_rows(encoded(rng).head(0)).empty
    assert decoding_rows(decoded(rng).head(0)).empty
    assert probing_rows(probed(rng).head(0)).empty
    assert head_rows(probed(rng)).empty
    assert profile_rows(profiled(rng).head(0)).empty


def test_features_are_averaged_by_type_and_must_stand_against_every_null(rng):
    given = probed(rng)
    one = (given["target"] == "Verbs/run") & (given["layer"] == "layer_01")
    given.loc[one & (given["metric"] == "r_words"), "q"] = 0.3
    table = probing_rows(given).set_index(["type", "layer"])
    here = given[(given["metric"] == "r") & (given["layer"] == "layer_01")]
    verbs = here[here["target"].str.startswith("Verbs/")]
    row = table.loc[("Verbs", "layer_01")]
    assert row["score"] == pytest.approx(verbs["score"].mean())
    assert (row["features"], row["upheld"]) == (2, 0.5)
    assert table.loc[("Verbs", "layer_00"), "upheld"] == 1


def test_features_of_regions_are_averaged_by_type(rng):
    given = decoded(rng)
    table = decoding_rows(given).set_index("region")
    expected = given.groupby("region")["score"].mean()
    assert table["score"].to_dict() == pytest.approx(expected.to_dict())
    assert set(table["upheld"]) == {0}


def test_heads_are_averaged_by_type_and_told_apart_from_their_layer(rng):
    given = headed(rng)
    table = head_rows(given).set_index(["layer", "head"])
    for layer, head in table.index:
        here = given[(given["layer"] == f"{layer}.{head}") & (given["metric"] == "r")]
        row = table.loc[(layer, head)]
        assert row["score"] == pytest.approx(np.mean(here["score"]))
        assert row["upheld"] == (head == "head_01")
    assert len(table) == 6
    assert list(table["features"].unique()) == [2]


def test_profiles_are_those_of_the_average_of_people(rng):
    given = profiled(rng)
    table = profile_rows(given)
    assert set(table["subject"]) == {"group"}
    assert set(table["metric"]) == {"spearman", "spearman_preference"}
    kept = given[(given["subject"] == "group") & given["metric"].str.startswith("spearman")]
    assert table["score"].to_list() == kept["score"].to_list()
    alone = profile_rows(given[given["subject"] == "s0"])
    assert set(alone["subject"]) == {"s0"}
