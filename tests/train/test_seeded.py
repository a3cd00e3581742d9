import random

import numpy as np
import torch

from stages.train.seeded import repeatable, rng_of, seeded


def _draw():
    return random.random(), np.random.rand(), float(torch.rand(1))  # noqa: NPY002


def test_the_same_numbers_draw_the_same_whatever_came_before():
    with seeded(3, 1):
        first = _draw()
    _draw()
    with seeded(3, 1):
        assert _draw() == first
    with seeded(3, 2):
        other = _draw()
    assert all(a != b for a, b in zip(first, other, strict=True))
    assert rng_of(3, 1).random() == rng_of(3, 1).random() != rng_of(1, 3).random()


def test_what_is_drawn_outside_is_left_alone():
    def around(block):
        random.seed(1)
        np.random.seed(1)  # noqa: NPY002
        torch.manual_seed(1)
        if block:
            with seeded(5):
                _draw()
        return _draw()

    state = torch.get_rng_state()
    assert around(True) == around(False)
    torch.set_rng_state(state)


def test_sums_are_taken_by_one_thread_and_then_as_before():
    threads = torch.get_num_threads()
    with repeatable():
        assert torch.get_num_threads() == 1
        assert torch.are_deterministic_algorithms_enabled()
    assert torch.get_num_threads() == threads
    assert not torch.are_deterministic_algorithms_enabled()
