import nibabel
import numpy as np
import pytest

from stages.core.names.areas import AREAS, network_of
from stages.core.names.nsd_regions import SETS, full_name
from stages.core.run.errors import InputError
from stages.core.stats.averaged_noise import noise_ceiling
from stages.prepare.nsd.parcellation import label_voxels, read_names, read_targets, read_volume
from stages.prepare.nsd.tree import Tree
from tests.prepare.nsd_release import SHAPES, UNKNOWN, write_volume

REPEATS = np.array([3, 3, 2, 1])
NAMES = dict(enumerate(AREAS, start=1))


@pytest.fixture
def tree(nsd):
    return Tree(nsd.root)


@pytest.fixture
def targets(tree):
    return lambda regions="all": read_targets(tree, "subj01", NAMES, regions, REPEATS)[0]


def test_every_area_has_its_network():
    assert len(AREAS) == len(set(AREAS)) == 180
    assert (AREAS[0], AREAS[7], AREAS[45], AREAS[179]) == ("V1", "4", "7PL", "p24")
    assert [network_of(area) for area in ("V1", "4", "7Pl", "p24", "V9")] == [
        *("VIS", "SOM", "DAN", "DMN", None)
    ]


def test_voxels_are_in_the_network_of_their_hemisphere():
    left, right = np.full((2, 3, 2, 1), -1, np.float32)
    left[0, 0], right[1, 1], right[2, 0] = AREAS.index("44") + 1, AREAS.index("44") + 1, 1
    found = label_voxels(left, right, NAMES, "here")
    assert found["region"].tolist() == ["V1", "44", "44"]
    assert found["hemisphere"].tolist() == ["R", "L", "R"]
    assert found["network"].tolist() == ["VIS", "DMN", "FPN"]
    assert found["purity"].tolist() == [1, 0.424, 0.614]


def test_names_are_texts_without_blanks(tree):
    assert read_names(tree.region_names("subj01")) == NAMES


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("181 V9", "no region of HCP_MMP1 .*got 'V9'. Did you mean"),
        ("181", "wrong colour table .*line 182: expected a new number and a new name, got '181'"),
        ("180 V1", "wrong colour table"),
        ("² V9", "wrong colour table"),
        ("181 V1", "wrong colour table .*a new number and a new name, got '181 V1'"),
        ("V1 1", "wrong colour table"),
    ],
)
def test_wrong_names(tree, line, message):
    with tree.region_names("subj01").open("a") as stream:
        stream.write(line)
    with pytest.raises(InputError, match=message):
        read_names(tree.region_names("subj01"))


def test_targets_are_the_labelled_voxels_region_by_region(targets, nsd):
    found = targets()
    assert found["region"].drop_duplicates().tolist() == ["V1", "V2", "4", "7PL"]
    assert found["network"].drop_duplicates().tolist() == ["VIS", "SOM", "DAN"]
    brain = nsd.brains[1]
    left = {tuple(v) for v in np.argwhere(brain.left == 4)}
    right = {tuple(v) for v in np.argwhere(brain.right == 4)} - {UNKNOWN}
    for side, expected in (("L", left), ("R", right)):
        rows = found[(found["region"] == "V2") & (found["hemisphere"] == side)]
        assert {tuple(v) for v in rows[["i", "j", "k"]].to_numpy(int)} == expected
    assert found["id"].iloc[0] == "1.1.1"


def test_ceilings_are_those_of_the_voxel(targets, nsd):
    found = targets()
    ncsnr = nsd.brains[1].ncsnr.astype(np.float32)[tuple(found[["i", "j", "k"]].to_numpy(int).T)]
    np.testing.assert_allclose(found["ncsnr"], ncsnr)
    np.testing.assert_allclose(found["ceiling"], noise_ceiling(ncsnr, REPEATS))


def test_voxels_without_a_ceiling_are_dropped_with_a_message(targets, caplog):
    caplog.set_level("INFO")
    assert UNKNOWN not in {tuple(v) for v in targets()[["i", "j", "k"]].to_numpy(int)}
    assert "subj01: 1 of 100 voxels dropped, without a noise ceiling" in caplog.text


def test_some_regions(targets):
    assert targets(["7PL", "V1"])["region"].drop_duplicates().tolist() == ["V1", "7PL"]
    with pytest.raises(InputError, match="unknown region .*got 'v1'. Did you mean .*'V1'"):
        targets(["v1"])
    with pytest.raises(InputError, match="no usable voxel in subj01"):
        targets(["MT"])


def test_the_left_hemisphere_wins_and_unknown_cortex_is_no_region():
    left = np.array([[[1, -1, 0, -1]]], float)
    right = np.array([[[4, 4, 4, -1]]], float)
    found = label_voxels(left, right, NAMES, "file")
    assert found[["region", "hemisphere"]].to_numpy().tolist() == [["V1", "L"], ["V2", "R"]]
    assert found["k"].tolist() == [0, 1]


def test_an_area_without_a_name():
    with pytest.raises(InputError, match="unknown region number in file: .*-1 to 180, got 181"):
        label_voxels(np.full((1, 1, 1), 181.0), np.full((1, 1, 1), -1.0), NAMES, "file")


@pytest.mark.parametrize("which", ["rh", "ncsnr"])
def test_volumes_of_different_shape(targets, tree, which):
    path = tree.ncsnr("subj01") if which == "ncsnr" else tree.regions("subj01", which)
    write_volume(path, np.zeros(SHAPES[1][::-1]), np.eye(4))
    with pytest.raises(
        InputError, match=r"other shape than .* expected \(7, 6, 5\), got \(5, 6, 7\)"
    ):
        targets()


