import math
from itertools import combinations

import numpy as np
import pytest
import torch

from stages.core.nets.course import weight_distances
from stages.core.nets.fingerprint import (
    distance,
    kinship,
    length,
    read_fingerprint,
    shape_difference,
    take_fingerprint,
    write_fingerprint,
)
from stages.core.run.errors import InputError


def state(seed, **shapes):
    draw = np.random.default_rng(seed)
    shapes = shapes or {"a": (20, 30), "b": (8, 4, 3, 3)}
    return {k: torch.tensor(draw.standard_normal(shape)) for k, shape in shapes.items()}


def flat(one):
    return np.concatenate([one[name].numpy().ravel() for name in sorted(one)])


def test_distance_of_whole_weights():
    one, two = state(0), state(1)
    expected = np.linalg.norm(flat(one) - flat(two))
    assert distance(*map(take_fingerprint, (one, two))) == pytest.approx(expected, rel=1e-6)
    assert distance(*map(take_fingerprint, (one, one))) == 0
    assert length(take_fingerprint(one)) == pytest.approx(np.linalg.norm(flat(one)), rel=1e-6)


def test_distance_from_a_sample():
    """Matrices of other sizes and scales weigh as in the whole."""
    shapes = {"a": (500, 400), "b": (30, 20), "c": (200, 300)}
    one = state(0, **shapes) | {"c": 5 * state(2, **shapes)["c"]}
    two = {k: v + 0.1 * state(1, **shapes)[k] for k, v in one.items()}
    two["a"] += 0.5
    expected = np.linalg.norm(flat(one) - flat(two))
    prints = take_fingerprint(one), take_fingerprint(two)
    assert len(prints[0].entries["a"]) == 4096
    assert distance(*prints) == pytest.approx(expected, rel=0.03)


def test_vectors_numbers_and_flags_are_left_out():
    more = {
        "gain": torch.ones(9),
        "count": torch.tensor(3),
        "mask": torch.ones(4, 4, dtype=torch.bool),
        "none": torch.ones(0, 3),
    }
    assert take_fingerprint(state(0) | more).shapes == {"a": (20, 30), "b": (8, 4, 3, 3)}
    half = {k: v.half() for k, v in state(0).items()}
    assert 0 < distance(take_fingerprint(state(0)), take_fingerprint(half)) < 0.02


def test_kinship_is_standard_normal_where_there_is_none():
    """Also with a checkpoint that is anything but random."""
    late = {"a": torch.outer(torch.arange(20.0), torch.ones(30)), "b": state(9)["b"] + 3}
    other = take_fingerprint(late)
    found = [kinship(take_fingerprint(state(seed)), other) for seed in range(400)]
    assert np.mean(found) == pytest.approx(0, abs=0.15)
    assert np.std(found) == pytest.approx(1, abs=0.12)


def test_kinship_of_a_descendant():
    start = state(0)
    later = {k: 0.2 * v + state(1)[k] for k, v in start.items()}
    cosine = flat(start) @ flat(later) / np.linalg.norm(flat(start)) / np.linalg.norm(flat(later))
    expected = cosine * math.sqrt(len(flat(start)))
    found = kinship(take_fingerprint(start), take_fingerprint(later))
    assert found == pytest.approx(expected, rel=0.1)


def test_what_tells_nothing_of_kinship():
    """Tables that are the same in every run, and constants."""
    table, ones = state(7, c=(9, 9))["c"], torch.ones(50, 50)
    one, two = (take_fingerprint(state(k) | {"t": table, "o": ones}) for k in (0, 1))
    assert kinship(one, two) == kinship(take_fingerprint(state(0)), take_fingerprint(state(1)))
    assert kinship(one, one) == math.inf


def test_distances_of_a_run():
    prints = [take_fingerprint(state(k)) for k in range(4)]
    other = take_fingerprint(state(0, a=(20, 31), b=(8, 4, 3, 3)))
    run = [("w", prints[0]), ("x", prints[1]), ("o", other), ("y", prints[2]), ("z", prints[3])]
    course = weight_distances(iter(run))
    unit = length(prints[0])
    for i, j in combinations(range(4), 2):
        place = [0, 1, 3, 4]
        found = course.distances[place[i], place[j]]
        assert found == course.distances[place[j], place[i]]
        assert found == pytest.approx(distance(prints[i], prints[j]) / unit)
    assert course.architecture == ["", "", "a: expected (20, 30), got (20, 31)", "", ""]
    assert np.isnan(course.distances[2]).all()
    assert np.isnan(course.kinship).tolist() == [False, False, True, False, False]
    table = course.only(["w", "x", "z"]).table().set_index("member")
    assert table.loc["w", "to_start"] == table.loc["w", "to_previous"] == 0
    assert table.loc["z", "to_start"] == course.distances[0, 4]
    assert table.loc["z", "to_previous"] == course.distances[1, 4]


def test_a_run_of_nothing():
    assert weight_distances([]).table().empty


def test_difference_of_shapes():
    one, two = take_fingerprint(state(0)), take_fingerprint(state(0, a=(20, 30)))
    assert shape_difference(one, one) == ""
    assert shape_difference(two, one) == "b: expected (8, 4, 3, 3), got nothing"


def test_kept_on_disk(tmp_path):
    one = take_fingerprint(state(0))
    write_fingerprint(tmp_path / "p.safetensors", one)
    again = read_fingerprint(tmp_path / "p.safetensors")
    assert again.shapes == one.shapes
    assert distance(one, again) == 0
    (tmp_path / "p.safetensors").write_bytes(b"cut")
    with pytest.raises(InputError, match=r"unreadable fingerprint in .*p\.safetensors"):
        read_fingerprint(tmp_path / "p.safetensors")
