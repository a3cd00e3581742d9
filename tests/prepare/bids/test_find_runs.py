"""The runs of a derivative and what belongs to each, by names of files alone."""

import json
import logging
from pathlib import Path
from types import SimpleNamespace

import pytest

from stages.core.run.errors import InputError
from stages.prepare.bids.dataset_files import Dataset
from stages.prepare.bids.entities import parse_name
from stages.prepare.bids.find_runs import find_runs

SPACE = "MNI152NLin2009cAsym"
RUN = "sub-1_task-a_run-1"


def asked(*tasks, space=SPACE, **select):
    """Settings: tasks and a space, and what else is chosen."""
    return SimpleNamespace(tasks=list(tasks or "a"), space=space, select=select)


def dataset(derived, raw=(), folder=Path("/d")):
    files = [[parse_name(folder / name) for name in names] for names in (raw, derived)]
    return Dataset(folder, folder / "derivative", *map(tuple, files))


def series(stem=RUN, space=SPACE, more="_desc-preproc"):
    return f"{stem}_space-{space}{more}_bold.nii.gz"


def test_what_belongs_to_a_run_is_of_its_acquisition_and_grid():
    other = "sub-1_task-a_run-2"
    derived = [
        series(more="_res-2_desc-preproc"),
        f"{RUN}_space-{SPACE}_res-1_desc-brain_mask.nii.gz",
        f"{RUN}_space-{SPACE}_res-2_desc-brain_mask.nii.gz",
        f"{RUN}_space-{SPACE}_res-2_desc-aseg_mask.nii.gz",
        f"{RUN}_space-{SPACE}_res-2_desc-brain_mask.json",
        f"{RUN}_space-{SPACE}_res-2_desc-brain_dseg.nii.gz",
        f"{RUN}_space-T1w_res-2_desc-brain_mask.nii.gz",
        f"{other}_space-{SPACE}_res-2_desc-brain_mask.nii.gz",
        f"{RUN}_desc-confounds_timeseries.tsv",
        f"{other}_desc-confounds_timeseries.tsv",
        f"{RUN}_desc-carpet_timeseries.tsv",
    ]
    raw = [
        f"{RUN}_echo-2_bold.nii.gz",
        f"{RUN}_echo-1_bold.nii.gz",
        f"{RUN}_bold.tsv",
        f"{RUN}_aaa.nii.gz",
        f"{other}_bold.nii.gz",
        f"{RUN}_events.tsv",
        "task-a_events.tsv",
    ]
    (run,) = find_runs(dataset(derived, raw), asked())
    assert run.subject == "sub-1"
    assert run.image == Path("/d", derived[0])
    assert run.mask == Path("/d", derived[2])
    assert run.confounds == Path("/d", f"{RUN}_desc-confounds_timeseries.tsv")
    assert run.raw == Path("/d", f"{RUN}_echo-1_bold.nii.gz")
    assert run.events == Path("/d", f"{RUN}_events.tsv")
    assert run.label == "sub-1, task-a, run-1"


def test_a_run_may_have_nothing_but_its_series():
    (run,) = find_runs(dataset([series()]), asked())
    assert (run.mask, run.confounds, run.events, run.raw, run.sidecars) == (None,) * 4 + ((),)
    assert (run.about, run.raw_about) == ({}, {})


@pytest.mark.parametrize(
    ("again", "what"),
    [
        (f"{RUN}_space-{SPACE}_desc-brain_mask.nii", "brain mask"),
        (f"{RUN}_desc-confounds_regressors.tsv", "table of confounds"),
    ],
)
def test_what_is_there_twice_is_refused(again, what):
    first = {"brain mask": f"{RUN}_space-{SPACE}_desc-brain_mask.nii.gz"}
    first = first.get(what, f"{RUN}_desc-confounds_timeseries.tsv")
    data = dataset([series(), first, again])
    with pytest.raises(InputError, match=f"more than one {what} of a run: .*{first}, .*{again}"):
        find_runs(data, asked())


def test_runs_are_in_the_order_of_people_and_numbers():
    stems = ["sub-2_task-a_run-1", "sub-1_task-a_run-10", "sub-1_task-a_run-2"]
    stems += ["sub-1_task-b_run-1", "sub-1_task-c_run-1"]
    runs = find_runs(dataset([series(stem) for stem in stems]), asked("b", "a"))
    assert [run.label for run in runs] == [
        "sub-1, task-a, run-2",
        "sub-1, task-a, run-10",
        "sub-1, task-b, run-1",
        "sub-2, task-a, run-1",
    ]


