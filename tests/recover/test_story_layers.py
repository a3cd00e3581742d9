import pytest

from stages.core.results.results import results_table
from stages.core.run.errors import InputError
from stages.recover.story_layers import recover

# By region: what drives it, the layer found there, its q.
REGIONS = {
    "A": ({"driver": "layer", "layer": "layer_02"}, "layer_02", 0.001),
    "B": ({"driver": "layer", "layer": "layer_00"}, "layer_00", 0.049),
    "C": ({"driver": "layer", "layer": "layer_05"}, "layer_06", 0.05),
    "D": ({"driver": "layer", "layer": "layer_12"}, "layer_01", 0.2),
    "E": ({"driver": "features", "family": "Verbs", "features": []}, "layer_01", 0.01),
    "F": ({"driver": "features", "family": "Speech", "features": []}, "layer_01", 0.3),
    "G": ({"driver": "nothing"}, "layer_03", 0.5),
    "H": ({"driver": "nothing"}, "layer_03", 0.04),
    "I": ({"driver": "nothing"}, "layer_03", 0.9),
}
# By feature: its q in each of two layers.
PLANTED = {"Verbs/run": (0.01, 0.2), "Verbs/see": (0.01, 0.02), "Verbs/say": (0.05, 0.4)}
ABSENT = {"Verbs/fly": (0.5, 0.5), "Verbs/sit": (0.5, 0.03)}
TRUTH = {
    "regions": {name: about for name, (about, _, _) in REGIONS.items()},
    "features": {"planted": [*PLANTED, "Verbs/constant"], "absent": list(ABSENT)},
}


def nested(subject, region, layer, q, target=""):
    return {
        "subject": subject,
        "region": region,
        "target": target,
        "layer": layer,
        "kind": "nested",
        "metric": "r",
        "score": 0.1,
        "q": q,
    }


def encoded(*subjects):
    """The findings for the first subject; another one, other layers and metrics find nothing."""
    rows = [nested(subjects[0], name, layer, q) for name, (_, layer, q) in REGIONS.items()]
    for row in tuple(rows):
        rows += [row | {"subject": other, "layer": "layer_09", "q": 0.8} for other in subjects[1:]]
        rows += [row | {"kind": "hidden", "q": 0.0}, row | {"metric": "r2", "q": 0.0}]
    return results_table(rows)


def probed():
    rows = [
        {"target": name, "layer": layer, "kind": "hidden", "metric": "r", "score": 0.1, "q": q}
        for name, values in (PLANTED | ABSENT).items()
        for layer, q in zip(("layer_00", "layer_01"), values, strict=True)
    ]
    for row in tuple(rows):
        rows += [row | {"kind": "attention", "q": 0.0}, row | {"metric": "r2", "q": 0.0}]
    return results_table(rows)


def test_rates_are_those_of_the_planted_truth():
    assert recover(TRUTH, encoded("group", "s1"), probed()) == {
        "regions_layer": 4,
        "regions_layer_exact": 0.5,
        "regions_layer_within_one": 0.75,
        "regions_layer_significant": 0.5,
        "regions_features": 2,
        "regions_nothing": 3,
        "regions_features_significant": 0.5,
        "regions_nothing_significant": 0.3333,
        "features_planted": 3,
        "features_planted_decoded": 0.6667,
        "features_planted_significant": 0.5,
        "features_absent": 2,
        "features_absent_decoded": 0.5,
        "features_absent_significant": 0.25,
    }


def test_the_only_subject_stands_for_the_average():
    average = recover(TRUTH, encoded("group", "s1"), probed())
    assert recover(TRUTH, encoded("s1"), probed()) == average


def test_of_voxels_the_most_frequent_layer_and_the_median_q():
    found = {"layer_02": (0.001, 0.01), "layer_07": (0.6,)}
    rows = [
        nested("s1", name, layer, q, f"voxel_{layer}_{q}")
        for name in REGIONS
        for layer, values in found.items()
        for q in values
    ]
    summary = recover(TRUTH, results_table(rows), probed())
    assert summary["regions_layer_exact"] == 0.25
    assert summary["regions_layer_within_one"] == 0.25
    assert summary["regions_nothing_significant"] == 1


def test_regions_that_were_not_encoded_are_left_out_by_name(caplog):
    results = encoded("group")
    summary = recover(TRUTH, results[results["region"].isin(["A", "C", "E"])], probed())
    assert "regions left out: not encoded: B, D, F, G, H, I" in caplog.text
    assert summary["regions_layer"] == 2
    assert summary["regions_layer_within_one"] == 1
    assert summary["regions_nothing"] == 0
    assert "regions_nothing_significant" not in summary


def test_results_without_any_region_of_the_truth():
    results = encoded("group").assign(region="elsewhere")
    with pytest.raises(InputError, match="no planted region in results of encode. Set encode"):
        recover(TRUTH, results, probed())
