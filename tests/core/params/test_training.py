"""Limits of what trains networks here: each value that is just allowed, and the next beyond it."""

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from stages.core.params.training import Train
from tests.conftest import PROJECT


@pytest.fixture(scope="module")
def given():
    return YAML(typ="safe").load(PROJECT / "params.yaml")["train"]


def changed(given, **changes):
    """A copy of the section, with values by dotted key."""
    made = {name: dict(part) if isinstance(part, dict) else part for name, part in given.items()}
    for key, value in changes.items():
        *sections, last = key.split("__")
        section = made
        for name in sections:
            section[name] = dict(section[name])
            section = section[name]
        section[last] = value
    return made


def load(given, **changes):
    return Train.model_validate(changed(given, **changes))


@pytest.mark.parametrize(
    ("key", "allowed", "refused"),
    [
        ("story__steps", [100_000_000], [0, 100_000_001]),
        ("story__keep", [[], [0], [0, 1, 5], ["1-4*2"]], [[-1], [1, 1], [2, 1], ["x"], 3]),
        ("story__lr", [100.0, 1e-9], [0.0, 100.1]),
        ("story__weight_decay", [0.0, 10.0], [-0.1, 10.1]),
        ("story__warmup", [0.0, 0.999], [-0.1, 1.0]),
        ("story__held_out", [0.001, 0.999], [0.0, 1.0]),
        ("scene__augment__flip", [0.0, 1.0], [-0.1, 1.1]),
        ("scene__schedule__min_lr", [0.0], [-1.0]),
        ("scene__optimiser__momentum", [0.0, 0.99], [1.0]),
        ("scene__drop", [0.0], [1.0]),
        ("text", ["a.b_c-1", "x" * 100], ["", "x" * 101, ".x", "a/b"]),
        ("scene__model", ["mixnet_s", "vit.in1k", "a1"], ["Vit", "a.b.c", "", "a-b"]),
        ("scene__augment__policy", ["", "rand-m9-mstd0.5", "rand-minf", "3a"], ["rand_m9", "m9"]),
        ("scene__augment__scale", [[0.1, 1.0], [0.5, 0.5]], [[0.6, 0.5], [0.5], [0.0, 1.0]]),
    ],
)
def test_limits(given, key, allowed, refused):
    for value in allowed:
        load(given, **{"story__keep": []} | {key: value})
    for value in refused:
        with pytest.raises(ValidationError, match=key.rpartition("__")[2]):
            load(given, **{"story__keep": []} | {key: value})


@pytest.mark.parametrize(
    ("keep", "fits"),
    [
        (list(range(1000)), True),
        (list(range(1001)), False),
        ([100_000_000], True),
        ([100_000_001], False),
    ],
)
def test_what_is_kept_is_no_more_than_can_be(given, keep, fits):
    change = {"story__keep": keep, "story__steps": 100_000_000}
    if fits:
        load(given, **change)
    else:
        with pytest.raises(ValidationError, match="story.keep"):
            load(given, **change)


def size(layers=2, width=64, heads=4):
    return {"layers": layers, "width": width, "heads": heads}


@pytest.mark.parametrize(
    ("width", "heads", "fits"),
    [(64, 8, True), (64, 4, True), (64, 6, False), (72, 3, True), (40, 4, False), (8, 0, True)],
)
def test_heads_turn_in_pairs_of_quarters(given, width, heads, fits):
    own = {"tiny": size(width=width, heads=heads)}
    change = {"story__sizes": own, "story__runs": ["read-0"]}
    if fits:
        load(given, **change)
    else:
        with pytest.raises(
            ValidationError, match=f"multiple of 8 · heads.*got {width} and {heads}"
        ):
            load(given, **change)


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("tiny", True),
        ("a" + "b" * 31, True),
        ("a" + "b" * 32, False),
        ("Tiny", False),
        ("1a", False),
    ],
)
def test_sizes_have_short_lower_case_names(given, name, fits):
    change = {"story__sizes": {name: size()}, "story__size": name, "story__runs": ["read-0"]}
    if fits:
        load(given, **change)
    else:
        with pytest.raises(ValidationError, match="lower-case letters"):
            load(given, **change)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"story__sizes": {}}, "at least one size"),
        ({"story__size": "none"}, "size expected to be one of sizes, got 'none'"),
        (
            {"story__keep": [0, 11], "story__steps": 10},
            r"keep expected to end by steps \(10\), got 11",
        ),
        ({"scene__keep_epochs": [1, 3], "scene__epochs": 2}, r"end by epochs \(2\), got 3"),
        ({"scene__batch": 8, "scene__calibration": 7}, r"at least batch \(8\), got 7"),
        ({"scene__batch": 8, "scene__calibration": 1}, r"at least batch \(8\), got 1"),
        (
            {"scene__epochs": 2, "scene__schedule__warmup_epochs": 3, "scene__keep_epochs": []},
            r"at most epochs \(2\), got 3",
        ),
        ({"scene__schedule__min_lr": 0.2, "scene__optimiser__lr": 0.1}, r"lr \(0.1\), got 0.2"),
    ],
)
def test_what_contradicts_itself(given, changes, message):
    with pytest.raises(ValidationError, match=message):
        load(given, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"story__keep": [0, 10], "story__steps": 10},
        {"story__keep": []},
        {"scene__keep_epochs": [1, 2], "scene__epochs": 2, "scene__schedule__warmup_epochs": 2},
        {"scene__keep_epochs": []},
        {"scene__batch": 8, "scene__calibration": 8},
        {"scene__batch": 8, "scene__calibration": 0},
        {"scene__schedule__min_lr": 0.1, "scene__optimiser__lr": 0.1},
    ],
)
def test_what_just_agrees(given, changes):
    load(given, **changes)


@pytest.mark.parametrize(
    ("runs", "again"),
    [
        (["read-0", "read-tiny-0"], "'read-tiny-0' is the same training as 'read-0'"),
        (["read-small-1", "read-0", "read-small-01"], "'read-small-01' is the same"),
        (["read-0", "write-0"], "unknown run"),
        (["read-huge-0"], "unknown run"),
    ],
)
def test_a_training_is_asked_for_once(given, runs, again):
    load(given, story__runs=["read-0", "read-1", "shuffled-0", "read-small-0"])
    with pytest.raises(ValidationError, match=again):
        load(given, story__runs=runs)


def test_trainings_on_images_have_no_size(given):
    load(given, scene__runs=["labels-0", "labels-1", "shuffled-0"])
    for runs in (["labels-0", "labels-00"], ["read-0"], ["labels-tiny-0"]):
        with pytest.raises(ValidationError, match="run"):
            load(given, scene__runs=runs)
