import numpy as np
import pandas as pd
import pytest
from scipy import stats

from stages.core.run.errors import ConcordError
from stages.replicate.relation_intervals import over_families, over_people, pearson_over


@pytest.fixture
def models(rng):
    """40 models in eight families, one of them without a benchmark."""
    family = pd.Series(np.repeat([f"f{i}" for i in range(8)], 5))
    shared = np.repeat(rng.normal(size=8), 5)
    x = pd.Series(shared + rng.normal(size=40))
    y = pd.Series(shared + rng.normal(size=40))
    y[3] = np.nan
    return x, y, family


@pytest.mark.parametrize(("ranked", "oracle"), [(False, stats.pearsonr), (True, stats.spearmanr)])
def test_correlation_is_scipys(models, ranked, oracle):
    x, y, family = models
    found = over_families(x, y, family, ranked=ranked)
    kept = y.notna()
    assert found.value == pytest.approx(oracle(x[kept], y[kept])[0])
    assert found.n == 39
    assert found.low < found.value < found.high
    assert found.note.endswith("over 8 families")


def test_families_that_move_together_widen_the_interval(models, rng):
    x, y, family = models
    alone = pd.Series([f"m{i}" for i in range(40)])
    shared = np.repeat(rng.normal(size=8), 5)
    x, y = x + 3 * shared, y + 3 * rng.permutation(shared)
    clustered, plain = over_families(x, y, family), over_families(x, y, alone)
    assert clustered.high - clustered.low > plain.high - plain.low


def test_people_have_students_interval(rng):
    values = pd.Series(rng.normal(size=9))
    found = over_people(values)
    low, high = stats.t.interval(0.95, 8, values.mean(), stats.sem(values))
    assert (found.value, found.low, found.high) == pytest.approx((values.mean(), low, high))
    for wrong in (values[:1], values.where(values != values[2])):
        with pytest.raises(ConcordError, match="mean of people"):
            over_people(wrong)


def test_words_without_one_of_two_measures_are_left_out(rng):
    x, y = rng.normal(size=(2, 50))
    x[4] = y[7] = np.nan
    known = np.isfinite(x) & np.isfinite(y)
    expected = stats.pearsonr(x[known], y[known])
    found = pearson_over(x, y)
    assert (found.value, found.n) == (pytest.approx(expected[0]), 48)
    assert found.note.startswith(f"p {expected[1]:.2g},")
    with pytest.raises(ConcordError, match="too few items"):
        pearson_over(x[:2], y[:2])
