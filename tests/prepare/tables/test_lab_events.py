from pathlib import Path

import numpy as np
import pytest

from stages.core.run.errors import InputError
from stages.prepare.tables.lab_events import (
    answers_of,
    as_written,
    average_repeats,
    shared_places,
    single_of,
)
from stages.prepare.tables.lab_responses import Measured
from stages.prepare.usable_targets import target_table

STIMULI = ["a", "b", "c", "d", "e"]
WHERE = Path("folder")


def measured(ids, series):
    series = np.asarray(series, dtype=float).reshape(len(series), -1)
    names = [f"v{at}" for at in range(series.shape[1])]
    return Measured(Path("responses.csv"), series, names, None if ids is None else list(ids))


def test_repeats_are_averaged_in_the_order_of_the_stimuli():
    found = average_repeats(measured("dbadd", [1.5, 2, 3, 4, 6.5]), STIMULI)
    assert found.places.tolist() == [0, 1, 3]
    assert found.repeats.tolist() == [1, 1, 3]
    np.testing.assert_allclose(found.means[:, 0], [3, 2, 4])
    assert found.often.tolist() == [False, False, True]
    assert found.single[:, 0].tolist() == [1.5, 4, 6.5]
    np.testing.assert_allclose(found.at(np.array([3, 0]))[:, 0], [4, 3])


def test_rows_say_of_which_stimulus_they_are():
    with pytest.raises(InputError, match="responses to nothing"):
        average_repeats(measured(None, [1, 2]), STIMULI)
    with pytest.raises(InputError, match="line 3, id: got 'x'"):
        average_repeats(measured("axb", [1, 2, 3]), STIMULI)


@pytest.mark.parametrize(
    ("ids", "series", "refused"),
    [
        ("abab", [0.5, 1.5, 0.5, 1.5], "line 4: .*got 2 rows"),
        ("abca", [0.5, 1.5, 2.5, 0.5], "line 5: .*got 1 rows"),
        ("abab", [0.5, 1.5, 0.5, 2.5], ""),
        ("abab", [1, 2, 1, 2], ""),  # counts may recur
        ("abcd", [0.5, 0.5, 0.5, 0.5], ""),
    ],
)
def test_rows_written_twice_are_no_repeats(ids, series, refused):
    if refused:
        with pytest.raises(InputError, match=f"repeats that are all the same in .*{refused}"):
            average_repeats(measured(ids, series), STIMULI)
    else:
        assert len(average_repeats(measured(ids, series), STIMULI).places) == len(set(ids))


def targets(n):
    return target_table([f"v{at}" for at in range(n)], ["A"] * n, [""] * n)


def test_targets_that_do_not_vary_and_people_without_any_are_dropped(rng, caplog):
    series = rng.normal(size=(9, 3))
    series[:, 1] = 2.0
    one = measured("aaabbbccc", series), targets(3)
    flat = measured("ab", [[1.0], [1.0]]), targets(1)
    found = answers_of({"x": one, "flat": flat}, STIMULI, WHERE)
    assert list(found) == ["x"]
    answers, kept = found["x"]
    assert kept["id"].tolist() == ["v0", "v2"]
    assert answers.means.shape == (3, 2)
    np.testing.assert_allclose(answers.single[0], series[0, [0, 2]], rtol=1e-6)
    with pytest.raises(InputError, match="no usable subject in folder"):
        answers_of({"flat": flat}, STIMULI, WHERE)
    assert single_of(None, targets(3), kept) is None


def test_what_no_longer_varies_as_it_is_written_is_dropped(rng):
    means = np.column_stack([rng.normal(size=6), 1e9 + 1e-3 * np.arange(6)])
    rounded, kept = as_written(means, targets(2), "x")
    assert kept["id"].tolist() == ["v0"]
    assert rounded.dtype == np.float32


def answers(places):
    ids = [STIMULI[at] for at in places]
    return average_repeats(measured(ids, np.arange(len(ids)) / 3), STIMULI)


def test_everybodys_stimuli_are_kept_and_what_lacks_is_told(caplog):
    people = {"x": answers([0, 1, 2]), "y": answers([1, 2, 3])}
    assert shared_places(people, STIMULI, WHERE).tolist() == [1, 2]
    caplog.clear()
    three = {"x": answers([0, 1, 2, 3]), "y": answers([1, 2, 3])}
    assert shared_places(three, STIMULI, WHERE).tolist() == [1, 2, 3]
    assert "1 stimuli are left out for everybody: y has no response to a" in caplog.text
    assert "x has no response" not in caplog.text


@pytest.mark.parametrize(("own", "enough"), [([0, 1], True), ([0], False)])
def test_half_of_the_stimuli_at_least_are_everybodys(own, enough):
    people = {"x": answers([0, 1, 2, 3]), "y": answers(own)}
    if enough:
        assert shared_places(people, STIMULI, WHERE).tolist() == own
        return
    with pytest.raises(InputError, match="at least half of 4, got 1"):
        shared_places(people, STIMULI, WHERE)
