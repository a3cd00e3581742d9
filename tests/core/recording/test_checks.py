"""What is not finite is found in every block of rows and every column."""

import numpy as np
import pandas as pd
import pytest

from stages.core.recording.checks import ROWS, check_responses
from stages.core.run.errors import InputError

TARGETS = pd.DataFrame({"id": ["v0", "v1", "v2"], "region": "R"})


@pytest.mark.parametrize("row", [0, ROWS - 1, ROWS, 2 * ROWS - 1, 2 * ROWS, 2 * ROWS + 6])
@pytest.mark.parametrize("value", [np.nan, -np.inf])
def test_a_value_that_is_not_finite_is_found_in_any_row(row, value):
    responses = np.zeros((2 * ROWS + 7, 3), dtype=np.float32)
    check_responses(responses, TARGETS, len(responses), "here")
    responses[row, 1:] = value
    with pytest.raises(InputError, match="not finite in here, v1: got 2 columns"):
        check_responses(responses, TARGETS, len(responses), "here")
