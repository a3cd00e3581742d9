import json
import logging
import shutil

import nibabel as nib
import numpy as np
import pandas as pd
import pytest

from stages.core.params.read import read_params
from stages.core.recording.recording_files import read_recording, write_recording
from stages.core.recording.types import Cleaning
from stages.core.run.errors import InputError
from stages.core.run.files import sha256
from stages.core.time.cleaning import clean
from stages.core.time.timeline import aligner, word_rows
from stages.prepare.bids.bids_recording import load_bids
from tests.conftest import PROJECT
from tests.prepare.bids.lab import AFFINE, SHAPE, SPACE, START, TR, atlas_labels, drive, story

SERIES = f"_space-{SPACE}_desc-preproc_bold"


@pytest.fixture
def copy(lab, tmp_path):
    return shutil.copytree(lab, tmp_path / "copy")


@pytest.fixture(scope="module")
def recording(lab):
    params = read_params(PROJECT / "params.yaml")
    return load_bids(
        lab, params.story.prepare, params.bids.model_copy(update={"rows": {"trial_type": ["word"]}})
    )


def value(texts):
    """What region Left_A answers to."""
    return texts.str[0].between("a", "m").to_numpy(float)[:, None]


def peak(recording, subject, shift=0.0):
    """Correlation of Left_A with the words that drive it, by the clock moved by some seconds."""
    rows = word_rows(recording.stimuli)
    rows["offset"] -= shift
    align = aligner(recording.timeline, rows, "glover", [0], centre=True)
    course = align(value(recording.stimuli["text"]))[:, 0]
    columns = (subject.targets["region"] == "Left_A").to_numpy()
    return np.corrcoef(course, subject.responses[:, columns].mean(axis=1))[0, 1]


def test_it_keeps_the_contract(recording, tmp_path):
    write_recording(tmp_path / "bids", recording)
    again = read_recording(tmp_path / "bids")
    assert again.cleaning == recording.cleaning
    assert again.tr == TR
    assert again.space == SPACE
    assert [one.name for one in again.subjects] == ["sub-01", "sub-02", "sub-03"]
    assert set(again.features.columns) == {
        "id",
        "Lexical/word_length",
        "Lexical/log_frequency",
    }


def test_samples_and_words_stand_where_they_should(recording):
    samples, stimuli = recording.samples, recording.stimuli
    assert samples["run"].unique().tolist() == ["1", "3"]
    assert samples["onset"].iloc[0] == pytest.approx(2 * TR + START)
    assert len(samples) == 2 * 78
    assert stimuli["text"].tolist() == [*story("a")["text"], *story("c")["text"]]
    early = stimuli["onset"] < 2 * TR
    assert (stimuli["sample"][early] == "").all()
    begins = samples.set_index("id")["onset"][stimuli["sample"][~early]].to_numpy() - START
    onsets = stimuli["onset"][~early].to_numpy()
    assert ((begins <= onsets + 1e-6) & (onsets < begins + TR)).all()


def test_the_planted_region_is_found_at_its_time(recording):
    for subject in recording.subjects:
        found = peak(recording, subject)
        assert found > 0.6
        for wrong in (-2 * START, 2 * START):
            assert found > peak(recording, subject, wrong) + 0.05
        others = subject.targets["region"] != "Left_A"
        align = aligner(
            recording.timeline, word_rows(recording.stimuli), "glover", [0], centre=True
        )
        course = align(value(recording.stimuli["text"]))[:, 0]
        mean = subject.responses[:, others.to_numpy()].mean(axis=1)
        assert abs(np.corrcoef(course, mean)[0, 1]) < 0.3


def test_regions_are_those_of_the_atlas(recording):
    for subject in recording.subjects:
        table = subject.targets
        labels = atlas_labels()
        names = {1: "Left_A", 2: "Right_A", 3: "Left_B", 4: "Right_B"}
        at = labels[tuple(table[list("ijk")].to_numpy(int).T)]
        assert table["region"].tolist() == [names[label] for label in at]
        assert (table["hemisphere"] == table["region"].str[0]).all()
        assert len(table) == (labels > 0).sum()
        assert "4-5-3" not in set(table["id"])
        np.testing.assert_array_equal(subject.affine, AFFINE)
        assert subject.shape == SHAPE


