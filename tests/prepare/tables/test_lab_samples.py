from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.prepare.tables.lab_cells import LabTable
from stages.prepare.tables.lab_samples import read_lab_samples, sample_of_word, sampling_interval

WHERE = Path("stimuli.csv")


def samples_of(**runs):
    """Samples of runs, by their onsets."""
    rows = [(run, onset) for run, onsets in runs.items() for onset in onsets]
    table = pd.DataFrame(rows, columns=["run", "onset"])
    return table.assign(id=[f"t{at}" for at in range(len(table))])


def interval(**runs):
    samples = samples_of(**runs)
    return sampling_interval(LabTable(Path("samples.csv"), samples), samples)


def write(folder, rows, header="run,onset"):
    path = folder / "samples.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_samples_are_numbered_from_1_and_keep_their_own_names(tmp_path):
    samples, tr = read_lab_samples(write(tmp_path, ["b,0", "b,2", "a,1", "a,3"]))
    assert list(samples) == ["id", "run", "onset"]
    assert samples["id"].tolist() == ["t00001", "t00002", "t00003", "t00004"]
    assert (samples["run"].tolist(), tr) == (["b", "b", "a", "a"], 2.0)
    own = write(tmp_path, ["x,1,0", "y,1,1.5"], "id,run,onset")
    assert read_lab_samples(own)[0]["id"].tolist() == ["x", "y"]
    with pytest.raises(InputError, match="duplicate id"):
        read_lab_samples(write(tmp_path, ["x,1,0", "x,1,1.5"], "id,run,onset"))


def test_as_many_samples_as_drift_is_controlled_for(tmp_path):
    rows = [f"1,{at}" for at in range(20_001)]
    assert len(read_lab_samples(write(tmp_path, rows[:-1]))[0]) == 20_000
    with pytest.raises(InputError, match="expected at most 20000, got 20001"):
        read_lab_samples(write(tmp_path, rows))


def test_the_interval_is_the_mean_over_steps_of_all_runs():
    assert interval(a=[5, 6.5, 8], b=[0, 1.5]) == 1.5
    assert interval(a=[0, 1, 2, 3], b=[0, 1.0016]) == pytest.approx((3 * 1 + 1.0016) / 4)


@pytest.mark.parametrize(("off", "even"), [(0.0009, True), (0.00149, True), (0.0016, False)])
def test_onsets_may_be_rounded_to_a_millisecond(off, even):
    """The line from the first to the last of four: the others are off by as much or less."""
    onsets = [0, 2 + off, 4, 6]
    if even and off <= 0.001:
        assert interval(a=onsets) == 2
    else:
        with pytest.raises(InputError, match=r"line 3, onset: expected 2 s after"):
            interval(a=onsets)


def test_of_fast_samples_a_quarter_of_the_interval_is_too_much():
    assert interval(a=[0, 0.0024, 0.004, 0.006]) == 0.002
    with pytest.raises(InputError, match="not equally far apart"):
        interval(a=[0, 0.0026, 0.004, 0.006])


def test_uneven_or_backward_samples_are_named():
    with pytest.raises(InputError, match=r"line 5, onset: expected 2 s after .*got 3 s"):
        interval(a=[0, 2, 4, 7, 9, 11])
    with pytest.raises(InputError, match="line 6, onset: .*got 0 s"):
        interval(b=[0, 2], a=[0, 2, 2, 4])
    for back in ([4, 2, 0], [1, 1]):
        with pytest.raises(InputError, match="above 0"):
            interval(a=back)
    with pytest.raises(InputError, match=r"run of one sample in .*line 4: got 'b'"):
        interval(a=[0, 1], b=[0])


def test_intervals_of_runs_may_differ_by_what_rounding_gives():
    """Two milliseconds over the steps of the shorter run."""
    assert interval(a=[0, 2, 4, 6], b=[0, 2.00095, 4.0019]) == pytest.approx(2.00038)
    with pytest.raises(InputError, match=r"run b: expected 2 s as in run a, got 2.00105 s"):
        interval(a=[0, 2, 4, 6], b=[0, 2.00105, 4.0021])


def words_of(**runs):
    return samples_of(**runs).assign(id=lambda table: "w" + table["id"])


def test_words_belong_to_the_sample_during_which_they_begin():
    samples, words = samples_of(a=[0, 2, 4], b=[1, 3]), words_of(a=[0, 1.9, 2, 5.9], b=[2.5, 4.9])
    found = sample_of_word(words, samples, 2.0, WHERE)
    assert found.tolist() == ["t0", "t0", "t1", "t2", "t3", "t4"]


@pytest.mark.parametrize("beyond", [-0.5, 4.0])
def test_a_tenth_of_a_runs_words_may_begin_outside(beyond, caplog):
    samples = samples_of(a=[0, 2])
    onsets = sorted([*np.linspace(0, 3, 9), beyond])
    found = sample_of_word(words_of(a=onsets), samples, 2.0, WHERE)
    assert (found == "").sum() == 1
    name = "wt0" if beyond < 0 else "wt9"
    assert f"1 of 10 stimuli begin outside the samples: {name}" in caplog.text
    assert "…" not in caplog.text
    with pytest.raises(
        InputError, match=rf"run a: expected onsets from 0 to 4 s, got {beyond:g} s"
    ):
        sample_of_word(words_of(a=sorted([1, 2, beyond])), samples, 2.0, WHERE)


def test_runs_must_be_those_of_the_samples_in_their_order():
    samples = samples_of(a=[0, 2], b=[0, 2])
    for words in (words_of(a=[1]), words_of(b=[1], a=[1]), words_of(a=[1], b=[1], c=[1])):
        with pytest.raises(InputError, match=r"runs differ in .*those of samples: 'a', 'b', got"):
            sample_of_word(words, samples, 2.0, WHERE)
