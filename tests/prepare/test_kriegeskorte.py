import numpy as np
import pandas as pd
import pytest
from scipy.io import loadmat, savemat
from scipy.spatial.distance import squareform
from scipy.stats import pearsonr, spearmanr

from stages.core.pictures.images import open_images
from stages.core.recording.recording_files import read_recording
from stages.core.run.errors import InputError
from stages.core.run.fetch import fetch
from stages.prepare.kriegeskorte import (
    BRAIN,
    SUPPLEMENT,
    category_table,
    check_order,
    load_kriegeskorte,
    pair_table,
    read_people,
    read_published,
    stimulus_table,
    subject,
    upper,
)
from stages.prepare.scenes import write_scenes
from tests.conftest import PROJECT

PEOPLE = ["BE", "KO", "SN", "TI"]


@pytest.fixture
def files(mirror, monkeypatch):
    monkeypatch.setenv("CONCORD_DATA_MIRROR", str(mirror))
    return fetch(PROJECT / "data" / "raw" / "kriegeskorte2008")


@pytest.fixture
def scenes(files):
    return load_kriegeskorte(files, "all")


@pytest.fixture
def recording(scenes):
    return scenes.recording


@pytest.fixture
def rdms(recording):
    """Each subject's dissimilarities, averaged over the targets of its region."""
    return {one.name: one.responses.mean(axis=1) for one in recording.subjects}


def test_monkey_and_human_agree_as_published(rdms):
    assert len(rdms["group"]) == 4186
    assert pearsonr(rdms["monkey"], rdms["group"])[0] == pytest.approx(0.491, abs=0.001)
    assert spearmanr(rdms["monkey"], rdms["group"])[0] == pytest.approx(0.4389, abs=0.0005)


def test_each_person_agrees_with_the_others_as_published(rdms):
    found = [
        spearmanr(rdms[name], np.mean([rdms[other] for other in PEOPLE if other != name], axis=0))
        for name in PEOPLE
    ]
    assert [round(one[0], 3) for one in found] == [0.431, 0.296, 0.452, 0.335]


def test_pairs_are_those_of_the_matrices(recording, files):
    matrices = loadmat(files[BRAIN])["RDMs"]
    for person, one in enumerate(recording.subjects[:4]):
        assert one.name == PEOPLE[person]
        assert one.targets["id"].tolist() == ["session_1", "session_2"]
        for session in range(2):
            found = squareform(one.responses[:, session])
            np.testing.assert_array_equal(found, matrices[0, person, session]["RDM"])
    ids = recording.stimuli["id"]
    row = recording.samples.set_index(["first", "second"]).index.get_loc((ids[3], ids[50]))
    assert squareform(np.arange(4186))[3, 50] == row


def test_subjects_and_regions(recording):
    assert [one.name for one in recording.subjects] == [*PEOPLE, "group", "monkey"]
    regions = [one.targets["region"].unique().tolist() for one in recording.subjects]
    assert regions == [["human_IT"]] * 5 + [["monkey_IT"]]
    assert recording.kind == "rdm"
    assert set(recording.sources) == {BRAIN, SUPPLEMENT}


def test_some_subjects(files):
    recording = load_kriegeskorte(files, ["monkey", "SN"]).recording
    assert [one.name for one in recording.subjects] == ["SN", "monkey"]
    with pytest.raises(InputError, match="unknown subject .*got 'XY'"):
        load_kriegeskorte(files, ["XY"])


def test_images_and_categories(recording, scenes, tmp_path):
    write_scenes(tmp_path, scenes)
    read = read_recording(tmp_path)
    assert read.stimuli.loc[[0, 12, 91], "text"].tolist() == [
        "human bodypart",
        "human face",
        "artificial inanimate",
    ]
    features = read.features.set_index("id")
    assert features.shape == (92, 9)
    assert features.sum()[["category/animate", "category/face"]].tolist() == [48, 24]
    with open_images(tmp_path / "images.hdf5", read.stimuli["id"]) as images:
        assert images.shape == (92, 175, 175, 3)
        np.testing.assert_array_equal(images[91], scenes.images[91])
        assert images[91, 0, 0].tolist() == [128, 128, 128]
    np.testing.assert_array_equal(read.subjects[5].responses, recording.subjects[5].responses)