def test_runs_are_chosen_by_space_and_entities():
    """Surfaces do not say that they are preprocessed; what says another thing is another."""
    derived = [
        series(),
        series(space="T1w"),
        f"{RUN}_desc-preproc_bold.nii.gz",
        f"{RUN}_hemi-R_space-fsaverage5_bold.func.gii",
        f"{RUN}_hemi-L_space-fsaverage5_bold.func.gii",
        series(more="_desc-other"),
    ]
    data = dataset(derived)
    for space, images in {SPACE: [0], "T1w": [1], "": [2], "fsaverage5": [4, 3]}.items():
        (run,) = find_runs(data, asked(space=space, desc="preproc"))
        assert run.images == tuple(Path("/d", derived[at]) for at in images)
    assert run.image == run.images
    (run,) = find_runs(data, asked(desc="other"))
    assert run.image == Path("/d", derived[5])
    with pytest.raises(InputError, match="no preprocessed run"):
        find_runs(data, asked(space="fsaverage5", desc="other"))
    group = [series("task-a"), series()]
    (run,) = find_runs(dataset(group), asked())
    assert run.subject == "sub-1"


@pytest.mark.parametrize("side", "LR")
def test_a_hemisphere_alone_is_refused(side):
    data = dataset([f"{RUN}_hemi-{side}_space-fsaverage5_bold.func.gii"])
    told = f"missing in sub-1_task-a_run-1_space-fsaverage5: .*L and hemi-R, got hemi-{side} alone"
    with pytest.raises(InputError, match=told):
        find_runs(data, asked(space="fsaverage5"))


def test_surfaces_of_other_sides_are_one_image():
    data = dataset([f"{RUN}_hemi-X_space-a_bold.func.gii"])
    (run,) = find_runs(data, asked(space="a"))
    assert len(run.images) == 1


@pytest.mark.parametrize(
    ("names", "got", "choice"),
    [
        ([series(), series(more="_desc-smoothed")], "desc-preproc, desc-smoothed", "desc: preproc"),
        (
            [series(more="_echo-2_desc-x"), series(more="_echo-1_desc-x")],
            "echo-1, echo-2",
            "echo: 2",
        ),
        ([series(more="_echo-2"), series(more="")], "echo-2, no echo", "echo: "),
        ([series(more="_res-1"), series(more="")], "no res, res-1", "res: 1"),
        (
            [series(more="_res-2_desc-b"), series(more="_res-1_desc-a")],
            "desc-a res-1, desc-b res-2",
            "desc: b",
        ),
    ],
)
def test_several_series_of_a_run_are_told_by_what_differs(names, got, choice):
    key, value = choice.split(": ")
    told = rf'for one run in {RUN}_.*got {got}\. Choose with .* as {{{key}: "{value}"}}'
    with pytest.raises(InputError, match=told):
        find_runs(dataset(names), asked())


def test_surfaces_of_two_kinds_are_told_by_more_than_their_side():
    names = [f"{RUN}_hemi-{side}_space-a_den-{den}_bold.func.gii" for side in "LR" for den in "12"]
    with pytest.raises(InputError, match=r"got den-1, den-2\. Choose .*{den: \"1\"}"):
        find_runs(dataset(names), asked(space="a"))
    with pytest.raises(
        InputError, match=f"one run twice in {RUN}_den-1_space-a: .*gii, .*Move one"
    ):
        find_runs(dataset(names[::2] + names[::2]), asked(space="a"))


def test_a_run_twice_is_told():
    names = [series(), series().removesuffix(".gz")]
    with pytest.raises(InputError, match=f"one run twice in {RUN}_.*{names[0]}, .*{names[1]}"):
        find_runs(dataset(names), asked())


