import logging
import shutil

import nibabel as nib
import numpy as np
import pytest

from stages.core.run.errors import InputError
from stages.prepare.bids.dataset_files import open_dataset
from stages.prepare.bids.find_runs import find_runs
from stages.prepare.bids.run_plan import make_plan
from tests.prepare.bids.lab import AFFINE, N_VOLUMES, ODD, SPACE, TR, WORDS, story, write_image

DERIVATIVE = "derivatives/fmriprep"
SERIES = f"_space-{SPACE}_desc-preproc_bold"


@pytest.fixture
def copy(lab, tmp_path):
    """A copy to spoil."""
    return shutil.copytree(lab, tmp_path / "copy")


def plan_of(root, settings, requested="all", **changes):
    settings = settings.model_copy(update=changes)
    return make_plan(open_dataset(root, settings.derivative), settings, requested)


def file_of(root, name):
    (found,) = root.rglob(name)
    return found


def test_runs_are_in_order_and_whole(lab, settings):
    runs = find_runs(open_dataset(lab, DERIVATIVE), settings)
    assert [run.label for run in runs[:3]] == [
        "sub-01, ses-01, task-story, run-1",
        "sub-01, ses-01, task-story, run-2",
        "sub-01, ses-02, task-story, run-10",
    ]
    assert len(runs) == 8
    assert all(run.mask and run.confounds and run.events and run.raw for run in runs)
    assert runs[0].about["StartTime"] == 0.95
    assert runs[0].raw_about["RepetitionTime"] == 2


def test_runs_are_named_by_their_words(lab, settings, caplog):
    with caplog.at_level(logging.WARNING, "concord"):
        plan = plan_of(lab, settings)
    assert plan.subjects == ["sub-01", "sub-02", "sub-03"]
    assert [one.name for one in plan.passages] == ["1", "3"]
    for one, name in zip(plan.passages, "ac", strict=True):
        assert one.words["text"].tolist() == story(name)["text"].tolist()
        assert one.words["onset"].tolist() == story(name)["onset"].tolist()
    runs = plan.passages[0].runs
    assert [runs[name][0].name.entities["run"] for name in runs] == ["1", "10", "1"]
    assert (plan.timing.tr, plan.timing.start, plan.dummies) == (TR, 0.95, 2)
    assert "run 2 left out: sub-02 lacks it" in caplog.text
    assert "words outside the scans left out: 1 of" in caplog.text
    assert "'afterwards' at 163.5 s of 160 s" in caplog.text


def test_odd_words_are_read_to_the_letter(lab, settings):
    words = plan_of(lab, settings).passages[0].words
    assert words["text"].tolist()[10 : 10 + len(ODD)] == ODD
    assert words["onset"][7] == words["onset"][8]
    assert words["duration"][4] == pytest.approx(words["onset"][5] - words["onset"][4])


def test_people_who_lack_a_run_can_be_left_out_instead(lab, settings, caplog):
    plan = plan_of(lab, settings, incomplete="subjects")
    assert plan.subjects == ["sub-01", "sub-03"]
    assert [(one.name, one.n_volumes) for one in plan.passages] == [
        ("1", N_VOLUMES),
        ("2", N_VOLUMES - 1),
        ("3", N_VOLUMES),
    ]
    assert "sub-02 excluded: lacks run 2" in caplog.text
    assert "run 2: cut to 79 volumes" in caplog.text


def test_a_run_that_was_heard_twice(copy, settings, caplog):
    for path in copy.rglob("sub-03_ses-02_task-story_run-10*"):
        shutil.copy(path, path.with_name(path.name.replace("run-10", "run-11")))
    with caplog.at_level(logging.INFO, "concord"):
        plan = plan_of(copy, settings)
    assert [len(plan.passages[1].runs[name]) for name in plan.subjects] == [1, 1, 2]
    assert "sub-03 met run 3 more than once, and is averaged" in caplog.text


def test_nobody_shares_a_run(copy, settings):
    for name in ("sub-01_ses-01_task-story_run-1", "sub-03_ses-02_task-story_run-10"):
        file_of(copy, f"{name}{SERIES}.nii.gz").unlink()
    with pytest.raises(InputError, match="no run that everybody has: got sub-01 lacks 3, sub-02"):
        plan_of(copy, settings)


