import math

import pytest

from stages.headline.story_numbers import PARTS, story_numbers

MOST = 25
REGION = {"best_layer": "layer_03", "null": 0.0}


def found(**parts):
    """The metrics of all parts: empty, but for those given."""
    return {name: parts.get(name, {}) for name in PARTS}


@pytest.fixture
def whole():
    """What the stages write of simulated brains."""
    controls = {"partial_q": 0.2, "nuisance": -0.02, "oasm": 0.0}
    return found(
        encode={
            "A": REGION | controls | {"score": 0.6, "q": 0.001, "ceiling": 0.7, "partial": 0.5},
            "B": REGION | controls | {"score": 0.1, "q": 0.4, "partial": 0.2, "partial_q": 0.01},
        },
        decode={
            "A": {
                "best_feature": "f",
                "score": 0.8,
                "q": 0.002,
                "ceiling": 0.9,
                "significant": 0.5,
            },
            "B": {"best_feature": "g", "score": 0.3, "q": 0.002, "significant": 0.25},
        },
        profile={
            "A": {"nearest_layer": "layer_03", "score": 0.9, "q": 0.001, "ceiling": 0.95},
            "left hemisphere": {
                "nearest_layer": "layer_04",
                "score": 0.7,
                "q": 0.1,
                "ceiling": 0.9,
            },
        },
        models={
            "m": {
                "encode": 0.35,
                "encode_layer": "layer_03",
                "probe": 0.5,
                "probe_layer": "layer_01",
                "probe_upheld": 0.25,
            },
            "m+untrained": {"encode": 0.05, "probe": 0.4, "probe_upheld": 0.125},
            "another": {"encode": 0.99, "probe": 0.99},
        },
        recover={
            "regions_layer": 8,
            "regions_layer_exact": 0.875,
            "regions_layer_within_one": 1.0,
            "regions_nothing_significant": 0.0,
            "features_planted_decoded": 0.98765,
            "features_absent_significant": 0.0159,
            "decode_auc": 0.9,
            "profile_preferred_within_one": 0.75,
        },
    )


def test_means_shares_and_rates_of_the_whole_study(whole):
    assert story_numbers(whole) == {
        "encode_score": 0.35,
        "encode_ceiling": 0.7,
        "encode_partial": 0.35,
        "encode_nuisance": -0.02,
        "encode_significant": 0.5,
        "encode_partial_significant": 0.5,
        "probe_score": 0.5,
        "probe_upheld": 0.25,
        "untrained_probe_score": 0.4,
        "untrained_probe_upheld": 0.125,
        "untrained_encode_score": 0.05,
        "decode_score": 0.55,
        "decode_ceiling": 0.9,
        "decode_significant": 0.375,
        "profile_score": 0.8,
        "profile_ceiling": 0.925,
        "profile_significant": 0.5,
        "planted_layer_exact": 0.875,
        "planted_layer_within_one": 1.0,
        "planted_nothing_significant": 0.0,
        "planted_features_decoded": 0.988,
        "absent_features_significant": 0.016,
        "planted_decode_auc": 0.9,
        "planted_preference_within_one": 0.75,
    }


def test_they_are_few_and_finite(whole):
    numbers = story_numbers(whole)
    assert len(numbers) <= MOST
    assert all(type(value) is float and math.isfinite(value) for value in numbers.values())


def test_skipped_stages_have_no_numbers(whole):
    whole |= {"decode": {"skipped": "no voxels"}, "profile": {"skipped": "no region was decoded"}}
    numbers = story_numbers(whole)
    assert not {name for name in numbers if name.startswith(("decode", "profile"))}
    assert numbers["encode_score"] == 0.35


def test_brains_that_were_not_simulated_have_no_rates(whole):
    whole["recover"] = {"truth": "not simulated"}
    assert not {name for name in story_numbers(whole) if "planted" in name or "absent" in name}


def test_a_model_without_a_twin_has_no_untrained_score(whole):
    del whole["models"]["m+untrained"], whole["models"]["another"]
    numbers = story_numbers(whole)
    assert numbers["probe_score"] == 0.5
    assert not {name for name in numbers if name.startswith("untrained")}


def test_without_a_ceiling_there_is_none(whole):
    for region in whole["encode"].values():
        region.pop("ceiling", None)
    assert "encode_ceiling" not in story_numbers(whole)


def test_without_nuisance_variables_there_is_no_partial_score():
    numbers = story_numbers(found(encode={"A": REGION | {"score": 0.6, "q": 0.001}}))
    assert numbers == {"encode_score": 0.6, "encode_significant": 1.0}


def test_nothing_measured_gives_no_number():
    assert story_numbers(found()) == {}
