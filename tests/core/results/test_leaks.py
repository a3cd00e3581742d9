"""Names say that folds were shuffled, and give the name itself back."""

import pandas as pd
import pytest

from stages.core.results.leaks import MARK, mark, unmarked


@pytest.mark.parametrize(
    ("split", "said"),
    [(["held-out runs"], ""), (["held-out runs", "held-out shuffled"], MARK), ([], "")],
)
def test_one_shuffled_row_marks_all(split, said):
    assert mark(pd.Series(split, dtype=str)) == said
    assert unmarked("pereira2018" + said) == "pereira2018"
