"""Betas of a laboratory: averages by hand, sessions apart, ceilings that were planted, messages."""

import shutil

import nibabel as nib
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from stages.core.params.read import read_params
from stages.core.pictures.images import open_images
from stages.core.recording.recording_files import read_recording
from stages.core.run.errors import InputError
from stages.prepare.__main__ import main
from stages.prepare.bids import bids_scenes
from stages.prepare.bids.bids_scenes import load_bids_images, sample_table, stimulus_table
from stages.prepare.bids.look import lines_about
from tests.conftest import PROJECT
from tests.prepare.bids.image_lab import (
    DERIVED,
    OWN,
    REPEATS,
    SHARED,
    SIGNAL,
    evoked,
    make_image_lab,
    seen_by,
)

CHOSEN = {
    "derivative": DERIVED,
    "tasks": ["look"],
    "rows": {"trial_type": ["image"]},
}


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """The dataset; tests that change it take a copy."""
    return make_image_lab(tmp_path_factory.mktemp("images"))


@pytest.fixture
def copied(images, tmp_path):
    return shutil.copytree(images, tmp_path / "lab")


@pytest.fixture
def settings():
    return read_params(PROJECT / "params.yaml").bids.model_copy(update=CHOSEN)


@pytest.fixture
def scene():
    return read_params(PROJECT / "params.yaml").scene


@pytest.fixture(scope="module")
def loaded(images):
    params = read_params(PROJECT / "params.yaml")
    return load_bids_images(images, params.scene, params.bids.model_copy(update=CHOSEN)).recording


def betas_of(root, number):
    """Trials of a person by a loop, standardised by session: image, then values of the grid."""
    rows = []
    for session in (1, 2):
        stem = f"sub-0{number}_ses-0{session}_task-look"
        folder = root / DERIVED / f"sub-0{number}" / f"ses-0{session}" / "func"
        values = nib.load(next(folder.glob("*.nii.gz"))).get_fdata()
        table = next(
            path
            for path in (
                folder / f"{stem}_betaseries.tsv",
                root / f"sub-0{number}/ses-0{session}/func/{stem}_events.tsv",
            )
            if path.exists()
        )
        shown = pd.read_csv(table, sep="\t")
        shown = shown[shown["trial_type"] == "image"]["stim_file"]
        deviation = values.std(axis=3, keepdims=True)
        values = (values - values.mean(axis=3, keepdims=True)) / np.where(deviation, deviation, 1)
        rows += [(name, values[..., at]) for at, name in enumerate(shown)]
    return rows


@pytest.mark.parametrize("number", [1, 2])
def test_responses_are_means_of_standardised_betas(images, loaded, number):
    subject = loaded.subjects[number - 1]
    rows = betas_of(images, number)
    assert list(subject.samples["id"]) == sorted(seen_by(number))
    assert (subject.samples["repeats"] == REPEATS).all()
    place = tuple(subject.targets[axis].to_numpy(int) for axis in "ijk")
    for at in (0, 5, len(subject.samples) - 1):
        name = subject.samples["id"].iloc[at]
        mean = np.mean([values for image, values in rows if image == name], axis=0)
        assert subject.responses[at] == pytest.approx(mean[place], abs=1e-5)


def test_single_betas_of_images_seen_three_times_are_kept(images, loaded):
    subject = loaded.subjects[0]
    assert subject.samples["single"].all()
    rows, (n, n_targets) = betas_of(images, 1), subject.responses.shape
    assert subject.single.shape == (3 * n, n_targets)
    place = tuple(subject.targets[axis].to_numpy(int) for axis in "ijk")
    for at in (0, n - 1):
        own = [values for image, values in rows if image == subject.samples["id"].iloc[at]]
        for time in range(3):
            assert subject.single[time * n + at] == pytest.approx(own[time][place], abs=1e-5)
    means = subject.single.reshape(3, n, n_targets).mean(axis=0)
    np.testing.assert_allclose(means, subject.responses, atol=1e-5)


