"""Depth is relative to the tower; its parts and its centre agree with naive loops."""

import numpy as np
import pandas as pd
import pytest

from stages.survey.all_scores import gather
from stages.survey.depths import bin_of, depth_centre, depth_profile, relative_depths
from stages.survey.zoo_models import list_layers
from tests.survey.planted import DATASET, REGIONS, model, results, rows, zoo


def test_depths_run_from_0_to_1_within_each_tower():
    np.testing.assert_allclose(relative_depths(["v"] * 5), [0, 0.25, 0.5, 0.75, 1])
    assert list(relative_depths(["v"])) == [0.5]
    assert list(relative_depths(["v", "l", "v", "l", "v"])) == [0, 0, 0.5, 1, 1]
    assert len(relative_depths([])) == 0


@pytest.mark.parametrize("bins", [2, 4, 8])
def test_bins_are_of_equal_size_and_hold_both_ends(bins):
    depth = pd.Series(np.linspace(0, 1, 1001))
    found = bin_of(depth, bins)
    assert list(found) == [min(int(one * bins), bins - 1) + 1 for one in depth]
    assert set(found) == set(range(1, bins + 1))
    assert np.ptp(found.value_counts()) <= 1


def scores(rng, models):
    table = rows(models, ["s1", "s2"], REGIONS[:3])
    return gather(
        results(table, rng.normal(0, 0.1, len(table))).values(), list_layers(models), DATASET
    )


def test_parts_and_centres_agree_with_loops(rng):
    found = scores(rng, [*zoo("net", "word"), model("clip", "hf:clip")])
    tested = found[(found["kind"] == "layer") & (found["split"] == "test")]
    cells, centres = {}, {}
    for row in tested.to_dict("records"):
        key = tuple(row[name] for name in ("model", "modality", "subject", "region", "metric"))
        cells.setdefault((*key, min(int(row["depth"] * 4), 3) + 1), []).append(row["score"])
        centres.setdefault(key, []).append((max(row["score"], 0), row["depth"]))
    profile = depth_profile(found, 4)
    columns = ["model", "modality", "subject", "region", "metric", "bin"]
    assert list(profile[columns].itertuples(index=False, name=None)) == list(cells)
    for row in profile.to_dict("records"):
        key = tuple(row[k] for k in columns)
        assert row["score"] == pytest.approx(np.mean(cells[key]), abs=1e-12)
        assert row["layers"] == len(cells[key])
    weighed = {key: np.array(pairs) for key, pairs in centres.items()}
    weighed = {key: pairs for key, pairs in weighed.items() if pairs[:, 0].any()}
    table = depth_centre(found)
    assert list(table[columns[:-1]].itertuples(index=False, name=None)) == list(weighed)
    for row in table.to_dict("records"):
        pairs = weighed[tuple(row[k] for k in columns[:-1])]
        assert row["depth_centre"] == pytest.approx(np.average(pairs[:, 1], weights=pairs[:, 0]))


def test_a_peak_is_the_centre_and_what_is_negative_weighs_nothing():
    models = zoo("net")
    table = rows(models, ["s1"], ["V1", "V2"])
    peak = (table["layer"] == "blocks.3") & (table["region"] == "V1")
    found = gather(results(table, np.where(peak, 0.5, -0.2)).values(), list_layers(models), DATASET)
    centres = depth_centre(found)
    assert set(centres["region"]) == {"V1"}
    assert set(centres["depth_centre"]) == {3 / 5}
    nothing = gather(results(table, -0.1).values(), list_layers(models), DATASET)
    assert depth_centre(nothing).empty


def test_noise_has_no_depth(rng):
    found = scores(rng, zoo("net", "noise"))
    assert set(depth_profile(found, 8)["model"]) == {"net"}
    assert set(depth_centre(found)["model"]) == {"net"}
