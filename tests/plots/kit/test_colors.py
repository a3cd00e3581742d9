import numpy as np
import pandas as pd
import pytest

from stages.plots.kit.colors import ColorScale, correlation_scale


@pytest.mark.parametrize(("least", "low"), [(1.0, 0.9), (0.99, 0.9), (0.35, 0.3), (0.04, 0.0)])
def test_high_correlations_are_told_apart(least, low):
    values = pd.Series([least, 1.0, np.nan])
    assert correlation_scale(values) == ColorScale("Reds", low, 1.0)


def test_correlations_of_both_signs_are_symmetric_about_zero():
    assert correlation_scale(pd.Series([-0.01, 0.99])) == ColorScale("RdBu_r", -1.0, 1.0)
