"""The ceilings of a story: planted, at the floor, of few subjects, and as they are written."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from numpy.testing import assert_allclose

from stages.ceilings.__main__ import main
from stages.ceilings.story_tables import story_ceilings
from stages.core.names.vocabulary import GROUP
from stages.core.params.read import read_params
from stages.core.recording.recording_files import write_recording
from stages.core.recording.types import Recording, Subject
from stages.core.results.story_ceilings import (
    EXTRAPOLATED,
    GIVEN,
    LIMIT,
    MEASURED,
    OTHERS,
    REPLICATE,
    SPLIT_HALF,
    read_ceiling_points,
    read_story_ceilings,
)
from stages.core.run.errors import InputError
from tests.conftest import PROJECT

PARAMS = read_params(PROJECT / "params.yaml")
ENCODE = PARAMS.encode.model_copy(update={"min_voxels": 1})
SETTINGS = PARAMS.ceilings_story.model_copy(update={"draws": 50})


def subject(name, responses, regions, ceiling=np.nan):
    n = responses.shape[1]
    targets = pd.DataFrame({"id": [f"v{i}" for i in range(n)], "region": regions, "hemisphere": ""})
    targets = targets.assign(i=np.nan, j=np.nan, k=np.nan, ceiling=ceiling)
    return Subject(name, responses.astype(np.float32), targets)


def recording(*subjects):
    n = len(subjects[0].responses)
    samples = pd.DataFrame({"id": [f"t{i}" for i in range(n)], "run": "1"})
    samples["onset"] = np.arange(n, dtype=float)
    stimuli = pd.DataFrame(
        {"id": ["w0"], "text": ["word"], "run": ["1"], "onset": [0.0], "duration": [1.0]}
    ).assign(sample="t0")
    return Recording("alice", "timeseries", 1.0, None, stimuli, samples, list(subjects))


def people(rng, n, loading, n_samples=400, regions="A"):
    signal = rng.standard_normal((n_samples, len(regions)))
    left = np.sqrt(1 - loading**2)
    return [
        subject(f"s{i}", loading * signal + left * rng.standard_normal(signal.shape), list(regions))
        for i in range(n)
    ]


def kind_of(table, kind, name=GROUP):
    return table[(table["kind"] == kind) & (table["subject"] == name)]


@pytest.mark.parametrize("loading", [0.4, 0.8])
def test_what_was_planted_is_in_the_intervals(rng, loading):
    found = story_ceilings(recording(*people(rng, 8, loading, 800)), ENCODE, SETTINGS).ceilings
    reliability = 8 * loading**2 / (1 + 7 * loading**2)
    expected = {SPLIT_HALF: np.sqrt(reliability), LIMIT: loading}
    expected[OTHERS] = loading * np.sqrt(7 * loading**2 / (1 + 6 * loading**2))
    for kind, truth in expected.items():
        (row,) = kind_of(found, kind).to_dict("records")
        assert row["low"] < truth < row["high"]
        assert row["ceiling"] == pytest.approx(truth, abs=0.05)
        assert row["failed"] == 0


def test_every_region_and_subject_has_its_ceilings(rng):
    found = story_ceilings(recording(*people(rng, 4, 0.7, regions="AB")), ENCODE, SETTINGS).ceilings
    assert len(found) == 2 * (1 + 5 + 5)
    counts = found.groupby("kind")["subjects"].unique().map(list).to_dict()
    assert counts == {SPLIT_HALF: [4], OTHERS: [3], LIMIT: [3]}
    assert set(found["dataset"]) == {"alice"}
    fewer = found[found["kind"] == OTHERS]["ceiling"].to_numpy()
    assert (fewer < found[found["kind"] == LIMIT]["ceiling"].to_numpy()).all()


@pytest.mark.parametrize("shuffled", [False, True])
def test_noise_and_what_is_shuffled_in_time_have_a_ceiling_of_about_nothing(shuffled):
    held, found = 0, []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        made = people(rng, 5, 0.8 if shuffled else 0.0)
        made = [subject(s.name, rng.permutation(s.responses), ["A"]) for s in made]
        table = story_ceilings(recording(*made), ENCODE, SETTINGS).ceilings
        (row,) = kind_of(table, LIMIT).to_dict("records")
        held += row["low"] <= 0 <= row["high"]
        found.append(row["ceiling"])
    assert held >= 17
    assert abs(np.mean(found)) < 0.06


def test_subjects_who_are_the_same_reach_one(rng):
    one = rng.standard_normal((60, 1))
    made = recording(*(subject(f"s{i}", one, ["A"]) for i in range(4)))
    found = story_ceilings(made, ENCODE, SETTINGS).ceilings
    assert_allclose(found[["ceiling", "low", "high"]], 1, atol=1e-6)


def test_two_subjects_have_what_can_be_had(rng, caplog):
    found = story_ceilings(recording(*people(rng, 2, 0.7)), ENCODE, SETTINGS)
    assert set(found.ceilings["kind"]) == {SPLIT_HALF, OTHERS}
    assert len(found.points) == 0
    assert "nothing is extrapolated from two subjects: A" in caplog.text


def test_three_subjects_have_no_interval_of_each(rng):
    found = story_ceilings(recording(*people(rng, 3, 0.8)), ENCODE, SETTINGS).ceilings
    one, group = kind_of(found, LIMIT, "s0").iloc[0], kind_of(found, LIMIT).iloc[0]
    assert np.isfinite(one["ceiling"])
    assert np.isnan(one["low"])
    assert one["failed"] > 0
    assert group["low"] < 0.8 < group["high"]


def test_one_subject_has_none(rng, caplog):
    found = story_ceilings(recording(*people(rng, 1, 0.8)), ENCODE, SETTINGS)
    assert len(found.ceilings) == len(found.points) == 0
    assert "no ceiling where there is one subject: A" in caplog.text
    assert "no ceiling of alice" in caplog.text


def test_intervals_need_two_blocks(rng):
    made = recording(*people(rng, 4, 0.8, n_samples=24))
    with pytest.raises(InputError, match=r"ceilings_story\.block: expected at most 12.* got 20"):
        story_ceilings(made, ENCODE, SETTINGS)
    found = story_ceilings(made, ENCODE, SETTINGS.model_copy(update={"block": 12}))
    assert len(found.ceilings)


def test_subjects_must_have_the_same_samples(rng):
    made = recording(*people(rng, 3, 0.8))
    few = made.samples[["id"]].iloc[:300].assign(repeats=1)
    one = made.subjects[1]
    made.subjects[1] = replace(one, responses=one.responses[:300], samples=few)
    with pytest.raises(InputError, match="not everybody has in alice, subject s1: got 300 of 400"):
        story_ceilings(made, ENCODE, SETTINGS)


def test_what_is_given_is_passed_on(rng):
    group = subject(GROUP, rng.standard_normal((50, 1)), ["reading_time"], ceiling=0.76)
    found = story_ceilings(recording(group), ENCODE, SETTINGS).ceilings
    (row,) = found.to_dict("records")
    assert (row["subject"], row["kind"], row["ceiling"]) == (GROUP, GIVEN, 0.76)
    assert np.isnan([row["low"], row["high"], row["subjects"], row["endpoint"]]).all()


def test_a_region_that_some_subjects_lack(rng):
    made = [*people(rng, 3, 0.8, regions="AB"), *people(rng, 2, 0.8, regions="B")]
    made = [Subject(f"p{i}", s.responses, s.targets) for i, s in enumerate(made)]
    found = story_ceilings(recording(*made), ENCODE, SETTINGS).ceilings
    assert found.groupby("region")["subject"].nunique().to_dict() == {"A": 4, "B": 6}


def test_others_who_do_not_agree_are_named(caplog):
    one = np.tile([1.0, 1, -1, -1], 20)
    other = np.tile([1.0, -1, 1, -1], 20)
    series = (one, one + other, one - other * 1.5)
    made = recording(*(subject(f"s{i}", s[:, None], ["A"]) for i, s in enumerate(series)))
    found = story_ceilings(made, ENCODE, SETTINGS).ceilings
    assert np.isnan(kind_of(found, LIMIT, "s0")["ceiling"].iloc[0])
    assert "region A: nothing to extrapolate from" in caplog.text


def test_points_are_means_over_subsets_and_lie_on_the_curve(rng):
    found = story_ceilings(recording(*people(rng, 6, 0.8, 5000)), ENCODE, SETTINGS).points
    measured = found[found["part"] == MEASURED]
    assert len(measured) == 6 * 5
    curve = found[found["part"] == EXTRAPOLATED].set_index("others")["value"]
    means = measured.groupby("others")["value"].mean()
    both = means.index.intersection(curve.index)
    assert len(both) > 2
    assert_allclose(curve[both], means[both], atol=0.01)
    assert set(found[found["part"] == REPLICATE]["replicate"]) == {f"s{i}" for i in range(6)}


@pytest.mark.parametrize("name", ["one_factor", "exponential"])
def test_published_curves_say_which_they_are(rng, name):
    settings = SETTINGS.model_copy(update={"extrapolation": name})
    found = story_ceilings(recording(*people(rng, 7, 0.8)), ENCODE, settings)
    row = kind_of(found.ceilings, LIMIT).iloc[0]
    assert row["curve"] == name
    assert row["low"] <= row["ceiling"] <= row["high"]
    assert row["ceiling"] == pytest.approx(0.8, abs=0.1)
    replicates = found.points[found.points["part"] == REPLICATE]["replicate"]
    assert replicates.nunique() == 50


def test_the_command_writes_both_tables(rng, tmp_path):
    made = people(rng, 4, 0.7, regions=["LATL", "RATL"])
    write_recording(tmp_path / "alice", recording(*made))
    out, points = tmp_path / "ceilings.parquet", tmp_path / "points.parquet"
    line = ["story", "--recording", str(tmp_path / "alice"), "--out", str(out)]
    line += ["--points", str(points), "--params", str(PROJECT / "params.yaml")]
    done = CliRunner().invoke(main, line, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    expected = story_ceilings(recording(*made), PARAMS.encode, PARAMS.ceilings_story)
    pd.testing.assert_frame_equal(read_story_ceilings(out), expected.ceilings)
    pd.testing.assert_frame_equal(read_ceiling_points(points), expected.points)


def test_a_region_that_nobody_has_is_refused(rng, tmp_path):
    write_recording(tmp_path / "alice", recording(*people(rng, 3, 0.7, regions=["LATL"])))
    wrong = (PROJECT / "params.yaml").read_text()
    at = wrong.index("\nencode:")
    wrong = wrong[:at] + wrong[at:].replace("regions: all", "regions: [Angular_L]", 1)
    (tmp_path / "params.yaml").write_text(wrong)
    line = ["story", "--recording", str(tmp_path / "alice"), "--out", str(tmp_path / "c.parquet")]
    line += ["--points", str(tmp_path / "p"), "--params", str(tmp_path / "params.yaml")]
    done = CliRunner().invoke(main, line, catch_exceptions=False)
    assert done.exit_code == 2
    assert not (tmp_path / "c.parquet").exists()