@pytest.mark.parametrize("number", [1, 5, 6])
def test_tables_of_runs_without_a_series_are_told(caplog, number):
    """Five by name; tables of other tasks, of nobody or of runs that were found are no news."""
    raw = [f"sub-{at}_task-a_events.tsv" for at in range(2, 2 + number)]
    others = [f"{RUN}_events.tsv", "sub-1_task-a_events.tsv", "task-a_events.tsv"]
    others += ["sub-8_task-b_events.tsv", "sub-8_task-a_other.tsv", "sub-8_task-a_events.json"]
    with caplog.at_level(logging.INFO, "concord"):
        find_runs(dataset([series()], [*raw, *others]), asked())
    (told,) = caplog.messages
    more = ", …" if number == 6 else ""
    listed = ", ".join(raw[:5])
    assert told == (
        f"{number} tables of runs that have no _bold in /d/derivative, and are left out: "
        f"{listed}{more}"
    )


def test_tables_of_what_was_not_asked_for_are_no_news(caplog):
    raw = ["sub-1_ses-2_task-a_run-1_events.tsv", "sub-1_ses-1_task-a_run-1_events.tsv"]
    data = dataset([series("sub-1_ses-1_task-a_run-1")], raw)
    with caplog.at_level(logging.INFO, "concord"):
        find_runs(data, asked(ses="1", desc="preproc"))
        assert not caplog.messages
        find_runs(data, asked(desc="preproc"))
    assert "sub-1_ses-2" in caplog.text


def test_a_table_that_says_all_of_a_run_is_that_run_s(caplog):
    stem = "sub-1_ses-1_task-a_acq-x_rec-y_dir-z_run-1"
    with caplog.at_level(logging.INFO, "concord"):
        find_runs(dataset([series(stem)], [f"{stem}_events.tsv"]), asked())
    assert not caplog.messages


def test_tables_of_volumes_are_of_the_suffix_that_is_asked_for(caplog):
    derived = [f"{RUN}_space-{SPACE}_betas.nii.gz", "sub-1_task-a_run-2_betas.tsv"]
    derived += ["sub-1_task-a_run-3_bold.tsv"]
    with caplog.at_level(logging.INFO, "concord"):
        (run,) = find_runs(dataset(derived), asked(), "betas")
    assert run.image.name == derived[0]
    assert [derived[1] in caplog.text, derived[2] in caplog.text] == [True, False]


def test_what_is_there_instead_is_told(tmp_path):
    names = [series("sub-1_task-story"), series("sub-1_task-other", "T1w")]
    data = dataset([*names, "sub-1_task-rest_desc-preproc_bold.nii.gz"], folder=tmp_path)
    told = (
        f"expected _bold, task-stori or task-b, space-MNI, desc-x ses-.none., "
        f"got tasks other, rest, story; spaces {SPACE}, T1w, none. "
        "Set bids.tasks, bids.space or bids.select. Known: other, rest, story"
    )
    with pytest.raises(InputError, match=told):
        find_runs(data, asked("stori", "b", space="MNI", desc="x", ses=""))
    with pytest.raises(InputError, match=r"space-\(none\),, got .*select\. *$"):
        find_runs(dataset(names, folder=tmp_path), asked("story", space=""))
    with pytest.raises(InputError, match="got tasks none; spaces none"):
        find_runs(dataset([], folder=tmp_path), asked())


@pytest.mark.parametrize(
    "name",
    [
        "sub-1_task-a_bold_space-T1w_preproc.nii.gz",
        "sub-1_task-a_bold_preproc.nii.gz",
        "sub-1_task-a_bold_space-fsaverage5.L.func.gii",
    ],
)
def test_old_names_are_told(tmp_path, name):
    (tmp_path / "derivative").mkdir()
    (tmp_path / "derivative" / name).touch()
    with pytest.raises(InputError, match=f"before 1.2 in .*got {name}\\. "):
        find_runs(dataset([], folder=tmp_path), asked())


def test_what_json_files_say_of_a_run(tmp_path):
    about = {f"{RUN}_space-{SPACE}_desc-preproc_bold.json": {"StartTime": 1}}
    raw = {"task-a_bold.json": {"RepetitionTime": 2, "A": 1}, f"{RUN}_bold.json": {"A": 2}}
    for name, said in (about | raw).items():
        (tmp_path / name).write_text(json.dumps(said))
    (run,) = find_runs(dataset([series(), *about], list(raw), tmp_path), asked())
    assert (run.about, run.raw_about) == ({"StartTime": 1}, {"RepetitionTime": 2, "A": 2})
    assert {path.name for path in run.sidecars} == {*about, *raw}
