"""What of a laboratory's dataset may be named how."""

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from stages.core.params.bids_section import Bids
from tests.conftest import PROJECT


def load(**changes):
    given = YAML(typ="safe").load(PROJECT / "params.yaml")
    return Bids.model_validate(given["bids"] | changes)


@pytest.mark.parametrize(
    ("key", "allowed", "refused"),
    [
        ("tasks", [["a", "B+2"], ["x"]], [[], ["a", "a"], ["a-b"], ["a_b"], [1], [True], [1.5]]),
        ("betas", ["a1+"], ["a b", "", 3]),
        ("select", [{}, {"res": "2"}], [{"Res": "2"}, {"r1": "2"}, {"res": 2}, {"res": True}]),
        ("space", ["", "x" * 200], ["x" * 201, 2, 2.5, False]),
        ("offset", ["auto", -100_000.0, 100_000.0], [-100_000.1, 100_000.1, "none"]),
        ("repetition_time", ["auto", 60.0, 0.1], [0.0, 60.1]),
        ("slice_reference", ["auto", 0.0, 60.0], [-0.1, 60.1]),
        ("dummies", ["auto", 0, 1000], [-1, 1001]),
        ("language", ["en", "deu"], ["e", "engl", "EN"]),
    ],
)
def test_limits(key, allowed, refused):
    for value in allowed:
        load(**{key: value})
    for value in refused:
        with pytest.raises(ValidationError):
            load(**{key: value})


def test_numbers_are_to_be_quoted():
    with pytest.raises(ValidationError, match='expected text, got 2; quote it: "2"'):
        load(select={"res": 2})
    with pytest.raises(ValidationError, match='expected text, got True; quote it: "true"'):
        load(space=True)