def test_images_seen_less_often_are_averaged_alone(images, scene, settings):
    chosen = {"select": {"ses": "01"}}
    found = load_bids_images(images, scene, settings.model_copy(update=chosen)).recording
    for subject in found.subjects:
        often = subject.samples["repeats"] >= 3
        assert (subject.samples["single"] == often).all()
        assert (subject.single is None) == (not often.any())
        assert not often.all()


def test_regions_and_places(loaded):
    for subject in loaded.subjects:
        counts = subject.targets["region"].value_counts()
        # The voxel of Left_A that was not measured is gone.
        assert dict(counts) == {"Left_A": 26, "Right_A": 27, "Left_B": 27, "Right_B": 27}
        assert not subject.targets["id"].eq("1-2-2").any()


def test_what_was_planted_is_in_its_region_alone(loaded):
    for subject in loaded.subjects:
        planted = np.array([evoked(name) for name in subject.samples["id"]])[:, 1:]
        for region, low, high in (("Left_A", 0.75, 0.95), ("Right_A", -0.2, 0.2)):
            found = subject.responses[:, (subject.targets["region"] == region).to_numpy()]
            columns = planted[:, : found.shape[1]]
            own = [np.corrcoef(a, b)[0, 1] for a, b in zip(columns.T, found.T, strict=False)]
            assert low < np.mean(own) < high


def test_ceilings_are_those_planted(loaded):
    """Of one trial, half of the variance is signal; of means of three, three quarters."""
    for subject in loaded.subjects:
        inside = (subject.targets["region"] == "Left_A").to_numpy()
        assert np.median(subject.targets["ncsnr"][inside]) == pytest.approx(SIGNAL, abs=0.12)
        ceiling = np.sqrt(SIGNAL**2 / (SIGNAL**2 + 1 / REPEATS))
        assert np.median(subject.targets["ceiling"][inside]) == pytest.approx(ceiling, abs=0.04)
        assert np.median(subject.targets["ncsnr"][~inside]) < 0.25


def test_images_that_all_saw_are_kept_apart(loaded):
    split = loaded.samples.set_index("id")["split"]
    assert set(split[split == "test"].index) == set(seen_by(1)[:SHARED])
    assert (split == "train").sum() == 2 * OWN


def test_few_shared_images_are_not_kept_apart(images, scene, settings, monkeypatch):
    monkeypatch.setattr(bids_scenes, "LEAST_APART", SHARED + 1)
    recording = load_bids_images(images, scene, settings).recording
    assert "split" not in recording.samples


@pytest.mark.parametrize("own", [0, 1, 9])
def test_nothing_is_kept_apart_where_somebody_has_too_few_images_to_choose_by(own):
    names = [f"{k:03d}.png" for k in range(100)]
    seen = [set(names), set(names[: 90 + own]), set(names[:90])]
    assert "split" not in sample_table(stimulus_table(names, None), seen)


def test_one_person_of_all_images(images, scene, settings):
    alone = scene.model_copy(update={"subjects": ["sub-02"]})
    recording = load_bids_images(images, alone, settings).recording
    assert [subject.name for subject in recording.subjects] == ["sub-02"]
    assert "split" not in recording.samples
    assert len(recording.stimuli) == SHARED + OWN


def test_regions_by_name(images, scene, settings):
    some = scene.model_copy(update={"regions": ["Left_A"]})
    for subject in load_bids_images(images, some, settings).recording.subjects:
        assert set(subject.targets["region"]) == {"Left_A"}
    wrong = scene.model_copy(update={"regions": ["Left_a"]})
    with pytest.raises(InputError, match=r"unknown region in params.yaml: scene.regions.*Left_A"):
        load_bids_images(images, wrong, settings)


