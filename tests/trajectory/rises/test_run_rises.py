import numpy as np
import pandas as pd
import pytest

from stages.trajectory.onsets.onset_times import Ends
from stages.trajectory.rises.run_rises import (
    common_ends,
    of_size,
    people,
    rises_of_runs,
    sizes_of,
    whole,
)

ENDS = Ends(2, 3)


def runs(courses, of="f"):
    """Rows of curves: size, seed and subject to values by step."""
    rows = [
        {"of": of, "size": size, "seed": seed, "subject": subject, "step": step, "value": value}
        for (size, seed, subject), values in courses.items()
        for step, value in values.items()
    ]
    return pd.DataFrame(rows, columns=["of", "size", "seed", "subject", "step", "value"])


def course(*values):
    return dict(enumerate(values))


def test_sizes_are_told_apart_where_there_are_several():
    both = runs({("a", 0, "group"): course(1), ("b", 0, "group"): course(2)})
    assert sizes_of(both) == ["", "a", "b"]
    assert sizes_of(both.iloc[:1]) == [""]
    assert of_size(both, "b")["value"].tolist() == [2]
    assert of_size(both, "")["value"].tolist() == [1, 2]


def test_people_and_all_of_them():
    rows = runs({("", 0, name): course(1) for name in ("group", "mean", "x", "y")})
    assert whole(rows)["subject"].tolist() == ["group", "mean"]
    assert people(rows)["subject"].tolist() == ["x", "y"]


def test_the_rise_of_each_run_and_person():
    own = runs({("", 0, "x"): course(1, 3, 0, 6, 7, 8), ("", 1, "x"): course(0, 0, 9, 1, 1, 4)})
    other = runs({("", 7, "x"): course(2, 2, 2, 5, 5, 8), ("", 7, "y"): course(0, 0, 0, 3, 3, 3)})
    one, two = rises_of_runs(own, other, ENDS)
    assert one.to_dict() == {"x": {("", 0): 5.0, ("", 1): 2.0}}
    assert two.to_dict() == {"x": {("", 7): 4.0}, "y": {("", 7): 3.0}}


def test_ends_are_steps_that_all_runs_of_both_have():
    own = runs({("", 0, "x"): dict.fromkeys(range(8), 1.0)})
    other = runs({("", 0, "x"): dict.fromkeys((0, 2, 3, 4, 6, 7, 9), 1.0)}, of="g")
    assert common_ends(own, other, ENDS) == ([0, 2], [4, 6, 7])
    other.loc[other["step"].eq(2), "value"] = np.nan
    assert common_ends(own, other, ENDS) is None, "five steps are the two ends alone"
    assert common_ends(own.iloc[:0], other.iloc[:0], ENDS) is None


@pytest.mark.parametrize("lacking", ["x", "y"])
def test_a_step_that_one_person_lacks_is_no_end(lacking):
    rows = runs({("", 0, name): dict.fromkeys(range(7), 1.0) for name in ("x", "y")})
    rows = rows[~(rows["subject"].eq(lacking) & rows["step"].eq(6))]
    assert common_ends(rows, rows, ENDS) == ([0, 1], [3, 4, 5])


def test_of_too_few_steps_no_rise_is_taken_and_runs_are_kept():
    own = runs({("", 0, "x"): course(1, 2, 3, 4, 5), ("", 1, "x"): course(1, 2, 3, 4, 5)})
    one, two = rises_of_runs(own, own.iloc[:0], ENDS)
    assert one.shape == (2, 0)
    assert list(one.index) == [("", 0), ("", 1)]
    assert two.shape == (0, 0)
