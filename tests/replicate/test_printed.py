import pytest

from stages.core.run.errors import InputError
from stages.replicate.printed import printed, printed_interval, verdict


@pytest.mark.parametrize(
    ("text", "value", "half"),
    [("0.77", 0.77, 0.005), ("<3.5e-08", 3.5e-8, 0.05e-8), ("<0.0e+00", 0, 0), ("36.0", 36, 0.05)],
)
def test_printed(text, value, half):
    number = printed(text, "here")
    assert (number.value, number.half) == pytest.approx((value, half))
    assert number.ends == pytest.approx((value - half, value + half))


@pytest.mark.parametrize("text", ["", "many", "nan", "1,5"])
def test_no_number(text):
    with pytest.raises(InputError, match="in here"):
        printed(text, "here")


def test_interval():
    low, high = printed_interval("[-0.59, 1.00]", "here")
    assert (low.value, high.value) == (-0.59, 1.0)
    assert printed_interval("[nan, nan]", "here") is None
    with pytest.raises(InputError, match="not an interval in here"):
        printed_interval("0.59 to 0.88", "here")


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.70, 0.74, "does not recompute"),
        (0.70, 0.745, "matches"),
        (0.74, 0.78, "matches"),
        (0.756, 1, "does not recompute"),
    ],
)
def test_verdict(low, high, expected):
    assert verdict(low, high, 0.75, 0.005) == expected