@pytest.mark.parametrize("change", ["transposed", "diagonal", "nan"])
def test_broken_matrices_are_refused(rng, change):
    matrix = squareform(rng.random(4186))
    matrix[(3, 3) if change == "diagonal" else (3, 5)] = np.nan if change == "nan" else 2.0
    with pytest.raises(InputError, match="not a dissimilarity matrix in file"):
        upper(matrix, "file")


def test_pairs_in_another_order_are_refused(rng):
    group = rng.random(4186)
    lower = squareform(group)[np.tril_indices(92, -1)]
    with pytest.raises(InputError, match="other human dissimilarities in file: expected the mean"):
        check_order(group, lower, "file")


@pytest.mark.parametrize(("off", "same"), [(1e-5, True), (1.01e-5, False), (-1.01e-5, False)])
def test_what_rounding_changes_is_no_other_order(off, same):
    group = np.zeros(4186)
    published = group + np.where(np.arange(4186) == 9, off, 0)
    if same:
        check_order(group, published, "file")
        return
    with pytest.raises(InputError, match="got a difference of 1.01e-05"):
        check_order(group, published, "file")


def test_sessions_are_targets_of_one_region(rng):
    rdms = rng.random((3, 2))
    both, one = subject("BE", rdms, "here"), subject("group", rdms[:, :1], "here")
    assert both.targets["id"].tolist() == ["session_1", "session_2"]
    assert both.targets["region"].tolist() == ["here", "here"]
    assert one.targets["id"].tolist() == ["here"]
    assert both.responses.dtype == np.float32
    np.testing.assert_allclose(both.responses, rdms, rtol=1e-6)


def test_samples_are_the_pairs_of_images():
    stimuli = stimulus_table(["animal", "face", "house"])
    assert stimuli.to_numpy().tolist() == [
        ["image01", "animal", "1", 0.0, 1.0, ""], ["image02", "face", "1", 1.0, 1.0, ""],
        ["image03", "house", "1", 2.0, 1.0, ""],
    ]  # fmt: skip
    assert pair_table(np.array(["a", "b", "c"])).to_numpy().tolist() == [
        ["a|b", "1", 0.0, "a", "b"], ["a|c", "1", 1.0, "a", "c"], ["b|c", "1", 2.0, "b", "c"],
    ]  # fmt: skip


def test_halves_at_random_are_no_categories(rng):
    values = rng.integers(0, 2, (92, 3))
    names = np.array(["face", "rand48", "body"], dtype=object)
    table = category_table(
        {"categoryLabels": names, "categoryVectors": values}, pd.Series(np.arange(92)), "file"
    )
    assert list(table) == ["id", "category/face", "category/body"]
    np.testing.assert_array_equal(table["category/body"], values[:, 2])


def matrices(*names):
    cells = np.empty((1, len(names)), dtype=[("RDM", object), ("name", object)])
    for at, name in enumerate(names):
        cells[0, at] = (squareform(np.full(4186, at + 1.0)), name)
    return cells


def test_people_are_told_by_the_names_of_their_matrices():
    found = read_people(
        matrices("hIT | B | Session: 1", "hIT|A|Session: 1", "hIT | B | Session: 2"), "file"
    )
    assert list(found) == ["B", "A"]
    assert found["B"][0].tolist() == [1, 3]
    assert found["A"].shape == (4186, 1)
    for name in ("IT | B | Session: 1", "hIT | B | Session: 2", "hIT | B", "B"):
        with pytest.raises(InputError, match="unexpected matrix in file: expected hIT"):
            read_people(matrices(name), "file")


@pytest.mark.parametrize("turned", [False, True])
def test_published_matrices_are_told_by_their_names(turned):
    names = ["mIT_674neurons", "hITvisStim_316vx"]
    cells = np.empty((1, 2), dtype=[("RDM", object), ("name", object)])
    for at, name in enumerate(names[::-1] if turned else names):
        cells[0, at] = (np.full((1, 4186), at + 1.0), name)
    if turned:
        with pytest.raises(InputError, match="unexpected matrices in file"):
            read_published(cells, "file")
        return
    monkey, human = read_published(cells, "file")
    assert (monkey.dtype, set(monkey), set(human)) == (np.float32, {1}, {2})


def test_a_session_in_the_place_of_another_is_refused(files, tmp_path):
    content = loadmat(files[BRAIN])["RDMs"]
    savemat(tmp_path / "brain.mat", {"RDMs": content[:, :, ::-1]})
    with pytest.raises(InputError, match="expected hIT | BE | Session: 1, got .*Session: 2"):
        load_kriegeskorte({**files, BRAIN: tmp_path / "brain.mat"}, "all")
