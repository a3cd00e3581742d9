import numpy as np
import pytest
from scipy.io import loadmat

from stages.core.names.aal import AAL_NAMES
from stages.simulate.mat_files import write_mat
from stages.simulate.story.atlas import REGIONS
from stages.simulate.story.brain import AFFINE, make_anatomy
from stages.simulate.story.release import feature_variables, subject_variables
from stages.simulate.story.timetable import word_times


@pytest.fixture(scope="module")
def anatomy():
    return make_anatomy(REGIONS, [20] * len(REGIONS), np.random.default_rng(1))


@pytest.fixture(scope="module")
def variables(anatomy, tokens):
    texts = [token.text for token in tokens]
    data = np.random.default_rng(1).random((704, len(anatomy.labels)), dtype=np.float32)
    return subject_variables(3, data, anatomy, texts, len(anatomy.labels) + 1)


@pytest.fixture(scope="module")
def subject(variables, tmp_path_factory):
    path = tmp_path_factory.mktemp("release") / "subject_3.mat"
    write_mat(path, variables)
    return loadmat(path)


@pytest.fixture(scope="module")
def story(features, tmp_path_factory):
    path = tmp_path_factory.mktemp("release") / "story_features.mat"
    write_mat(path, feature_variables(features.blocks))
    return loadmat(path)["features"]


def test_words_are_read_as_public_loaders_read_them(subject, tokens):
    words = subject["words"]
    assert words.shape == (1, 2588)
    assert words.dtype.names == ("text", "start", "length")
    assert words[0][0][0].shape == (1, 1)
    for index in (0, 1, 650, 2000, 2587):
        assert words[0][index][0][0][0][0] == tokens[index].text
        assert words[0][index][1][0][0] == word_times()["onset"].iloc[index]
        assert words[0][index][2][0][0] == 0.5


def test_text_survives_beyond_ascii(subject, tokens):
    read = [str(word[0][0][0][0]) for word in subject["words"][0]]
    assert read == [token.text for token in tokens]


def test_time_has_onsets_and_runs(subject):
    assert subject["time"].shape == (704, 2)
    assert subject["time"][:, 0].tolist() == list(range(0, 1408, 2))
    assert np.bincount(subject["time"][:, 1].astype(int)).tolist() == [0, 177, 183, 147, 197]


def test_data_is_single(subject, variables):
    assert subject["data"].dtype == np.float32
    assert np.array_equal(subject["data"], variables["data"])


def test_meta_has_its_fields_in_order(subject, anatomy):
    meta = subject["meta"]
    assert meta.shape == (1, 1)
    assert meta.dtype.names == (
        "subject", "nTRs", "nvoxels", "dimx", "dimy", "dimz", "colToCoord", "coordToCol",
        "colToROInum", "coordToROInum", "ROInumToName", "voxel_size", "matrix",
    )  # fmt: skip
    scalars = [int(meta[0, 0][index][0, 0]) for index in range(6)]
    assert scalars == [3, 704, len(anatomy.labels) + 1, *anatomy.shape]
    assert meta[0, 0]["voxel_size"].tolist() == [[3, 3, 3]]
    assert np.array_equal(meta[0, 0]["matrix"], AFFINE)


def test_columns_coordinates_and_regions_agree(subject):
    meta = subject["meta"][0, 0]
    coordinates, columns = meta["colToCoord"].astype(int), meta["coordToCol"]
    labels = meta["colToROInum"]
    assert labels.shape == (1, len(coordinates))
    assert (columns > 0).sum() == len(coordinates)
    for column, (x, y, z) in enumerate(coordinates):
        assert columns[x - 1, y - 1, z - 1] == column + 1
        assert meta["coordToROInum"][x - 1, y - 1, z - 1] == labels[0, column]


def test_region_names_count_from_1_and_end_with_not_labelled(subject):
    names = subject["meta"][0, 0]["ROInumToName"]
    assert names.shape == (1, 117)
    assert [str(name[0]) for name in names[0]] == [*AAL_NAMES, "Not_labelled"]


def test_a_left_region_lies_on_the_left_by_the_affine_of_1_based_indices(subject):
    meta = subject["meta"][0, 0]
    chosen = meta["colToROInum"][0] == AAL_NAMES.index("Angular_L") + 1
    indices = np.c_[meta["colToCoord"][chosen], np.ones(chosen.sum())]
    centre = (indices @ meta["matrix"].T)[:, :3].mean(axis=0)
    assert np.linalg.norm(centre - (-44, -61, 36)) < 10


def test_features_have_the_structure_of_the_real_file(story, mirror):
    real = loadmat(mirror / "wehbe2014" / "story_features.mat")["features"]
    assert story.shape == real.shape == (1, 10)
    assert story.dtype.names == real.dtype.names
    for ours, theirs in zip(story[0], real[0], strict=True):
        assert ours["type"].tolist() == theirs["type"].tolist()
        assert ours["names"].shape == theirs["names"].shape
        assert ours["names"].dtype.kind == theirs["names"].dtype.kind
        assert [str(n) for n in ours["names"].ravel()] == [str(n) for n in theirs["names"].ravel()]
        assert ours["values"].shape[1:] == theirs["values"].shape[1:]
        assert ours["values"].dtype == theirs["values"].dtype


def test_the_traps_of_the_features_are_there(story):
    blocks = {str(block["type"][0]): block for block in story[0]}
    assert blocks["NNSE"]["values"].dtype == np.float64
    assert blocks["Emotion"]["values"].dtype == np.uint8
    assert blocks["Word_Num"]["names"].tolist() == ["sentence_length"]
    assert not blocks["Visual"]["values"][:, 1].any()
    for kind in ("Part_of_speech", "Dependency_role"):
        assert "CC" in [str(name[0]) for name in blocks[kind]["names"][0]]


def test_position_is_0_exactly_at_paragraph_marks(story, tokens):
    position = next(block["values"] for block in story[0] if block["type"][0] == "Word_Num")
    assert (position[:, 0] == 0).tolist() == [token.text == "+" for token in tokens]


def test_the_same_variables_make_the_same_bytes(variables, tmp_path):
    for name in ("one", "other"):
        write_mat(tmp_path / name, {"words": variables["words"], "meta": variables["meta"]})
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    assert (tmp_path / "one").read_bytes()[:19] == b"MATLAB 5.0 MAT-file"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "other"]