def test_movement_is_gone_unless_it_may_stay(lab, recording, prepare, settings):
    kept = load_bids(lab, prepare, settings.model_copy(update={"confounds": "none"}))
    assert kept.cleaning.confounds == ()
    assert recording.cleaning.confounds[:2] == ("trans_x", "trans_y")
    path = next(lab.rglob("sub-01_ses-01_task-story_run-1_desc-confounds_timeseries.tsv"))
    moved = pd.read_csv(path, sep="\t")["trans_x"].to_numpy()[2:, None]
    runs = np.zeros(len(moved))
    moved = clean(moved, runs, TR, recording.cleaning)[:, 0]
    rows = (recording.samples["run"] == "1").to_numpy()
    for made, low, high in ((kept, 0.3, 1.0), (recording, -0.02, 0.02)):
        subject = made.subjects[0]
        columns = (subject.targets["region"] == "Right_B").to_numpy()
        mean = subject.responses[rows][:, columns].mean(axis=1)
        assert low <= np.corrcoef(moved, mean)[0, 1] <= high


def test_integers_with_a_slope_are_the_numbers_they_stand_for(lab, prepare, settings):
    plan = {"incomplete": "subjects", "confounds": "none", "dummies": 0}
    found = load_bids(lab, prepare, settings.model_copy(update=plan)).subjects[0]
    image = nib.load(next(lab.rglob(f"sub-01_ses-01_task-story_run-2{SERIES}.nii.gz")))
    raw = image.get_fdata()[tuple(found.targets[list("ijk")].to_numpy(int).T)][:, :79].T
    cleaned = clean(raw, np.zeros(79), TR, load_cleaning(prepare))
    np.testing.assert_allclose(found.responses[80:159], cleaned, atol=1e-4)


def load_cleaning(prepare):
    return Cleaning(prepare.detrend, prepare.high_pass, standardize=True)


def test_a_repeated_run_is_averaged(copy, prepare, settings):
    rng = np.random.default_rng(0)
    for path in list(copy.rglob("sub-03_ses-02_task-story_run-10*")):
        new = path.with_name(path.name.replace("run-10", "run-11"))
        shutil.copy(path, new)
        if path.name.endswith(f"{SERIES}.nii.gz"):
            image = nib.load(path)
            values = image.get_fdata() + rng.normal(0, 10, image.shape)
            values[4, 5, 3] = 1000
            nib.save(nib.Nifti1Image(values.astype(np.float32), image.affine), new)
    settings = settings.model_copy(update={"repetition_time": 2.0, "dummies": 2})
    only = prepare.model_copy(update={"subjects": ["sub-03"]})

    def responses():
        found = load_bids(copy, only, settings)
        return found.subjects[0].responses[(found.samples["run"] == "3").to_numpy()]

    both, single = responses(), []
    for number in ("10", "11"):
        gone = list(copy.rglob(f"sub-03_ses-02_task-story_run-{number}{SERIES}.nii.gz"))
        gone[0].rename(copy / "away")
        single.append(responses())
        (copy / "away").rename(gone[0])
    mean = np.mean(single, axis=0)
    assert not np.allclose(*single, atol=0.1)
    np.testing.assert_allclose(both, (mean - mean.mean(axis=0)) / mean.std(axis=0), atol=1e-5)


def test_people_are_read_alike_in_any_company(lab, recording, prepare, settings):
    alone = load_bids(lab, prepare.model_copy(update={"subjects": ["sub-02"]}), settings)
    assert alone.stimuli["text"].tolist() == [*story("c")["text"], *story("a")["text"]]
    rows = (recording.samples["run"] == "1").to_numpy()
    np.testing.assert_array_equal(
        alone.subjects[0].responses[78:], recording.subjects[1].responses[rows]
    )


def test_the_dataset_may_lie_elsewhere(lab, recording, prepare, settings, tmp_path):
    folder = tmp_path / "bids"
    folder.mkdir()
    (folder / "sources.json").write_text(json.dumps({"root": str(lab)}))
    found = load_bids(folder, prepare, settings)
    np.testing.assert_array_equal(found.subjects[0].responses, recording.subjects[0].responses)
    series = [name for name in found.sources if name.endswith("bold.nii.gz")]
    assert len(series) == 6
    for name in series:
        size = f"{(lab / name).stat().st_size} bytes"
        assert found.sources[name].startswith(f"{size}, modified 20")
        assert recording.sources[name] == size
    others = {name: said for name, said in found.sources.items() if name not in series}
    assert others == {name: sha256(lab / name) for name in others}
    assert sum(name.endswith("mask.nii.gz") for name in others) == 6
    assert "derivatives/atlases/tpl-MNI152NLin2009cAsym_atlas-Lab_res-1_dseg.tsv" in found.sources
    (folder / "sources.json").write_text('{"root": "elsewhere"}')
    with pytest.raises(InputError, match=r"no such folder in .*sources.json: expected"):
        load_bids(folder, prepare, settings)


