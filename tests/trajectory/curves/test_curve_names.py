"""Measures that fall as a model learns are turned."""

import pytest

from stages.trajectory.curves.curve_names import turned


@pytest.mark.parametrize(
    ("measure", "sign"),
    [
        ("loss", -1.0),
        ("stimulus_loss", -1.0),
        ("stimulus_bits", -1.0),
        ("perplexity", -1.0),
        ("top1_error", -1.0),
        ("accuracy", 1.0),
        ("loss_ratio", 1.0),
        ("r_partial", 1.0),
    ],
)
def test_what_is_better_low_is_turned(measure, sign):
    assert turned(measure) == sign
