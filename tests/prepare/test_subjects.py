import numpy as np
import pytest

from stages.core.recording.types import Cleaning, Subject
from stages.core.run.errors import InputError
from stages.core.time.cleaning import clean
from stages.prepare.subjects import (
    check_subjects,
    clean_targets,
    drop_unusable,
    select_regions,
    select_subjects,
)
from stages.prepare.usable_targets import NAMED, target_table

PRESENT = ["subject_1", "subject_2", "subject_10"]
RUNS = np.array(["1"] * 8 + ["2"] * 8)
CLEANING = Cleaning(detrend=True, high_pass=0.0, standardize=True)


def table(n_targets):
    names = [f"v{index}" for index in range(n_targets)]
    return target_table(names, names, [""] * n_targets)


def subject(name, responses):
    return Subject(name, responses.astype(np.float32), table(responses.shape[1]))


@pytest.mark.parametrize("value", [1e6, -1e6, 1e38])
def test_a_spike_is_told_of_and_kept(rng, caplog, value):
    series = rng.standard_normal((len(RUNS), 3000)).astype(np.float32)
    drop_unusable(series, table(3000), RUNS, "s")
    assert not caplog.messages
    series[3, 2500] = value
    kept = drop_unusable(series, table(3000), RUNS, "s")[0]
    assert kept.shape == series.shape
    assert caplog.messages == [
        "s: 1 of 3000 targets have a value more than 1000 typical deviations from their median: "
        "v2500"
    ]


@pytest.mark.parametrize(("value", "told"), [(1000.0, False), (1000.1, True), (-1000.1, True)])
def test_what_is_told_of_lies_beyond_a_thousand_typical_deviations(caplog, value, told):
    """Columns whose deviations from a median of 0 are 1, at either end of the first block."""
    column = np.r_[[-1.0] * 8, [1.0] * 7, 0.0, 0.0] * np.sign(value)
    series = np.tile(column[:, None], (1, 2049))
    series[16, [0, 2047, 2048]] = value
    drop_unusable(series, table(2049), np.repeat("1", 17), "s")
    names = "v0, v2047, v2048" if told else ""
    assert [message[-16:] for message in caplog.messages] == ([names] if told else [])


def test_what_hardly_varies_has_no_typical_deviation(caplog):
    series = np.zeros((16, 1))
    series[3] = 5.0
    kept, _ = drop_unusable(series, table(1), np.repeat("1", 16), "s")
    assert kept.shape == (16, 1)
    assert not caplog.messages


@pytest.mark.parametrize("more", [0, 1])
def test_of_many_spikes_some_are_named(rng, caplog, more):
    series = rng.standard_normal((16, 12))
    series[3, : NAMED + more] = 1e6
    drop_unusable(series, table(12), np.repeat("1", 16), "s")
    (message,) = caplog.messages
    names = ", ".join(f"v{at}" for at in range(NAMED))
    assert message.endswith(names + (", …" if more else ""))
    assert message.startswith(f"s: {NAMED + more} of 12 targets")


def test_regions_that_are_asked_for():
    known = ["V1", "FFC"]
    assert select_regions("all", known) == known
    assert select_regions(["FFC"], known) == ["FFC"]
    with pytest.raises(InputError, match=r"unknown region in params.yaml: scene.regions: got 'V2'"):
        select_regions(["V1", "V2"], known)


def test_all_or_some_in_order():
    assert select_subjects("all", PRESENT) == PRESENT
    assert select_subjects(["subject_10", "subject_1"], PRESENT) == ["subject_1", "subject_10"]


def test_unknown_subject():
    with pytest.raises(
        InputError,
        match=r"unknown subject in params\.yaml: story\.prepare\.subjects: got 'subject_3'\. Did",
    ):
        select_subjects(["subject_3"], PRESENT)


def test_subject_requested_twice():
    with pytest.raises(InputError, match=r"duplicate subject in params\.yaml.*'subject_1'"):
        select_subjects(["subject_1", "subject_1"], PRESENT)


def test_unusable_targets(rng, caplog):
    caplog.set_level("INFO")
    series = rng.normal(size=(16, 4))
    series[3, 0] = np.nan
    series[4, 2] = np.inf
    series[:8, 3] = 5.0
    kept, targets = drop_unusable(series, table(4), RUNS, "s1")
    assert targets["id"].tolist() == ["v1"]
    np.testing.assert_array_equal(kept, series[:, [1]])
    assert caplog.messages == [
        "s1: 2 of 4 targets dropped, NaN or infinite: v0, v2",
        "s1: 1 of 2 targets dropped, constant within a run: v3",
    ]


def test_cleaned_as_core_does_it(rng):
    series = rng.normal(600, 9, size=(16, 3))
    kept, _ = clean_targets(series, table(3), RUNS, 2.0, cleaning=CLEANING, subject="s1")
    np.testing.assert_allclose(kept, clean(series, RUNS, 2.0, CLEANING), rtol=1e-5, atol=1e-6)
    for run in ("1", "2"):
        np.testing.assert_allclose(kept[run == RUNS].mean(axis=0), 0, atol=1e-6)
        np.testing.assert_allclose(kept[run == RUNS].std(axis=0), 1, rtol=1e-5)


def test_a_straight_line_leaves_nothing(rng, caplog):
    caplog.set_level("INFO")
    series = rng.normal(size=(16, 2))
    series[:, 1] = np.arange(16)
    _, targets = clean_targets(series, table(2), RUNS, 2.0, cleaning=CLEANING, subject="s1")
    assert targets["id"].tolist() == ["v0"]
    assert caplog.messages == ["s1: 1 of 2 targets dropped, nothing left after cleaning: v1"]


def test_subjects_without_targets_go(rng):
    kept = check_subjects(
        [subject("s1", rng.normal(size=(4, 2))), subject("s2", np.zeros((4, 0)))], "alice"
    )
    assert [one.name for one in kept] == ["s1"]


def test_nobody_left():
    with pytest.raises(InputError, match="no usable subject in alice"):
        check_subjects([subject("s33", np.zeros((4, 0)))], "alice")


def test_two_names_for_one_recording(rng):
    responses = rng.normal(size=(4, 2))
    with pytest.raises(
        InputError, match="duplicate subject in raw: got the same responses in s1 and s3"
    ):
        check_subjects(
            [
                subject("s1", responses),
                subject("s2", rng.normal(size=(4, 2))),
                subject("s3", responses),
            ],
            "raw",
        )
