import numpy as np
import pytest

from stages.ceilings.curve_points import curve_points, drawn_sizes, value_points
from stages.ceilings.limit_rows import Limit
from stages.ceilings.region_people import RegionPeople
from stages.core.stats.subject_subsets import SubsetValues
from stages.core.stats.two_way_jackknife import Agreement

PEOPLE = RegionPeople("A", ["x", "y", "z"], Agreement(np.eye(3), np.eye(3)[None]))


def test_values_are_averaged_over_subsets_of_a_size():
    held_out, others = np.array([0, 0, 0, 1, 2]), np.array([1, 1, 2, 2, 1])
    values = SubsetValues(held_out, others, np.array([0.2, 0.4, 0.9, 0.5, 0.7]))
    rows = value_points(PEOPLE, values)
    assert [(row["subject"], row["others"], row["value"]) for row in rows] == [
        ("x", 1.0, pytest.approx(0.3)), ("x", 2.0, 0.9), ("y", 2.0, 0.5), ("z", 1.0, 0.7),
    ]  # fmt: skip
    assert {(row["region"], row["part"], row["replicate"]) for row in rows} == {
        ("A", "measured", "")
    }


def limit(ceiling=0.8, shape=0.25, endpoint=40.0, **replicates):
    row = {"endpoint": endpoint}
    return Limit(row, "one_factor", ceiling, shape, replicates)


def test_curves_have_the_heights_of_their_formula():
    rows = curve_points(PEOPLE, limit(x=(0.7, 0.16)))
    for replicate, part, top, rho in (
        ("", "extrapolated", 0.8, 0.25),
        ("x", "replicate", 0.7, 0.16),
    ):
        own = [row for row in rows if row["replicate"] == replicate]
        assert {(row["part"], row["subject"], row["region"]) for row in own} == {
            (part, "group", "A")
        }
        for row in own:
            n = row["others"]
            expected = top * (n * rho / (1 + (n - 1) * rho)) ** 0.5
            assert row["value"] == pytest.approx(expected)
        assert (own[0]["others"], own[-1]["others"]) == (1, 60)


@pytest.mark.parametrize(("ceiling", "shape"), [(0.0, 0.2), (-0.1, 0.2), (0.5, 0.0), (0.5, -1.0)])
def test_what_has_no_curve_has_no_points(ceiling, shape):
    assert curve_points(PEOPLE, limit(ceiling, shape)) == []
    assert curve_points(PEOPLE, limit(np.nan, 0.2)) == []
    assert curve_points(PEOPLE, limit(0.5, np.nan)) == []


def test_curves_are_drawn_beyond_their_end_and_twice_the_people():
    assert drawn_sizes(3, 100.0)[[0, -1]].tolist() == [1, 150]
    assert drawn_sizes(3, 2.0)[-1] == 6
    assert drawn_sizes(3, np.nan)[-1] == 1500
    sizes = drawn_sizes(3, 1000.0)
    assert len(sizes) <= 24
    assert (np.diff(sizes) >= 1).all()
    assert (sizes == sizes.round()).all()
    ratios = sizes[-8:] / sizes[-9:-1]
    np.testing.assert_allclose(ratios, 1500 ** (1 / 23), rtol=0.01)