def test_smoothing_stays_within_the_brain(lab, recording, prepare, settings):
    smooth = load_bids(lab, prepare.model_copy(update={"smoothing": 8.0}), settings)
    one, other = smooth.subjects[0], recording.subjects[0]
    assert one.targets.equals(other.targets)

    def alike(subject):
        columns = subject.responses[:, (subject.targets["region"] == "Right_B").to_numpy()]
        return np.corrcoef(columns.T).mean()

    assert alike(one) > alike(other) + 0.2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"language": "xx"}, "unknown language .*expected ar, bg"),
        ({"language": "zh"}, "package missing for a language .*jieba"),
        ({"confounds": ["trans_x", "trans_X"]}, "no such confound .*'trans_X'. Did you mean"),
        ({"atlas": "derivatives/atlas"}, "no such atlas"),
        ({"dummies": 80}, "nothing but dummies in run 1"),
        ({"dummies": 25}, "too many confounds in sub-01.*expected at most 18, a third.*got 2"),
    ],
)
def test_settings_that_cannot_be(lab, prepare, settings, change, message):
    with pytest.raises(InputError, match=message):
        load_bids(lab, prepare, settings.model_copy(update=change))


def test_a_person_without_confounds_or_mask(copy, prepare, settings):
    next(copy.rglob("sub-03*run-10*confounds*.tsv")).unlink()
    with pytest.raises(InputError, match="no confounds for sub-03, .*Set bids.confounds: none"):
        load_bids(copy, prepare, settings)
    none = settings.model_copy(update={"confounds": "none"})
    load_bids(copy, prepare, none)
    next(copy.rglob("sub-03*run-10*mask.nii.gz")).unlink()
    with pytest.raises(InputError, match="no brain mask for sub-03, ses-02"):
        load_bids(copy, prepare, none)


def test_images_that_were_never_fetched(copy, prepare, settings):
    path = next(copy.rglob(f"sub-01_ses-01_task-story_run-1{SERIES}.nii.gz"))
    path.unlink()
    path.symlink_to("../.git/annex/objects/none.nii.gz")
    with pytest.raises(InputError, match=r"datalad get"):
        load_bids(copy, prepare, settings)


def test_atlas_of_another_space_is_told(copy, prepare, settings, caplog):
    for path in (copy / "derivatives/atlases").iterdir():
        path.rename(path.with_name(path.name.replace(SPACE, "MNIColin27")))
    with caplog.at_level(logging.WARNING, "concord"):
        load_bids(copy, prepare, settings)
    assert f"atlas of MNIColin27, images of {SPACE}: some mm apart" in caplog.text
    assert "Nowhere_L" in caplog.text


def test_planted_series_is_what_it_says():
    """The drive of the test, shuffled over words, finds nothing."""
    words = story("a")
    shuffled = words.assign(text=words["text"].sample(frac=1, random_state=1).to_numpy())
    assert abs(np.corrcoef(drive(words), drive(shuffled))[0, 1]) < 0.5


@pytest.mark.parametrize("space", ["", "T1w"])
def test_a_template_s_atlas_names_nothing_in_a_person_s_own_space(copy, prepare, settings, space):
    for path in list(copy.rglob(f"*space-{SPACE}*")):
        if path.is_file():
            own = f"space-{space}_" if space else ""
            path.rename(path.with_name(path.name.replace(f"space-{SPACE}_", own)))
    native = settings.model_copy(update={"space": space})
    with pytest.raises(InputError, match=rf"atlas of a template, images of a person .*got {SPACE}"):
        load_bids(copy, prepare, native)
    for path in (copy / "derivatives/atlases").iterdir():
        path.rename(path.with_name(path.name.replace(f"tpl-{SPACE}_", "")))
    with pytest.raises(InputError, match=r"one atlas for the own spaces of .*\{sub\}"):
        load_bids(copy, prepare, native)
    one = prepare.model_copy(update={"subjects": ["sub-02"]})
    assert [who.name for who in load_bids(copy, one, native).subjects] == ["sub-02"]


def test_all_that_was_read_is_named(recording):
    names = {name.rpartition("/")[2] for name in recording.sources}
    assert "task-story_bold.json" in names
    assert "sub-01_ses-01_task-story_run-1_desc-confounds_timeseries.json" in names
    assert f"sub-01_ses-01_task-story_run-1{SERIES}.json" in names
    assert "sub-01_ses-01_task-story_run-1_events.tsv" in names
