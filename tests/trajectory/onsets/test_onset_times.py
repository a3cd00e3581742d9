import numpy as np
import pytest

from stages.core.run.errors import InputError
from stages.trajectory.onsets.onset_times import Ends, octaves_of, rises, times_to


def test_octaves_of_what_was_seen():
    np.testing.assert_array_equal(octaves_of(np.array([0.0, 1, 8, 1024])), [-np.inf, 0, 3, 10])
    np.testing.assert_array_equal(octaves_of(np.array([0.5, 2])), [-1, 1])


@pytest.mark.parametrize("seen", [[-1, 1], [0, 0], [0, 2, 2], [0, 4, 2]])
def test_what_does_not_increase_is_refused(seen):
    with pytest.raises(InputError, match="not increasing"):
        octaves_of(np.array(seen, dtype=float))


def test_ends_are_means_of_the_first_and_the_last_points():
    curves = np.array([[1, 2, 4, 8, 16], [0, 0, 3, 1, 3]], dtype=float)
    base, plateau = rises(curves, Ends(1, 2))
    np.testing.assert_allclose([base, plateau], [[1, 0], [12, 2]])
    base, plateau = rises(curves, Ends(3, 1))
    np.testing.assert_allclose([base, plateau], [[7 / 3, 1], [16, 3]])
    with pytest.raises(InputError, match=r"expected more than 3 \+ 2 checkpoints, got 5"):
        rises(curves, Ends(3, 2))


def test_times_are_read_between_the_means_of_the_ends():
    octaves = np.array([-np.inf, 0, 1, 2, 3])
    curves = np.array([[0, 1, 2, 3, 4], [0, 5, 5, 9, 10]], dtype=float)
    found = times_to(octaves, curves, np.array([0.25, 0.5, 0.6, 1]), Ends(1, 1))
    # What is reached at the first checkpoint after step 0 was passed at some time before it.
    expected = [[np.nan, 1, 1.4, 3], [np.nan, np.nan, 1.25, 3]]
    np.testing.assert_allclose(found, expected)
    later = times_to(octaves, curves, np.array([0.5]), Ends(2, 2))
    # From 0.5 to 3.5 the half is 2; from 2.5 to 9.5 it is 6, a quarter of the way from 5 to 9.
    np.testing.assert_allclose(later[:, 0], [1, 1.25])