def test_words_that_nearly_agree_are_not_taken_for_others(copy, settings):
    path = file_of(copy, "sub-02_ses-02_task-story_run-10_events.tsv")
    word = story("a")["text"][30]
    lines = path.read_text().split("\n")
    at = next(number for number, line in enumerate(lines) if line.endswith(f"\tword\t{word}"))
    path.write_text("\n".join([*lines[:at], lines[at].replace(word, "boa"), *lines[at + 1 :]]))
    with pytest.raises(InputError, match=rf"different words in sub-01.* expected '{word}' .*'boa'"):
        plan_of(copy, settings)


def test_a_word_that_comes_a_little_later_for_somebody_is_the_same(copy, settings):
    path = file_of(copy, "sub-02_ses-02_task-story_run-10_events.tsv")
    onset = f"{story('a')['onset'][30]:.2f}"
    path.write_text(path.read_text().replace(f"\n{onset}\t", f"\n{float(onset) + 0.03:.2f}\t"))
    assert [one.name for one in plan_of(copy, settings).passages] == ["1", "3"]


@pytest.mark.parametrize("people", [["sub-01"], ["sub-03", "sub-01"]])
def test_some_people(lab, settings, people):
    assert plan_of(lab, settings, people).subjects == sorted(people)
    with pytest.raises(InputError, match=r"unknown subject .*got '01'. Did you mean 'sub-01'"):
        plan_of(lab, settings, ["01"])


def test_repetition_times_that_disagree(copy, settings):
    path = file_of(copy, f"sub-03_ses-01_task-story_run-1{SERIES}.nii.gz")
    values = nib.load(path).get_fdata()
    write_image(str(path).removesuffix(".nii.gz"), values, tr=2.5)
    message = r"repetition times disagree in .*sub-03.*expected 2 s as in its .json, got 2.5 s in"
    with pytest.raises(InputError, match=message):
        plan_of(copy, settings)
    assert plan_of(copy, settings, repetition_time=2.0).timing.tr == 2


def test_the_repetition_time_of_the_dataset(copy, settings):
    for path in copy.rglob(f"*{SERIES}.json"):
        path.write_text('{"StartTime": 0.95}')
    assert plan_of(copy, settings).timing == plan_of(copy, settings, repetition_time=2.0).timing
    file_of(copy, "task-story_bold.json").write_text('{"RepetitionTime": 1.0}')
    with pytest.raises(InputError, match=r"expected 1 s as in the dataset's .json, got 2 s in the"):
        plan_of(copy, settings)


def test_slices_that_were_referred_to_another_time(copy, settings):
    path = file_of(copy, f"sub-01_ses-01_task-story_run-1{SERIES}.json")
    path.write_text('{"RepetitionTime": 2, "StartTime": 0}')
    message = r"slices referred to different times in sub-01.*expected 0.95 s .*got 0 s"
    with pytest.raises(InputError, match=message):
        plan_of(copy, settings)
    assert plan_of(copy, settings, slice_reference=0.5).timing.start == 0.5


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("StartTime", '"0.95"', r"not a number in the .json of .*StartTime: expected seconds"),
        ("StartTime", "true", "not a number .*StartTime: expected seconds, got True"),
        ("DelayTime", "[0.1]", r"not a number .*DelayTime: expected seconds, got \[0.1\]"),
        ("DelayTime", "Infinity", "not a number .*DelayTime: expected seconds, got inf"),
        ("RepetitionTime", '"2.0"', "not a number .*RepetitionTime: expected seconds, got '2.0'"),
        ("SliceTimingCorrected", '"false"', "not true or false .*Corrected: got 'false'"),
    ],
)
def test_times_that_are_no_numbers(copy, settings, key, value, message):
    path = file_of(copy, f"sub-01_ses-01_task-story_run-1{SERIES}.json")
    start = '"StartTime": 0.95, ' if key == "SliceTimingCorrected" else ""
    path.write_text(f'{{{start}"{key}": {value}}}')
    with pytest.raises(InputError, match=message):
        plan_of(copy, settings)


def test_volumes_that_were_cut_from_the_beginning(copy, settings):
    path = file_of(copy, "sub-01_ses-01_task-story_run-1_bold.nii.gz")
    longer = np.zeros((2, 2, 2, N_VOLUMES + 4), dtype=np.int16)
    nib.save(nib.Nifti1Image(longer, np.eye(4)), path)
    with pytest.raises(InputError, match=r"volumes cut .*expected 84 as in .*, got 80"):
        plan_of(copy, settings)
    words = plan_of(copy, settings, offset=-0.25).passages[0].words
    assert words["onset"].tolist() == pytest.approx((story("a")["onset"] - 0.25).tolist())
    path.write_text("/annex/objects/MD5E-s3--0.nii.gz")
    plan_of(copy, settings)


