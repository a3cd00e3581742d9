import numpy as np
import pytest

from stages.core.regression.turning import turn


@pytest.mark.parametrize(("cost", "turned"), [(13, True), (12, False)])
def test_axes_pay_where_they_spare_more_than_they_take(rng, cost, turned):
    """Three components of twelve rows: 36 products, against 9 rows' of so many each.

    With a cost of 4 both are 36, so that nothing is spared.
    """
    test = rng.normal(size=(12, 3))
    axes, rows = turn(test, cost / 3)
    assert len(axes) == (3 if turned else 0)
    if turned:
        np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-12)
        np.testing.assert_allclose(axes.T @ rows, test, atol=1e-12)
    else:
        assert rows is test
        assert axes.shape == (0, 12)


def test_without_components_or_with_as_many_as_rows_nothing_is_turned(rng):
    for shape in ((12, 0), (5, 5), (4, 6)):
        axes, rows = turn(rng.normal(size=shape), 1e9)
        assert len(axes) == 0
        assert rows.shape == shape
