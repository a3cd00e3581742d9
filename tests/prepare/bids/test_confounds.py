import json

import numpy as np
import pandas as pd
import pytest
from nilearn.interfaces.fmriprep import load_confounds
from nilearn.signal import clean as nilearn_clean

from stages.core.recording.types import Cleaning
from stages.core.run.errors import InputError
from stages.prepare.bids.bids_recording import load_bids
from stages.prepare.bids.confounds import (
    MOTION_24,
    check_filter,
    confound_names,
    confound_values,
    count_dummies,
    marked_volumes,
    read_confounds,
)
from stages.prepare.bids.person_series import without_confounds
from tests.prepare.bids.lab import N_VOLUMES, SPACE

ALL = slice(0, N_VOLUMES)
RUN = "sub-02/ses-02/func/sub-02_ses-02_task-story_run-10"


@pytest.fixture
def path(lab):
    return lab / f"derivatives/fmriprep/{RUN}_desc-confounds_timeseries.tsv"


@pytest.mark.parametrize(
    ("strategy", "nilearn"),
    [
        ("motion6", {"strategy": ("motion",), "motion": "basic"}),
        ("motion24", {"strategy": ("motion",), "motion": "full"}),
    ],
)
def test_nilearn_takes_the_same(lab, path, strategy, nilearn):
    image = lab / f"derivatives/fmriprep/{RUN}_space-{SPACE}_desc-preproc_bold.nii.gz"
    expected, _ = load_confounds(str(image), demean=False, **nilearn)
    table = read_confounds(path, N_VOLUMES)
    names = confound_names(table, path, strategy)
    assert sorted(names) == list(expected.columns)
    found = pd.DataFrame(confound_values(table, path, names, ALL), columns=names)
    np.testing.assert_allclose(found[expected.columns], expected, atol=1e-12)


def test_strategies(path):
    table = read_confounds(path, N_VOLUMES)
    assert confound_names(table, path, "none") == []
    assert confound_names(table, path, "motion24") == list(MOTION_24)
    components = [f"a_comp_cor_{at:02d}" for at in range(2, 7)]
    assert confound_names(table, path, "compcor") == [*MOTION_24, *components]
    assert confound_names(table, path, ["cosine00"]) == ["cosine00"]
    with pytest.raises(InputError, match="no such confound .*got 'trans_X'. Did you mean 'trans_"):
        confound_names(table, path, ["trans_X"])


@pytest.mark.parametrize(
    ("strategy", "high_pass", "message"),
    [
        ("compcor", 0.0, "components of filtered series .*got 0. Set story.prepare.high_pass"),
        (["trans_x", "w_comp_cor_00"], 0.0, "components of filtered series"),
        (["cosine00", "cosine01"], 128.0, "two filters .*got cosine00, cosine01 and 128 s"),
    ],
)
def test_confounds_that_do_not_go_with_the_filter(strategy, high_pass, message):
    with pytest.raises(InputError, match=message):
        check_filter(strategy, high_pass)


def test_confounds_go_with_the_filter(lab, settings, prepare):
    for strategy, high_pass in (("compcor", 128.0), ("motion24", 0.0), (["cosine00"], 0.0)):
        check_filter(strategy, high_pass)
    with pytest.raises(InputError, match="components of filtered series"):
        load_bids(
            lab,
            prepare.model_copy(update={"high_pass": 0.0}),
            settings.model_copy(update={"confounds": "compcor"}),
        )


def test_volumes_that_are_marked(path):
    table = read_confounds(path, N_VOLUMES)
    marks = ["motion_outlier00", "non_steady_state_outlier00", "non_steady_state_outlier01"]
    assert marked_volumes(table) == marks
    assert count_dummies(table) == 2
    kept = confound_values(table, path, marks, slice(2, N_VOLUMES))
    np.testing.assert_array_equal(kept[:, 0], np.arange(2, N_VOLUMES) == 20)
    assert kept.shape == (N_VOLUMES - 2, 1)


def test_tables_that_are_wrong(path, tmp_path):
    lines = path.read_text().splitlines()
    spoilt = tmp_path / path.name
    spoilt.write_text("\n".join(lines[:-1]))
    with pytest.raises(InputError, match="confounds of another length .*expected 80, got 79"):
        read_confounds(spoilt, N_VOLUMES)
    lines[12] = "\t".join(["n/a", *lines[12].split("\t")[1:]])
    spoilt.write_text("\n".join(lines))
    table = read_confounds(spoilt, N_VOLUMES)
    with pytest.raises(InputError, match="missing value in .*, line 13, trans_x: .*got n/a"):
        confound_values(table, spoilt, ["trans_x"], ALL)
    with pytest.raises(InputError, match="no anatomical components in .*Mask combined"):
        confound_names(table, spoilt, "compcor")


@pytest.mark.parametrize(("detrend", "high_pass"), [(True, 40.0), (True, 0.0), (False, 40.0)])
def test_nilearn_leaves_the_same(detrend, high_pass):
    rng = np.random.default_rng(3)
    runs, tr = np.repeat([0, 1], [60, 45]), 2.0
    series = np.cumsum(rng.normal(size=(105, 7)), axis=0) + 100
    designs = [np.cumsum(rng.normal(size=(n, 4)), axis=0) for n in (60, 45)]
    designs[1][:, 3] = 2 * designs[1][:, 0]
    cleaning = Cleaning(detrend, high_pass, standardize=True)
    left = without_confounds(series, designs, runs, tr, cleaning)
    for run, design in enumerate(designs):
        expected = nilearn_clean(
            series[runs == run],
            detrend=detrend,
            standardize=None,
            confounds=design,
            standardize_confounds=True,
            filter="butterworth" if high_pass else False,
            high_pass=1 / high_pass if high_pass else None,
            t_r=tr,
        )
        centred = left[runs == run] - left[runs == run].mean(axis=0)
        np.testing.assert_allclose(centred, expected - expected.mean(axis=0), atol=2e-5)


def test_what_is_nothing_but_movement_is_gone():
    rng = np.random.default_rng(4)
    design = rng.normal(size=(50, 3))
    series = np.column_stack([design @ [1, 2, 3] + 5, rng.normal(size=50)])
    left = without_confounds(
        series, [design], np.zeros(50, dtype=int), 2.0, Cleaning(True, 0.0, True)
    )
    assert not left[:, 0].any()
    assert left[:, 1].std() > 0.5
    untouched = without_confounds(
        series, [design[:, :0]], np.zeros(50, dtype=int), 2.0, Cleaning(False, 0.0, True)
    )
    np.testing.assert_allclose(untouched, series - series.mean(axis=0), atol=1e-5)


def test_what_the_filter_leaves_of_a_confound_is_no_confound():
    n = 60
    series = np.random.default_rng(5).normal(size=(n, 4))
    drift = np.arange(n, dtype=float)[:, None]
    runs, cleaning = np.zeros(n, dtype=int), Cleaning(True, 0.0, True)
    left = without_confounds(series, [drift], runs, 2.0, cleaning)
    np.testing.assert_array_equal(
        left, without_confounds(series, [drift[:, :0]], runs, 2.0, cleaning)
    )


def test_the_first_components_are_first_by_number(tmp_path):
    names = [f"a_comp_cor_{at:02d}" for at in range(97, 103)]
    path = tmp_path / "x_desc-confounds_timeseries.tsv"
    path.with_suffix(".json").write_text(
        json.dumps({name: {"Mask": "combined"} for name in reversed(names)})
    )
    table = pd.DataFrame({key: ["0"] for key in [*MOTION_24, *names]})
    assert confound_names(table, path, "compcor")[24:] == names[:5]
