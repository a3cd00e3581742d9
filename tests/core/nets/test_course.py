from itertools import combinations, pairwise

import numpy as np
import pytest

from stages.core.nets.course import Course, course_faults, in_longest_rise


def course(points, kinship=None, architecture=None):
    """Checkpoints at places of a space."""
    points = np.array(points, dtype=float)
    points = points[:, None] if points.ndim == 1 else points
    n = len(points)
    far = np.linalg.norm(points[:, None] - points[None], axis=-1)
    kin = np.full(n, 9.0) if kinship is None else np.array(kinship, dtype=float)
    return Course([f"s{at}" for at in range(n)], far, kin, architecture or [""] * n)


def test_a_course_without_faults_has_none():
    assert course_faults(course([0, 1, 2, 3, 4])) == {}
    assert course_faults(course([0])) == {}
    assert course_faults(course(np.zeros((0, 1)))) == {}


def test_the_table_has_distances_to_the_start_and_to_the_one_before():
    table = course([0, 1, 3, 7], kinship=[9, 8, 7, 6]).table()
    assert table["to_start"].tolist() == [0, 1, 3, 7]
    assert table["to_previous"].tolist() == [0, 1, 2, 4]
    assert table["kinship"].tolist() == [9, 8, 7, 6]
    part = course([0, 1, 3, 7], kinship=[9, 8, 7, 6]).only(["s3", "s1"])
    assert part.members == ["s1", "s3"]
    assert part.distances.tolist() == [[0, 6], [6, 0]]
    assert part.kinship.tolist() == [8, 6]


def test_another_architecture_is_told_and_left_out():
    far = course([0, 1, 2, 3], architecture=["", "wider", "", ""])
    assert course_faults(far) == {"s1": "another architecture: wider"}


@pytest.mark.parametrize(("kin", "strange"), [(3.99, True), (4.0, False), (-5.0, True)])
def test_kinship_with_the_start_is_more_than_chance(kin, strange):
    found = course_faults(course([0, 1, 2, 3], kinship=[99, 9, kin, 9]))
    told = f"does not descend from s0 (kinship {kin:.1f}, by chance below 4)"
    assert found == ({"s2": told} if strange else {})
    assert course_faults(course([0, 1, 2], kinship=[kin, 9, 9])) == {}


def test_a_start_from_which_nothing_descends_is_set_aside():
    found = course_faults(course([0, 1, 2], kinship=[99, 1, 1]))
    assert found["s0"] == "no later step descends from it"
    assert set(found) == {"s0", "s1", "s2"}
    assert course_faults(course([0], kinship=[99])) == {}


def test_the_same_weights_are_both_set_aside():
    found = course_faults(course([0, 1, 2, 2, 3]))
    assert found == {"s2": "the same weights as s3", "s3": "the same weights as s2"}
    apart = course_faults(course([0, 1, 2, 3, 1.0, 5]))
    assert apart == {"s1": "the same weights as s4", "s4": "the same weights as s1"}


@pytest.mark.parametrize(("share", "same"), [(0.0499, True), (0.0501, False)])
@pytest.mark.parametrize("ways", [(2, 2, 1), (1, 2, 2), (2, 1, 2)])
def test_steps_apart_are_the_same_within_a_twentieth_of_the_shortest_way(ways, share, same):
    """Ways before the first of them, to a step between and after the last: one of them is 1."""
    before, between, after = ways
    at = before + share
    points = [[0, 0], [before, 0], [before, between], [at, 0], [at + after, 0]]
    found = course_faults(course(points))
    told = {name for name, reason in found.items() if reason.startswith("the same weights")}
    assert told == ({"s1", "s3"} if same else set())


def test_neighbours_are_the_same_to_the_bit_alone():
    assert course_faults(course([0, 1, 1 + 1e-9, 2])) == {}


def test_a_step_far_from_the_start_unlike_its_neighbours_is_set_aside():
    found = course_faults(course([0, 1, 9, 2, 3]))
    assert list(found) == ["s2"]
    assert found["s2"] == "distance 9 to the start, unlike its neighbours"
    assert course_faults(course([0, 1, 2, 1.7, 3])) == {}, "weights also shrink"


@pytest.mark.parametrize(("aside", "far"), [(2.7, False), (3.0, True)])
def test_a_detour_is_more_than_three_times_the_straight_way(aside, far):
    """Steps of 1 each, at a distance of 100, of which one is `aside` of the line."""
    points = [[0, 0], [100, 0], [101, aside], [102, 0], [103, 0]]
    way = 2 * np.hypot(1, aside) / 2
    found = course_faults(course(points))
    told = {"s2": f"a detour of {way:.3g} from its neighbours"}
    assert found == (told if far else {})


def by_all_subsequences(values):
    """Which values every longest subsequence that does not fall, by a factor of 1.2, has."""
    n = len(values)
    for size in range(n, 0, -1):
        rising = [
            some
            for some in combinations(range(n), size)
            if all(1.2 * values[b] >= values[a] for a, b in pairwise(some))
        ]
        if rising:
            return [all(at in some for some in rising) for at in range(n)]
    return []


def test_the_longest_rise_against_all_subsequences(rng):
    for _ in range(60):
        values = rng.integers(1, 30, rng.integers(0, 8)).astype(float)
        assert in_longest_rise(values).tolist() == by_all_subsequences(values), values
    assert in_longest_rise(np.array([1.2, 1.0, 2])).all()
    assert not in_longest_rise(np.array([1.21, 1.0, 2]))[:2].any()
