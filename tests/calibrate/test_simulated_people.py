"""People who have something in common: what is known of them is what many samples give."""

import numpy as np
import pytest

from stages.calibrate import simulated_people as module
from stages.calibrate.simulated_people import draw_shares, truths, write_people


@pytest.fixture
def written(monkeypatch):
    """What would be written, of stories of so many volumes."""
    made = []
    monkeypatch.setattr(module, "write_folders", lambda *given: made.append(given))

    def of(people, regions, seed):
        write_people("folder", people, regions, seed)
        folder, recording, layers = made[-1]
        assert (folder, layers) == ("folder", {})
        return recording

    return of


def correlations(one, other):
    return np.array([np.corrcoef(a, b)[0, 1] for a, b in zip(one.T, other.T, strict=True)])


def test_shares_are_drawn_evenly():
    shares = draw_shares(40, 500, 3)
    assert shares.shape == (40, 500)
    assert (shares.min(), shares.max()) == pytest.approx((0.25, 0.65), abs=1e-3)
    assert shares.mean() == pytest.approx(0.45, abs=0.005)
    np.testing.assert_array_equal(shares, draw_shares(40, 500, 3))


def test_people_share_what_they_are_said_to(written):
    """Products of shares are what two people correlate by, over many regions."""
    people, regions = 3, 400
    recording = written(people, regions, 5)
    shares = draw_shares(people, regions, 5)
    series = [one.responses.astype(float) for one in recording.subjects]
    assert [one.name for one in recording.subjects] == ["s00", "s01", "s02"]
    assert (recording.kind, recording.tr, recording.cleaning) == ("timeseries", 2.0, None)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        found = correlations(series[one], series[other])
        expected = shares[one] * shares[other]
        assert found.mean() == pytest.approx(expected.mean(), abs=0.01)
        assert np.corrcoef(found, expected)[0, 1] > 0.5
    for one in series:
        assert one.std(axis=0).mean() == pytest.approx(1, abs=0.02)
        assert correlations(one[1:], one[:-1]).mean() == pytest.approx(0.4, abs=0.02)
        assert len(one) == len(recording.samples)
    targets = recording.subjects[0].targets
    assert targets["id"].tolist()[:2] == targets["region"].tolist()[:2] == ["r000", "r001"]
    assert targets[["i", "j", "k"]].isna().to_numpy().all()


def test_what_is_known_is_what_many_samples_give(rng):
    """Drawn anew: 200,000 samples of four people, two regions."""
    shares = np.array([[0.3, 0.6], [0.5, 0.25], [0.65, 0.4], [0.25, 0.55]])
    known = truths(shares)
    common = rng.normal(size=(200_000, 2))
    people = [s * common + np.sqrt(1 - s**2) * rng.normal(size=common.shape) for s in shares]
    total = np.sum(people, axis=0)
    np.testing.assert_allclose(known["mean"], correlations(total, common), atol=0.005)
    others = [correlations(one, total - one) for one in people]
    np.testing.assert_allclose(known["others"], np.mean(others, axis=0), atol=0.005)
    assert known["population"].tolist() == pytest.approx([0.45, 0.45])
