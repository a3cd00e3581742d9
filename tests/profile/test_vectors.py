"""Vectors over features: whose scores they hold, hemispheres, and which features are compared."""

import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.profile.vectors import common_features, layer_profiles, region_profiles, scopes

FEATURES = ["length", "surprisal"]


def _rows(subject, kind, level, region="STG", q=(0.04, 0.06)):
    """Scores, halves and q of one region and both features, all of them told apart."""
    rows = [
        {"metric": metric, "target": target, "score": level + k + part / 10, "q": q[k]}
        for k, target in enumerate(FEATURES)
        for part, metric in enumerate(("r", "r_odd", "r_even"))
    ]
    return pd.DataFrame(rows).assign(subject=subject, kind=kind, region=region)


def test_profiles_are_of_one_person_and_of_decoding_alone():
    others = [_rows("s2", "frem", 50.0), _rows("s1", "ridge", 90.0)]
    found = region_profiles(pd.concat([_rows("s1", "frem", 1.0), *others]), "s1", FEATURES)
    assert found.names == ["STG"]
    np.testing.assert_allclose(found.score, [[1.0], [2.0]])
    np.testing.assert_allclose(found.odd, [[1.1], [2.1]])
    np.testing.assert_allclose(found.even, [[1.2], [2.2]])
    np.testing.assert_array_equal(found.found, [[1.0], [0.0]])


def test_a_hemisphere_is_the_mean_of_its_regions_and_found_in_half_of_them():
    """Regions in the order of their rows, and not in that of the alphabet."""
    parts = [
        _rows("s1", "frem", 4.0, "B_L", (0.01, 0.2)),
        _rows("s1", "frem", 1.0, "A_L", (0.2, 0.2)),
        _rows("s1", "frem", 7.0, "C", (0.01, 0.01)),
    ]
    found = region_profiles(pd.concat(parts), "s1", FEATURES)
    assert found.names == ["B_L", "A_L", "C", "left hemisphere"]
    np.testing.assert_allclose(found.score, [[4.0, 1, 7, 2.5], [5, 2, 8, 3.5]])
    np.testing.assert_allclose(found.odd, found.score + 0.1)
    np.testing.assert_allclose(found.even, found.score + 0.2)
    np.testing.assert_array_equal(found.found, [[1.0, 0, 1, 1], [0, 0, 1, 0]])
    third = _rows("s1", "frem", 1.0, "D_L", (0.2, 0.2))
    both = region_profiles(pd.concat([*parts, third]), "s1", FEATURES)
    np.testing.assert_array_equal(both.found[:, -1], [0, 0])


@pytest.mark.parametrize(("q", "found"), [(0.05, 0), (np.nextafter(0.05, 0), 1)])
def test_a_feature_is_found_below_five_in_a_hundred(q, found):
    rows = _rows("s1", "frem", 1.0, q=(q, q))
    assert (region_profiles(rows, "s1", FEATURES).found == found).all()


def test_layers_of_one_kind_in_their_order():
    parts = [
        _rows("", kind, level).assign(layer=layer)
        for kind, level, layer in (("full", 3.0, "b"), ("full", 1.0, "a"), ("noise", 9.0, "a"))
    ]
    found = layer_profiles(pd.concat(parts), "full", FEATURES[::-1])
    assert found.names == ["b", "a"]
    np.testing.assert_allclose(found.score, [[4.0, 2], [3, 1]])
    some = found.select(np.array([False, True]))
    assert some.names == found.names
    for name, values in (("score", [[3.0, 1]]), ("odd", [[3.1, 1.1]]), ("even", [[3.2, 1.2]])):
        np.testing.assert_allclose(getattr(some, name), values)
    np.testing.assert_array_equal(some.found, [[1, 1]])


def test_features_in_common_are_in_the_order_of_the_probes(caplog):
    decoded = pd.DataFrame({"metric": "r", "target": ["a", "b", "c", "d"]})
    probed = pd.DataFrame({"metric": "r", "target": ["c", "x", "a", "c"]})
    halves = pd.DataFrame({"metric": "r_odd", "target": ["b", "x"]})
    found = common_features(
        pd.concat([decoded, halves.assign(target=["y", "x"])]), pd.concat([probed, halves])
    )
    assert found == ["c", "a"]
    assert caplog.messages == ["3 features left out: scored in regions or in layers only"]
    caplog.clear()
    assert common_features(decoded, decoded) == ["a", "b", "c", "d"]
    assert not caplog.messages
    with pytest.raises(InputError, match="no feature in common in results of decode and probe"):
        common_features(decoded, probed.iloc[1:2])


def test_a_family_is_compared_by_itself_if_it_has_enough_features(caplog):
    features = ["Visual/a", "Verbs/a", "own/a", "Visual/b", "Emotion/b", "Visual/c"]
    found = scopes(features, 2)
    assert list(found) == ["all", "visual", "discourse"]
    assert found["all"].dtype == bool
    assert found["all"].all()
    assert np.flatnonzero(found["visual"]).tolist() == [0, 3, 5]
    assert np.flatnonzero(found["discourse"]).tolist() == [1, 4]
    assert caplog.messages == [
        "family own not compared by itself: expected at least 2 features, got 1"
    ]
    assert list(scopes(features, 3)) == ["all", "visual"]
