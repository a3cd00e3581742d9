import numpy as np
import pytest

from stages.trajectory.curves.curve_noise import noise_about_rise
from stages.trajectory.leads.run_leads import Course, leads, pooled_noise
from stages.trajectory.onsets.onset_times import Ends

ENDS = Ends(1, 1)
OCTAVES = np.r_[-np.inf, 0:8]


def straight(start):
    """Rises by 1 an octave from `start`, for four octaves."""
    return np.clip(np.r_[0.0, np.arange(8.0) - start], 0, 4)


def test_a_lead_is_performance_less_alignment():
    alignment = [Course(OCTAVES, straight(1)), Course(OCTAVES, straight(1.5))]
    performance = [Course(OCTAVES, straight(2)), Course(OCTAVES, straight(3))]
    found = leads(alignment, performance, np.array([0.25, 0.5]), ENDS, 0)
    np.testing.assert_allclose(found, [[1, 1], [1.5, 1.5]])
    np.testing.assert_allclose(
        leads(performance, alignment, np.array([0.5]), ENDS, 0), [[-1], [-1.5]]
    )


def test_leading_axes_are_repetitions():
    both = np.stack([straight(1), straight(2), straight(3)])
    found = leads(
        [Course(OCTAVES, both)], [Course(OCTAVES, straight(3)[None])], np.array([0.5]), ENDS, 0
    )
    assert found.shape == (3, 1, 1)
    np.testing.assert_allclose(found.ravel(), [2, 1, 0])


def test_noise_is_that_of_all_runs_together(rng):
    courses = [Course(OCTAVES, straight(2) + rng.normal(0, scale, 9)) for scale in (0.1, 0.5)]
    squares, freedom = zip(
        *(noise_about_rise(one.values, ENDS) for one in courses),
        strict=True,
    )
    assert pooled_noise(courses, ENDS) == pytest.approx((sum(squares) / sum(freedom)) ** 0.5)


def test_only_the_cleaner_curve_is_given_noise(rng):
    """It has the other's noise then, so that the seed matters; equal noise needs none."""
    clean, rough = straight(2), straight(2) + rng.normal(0, 0.4, 9)
    for sides in ((clean, rough), (rough, clean)):
        one, other = ([Course(OCTAVES, values)] for values in sides)
        first, again, else_ = (
            leads(one, other, np.array([0.5]), ENDS, seed)[0, 0] for seed in (0, 0, 1)
        )
        assert first == again != else_
        assert leads(one, one, np.array([0.5]), ENDS, 0) == 0
