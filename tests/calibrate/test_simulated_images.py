"""Images and people are what they are said to be, and what align and ceilings say is counted."""

import numpy as np
import pandas as pd
import pytest

from stages.calibrate.ceiling_cases import of_kind
from stages.calibrate.image_cases import align_cases
from stages.calibrate.observed import Case
from stages.calibrate.rates import rates
from stages.calibrate.simulated_images import (
    ALONE,
    GROUP,
    GROUPED,
    SHARED,
    SIZES,
    TIMED,
    write_images,
)
from stages.calibrate.simulated_people import draw_shares, truths, write_people
from stages.core.names.vocabulary import GROUP as EVERYONE
from stages.core.recording.recording_files import read_recording
from stages.core.results.calibrations import COVERAGE, FALSE_POSITIVES, POWER, RECOVERY


@pytest.mark.parametrize("situation", [ALONE, GROUPED, TIMED])
def test_images_are_alike_as_they_are_said_to_be(situation, tmp_path):
    write_images(tmp_path, situation, 12, 0)
    recording = read_recording(tmp_path / "recording")
    (subject,) = recording.subjects
    series = subject.responses[:, : 12 * 12]
    series = (series - series.mean(axis=0)) / series.std(axis=0)
    place = np.arange(len(series)) // GROUP
    neighbours = (series[1:] * series[:-1]).mean(axis=1)
    within = neighbours[place[1:] == place[:-1]].mean()
    across = neighbours[place[1:] != place[:-1]].mean()
    expected = {ALONE: (0, 0), GROUPED: (SHARED, 0), TIMED: (0.5, 0.5)}[situation]
    assert (within, across) == pytest.approx(expected, abs=0.06)
    regions = subject.targets["region"].unique()
    assert len(regions) == (12 * (1 + len(SIZES)) if situation == ALONE else 12)


def test_of_people_the_ceilings_are_those_of_many_samples():
    shares = draw_shares(5, 3, 1)
    rng = np.random.default_rng(0)
    common, own = rng.normal(size=(200_000, 3)), rng.normal(size=(5, 200_000, 3))
    people = shares[:, None] * common + np.sqrt(1 - shares**2)[:, None] * own
    known = truths(shares)
    for region in range(3):
        one = people[:, :, region]
        mean = np.corrcoef(one.mean(axis=0), common[:, region])[0, 1]
        others = [
            np.corrcoef(one[k], np.delete(one, k, axis=0).mean(axis=0))[0, 1] for k in range(5)
        ]
        assert known.loc[region, "mean"] == pytest.approx(mean, abs=0.01)
        assert known.loc[region, "others"] == pytest.approx(np.mean(others), abs=0.01)
    assert draw_shares(2000, 3, 2).mean() == pytest.approx(known["population"][0], abs=0.01)


def test_people_can_be_read(tmp_path):
    write_people(tmp_path, 4, 3, 0)
    recording = read_recording(tmp_path / "recording")
    assert len(recording.subjects) == 4
    assert recording.subjects[0].responses.shape == (362, 3)
    again = np.corrcoef([one.responses[:, 0] for one in recording.subjects])
    shares = draw_shares(4, 3, 0)[:, 0]
    apart = again[np.triu_indices(4, 1)] - np.outer(shares, shares)[np.triu_indices(4, 1)]
    assert abs(apart.mean()) < 0.1


def test_align_is_judged_by_metric():
    names = ["nothing/000", "nothing/001", "0.1/layer_00/000", "0.1/layer_01/001"]
    rows = [
        {"kind": kind, "metric": metric, "layer": layer, "region": region, "p": p}
        for metric, p in (("cka_linear", 0.01), ("cknna_10", 0.5))
        for kind in ("layer", "noise")
        for layer in ("layer_00", "layer_01")
        for region in names
    ]
    table = pd.DataFrame(rows)
    table = table.assign(left=table["layer"], right=table["region"])
    parts = [
        one for one in align_cases(table, ["cka_linear", "cknna_10"], ALONE, "ours") if len(one)
    ]
    found = rates(pd.concat(parts)).set_index(["test", "asks"])
    assert found.loc[("cka_linear", FALSE_POSITIVES), "n"] == 4
    assert found.loc[("cka_linear", FALSE_POSITIVES), "rate"] == 1
    assert found.loc[("cka_linear", POWER), "n"] == 2
    assert found.loc[("cknna_10", FALSE_POSITIVES), "rate"] == 0
    assert ("cknna_10", POWER) not in found.index


def test_an_interval_that_was_not_found_holds_nothing():
    rows = [(f"r{number}", 0.5, low, 0.6) for number, low in enumerate([0.4, 0.55, np.nan])]
    table = pd.DataFrame(rows, columns=["region", "ceiling", "low", "high"])
    table = table.assign(kind="kind", subject=EVERYONE)
    other = table.assign(subject="s00", low=0.0)
    case = Case("ceilings", "kind", "people", asks=COVERAGE)
    known = pd.Series([0.5, 0.5, 0.5])
    found = rates(pd.concat(of_kind(pd.concat([table, other]), known, "kind", case)))
    assert found["asks"].tolist() == [COVERAGE, RECOVERY]
    assert found["rate"].tolist() == [pytest.approx(1 / 3), 0]
