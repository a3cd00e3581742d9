from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata

from stages.replicate.partial import check_partial, partial_correlation, stand_ins


@pytest.mark.parametrize("ranked", [False, True])
def test_a_partial_correlation_is_that_of_what_regressions_leave(rng, ranked):
    x, y, z = rng.normal(size=(3, 50)) + 0.7 * rng.normal(size=50)
    x, y, z = (rankdata(one) if ranked else one for one in (x, y, z))
    left = [one - np.polyval(np.polyfit(z, one, 1), z) for one in (x, y)]
    xy, xz, yz = (np.corrcoef(*pair)[0, 1] for pair in ((x, y), (x, z), (y, z)))
    assert partial_correlation(xy, xz, yz) == pytest.approx(np.corrcoef(*left)[0, 1])


@pytest.mark.parametrize(
    ("given", "value"),
    [((0.3, 1.0, 0.2), np.nan), ((0.3, 0.2, -1.0), np.nan), ((0.9, 0.9, -0.9), np.nan),
     ((-0.9, 0.9, 0.9), np.nan), ((0.5, 0.0, 0.0), 0.5), ((1.0, 0.6, 0.6), 1.0)],
)  # fmt: skip
def test_three_that_cannot_be_correlated_so_have_none(given, value):
    assert partial_correlation(*given) == pytest.approx(value, nan_ok=True)


def test_models_with_a_size_stand_for_those_studied():
    rows = [
        ("vision", "a", "top1", 5.0), ("vision", "b", "top1", np.nan),
        ("language", "c", "elo", 7.0), ("language", "c", "mmlu", 7.0),
        ("language", "d", "mmlu", 7.0), ("language", "e", "elo", np.nan),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["modality", "key", "benchmark", "parameters"])
    assert stand_ins(table)["key"].tolist() == ["a", "c", "c"]


@pytest.mark.parametrize("known", ["top1", "#Params (M)"])
def test_without_either_correlation_nothing_is_partialled_out(known):
    entry = SimpleNamespace(modality="vision", statistic="pearson", benchmark=known)
    row = ("vision", "a", "top1", 5.0, 0.5)
    columns = ["modality", "key", "benchmark", "parameters", "value"]
    assert list(check_partial([entry], pd.DataFrame([row], columns=columns))) == []