def test_words_of_another_run(copy, settings):
    path = file_of(copy, "sub-01_ses-01_task-story_run-2_events.tsv")
    path.write_text(path.read_text() + "".join(f"{170 + at}\t1\tword\tlate\n" for at in range(60)))
    with pytest.raises(InputError, match=r"words outside the scans in sub-01.*run-2: got 60 of"):
        plan_of(copy, settings)


def test_no_events(copy, settings):
    file_of(copy, "sub-03_ses-01_task-story_run-2_events.tsv").unlink()
    with pytest.raises(InputError, match="no events for sub-03, ses-01, task-story, run-2: expect"):
        plan_of(copy, settings)


def test_events_at_the_root_serve_all(copy, settings):
    path = file_of(copy, "sub-01_ses-01_task-story_run-1_events.tsv")
    text = path.read_text()
    for path in list(copy.rglob("*run-*_events.tsv")):
        path.unlink()
    (copy / "task-story_events.tsv").write_text(text)
    plan = plan_of(copy, settings)
    assert len(plan.passages) == 1
    assert [len(runs) for runs in plan.passages[0].runs.values()] == [3, 2, 3]
    (copy / "sub-01" / "sub-01_events.tsv").write_text(text)
    with pytest.raises(InputError, match=r"several files for one run in .*got .*_events.tsv, .*"):
        plan_of(copy, settings)


def test_nothing_of_the_kind(lab, settings):
    for change, message in (
        ({"space": "MNI152NLin6Asym"}, f"spaces {SPACE}"),
        ({"tasks": ["stories"]}, r"got tasks story; .*Did you mean 'story'"),
        ({"derivative": "derivatives/prep"}, r"no such folder in .*Set bids.derivative"),
        ({"select": {"desc": "smoothed"}}, "no preprocessed run"),
    ):
        with pytest.raises(InputError, match=message):
            plan_of(lab, settings, **change)


def test_two_files_of_one_run(copy, settings):
    path = file_of(copy, f"sub-01_ses-01_task-story_run-1{SERIES}.nii.gz")
    for res in "12":
        shutil.copy(path, path.with_name(path.name.replace(SPACE, f"{SPACE}_res-{res}")))
    message = r"several files for one run in .*got no res, res-1, res-2. Choose .*\{res: \"[12]\"\}"
    with pytest.raises(InputError, match=message):
        plan_of(copy, settings)
    wanted = {"desc": "preproc", "res": ""}
    assert len(plan_of(copy, settings, select=wanted).passages) == 2


def test_echoes_are_not_runs(copy, settings):
    """What fMRIPrep writes with --me-output-echos, beside the series that combines them."""
    plain = plan_of(copy, settings)
    for path in list(copy.rglob(f"*{SERIES}.nii.gz")):
        for echo in "123":
            shutil.copy(path, path.with_name(path.name.replace("_space", f"_echo-{echo}_space")))
    for path in list(copy.glob("sub-*/ses-*/func/*_bold.nii.gz")):
        for echo in "123":
            shutil.copy(path, path.with_name(path.name.replace("_bold", f"_echo-{echo}_bold")))
        path.unlink()
    message = r"several files for one run.*got echo-1, echo-2, echo-3, no echo. .*\{echo: \"\"\}"
    with pytest.raises(InputError, match=message):
        plan_of(copy, settings)
    found = plan_of(copy, settings, select={"desc": "preproc", "echo": ""})
    assert [one.n_volumes for one in found.passages] == [one.n_volumes for one in plain.passages]
    for one in found.passages:
        for run in (run for runs in one.runs.values() for run in runs):
            assert "echo" not in run.images[0].name
            assert "echo-1" in run.raw.name
    second = plan_of(copy, settings, select={"desc": "preproc", "echo": "2"})
    runs = [run for one in second.passages for name in second.subjects for run in one.runs[name]]
    assert all("echo-2" in run.images[0].name and run.confounds and run.mask for run in runs)
    for path in copy.rglob(f"*run-*_space-{SPACE}_desc-preproc_bold.nii.gz"):
        if "echo" not in path.name:
            path.unlink()
    with pytest.raises(InputError, match=r"several files .*got echo-1, echo-2, echo-3"):
        plan_of(copy, settings)


def test_rows_of_several_words_are_told(copy, lab, settings, caplog):
    with caplog.at_level(logging.INFO, "concord"):
        plan_of(lab, settings)
        assert "words a row" not in caplog.text
        for path in copy.rglob("*_events.tsv"):
            for word in WORDS:
                text = path.read_bytes().decode().replace(f"\t{word}", f"\tthe {word} is")
                path.write_bytes(text.encode())
        plan_of(copy, settings)
    assert "3 words a row in the median: contexts count rows" in caplog.text


