"""The order of images is seen where there is one: against permutations, and in time."""

import logging
from itertools import pairwise

import numpy as np
import pytest

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
