"""What the metrics file says of the replications, by hand."""

import numpy as np
import pandas as pd
import pytest

from stages.core.results.replications import DIFFERS, NEEDS, VERDICTS
from stages.replicate.summary import short, summarise, told

COLUMNS = ["source", "quantity", "published", "ours", "low", "high", "verdict", "needs", "shown"]
GOOD = next(one for one in VERDICTS if one not in (DIFFERS, NEEDS))
ROWS = [
    ("schrimpf2021", "neural ~ next-word", 0.44, 0.45678, 0.3, 0.6, GOOD, "", True),
    ("ucl2013", "words", np.nan, 1726.0, np.nan, np.nan, GOOD, "", True),
    ("ucl2013", "hidden", 1.0, 2.0, np.nan, np.nan, DIFFERS, "", False),
    ("ucl2013", "far", 0.5, 2.0, np.nan, np.nan, DIFFERS, "", True),
    ("alice2016", "r", 0.42, np.nan, np.nan, np.nan, NEEDS, "a run", True),
    ("kriegeskorte2008", "monkey ~ human", 0.4, 0.123456, 0.1, 0.2, GOOD, "", False),
]


def test_verdicts_are_counted_and_numbers_told():
    found = summarise(pd.DataFrame(ROWS, columns=COLUMNS))
    counts = {verdict.replace(" ", "_"): 0 for verdict in VERDICTS}
    counts |= {GOOD.replace(" ", "_"): 2, DIFFERS.replace(" ", "_"): 1, NEEDS.replace(" ", "_"): 1}
    assert found == {
        "numbers": 4,
        **counts,
        "checked": 6,
        "checked_does_not_recompute": 2,
        "neural_next_word": 0.4568,
        "monkey_human": 0.1235,
        "schrimpf2021": [f"neural ~ next-word: 0.44 -> 0.4568 [0.3, 0.6] ({GOOD})"],
        "ucl2013": [f"words: -> 1726 ({GOOD})", f"far: 0.5 -> 2 ({DIFFERS})"],
        "alice2016": [f"r: 0.42 ({NEEDS} a run)"],
    }


def test_a_number_that_needs_a_run_and_was_never_published():
    row = dict(zip(COLUMNS, ROWS[4], strict=True)) | {"published": np.nan}
    assert told(row) == f"({NEEDS} a run)"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (123456789.0, "123456789"),
        (-123456.0, "-123456"),
        (1e9, "1e+09"),
        (999999999.0, "999999999"),
        (0.123456, "0.1235"),
        (12345.6, "1.235e+04"),
        (0.0, "0"),
    ],
)
def test_numbers_have_four_digits_or_are_whole(value, text):
    assert short(value) == text
