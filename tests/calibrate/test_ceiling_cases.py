"""Whether intervals of ceilings hold what is known, by a table of few rows."""

import numpy as np
import pandas as pd

from stages.calibrate.ceiling_cases import of_kind
from stages.calibrate.observed import Case
from stages.core.names.vocabulary import GROUP
from stages.core.results.calibrations import COVERAGE, RECOVERY

ROWS = [
    ("limit", GROUP, "c", 0.7, 0.6, 0.8),
    ("limit", GROUP, "a", 0.5, 0.5, 0.9),
    ("limit", GROUP, "b", 0.3, 0.1, 0.3),
    ("limit", GROUP, "e", 0.3, np.nan, np.nan),
    ("limit", GROUP, "d", 0.9, 0.75, 0.9),
    ("limit", "s1", "a", 9.0, 0.0, 9.0),
    ("other", GROUP, "a", 9.0, 0.0, 9.0),
]


def test_intervals_hold_what_lies_on_their_ends_and_those_not_found_hold_nothing():
    table = pd.DataFrame(ROWS, columns=["kind", "subject", "region", "ceiling", "low", "high"])
    known = pd.Series([0.5, 0.3, 0.9, 0.7, 0.2], index=[9, 8, 7, 6, 5])
    held, bias = of_kind(table, known, "limit", Case("ceilings", "test", "s", "l", asks=COVERAGE))
    assert held["value"].tolist() == [1, 1, 0, 0, 0]
    assert set(held["asks"]) == {COVERAGE}
    np.testing.assert_allclose(bias["value"], [0.0, 0.0, -0.2, 0.2, 0.1], atol=1e-12)
    assert set(bias["test"]) == {"test, bias"}
    assert set(bias["asks"]) == {RECOVERY}
    assert set(bias["claim"]) == {0.0}
