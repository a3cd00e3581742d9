import numpy as np

from stages.trajectory.leads.run_leads import Course
from stages.trajectory.planted.planted_curves import Planted, planted_family, shuffled

OCTAVES = np.r_[-np.inf, 0:9]


def family(draws=1, *, runs=2, lead=0.0, between=0.0, pace=0.0, noise=(0.0, 0.0)):
    planted = Planted(runs, 9, 0.5, lead, between, pace, *noise)
    return planted_family(planted, draws, np.random.default_rng(0))


def halves(courses):
    """Time to half of every draw and run, read off the odds, shape (draws, runs)."""
    shares = np.stack([run.values[:, 6] for run in courses], axis=-1)
    return 5 - 0.5 * np.log(shares / (1 - shares))


def test_courses_are_logistic_and_a_lead_apart():
    alignment, performance = family(lead=3.0)
    assert len(alignment) == len(performance) == 2
    for side, half in ((alignment, 2.5), (performance, 5.5)):
        for run in side:
            np.testing.assert_array_equal(run.octaves, OCTAVES)
            expected = 1 / (1 + np.exp(-(OCTAVES - half) / 0.5))
            np.testing.assert_allclose(run.values, [expected], atol=1e-12)


def test_pace_moves_both_curves_and_leads_differ_between_runs():
    alignment, performance = family(400, pace=0.7)
    early, late = halves(alignment), halves(performance)
    np.testing.assert_allclose(early, late, atol=1e-6)
    np.testing.assert_allclose([early.mean(), early.std()], [4, 0.7], atol=0.06)
    alignment, performance = family(400, lead=1.0, between=0.3)
    leads = halves(performance) - halves(alignment)
    np.testing.assert_allclose([leads.mean(), leads.std()], [1, 0.3], atol=0.04)
    assert abs(np.corrcoef(leads.T)[0, 1]) < 0.15


def test_each_side_has_its_noise():
    clean, (alignment, performance) = family(300), family(300, noise=(0.2, 0.01))
    for side, before, noise in ((alignment, clean[0], 0.2), (performance, clean[1], 0.01)):
        left = np.stack([one.values - two.values for one, two in zip(side, before, strict=True)])
        np.testing.assert_allclose(left.std(), noise, rtol=0.05)
        assert abs(left.mean()) < 0.03 * noise + 1e-3


def test_shuffled_curves_have_the_same_values_at_other_checkpoints(rng):
    values = rng.normal(size=(3, 10))
    (found,) = shuffled([Course(OCTAVES, values)], rng)
    np.testing.assert_array_equal(np.sort(found.values), np.sort(values))
    assert (found.values != values).any(axis=1).all()
    np.testing.assert_array_equal(found.octaves, OCTAVES)
