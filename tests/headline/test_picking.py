import numpy as np
import pytest

from stages.headline.picking import coarse, mean_of, named, share_of


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.12345, 0.123), (0.0006, 0.001), (7, 7.0), (np.float64(-0.6179), -0.618)],
)
def test_numbers_have_three_digits(value, expected):
    assert coarse(value) == expected
    assert type(coarse(value)) is float


def test_zero_has_no_sign():
    assert str(coarse(-0.0001)) == "0.0"


def test_a_mean_is_over_the_entries_that_have_the_number():
    entries = [{"score": 0.2}, {"score": 0.4, "ceiling": 0.9}, {}]
    assert mean_of(entries, "score") == {"score": 0.3}
    assert mean_of(entries, "ceiling") == {"ceiling": 0.9}
    assert mean_of(entries, "partial") == {}
    assert mean_of([], "score") == {}


def test_a_share_counts_what_is_below_the_level():
    entries = [{"q": 0.0}, {"q": 0.049}, {"q": 0.05}, {"partial_q": 0.01}]
    assert share_of(entries, "q") == 0.667
    assert share_of(entries, "partial_q") == 1
    assert share_of(entries, "p") is None


def test_what_is_not_known_is_left_out():
    assert named({"a": None, "b": 0.0, "c": 0.98765}) == {"b": 0.0, "c": 0.988}