def test_descriptions_of_the_draft_of_bids_are_captions(copied, scene, settings, caplog):
    names = sorted({*seen_by(1), *seen_by(2)})
    renamed = {name: f"set/stim-{name[-7:-4]}_image.png" for name in names}
    for before, after in renamed.items():
        (copied / "stimuli" / before).rename(copied / "stimuli" / after)
    for path in copied.rglob("*.tsv"):
        text = path.read_bytes().decode()
        for before, after in renamed.items():
            text = text.replace(before, after)
        path.write_bytes(text.encode())
    path = copied / "stimuli/stimuli.tsv"
    rows = [f"stim-{name[-7:-4]}\timage\tseen {name[-7:-4]}" for name in reversed(names)]
    head, more = "stimulus_id\ttype\tdescription", "stim-999\timage\tunseen"
    path.write_text("\n".join([head, *rows, more]))
    recording = load_bids_images(copied, scene, settings).recording
    assert list(recording.stimuli["text"]) == [f"seen {name[-7:-4]}" for name in names]
    assert "stimuli/stimuli.tsv" in recording.sources
    path.write_text("\n".join([head, *rows[1:]]))
    with pytest.raises(
        InputError, match=rf"without a caption in .*stimuli.tsv.*{names[-1][-7:-4]}"
    ):
        load_bids_images(copied, scene, settings)
    path.write_text("\n".join([head, *rows, rows[0]]))
    with pytest.raises(InputError, match="duplicate id"):
        load_bids_images(copied, scene, settings)
    path.write_text("\n".join([head, *rows]).replace("seen 003", "n/a"))
    with pytest.raises(InputError, match=f"empty caption in .*stimuli.tsv, line {len(names) - 2}"):
        load_bids_images(copied, scene, settings)
    path.write_text("stimulus_id\ttype\n")
    assert load_bids_images(copied, scene, settings).recording.captions is None
    assert "language models will read the names of files" in caplog.text


def test_captions_are_read_in_the_order_of_images(copied, scene, settings):
    names = sorted({*seen_by(1), *seen_by(2)})
    lines = ["stim_file\tcaption", *(f"{name}\ta {name[-7:-4]}" for name in reversed(names))]
    lines += [f"{names[0]}\tagain", "set/other.png\tnobody saw it"]
    (copied / "stimuli/captions.tsv").write_text("\n".join(lines))
    recording = load_bids_images(copied, scene, settings).recording
    assert list(recording.stimuli["text"]) == [f"a {name[-7:-4]}" for name in names]
    assert list(recording.captions["text"][:3]) == ["a 000", "again", "a 001"]
    (copied / "stimuli/captions.tsv").write_text("\n".join(lines[:4]))
    with pytest.raises(InputError, match="image without a caption"):
        load_bids_images(copied, scene, settings)


def test_the_command_writes_a_recording(images, tmp_path):
    text = (PROJECT / "params.yaml").read_text()
    for old, new in (
        ("dataset: nsd-simulated", "dataset: bids"),
        ("derivative: derivatives/fmriprep", f"derivative: {DERIVED}"),
        ("tasks: [story]", "tasks: [look]"),
        ("rows: {}", "rows: {trial_type: [image]}"),
    ):
        assert old in text
        text = text.replace(old, new)
    (tmp_path / "params.yaml").write_text(text)
    options = ["--raw", images, "--out", tmp_path / "out", "--params", tmp_path / "params.yaml"]
    done = CliRunner().invoke(main, ["scene", *map(str, options)])
    assert done.exit_code == 0, done.output
    recording = read_recording(tmp_path / "out")
    assert recording.stimuli["text"][3] == "img_003"
    assert {
        "derivatives/atlases/tpl-MNI152NLin2009cAsym_atlas-Lab_res-1_dseg.tsv",
        "stimuli",
    } <= set(recording.sources)
    with open_images(tmp_path / "out/images.hdf5", list(recording.stimuli["id"])) as shown:
        assert shown.shape == (SHARED + 2 * OWN, 40, 48, 3)


def test_look_counts_trials_and_images(images, settings):
    said = "\n".join(lines_about(images, settings, "all"))
    trials = REPEATS * (SHARED + OWN)
    assert f"sub-02: 2 files, {trials} trials, {SHARED + OWN} images" in said
    assert f"seen by all: {SHARED}" in said
    assert "_betaseries.nii.gz: 2 people, 2 files each" in said


def first(root, pattern):
    return next(iter(sorted(root.rglob(pattern))))