def test_old_names(tmp_path, settings):
    folder = tmp_path / DERIVATIVE / "sub-CSI1/func"
    folder.mkdir(parents=True)
    (folder / "sub-CSI1_task-story_run-01_bold_space-T1w_preproc.nii.gz").touch()
    with pytest.raises(InputError, match=r"names of fMRIPrep before 1.2 .*from 20.2 on"):
        plan_of(tmp_path, settings)


def add_first(path, row):
    """Put a row before all others."""
    head, *rows = path.read_text().split("\n")
    path.write_text("\n".join([head, row, *rows]))


def test_a_word_too_many_does_not_make_another_story(copy, settings):
    path = file_of(copy, "sub-03_ses-01_task-story_run-1_events.tsv")
    add_first(path, "0.05\t0.1\tword\tum")
    with pytest.raises(InputError, match=r"heard different words in .*got 'um' at 0.05 s, word 1"):
        plan_of(copy, settings)


def test_the_same_words_at_another_time_are_told_as_such(copy, settings):
    path = file_of(copy, "sub-03_ses-01_task-story_run-1_events.tsv")
    head, *rows = path.read_text().strip().split("\n")
    moved = [f"{float(row.split()[0]) + 0.3:.2f}\t" + row.split("\t", 1)[1] for row in rows]
    path.write_text("\n".join([head, *moved]) + "\n")
    message = r"heard the same words at different times in .*At most 0.2 s apart they are one"
    with pytest.raises(InputError, match=message):
        plan_of(copy, settings)


def test_people_who_are_left_out_leave_no_trace(copy, settings):
    name = f"sub-02_ses-01_task-story_run-1{SERIES}.nii.gz"
    path = file_of(copy, name)
    values = nib.load(path).get_fdata()[..., :-2]
    write_image(str(path).removesuffix(".nii.gz"), values)
    file_of(copy, "sub-02_ses-01_task-story_run-1_bold.nii.gz").unlink()
    assert plan_of(copy, settings).passages[1].n_volumes == N_VOLUMES - 2
    found = plan_of(copy, settings, incomplete="subjects")
    assert [one.n_volumes for one in found.passages] == [N_VOLUMES, N_VOLUMES - 1, N_VOLUMES]
    assert all(set(one.runs) == {"sub-01", "sub-03"} for one in found.passages)


def test_a_copy_in_a_folder_of_its_own(copy, settings):
    path = file_of(copy, f"sub-01_ses-01_task-story_run-1{SERIES}.nii.gz")
    (path.parent / "old").mkdir()
    shutil.copy(path, path.parent / "old")
    with pytest.raises(InputError, match=r"one run twice in .*old.*Move one of them away"):
        plan_of(copy, settings)


def test_milliseconds_are_no_seconds(copy, settings):
    for path in [*copy.rglob(f"*{SERIES}.json"), copy / "task-story_bold.json"]:
        path.write_text('{"RepetitionTime": 2000, "StartTime": 0.95}')
    for path in copy.rglob(f"*{SERIES}.nii.gz"):
        image = nib.load(path)
        image.header["pixdim"][4] = 0
        nib.save(nib.Nifti1Image(image.get_fdata().astype(np.float32), AFFINE), path)
    with pytest.raises(InputError, match="expected seconds, at most 60, got 2000 in its .json"):
        plan_of(copy, settings)


def test_surfaces_say_how_they_were_made_only_if_asked(tmp_path, settings):
    folder = tmp_path / DERIVATIVE / "sub-1/func"
    folder.mkdir(parents=True)
    for hemi in "LR":
        (folder / f"sub-1_task-story_hemi-{hemi}_space-fsaverage5_bold.func.gii").touch()
    data = open_dataset(tmp_path, DERIVATIVE)
    surface = settings.model_copy(update={"space": "fsaverage5"})
    (run,) = find_runs(data, surface)
    assert [path.name[17:23] for path in run.images] == ["hemi-L", "hemi-R"]
    with pytest.raises(InputError, match="no preprocessed run"):
        find_runs(data, surface.model_copy(update={"select": {"desc": "denoised"}}))
    next(folder.glob("*hemi-R*")).unlink()
    with pytest.raises(InputError, match="hemisphere missing in .*got hemi-L alone"):
        find_runs(open_dataset(tmp_path, DERIVATIVE), surface)
