import pandas as pd
import pytest
from scipy.stats import ttest_ind

from stages.trajectory.rises.run_pairs import set_beside


def _runs(values):
    """A number of each run of one size, by seed."""
    index = pd.MultiIndex.from_tuples([("", seed) for seed in values], names=["size", "seed"])
    return pd.DataFrame({"rise": list(values.values())}, index)


@pytest.mark.parametrize(
    ("one", "other", "paired"),
    [
        ({0: 0.3, 1: 0.5, 2: 0.4}, {2: 0.1, 3: 0.2, 4: 0.25}, False),
        ({0: 0.3, 1: 0.5, 2: 0.4}, {1: 0.1, 2: 0.2, 4: 0.25}, True),
        ({0: 0.3, 1: 0.5, 2: 0.4}, {2: 0.1}, True),
        ({2: 0.4}, {0: 0.3, 1: 0.5, 2: 0.1}, True),
        ({0: 0.3, 1: 0.5}, {2: 0.1}, False),
    ],
)
def test_runs_are_paired_where_two_are_shared_or_the_only_one(one, other, paired):
    found = set_beside(_runs(one), _runs(other))
    shared = sorted(set(one) & set(other))
    left = [one[seed] for seed in shared] if paired else list(one.values())
    right = [other[seed] for seed in shared] if paired else list(other.values())
    assert found.paired == paired
    assert (found.mean.n, found.n_other) == (len(left), len(right))
    assert found.left_out == len(one) + len(other) - len(left) - len(right)
    assert (found.one, found.other) == pytest.approx(
        (pd.Series(left).mean(), pd.Series(right).mean())
    )
    assert found.mean.value == pytest.approx(found.one - found.other)


def test_groups_that_share_one_run_of_several_are_told_apart_by_welch():
    one, other = {0: 0.3, 1: 0.5, 2: 0.4}, {2: 0.1, 3: 0.2, 4: 0.25}
    expected = ttest_ind(list(one.values()), list(other.values()), equal_var=False)
    interval, found = expected.confidence_interval(), set_beside(_runs(one), _runs(other)).mean
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
