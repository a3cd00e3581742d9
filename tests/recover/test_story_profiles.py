"""Rates over regions and features are those of small tables with a known answer."""

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from stages.core.results.results import results_table
from stages.recover.story_profiles import recover_decoding, recover_profiles

REGIONS = {
    "A": {"driver": "layer", "layer": "layer_01"},
    "B": {"driver": "layer", "layer": "layer_03"},
    "F": {"driver": "features", "features": ["Verbs/say", "Verbs/see"]},
    "G": {"driver": "features", "features": ["Verbs/see"]},
    "N": {"driver": "nothing"},
}
ABSENT = ["Verbs/fly", "Verbs/sit", "Verbs/run"]
TRUTH = {"regions": REGIONS, "features": {"absent": ABSENT}}


def decoded(q):
    rows = [
        {"subject": "group", "region": region, "target": target, "metric": metric, "score": 0.0,
         "q": value if metric == "r" else 0.0}
        for region, values in q.items()
        for target, value in values.items()
        for metric in ("r", "r2")
    ]  # fmt: skip
    return results_table([*rows, rows[0] | {"subject": "s1", "q": 0.9}])


def test_the_area_is_that_of_scikit_learn(rng):
    names = ["Verbs/say", "Verbs/see", *ABSENT]
    levels = [0.01, 0.3, 0.5, 0.9]
    q = {region: dict(zip(names, rng.choice(levels, 5), strict=True)) for region in "FG"}
    expected = []
    for region, values in q.items():
        kept = [name for name in names if name in [*REGIONS[region]["features"], *ABSENT]]
        own = [name not in ABSENT for name in kept]
        expected.append(roc_auc_score(own, [-values[name] for name in kept]))
    found = recover_decoding(TRUTH, decoded(q))
    assert np.isclose(found["decode_auc"], np.mean(expected), atol=1e-4)
    assert np.isclose(found["decode_auc_least"], min(expected), atol=1e-4)
    assert found["decode_regions"] == 2


def test_absent_features_are_counted_in_every_region():
    q = {"F": {"Verbs/say": 0.01, "Verbs/fly": 0.01}, "N": {"Verbs/fly": 0.5, "Verbs/sit": 0.5}}
    found = recover_decoding(TRUTH, decoded(q))
    assert found["decode_absent_significant"] == 0.3333
    assert found["decode_auc"] == 0.5


def test_without_such_regions_there_are_no_rates():
    assert recover_decoding(TRUTH, decoded({"A": {"Verbs/say": 0.1}})) == {"decode_regions": 0}


def compared(best):
    """Scores that are highest at the given layer of each region and metric."""
    return results_table(
        {"subject": "group", "region": region, "layer": f"layer_0{k}", "kind": kind,
         "family": family, "metric": metric, "q": {"A": 0.01, "N": 0.05}.get(region, 0.2),
         "score": -abs(k - layer) if (kind, family) == ("hidden", "all") else k}
        for (region, metric), layer in best.items()
        for k in range(6)
        for kind in ("hidden", "attention")
        for family in ("all", "syntax")
    )  # fmt: skip


def test_layers_are_held_against_the_planted_ones():
    best = {("A", "spearman"): 3, ("B", "spearman"): 4, ("N", "spearman"): 0}
    best |= {("A", "spearman_preference"): 1, ("B", "spearman_preference"): 5}
    assert recover_profiles(TRUTH, compared(best)) == {
        "profile_regions": 2,
        "profile_nearest_within_one": 0.5,
        "profile_preferred_exact": 0.5,
        "profile_preferred_within_one": 0.5,
        "profile_nothing_significant": 0,
    }


def test_what_seems_to_be_found_where_nothing_was_planted_is_a_share():
    """Of a region's six hidden layers, as a whole: no other kind, family, metric or subject."""
    rows = compared({("N", "spearman"): 0, ("N", "spearman_preference"): 0, ("A", "spearman"): 0})
    asked = rows["region"].eq("N") & rows["metric"].eq("spearman")
    asked &= rows["kind"].eq("hidden") & rows["family"].eq("all")
    rows.loc[rows["region"].eq("N") & ~asked, "q"] = 0.01
    rows.loc[rows.index[asked][:2], "q"] = 0.049
    found = recover_profiles(TRUTH, pd.concat([rows, rows.assign(subject="s1", q=0.01)]))
    assert found["profile_nothing_significant"] == 0.3333


def test_a_layer_beside_the_planted_one_is_at_most_one_away():
    best = {("A", "spearman_preference"): 2, ("B", "spearman_preference"): 5}
    found = recover_profiles(TRUTH, compared(best))
    assert found["profile_preferred_exact"] == 0
    assert found["profile_preferred_within_one"] == 0.5


def test_a_single_region_has_no_preference():
    assert recover_profiles(TRUTH, compared({("A", "spearman"): 1})) == {
        "profile_regions": 1,
        "profile_nearest_within_one": 1,
    }