def test_hemispheres_that_lie_elsewhere(targets, tree):
    path = tree.regions("subj01", "rh")
    image = nibabel.load(path)
    moved = image.affine + np.eye(4)[:, [3, 3, 3, 0]] * 2
    write_volume(path, np.asarray(image.dataobj), moved)
    with pytest.raises(InputError, match=r"another place than .*rh\..*: expected affine \["):
        targets()


def test_a_negative_signal(targets, tree):
    path = tree.ncsnr("subj01")
    image = nibabel.load(path)
    numbers = np.asarray(image.dataobj).copy()
    numbers[0, 0, 0] = -0.5
    write_volume(path, numbers, image.affine)
    with pytest.raises(InputError, match=r"negative signal in .*ncsnr.*: expected 0 .*got -0\.5"):
        targets()


def test_a_region_between_two():
    with pytest.raises(InputError, match=r"number that is not whole in file: got 1\.5"):
        label_voxels(np.full((1, 1, 1), 1.5), np.full((1, 1, 1), -1.0), NAMES, "file")


def test_a_volume_that_unpacks_without_end(tree, monkeypatch):
    monkeypatch.setattr("stages.prepare.nsd.packed_files.MOST_BYTES", 1000)
    with pytest.raises(InputError, match="unreadable NIfTI .*more than 1000 bytes once it is"):
        read_volume(tree.ncsnr("subj01"))


@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_a_truncated_volume(tree, rng, kept):
    path = tree.ncsnr("subj01")
    write_volume(path, rng.random((30, 20, 10)), np.eye(4))
    data = path.read_bytes()
    path.write_bytes(data[: int(kept * len(data))])
    with pytest.raises(InputError, match=r"truncated or unreadable NIfTI in .*ncsnr\.nii\.gz"):
        read_volume(path)


def test_a_damaged_volume(tree, rng):
    path = tree.ncsnr("subj01")
    write_volume(path, rng.random((30, 20, 10)), np.eye(4))
    data = bytearray(path.read_bytes())
    data[2000:2100] = bytes(100)
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"truncated or unreadable NIfTI in .*ncsnr\.nii\.gz"):
        read_volume(path)


def test_what_is_no_volume(tree):
    path = tree.ncsnr("subj01")
    nibabel.save(nibabel.Nifti1Image(np.zeros((2, 2, 2, 2), np.float32), np.eye(4)), path)
    with pytest.raises(InputError, match=r"wrong shape in .*expected x, y, z, got \(2, 2, 2, 2\)"):
        read_volume(path)
    path.write_text("<html>")
    with pytest.raises(InputError, match="unreadable NIfTI"):
        read_volume(path)


def plant(nsd, atlas, names, *, own=True):
    """Beside HCP-MMP1, give everybody another set: V1 is its first region, V2 its second."""
    for number, brain in nsd.brains.items():
        subject = f"subj{number:02d}"
        tree = Tree(nsd.root, atlas)
        for side, volume in (("lh", brain.left), ("rh", brain.right)):
            numbers = np.select([volume == -1, volume == 1, volume == 4], [-1, 1, 2], 0)
            write_volume(tree.regions(subject, side), numbers, brain.affine)
        table = tree.freesurfer(subject if own else "fsaverage") / "label" / f"{atlas}.mgz.ctab"
        table.parent.mkdir(parents=True, exist_ok=True)
        table.write_text("".join(f"{k} {name}\n" for k, name in enumerate(("Unknown", *names))))


@pytest.mark.parametrize("own", [True, False], ids=["own table", "table of the average"])
@pytest.mark.parametrize("atlas", SETS)
def test_another_set_of_regions(nsd, targets, atlas, own):
    plant(nsd, atlas, SETS[atlas], own=own)
    tree = Tree(nsd.root, atlas)
    names = read_names(tree.region_names("subj01"), atlas)
    assert list(names.values()) == [full_name(atlas, name) for name in SETS[atlas]]
    if len(names) == 1:
        with pytest.raises(InputError, match="unknown region number"):
            read_targets(tree, "subj01", names, "all", REPEATS)
        return
    found = read_targets(tree, "subj01", names, "all", REPEATS)[0]
    areas = targets(["V1", "V2"])
    assert found["region"].tolist() == [
        names[1] if area == "V1" else names[2] for area in areas["region"]
    ]
    same = ["id", "hemisphere", "i", "j", "k", "ncsnr", "ceiling"]
    assert found[same].equals(areas[same])
    assert set(found["network"]) == {""}
    assert found["purity"].isna().all()
    one = read_targets(tree, "subj01", names, [SETS[atlas][1]], REPEATS)[0]
    assert set(one["region"]) == {names[2]}


def test_a_region_that_prefers_places_is_no_area(nsd):
    """RSC is a name of both: its network is the area's alone."""
    plant(nsd, "floc-places", ["RSC", "PPA"])
    names = read_names(Tree(nsd.root, "floc-places").region_names("subj01"), "floc-places")
    assert (network_of("RSC"), network_of(names[1])) == ("DMN", None)


def test_a_set_that_is_not_there_or_of_other_regions(nsd):
    tree = Tree(nsd.root, "streams")
    with pytest.raises(InputError, match=r"subj01/label/streams.mgz.ctab.*data/raw/nsd/README.md"):
        read_names(tree.region_names("subj01"), "streams")
    plant(nsd, "streams", ["early", "midventrall"])
    with pytest.raises(InputError, match="no region of streams .*Did you mean 'midventral'"):
        read_names(tree.region_names("subj01"), "streams")
