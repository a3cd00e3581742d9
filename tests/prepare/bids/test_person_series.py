"""Responses of one person, by naive loops over the runs, without a file."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.signal import butter, detrend, sosfiltfilt

from stages.core.recording.types import Cleaning
from stages.core.run.errors import InputError
from stages.prepare.bids import person_series
from stages.prepare.bids.entities import BidsFile
from stages.prepare.bids.find_runs import Run
from stages.prepare.bids.heard import Passage
from stages.prepare.bids.person_series import person, person_places, without_confounds
from stages.prepare.bids.run_plan import Plan
from stages.prepare.bids.run_timing import RunTiming
from stages.prepare.series.measured_places import Places, voxel_table

TR = 2.0
STRAIGHT = Cleaning(detrend=True, high_pass=0.0, standardize=True)
GRID = np.array([[i, j, k] for i in (4, 6) for j in (4, 5) for k in (5,)])


def run_of(number, *, images=None, mask=None, confounds=None):
    name = BidsFile(Path("x_bold.nii.gz"), {"sub": "1", "run": str(number)}, "bold", ".nii.gz")
    images = images or (Path(f"{number}_bold.nii.gz"),)
    return Run("sub-1", name, images, mask, confounds, None, {}, {}, None, ())


def standardised(block):
    return (block - block.mean(axis=0)) / block.std(axis=0)


def filtered(block, high_pass):
    block = detrend(block.astype(float), axis=0, type="linear")
    if high_pass:
        sections = butter(5, 1 / high_pass, "high", output="sos", fs=1 / TR)
        block = sosfiltfilt(sections, block, axis=0)
    return block


def residuals(block, design, high_pass=0.0):
    """What a least-squares fit of an intercept and a filtered design leaves, but for its mean."""
    whole = filtered(block, high_pass)
    if not design.shape[1]:
        return whole
    parts = filtered(design, high_pass)
    parts = parts - parts.mean(axis=0)
    full = np.column_stack([np.ones(len(block)), parts])
    return whole - parts @ np.linalg.lstsq(full, whole, rcond=None)[0][1:]


@pytest.mark.parametrize("high_pass", [0.0, 30.0])
def test_confounds_leave_every_run_and_every_column(rng, high_pass):
    """More columns than are cleaned at once; confounds of unlike scale and offset."""
    lengths, n_columns = (30, 45), person_series.COLUMNS + 3
    runs = np.repeat([0, 1], lengths)
    series = rng.normal(size=(75, n_columns)) * 3 + 1000
    designs = [rng.normal(size=(n, 2)) * [1e-3, 50] + [7, -2] for n in lengths]
    series[runs == 0] += designs[0] @ rng.normal(size=(2, n_columns))
    left = without_confounds(series, designs, runs, TR, Cleaning(True, high_pass, False))
    assert left.dtype == np.float32
    picked = [0, 1, n_columns - 4, n_columns - 3, n_columns - 1]
    for run, design in enumerate(designs):
        expected = residuals(series[runs == run][:, picked], design, high_pass)
        np.testing.assert_allclose(left[runs == run][:, picked], expected, atol=2e-4)


@pytest.mark.parametrize(("share", "stays"), [(0.7e-6, False), (1.3e-6, True)])
def test_what_is_left_of_a_column_counts_from_a_millionth_on(rng, share, stays):
    n = 64
    first, second = np.tile([1.0, -1, 1, -1], 16), np.tile([1.0, 1, -1, -1], 16)
    runs, cleaning = np.zeros(n, dtype=int), Cleaning(False, 0.0, False)
    series = np.column_stack([first + share * second, second, 1e-8 * second])
    left = without_confounds(series, [first[:, None]], runs, TR, cleaning)
    expected = share * second if stays else np.zeros(n)
    np.testing.assert_allclose(left[:, 0], expected, atol=1e-12)
    np.testing.assert_allclose(left[:, 1], second, atol=1e-6)
    np.testing.assert_allclose(left[:, 2], 1e-8 * second, rtol=1e-5)


@pytest.mark.parametrize(("share", "counts"), [(0.7e-6, False), (1.3e-6, True)])
def test_what_the_filter_leaves_of_a_confound_counts_from_a_millionth_on(share, counts):
    """A constant is none; a line that is filtered is one if something else is in it."""
    n = 64
    line = np.linspace(-1, 1, n)
    line /= line.std()
    wave = detrend(np.tile([1.0, 1, -1, -1], 16))
    wave /= wave.std()
    design = np.column_stack([np.full(n, 3.0), line + share * wave])
    series = detrend(np.tile([1.0, -1, 1, -1], 16))[:, None] + wave[:, None]
    runs, cleaning = np.zeros(n, dtype=int), Cleaning(True, 0.0, False)
    left = without_confounds(series, [design], runs, TR, cleaning)
    expected = residuals(series, wave[:, None]) if counts else series
    np.testing.assert_allclose(left, expected, atol=1e-4)


@pytest.fixture
def study(tmp_path, rng, monkeypatch):
    """Three runs of a person: the first and last of one passage, each with confounds, in a grid."""
    lengths = {1: 40, 2: 36, 3: 42}
    series, tables, runs = {}, {}, {}
    for number, n in lengths.items():
        table = pd.DataFrame(rng.normal(size=(n, 3)), columns=["a", "b", "c"])
        table["motion_outlier00"] = (np.arange(n) == 20 + number).astype(float)
        table.to_csv(tmp_path / f"{number}.tsv", sep="\t", index=False)
        runs[number] = run_of(number, confounds=tmp_path / f"{number}.tsv")
        values = rng.normal(size=(n, 4)) + table[["a"]].to_numpy() * [3, 0, -2, 1] + 500
        tables[number], series[runs[number].image] = table, values.astype(np.float32)
    words = pd.DataFrame({"text": ["a"], "onset": [0.0], "duration": [0.5]})
    passages = [
        Passage("1", words, 38, {"sub-1": [runs[1], runs[3]]}),
        Passage("2", words, 35, {"sub-1": [runs[2]]}),
    ]
    plan = Plan(passages, ["sub-1"], RunTiming(TR, 0.0), dummies=3)
    monkeypatch.setattr(person_series, "read_series", lambda image, places: series[image].copy())
    affine = np.diag([3.0, 3, 3, 1])
    places = Places("volume", voxel_table(GRID, np.full(4, "L")), affine, (11, 10, 11))
    regions = places.table[["id", "hemisphere", "i", "j", "k"]].assign(region=["A", "A", "B", ""])
    images = {number: series[run.image] for number, run in runs.items()}
    return SimpleNamespace(
        plan=plan, runs=runs, series=images, tables=tables, places=places, regions=regions
    )


def read(study, confounds="none", smoothing=0.0, cleaning=STRAIGHT):
    return person(
        study.plan,
        "sub-1",
        study.places,
        study.regions,
        settings=SimpleNamespace(confounds=confounds),
        cleaning=cleaning,
        smoothing=smoothing,
    )


def expected(study, columns, names=()):
    """The two passages: the mean of runs 1 and 3 of volumes 3 to 37, and run 2 of 3 to 34."""
    runs = {}
    for number, stop in {1: 38, 3: 38, 2: 35}.items():
        design = study.tables[number][list(names)].to_numpy()[3:stop]
        runs[number] = standardised(residuals(study.series[number][3:stop][:, columns], design))
    return np.vstack([standardised((runs[1] + runs[3]) / 2), runs[2]])


def test_runs_of_the_same_words_are_averaged_after_cleaning(study):
    subject, names = read(study)
    assert names == []
    assert subject.targets["region"].tolist() == ["A", "A", "B"]
    assert subject.responses.dtype == np.float32
    np.testing.assert_allclose(subject.responses, expected(study, [0, 1, 2]), atol=1e-4)
    assert (subject.name, subject.shape) == ("sub-1", (11, 10, 11))
    np.testing.assert_array_equal(subject.affine, np.diag([3.0, 3, 3, 1]))


def test_confounds_that_are_asked_for_go_with_the_marked_volumes(study):
    subject, names = read(study, ["b", "a"])
    assert names == ["b", "a", "motion_outlier00"]
    np.testing.assert_allclose(subject.responses, expected(study, [0, 1, 2], names), atol=1e-4)


def test_without_a_run_that_was_met_again_nothing_is_averaged(study):
    study.plan.passages[0].runs["sub-1"].pop()
    subject, _ = read(study)
    parts = [study.series[1][3:38, :3], study.series[2][3:35, :3]]
    whole = np.vstack([standardised(residuals(part, part[:, :0])) for part in parts])
    np.testing.assert_allclose(subject.responses, whole, atol=1e-4)


def test_a_slow_drift_stays_unless_it_is_to_go(study):
    study.plan.passages[0].runs["sub-1"].pop()
    for series in study.series.values():
        series[:] = series + np.linspace(0, 20, len(series))[:, None]
    subject, _ = read(study, cleaning=Cleaning(False, 0.0, standardize=True))
    parts = [study.series[1][3:38, :3], study.series[2][3:35, :3]]
    whole = np.vstack([standardised(part.astype(float)) for part in parts])
    np.testing.assert_allclose(subject.responses, whole, atol=1e-4)


def test_what_is_broken_goes_before_smoothing_and_what_is_nowhere_after_it(study):
    """The voxel outside every region is a neighbour; one that is missing once is none."""
    study.series[3][:, 1] = 7.0
    subject, _ = read(study, smoothing=5.0)
    assert subject.targets["id"].tolist() == ["4-4-5", "6-4-5"]
    steps = (GRID[[0, 2, 3], None] - GRID[None, [0, 2, 3]]) * 3
    weights = np.exp(-0.5 * (steps**2).sum(axis=-1) / (5.0 / np.sqrt(8 * np.log(2))) ** 2)
    weights /= weights.sum(axis=1, keepdims=True)
    for number in study.series:
        study.series[number] = study.series[number][:, [0, 2, 3]] @ weights.T
    np.testing.assert_allclose(subject.responses, expected(study, [0, 1]), atol=1e-3)


def test_nobody_is_smoothed_of_whom_nothing_is_left(study):
    for series in study.series.values():
        series[5] = np.nan
    subject, _ = read(study, smoothing=5.0)
    assert subject.responses.shape == (35 + 32, 0)


@pytest.mark.parametrize("lacking", ["shape", "affine", "kind"])
def test_only_volumes_are_smoothed(study, lacking):
    places = study.places
    changed = {"shape": places.shape, "affine": places.affine, "kind": "volume"}
    changed[lacking] = "cifti" if lacking == "kind" else None
    study.places = Places(table=places.table, **changed)
    with pytest.raises(InputError, match=f"only volumes are smoothed .*0 for {changed['kind']}"):
        read(study, smoothing=5.0)


@pytest.mark.parametrize(("n", "refused"), [(11, False), (12, True)])
def test_confounds_are_at_most_a_third_of_the_volumes(study, tmp_path, n, refused):
    """The shortest run keeps 32 volumes: ten confounds, and a mark of a volume."""
    rng = np.random.default_rng(1)
    for number, table in study.tables.items():
        more = pd.DataFrame(rng.normal(size=(len(table), n - 1)))
        more = more.add_prefix("x").assign(motion_outlier00=table["motion_outlier00"])
        more.to_csv(tmp_path / f"{number}.tsv", sep="\t", index=False)
    names = [f"x{at}" for at in range(n - 1)]
    study.plan.passages[1] = Passage(
        "2", study.plan.passages[1].words, 36, study.plan.passages[1].runs
    )
    if not refused:
        assert len(read(study, names)[1]) == n
        return
    with pytest.raises(InputError, match="too many .*run-1: .*at most 11, a third .*got 12, marks"):
        read(study, names)


def test_runs_without_confounds_or_with_a_table_of_another_length(study):
    study.plan.passages[1].runs["sub-1"][0] = run_of(2)
    with pytest.raises(InputError, match="no confounds for sub-1, run-2"):
        read(study, ["a"])
    assert read(study)[1] == []
    study.plan.passages[1].runs["sub-1"][0] = run_of(2, confounds=study.runs[1].confounds)
    with pytest.raises(InputError, match="another length .*expected 36, got 40"):
        read(study, ["a"])


def test_a_mark_is_a_confound_once(study):
    assert read(study, ["motion_outlier00", "a"])[1] == ["motion_outlier00", "a"]


@pytest.fixture
def looked(monkeypatch):
    """Places are what they were looked for in."""
    for name in ("volume_places", "surface_places", "cifti_places"):
        monkeypatch.setattr(person_series, name, lambda *found, name=name: (name, *found))


def test_places_are_looked_for_by_the_kind_of_image(looked):
    pairs = [(Path(f"{at}_hemi-L.func.gii"), Path(f"{at}_hemi-R.func.gii")) for at in "12"]
    assert person_places([run_of(1, images=pair) for pair in pairs]) == ("surface_places", pairs)
    dense = [Path(f"{at}_bold.dtseries.nii") for at in "12"]
    assert person_places([run_of(1, images=(path,)) for path in dense]) == ("cifti_places", dense)
    volume = Path("1_bold.nii.gz")
    both = [run_of(1, images=(path,)) for path in (dense[0], volume)]
    assert person_places(both) == ("volume_places", [dense[0], volume], [])


def test_all_runs_have_a_mask_or_none(looked):
    masks = [Path("1_mask.nii.gz"), Path("2_mask.nii.gz")]
    runs = [run_of(1, mask=masks[0]), run_of(2, mask=masks[1])]
    images = [run.image for run in runs]
    assert person_places(runs) == ("volume_places", images, masks)
    for bare in (0, 1):
        some = [run_of(at + 1, mask=None if at == bare else masks[at]) for at in (0, 1)]
        with pytest.raises(InputError, match=f"no brain mask for sub-1, run-{bare + 1}: expected"):
            person_places(some)
    assert person_places([run_of(1), run_of(2)])[2] == []