def test_a_table_of_other_length_is_refused(copied, scene, settings):
    path = first(copied, "sub-01*_betaseries.tsv")
    path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")
    with pytest.raises(InputError, match=r"rows that are not the volumes.*expected 60 rows"):
        load_bids_images(copied, scene, settings)


def test_events_with_rows_that_are_not_images_must_be_chosen(images, scene, settings):
    every = settings.model_copy(update={"rows": {}})
    with pytest.raises(InputError, match=r"rows that are not the volumes.*61 rows.*bids.rows"):
        load_bids_images(images, scene, every)


def test_events_that_are_not_in_order_of_time_are_refused(copied, scene, settings):
    path = first(copied, "sub-02*_events.tsv")
    head, *rows = path.read_text().splitlines()
    path.write_text("\n".join([head, *sorted(rows, key=lambda row: row.split("\t")[3])]) + "\n")
    with pytest.raises(InputError, match=r"events in no order of time.*, onset.*Sort the rows"):
        load_bids_images(copied, scene, settings)


def test_a_row_without_an_image_is_named(copied, scene, settings):
    path = first(copied, "sub-01*_betaseries.tsv")
    lines = path.read_text().splitlines()
    lines[3] = lines[3].rpartition("\t")[0] + "\tn/a"
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError, match=r"no image in .*line 4, stim_file"):
        load_bids_images(copied, scene, settings)


def test_a_missing_image_is_named(copied, scene, settings):
    (copied / "stimuli" / seen_by(1)[2]).unlink()
    with pytest.raises(InputError, match=r"image not found.*set/img_002.png"):
        load_bids_images(copied, scene, settings)


def test_names_that_lead_elsewhere_are_refused(copied, scene, settings):
    path = first(copied, "sub-01*_betaseries.tsv")
    path.write_text(path.read_text().replace("set/img_000.png", "../img_000.png"))
    with pytest.raises(InputError, match="name of an image"):
        load_bids_images(copied, scene, settings)


def test_no_table_at_all(copied, scene, settings):
    for path in copied.rglob("sub-02*_events.tsv"):
        path.unlink()
    with pytest.raises(InputError, match=r"no table of the volumes of sub-02.*_betaseries.tsv"):
        load_bids_images(copied, scene, settings)


def test_sessions_are_chosen_by_name(images, scene, settings):
    one = settings.model_copy(update={"select": {"ses": "01"}})
    found = load_bids_images(images, scene, one).recording
    assert found.subjects[0].samples["repeats"].sum() == 60


def test_files_of_another_ending_are_refused(images, scene, settings):
    other = settings.model_copy(update={"betas": "statmap"})
    with pytest.raises(InputError, match=r"no preprocessed run.*_statmap"):
        load_bids_images(images, scene, other)


def test_responses_of_one_person_twice_are_refused(copied, scene, settings):
    for path in sorted(copied.rglob("sub-01*")):
        if path.is_file():
            other = path.parent.as_posix().replace("sub-01", "sub-02")
            shutil.copy2(path, f"{other}/{path.name.replace('sub-01', 'sub-02')}")
    with pytest.raises(InputError, match="duplicate subject"):
        load_bids_images(copied, scene, settings)


@pytest.mark.parametrize(
    "table", ["sub-01_ses-02_task-look_betaseries.tsv", "sub-02_ses-02_task-look_events.tsv"]
)
def test_a_session_without_betas_is_told_and_what_it_costs(copied, scene, settings, caplog, table):
    stem = table.rpartition("_")[0]
    next((copied / DERIVED).rglob(f"{stem}*_betaseries.nii.gz")).unlink()
    with caplog.at_level("INFO", "concord"):
        load_bids_images(copied, scene, settings)
    assert f"1 tables of runs that have no _betaseries in {copied / DERIVED}" in caplog.text
    assert f"and are left out: {table}" in caplog.text
    assert f"{table[:6]}: no ceiling: fewer than 50 trials repeat an image" in caplog.text


def test_all_sessions_that_are_there_are_no_news(copied, scene, settings, caplog):
    with caplog.at_level("INFO", "concord"):
        load_bids_images(copied, scene, settings)
    assert "left out" not in caplog.text
    assert "no ceiling" not in caplog.text
