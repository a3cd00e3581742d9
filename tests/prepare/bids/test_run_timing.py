import logging
from pathlib import Path

import pytest

from stages.core.run.errors import InputError
from stages.prepare.bids import run_timing as module
from stages.prepare.bids.entities import BidsFile
from stages.prepare.bids.find_runs import Run
from stages.prepare.bids.run_timing import RunTiming, agreed_timing, run_timing


def run(about=None, raw=None, number="1"):
    name = BidsFile(Path("x_bold.nii.gz"), {"sub": "01", "run": number}, "bold", ".nii.gz")
    images = (Path(f"run-{number}.nii.gz"),)
    return Run("sub-01", name, images, None, None, None, about or {}, raw or {}, None, ())


@pytest.fixture
def header(monkeypatch):
    """Let the header of every image say a time."""

    def says(seconds):
        monkeypatch.setattr(module, "header_tr", lambda image: seconds)

    says(None)
    return says


@pytest.fixture
def auto(settings):
    """Settings that leave times to the files."""
    return settings.model_copy(update={"repetition_time": "auto", "slice_reference": "auto"})


def test_a_volume_is_taken_at_the_middle_of_its_acquisition(header, auto):
    assert run_timing(run({"RepetitionTime": 2}), auto) == RunTiming(2, 1)
    assert run_timing(run({"RepetitionTime": 2, "DelayTime": 0.5}), auto) == RunTiming(2, 0.75)
    raw = {"RepetitionTime": 2, "DelayTime": 1.0}
    assert run_timing(run(raw=raw), auto) == RunTiming(2, 0.5)
    assert run_timing(run({"DelayTime": 0}, raw), auto) == RunTiming(2, 1)
    header(3.0)
    assert run_timing(run(), auto) == RunTiming(3, 1.5)


def test_slices_that_were_brought_to_one_time_are_taken_there(header, auto):
    about = {"RepetitionTime": 2, "StartTime": 0.25}
    assert run_timing(run(about), auto) == RunTiming(2, 0.25)
    assert run_timing(run(about | {"SliceTimingCorrected": True}), auto).start == 0.25
    assert run_timing(run(about | {"SliceTimingCorrected": False}), auto).start == 1
    assert run_timing(run(about | {"StartTime": 0}), auto).start == 0
    with pytest.raises(InputError, match="not true or false .*SliceTimingCorrected: got 'yes'"):
        run_timing(run(about | {"SliceTimingCorrected": "yes"}), auto)


def test_what_settings_say_counts(header, auto):
    about = {"RepetitionTime": 2, "StartTime": 0.25}
    own = auto.model_copy(update={"slice_reference": 0.0})
    assert run_timing(run(about), own) == RunTiming(2, 0)
    own = auto.model_copy(update={"repetition_time": 1.5})
    assert run_timing(run({"VolumeTiming": [0, 9]}), own) == RunTiming(1.5, 0.75)


@pytest.mark.parametrize("value", ["2", True, float("nan"), float("inf"), [2]])
def test_times_are_finite_numbers(header, auto, value):
    with pytest.raises(InputError, match="not a number .*RepetitionTime"):
        run_timing(run({"RepetitionTime": value}), auto)


def test_repetition_times_agree_to_a_millisecond(header, auto):
    for raw, seconds in ((2.0009, None), (None, 2.0009)):
        header(seconds)
        about = {} if raw is None else {"RepetitionTime": raw}
        assert run_timing(run({"RepetitionTime": 2}, about), auto).tr == 2
    header(2.0011)
    with pytest.raises(InputError, match="2 s as in its .json, got 2.0011 s in the image"):
        run_timing(run({"RepetitionTime": 2}), auto)
    with pytest.raises(
        InputError, match="3 s as in the dataset's .json, got 2.0011 s in the image"
    ):
        run_timing(run(raw={"RepetitionTime": 3}), auto)


def test_repetition_times_are_seconds(header, auto):
    assert run_timing(run({"RepetitionTime": 60}), auto).tr == 60
    for wrong in (60.001, 0, -2):
        with pytest.raises(InputError, match=f"seconds, at most 60, got {wrong:g} in its .json"):
            run_timing(run({"RepetitionTime": wrong}), auto)
    with pytest.raises(InputError, match="no repetition time .*bids.repetition_time"):
        run_timing(run(), auto)
    for place in ("about", "raw"):
        told = {"RepetitionTime": 2, "VolumeTiming": [0, 2, 5]}
        with pytest.raises(InputError, match="not equally far apart"):
            run_timing(run(**{place: told}), auto)


def agreed(*timings, about=None):
    runs = [run(about, number=str(at)) for at in range(1, len(timings) + 1)]
    return agreed_timing(runs, [RunTiming(*timing) for timing in timings])


def test_runs_share_the_timing_of_the_most(caplog):
    caplog.set_level(logging.INFO, "concord")
    assert agreed((2, 1), (2.0009, 0.9), (2, 0.9)) == RunTiming(2, 0.9)
    assert "no StartTime: samples are taken at 0.9 s" in caplog.text
    caplog.clear()
    assert agreed((2, 1), (2, 0.9), about={"StartTime": 1}) == RunTiming(2, 1)
    assert not caplog.records


def test_runs_of_different_times_are_refused():
    with pytest.raises(InputError, match=r"run-2.nii.gz: expected 2 s as in .*got 2.0011 s"):
        agreed((2, 1), (2.0011, 1))
    assert agreed((2, 1), (2, 1.19), (2, 1)).start == 1
    with pytest.raises(InputError, match=r"run-2: expected 1 s after .*got 1.21 s"):
        agreed((2, 1), (2, 1.21), (2, 1))


def test_times_that_are_just_close_enough_are_one(header, auto):
    """A millisecond, and a tenth of five seconds: numbers of which the difference is exact."""
    header(0.002)
    assert run_timing(run({"RepetitionTime": 0.001}), auto).tr == 0.001
    assert agreed((0.001, 0), (0.002, 0)).tr == 0.001
    assert agreed((5, 1), (5, 1.5), (5, 1)).start == 1
