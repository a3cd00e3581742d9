import numpy as np
import pandas as pd

from stages.profile.vectors import region_profiles

FEATURES = ["length", "surprisal"]


def _rows(subject, kind, level):
    """Scores, halves and q of one region and both features, all of them told apart."""
    rows = [
        {"metric": metric, "target": target, "score": level + k + part / 10, "q": 0.04 + k / 50}
        for k, target in enumerate(FEATURES)
        for part, metric in enumerate(("r", "r_odd", "r_even"))
    ]
    return pd.DataFrame(rows).assign(subject=subject, kind=kind, region="STG")


def test_profiles_are_of_one_person_and_of_decoding_alone():
    others = [_rows("s2", "frem", 50.0), _rows("s1", "ridge", 90.0)]
    found = region_profiles(pd.concat([_rows("s1", "frem", 1.0), *others]), "s1", FEATURES)
    assert found.names == ["STG"]
    np.testing.assert_allclose(found.score, [[1.0], [2.0]])
    np.testing.assert_allclose(found.odd, [[1.1], [2.1]])
    np.testing.assert_allclose(found.even, [[1.2], [2.2]])
    np.testing.assert_array_equal(found.found, [[1.0], [0.0]])
