"""The order of images is seen where there is one: against permutations, and in time."""

import logging
from itertools import pairwise

import numpy as np
import pytest

from stages.encode import image_sequence
from stages.encode.image_sequence import SAMPLED, sequence_z, warn_of_sequence

STEPS = 300


def _walk(rng, columns, share):
    noise = rng.normal(size=(STEPS, columns))
    for at in range(1, STEPS):
        noise[at] = share * noise[at - 1] + np.sqrt(1 - share**2) * noise[at]
    return noise


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_z_is_that_of_permutations(rng, share):
    values = _walk(rng, 40, share) + 3
    assert len(values) > SAMPLED

    def steps(order):
        centred = (values - values.mean(axis=0))[order]
        return sum(float(one @ other) for one, other in pairwise(centred))

    drawn = np.array([steps(rng.permutation(STEPS)) for _ in range(400)])
    z = (steps(np.arange(STEPS)) - drawn.mean()) / drawn.std()
    assert sequence_z(values) == pytest.approx(z, rel=0.12, abs=0.25)


def test_it_is_warned_of_where_both_sides_follow(rng, caplog):
    slow, white = _walk(rng, 20, 0.5), rng.normal(size=(STEPS, 20))
    with caplog.at_level(logging.WARNING, "concord.encode"):
        every, mixed = np.arange(STEPS), rng.permutation(STEPS)
        warn_of_sequence([slow, white], every, white, "s1", "rows")
        warn_of_sequence([white, white], every, slow, "s1", "rows")
        warn_of_sequence([slow, white], mixed, slow, "s1", "rows")
        warn_of_sequence([white, slow], every, slow, "s1", "shifts")
        assert not caplog.messages
        for permute in ("rows", "blocks"):
            warn_of_sequence([white, slow], every, slow, "s1", permute)
            message = caplog.messages.pop()
            assert message.startswith("s1: images follow an order")
            assert "set encode_scene.permute to shifts then, or to blocks" in message


def test_what_does_not_vary_follows_nothing():
    assert sequence_z(np.ones((20, 3))) == 0


@pytest.mark.parametrize(("sampled", "columns"), [(256, 1000), (3, 1000), (256, 2), (7, 3)])
@pytest.mark.parametrize("images", [None, [4, 1, 8, 2, 6, 0, 7]])
def test_z_by_loops_over_images(rng, monkeypatch, sampled, columns, images):
    """Steps less what two rows of any order give, by the root of 6 mean squares of products."""
    monkeypatch.setattr(image_sequence, "SAMPLED", sampled)
    monkeypatch.setattr(image_sequence, "COLUMNS", columns)
    values = rng.normal(size=(9 if images else 7, 3)) * [1, 30, 0.2] + [7, -9, 0]
    rows = values[images] if images else values
    rows = rows[:, [0, 2] if columns == 2 else [0, 1, 2]]
    rows = rows - rows.mean(axis=0)
    some = [0, 3, 6] if sampled == 3 else range(7)
    squares = [(rows[one] @ rows[two]) ** 2 for one in some for two in range(7) if one != two]
    steps = sum(rows[at] @ rows[at + 1] for at in range(6))
    by_chance = -sum(row @ row for row in rows) / 7
    expected = (steps - by_chance) / np.sqrt(6 * np.mean(squares))
    found = sequence_z(values, None if images is None else np.array(images))
    assert found == pytest.approx(expected)


@pytest.mark.parametrize(
    ("responses", "layers", "warned"),
    [(5.0, (9.0,), 0), (5.1, (5.0, 1.0), 0), (5.1, (1.0, 5.1), 1), (9.0, (9.0, 9.0), 1)],
)
def test_five_standard_deviations_are_not_yet_an_order(
    monkeypatch, caplog, responses, layers, warned
):
    monkeypatch.setattr(image_sequence, "sequence_z", lambda values, images=None: values.item())
    sides = [np.array([[value]]) for value in layers]
    with caplog.at_level(logging.WARNING, "concord.encode"):
        warn_of_sequence(sides, np.arange(1), np.array([[responses]]), "s1", "rows")
    assert len(caplog.messages) == warned
