import h5py
import numpy as np
import pandas as pd
import pytest
from scipy.stats import zscore

from stages.core.pictures.images import open_images
from stages.core.recording.recording_files import read_recording
from stages.core.run.errors import InputError
from stages.core.stats.averaged_noise import noise_ceiling
from stages.prepare.nsd.load import Selection, load_nsd
from stages.prepare.nsd.tree import Tree
from stages.prepare.scenes import write_scenes
from tests.prepare.nsd_release import SESSIONS, SHAPES, write_volume


def select(**changes):
    return Selection(**{"subjects": "all", "sessions": [1, 2, 3], "regions": "all", **changes})


def prepare(root, out, **changes):
    write_scenes(out, load_nsd(root, "nsd", select(**changes)))
    return read_recording(out)


@pytest.fixture(scope="module")
def recording(whole_nsd, tmp_path_factory):
    return prepare(whole_nsd.root, tmp_path_factory.mktemp("prepared"))


def test_stimuli_are_the_images_of_everybody(recording, whole_nsd):
    shown = np.unique([whole_nsd.design.shown(number, SESSIONS) for number in SHAPES])
    ids = [f"nsd{image:05d}" for image in shown]
    assert recording.stimuli["id"].tolist() == recording.samples["id"].tolist() == ids
    assert recording.stimuli["text"].tolist()[5] == f"caption 0 of image {shown[5]}"
    assert len(recording.captions) == 5 * len(ids)
    assert (recording.kind, recording.tr, recording.dataset) == ("events", None, "nsd")


def test_shared_images_are_kept_apart(recording, whole_nsd):
    test = recording.samples[recording.samples["split"] == "test"]["id"]
    shared = whole_nsd.design.images[0, :1000]
    assert set(test) <= {f"nsd{image:05d}" for image in shared}
    assert len(test) == 300
    own = [set(one.samples["id"]) for one in recording.subjects]
    assert own[0] & own[1] == set(test)
    assert own[0] | own[1] == set(recording.samples["id"])


def test_responses_belong_to_the_images_of_the_subject(recording, whole_nsd):
    for number, one in enumerate(recording.subjects, start=1):
        shown = whole_nsd.design.shown(number, SESSIONS)
        images, repeats = np.unique(shown, return_counts=True)
        assert one.samples["id"].tolist() == [f"nsd{image:05d}" for image in images]
        assert one.samples["repeats"].tolist() == repeats.tolist()
        voxels = tuple(one.targets[["i", "j", "k"]].to_numpy(int).T)
        psc = [(whole_nsd.betas[number, s] * 300).round() / 300 for s in SESSIONS]
        scores = np.concatenate([zscore(values[:, *voxels]) for values in psc])
        expected = pd.DataFrame(scores).groupby(shown).mean()
        np.testing.assert_allclose(one.responses, expected, atol=1e-5)


def test_single_responses_are_kept_of_shared_images_shown_three_times(recording, whole_nsd):
    test = set(recording.samples.loc[recording.samples["split"] == "test", "id"])
    for one in recording.subjects:
        marked = one.samples["id"].isin(test) & (one.samples["repeats"] >= 3)
        assert one.samples["single"].tolist() == marked.tolist()
        assert one.single.shape == (3 * marked.sum(), len(one.targets))
        exactly = marked & (one.samples["repeats"] == 3)
        means = one.single.reshape(3, -1, len(one.targets)).mean(axis=0)
        whole = one.responses[exactly.to_numpy()]
        np.testing.assert_allclose(means[exactly[marked].to_numpy()], whole, atol=1e-5)


def test_ceilings_count_the_repeats_there_are(recording):
    for one in recording.subjects:
        expected = noise_ceiling(one.targets["ncsnr"], one.samples["repeats"].to_numpy())
        np.testing.assert_allclose(one.targets["ceiling"], expected)
        assert one.samples["repeats"].nunique() == 3


def test_regions_lie_side_by_side_with_their_network(recording):
    table = recording.subjects[0].targets
    assert table["region"].drop_duplicates().tolist() == ["V1", "V2", "4", "7PL"]
    assert (table["region"] != table["region"].shift()).sum() == 4
    assert dict(zip(table["region"], table["network"], strict=True))["4"] == "SOM"
    assert recording.subjects[0].shape == SHAPES[1]
    assert recording.subjects[0].affine[0, 3] == pytest.approx(-6.3)


def test_the_voxel_lost_in_one_session_is_not_among_the_targets(recording):
    assert "1.1.1" not in set(recording.subjects[0].targets["id"])
    assert "1.1.1" in set(recording.subjects[1].targets["id"])


def test_images_are_those_of_the_stimuli(whole_nsd, tmp_path):
    read = prepare(whole_nsd.root, tmp_path, subjects=["subj02"], sessions=[2], regions=["V1"])
    image = int(read.stimuli["id"][4].removeprefix("nsd"))
    source = whole_nsd.root / "nsddata_stimuli" / "stimuli" / "nsd" / "nsd_stimuli.hdf5"
    with (
        h5py.File(source) as file,
        open_images(tmp_path / "images.hdf5", read.stimuli["id"]) as images,
    ):
        np.testing.assert_array_equal(images[4], file["imgBrick"][image])
    assert set(read.subjects[0].targets["region"]) == {"V1"}


def test_the_files_that_were_read_are_recorded(recording, whole_nsd, tmp_path):
    folder = "nsddata_betas/ppdata/subj01/func1pt8mm/betas_fithrf_GLMdenoise_RR"
    betas = sorted(name for name in recording.sources if "betas_session" in name)
    assert betas[:3] == [f"{folder}/betas_session0{session}.hdf5" for session in SESSIONS]
    size = (whole_nsd.root / betas[0]).stat().st_size
    assert recording.sources[betas[0]] == f"{size} bytes"
    assert len(recording.sources["nsddata/experiments/nsd/nsd_expdesign.mat"]) == 64
    fewer = load_nsd(whole_nsd.root, "nsd", select(sessions=[1, 3])).recording
    assert not any("session02" in name for name in fewer.sources)


def test_little_memory_gives_the_same_bytes(whole_nsd, tmp_path):
    for name, memory in (("one", 1), ("all", 1 << 30)):
        scenes = load_nsd(whole_nsd.root, "nsd", select(regions=["V1"]), memory)
        write_scenes(tmp_path / name, scenes)
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.*"))
    assert "images.hdf5" in map(str, files)
    for path in files:
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "all" / path).read_bytes()


def test_damage_is_found_before_anything_is_computed(nsd):
    tree = Tree(nsd.root)
    path = tree.session("subj02", 3)
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(InputError, match=r"truncated or unreadable hdf5 in .*subj02.*session03"):
        load_nsd(nsd.root, "nsd", select())
    path.unlink()
    with pytest.raises(InputError, match=r"file not found in .*subj02.*session03"):
        load_nsd(nsd.root, "nsd", select())


def test_images_that_are_not_here_are_missed_first(nsd):
    """They are the largest file, and the last to be read."""
    Tree(nsd.root).session("subj02", 3).unlink()
    (nsd.root / "nsddata_stimuli" / "stimuli" / "nsd" / "nsd_stimuli.hdf5").unlink()
    with pytest.raises(InputError, match=r"file not found in .*nsd_stimuli\.hdf5"):
        load_nsd(nsd.root, "nsd", select())


def test_volumes_in_the_axis_order_of_the_betas(nsd):
    tree = Tree(nsd.root)
    brain = nsd.brains[1]
    for path, volume in (
        (tree.regions("subj01", "lh"), brain.left),
        (tree.regions("subj01", "rh"), brain.right),
        (tree.ncsnr("subj01"), brain.ncsnr),
    ):
        write_volume(path, volume.T, brain.affine)
    with pytest.raises(InputError, match="betas do not fit the volume of the regions"):
        load_nsd(nsd.root, "nsd", select())


def test_another_set_of_shared_images(nsd):
    path = nsd.root / "nsddata" / "experiments" / "nsd" / "nsd_stim_info_merged.csv"
    table = pd.read_csv(path, index_col=0)
    table["shared1000"] = table["shared1000"].to_numpy()[np.r_[1:73000, 0]]
    table.to_csv(path)
    with pytest.raises(InputError, match="shared images differ in .*in one file only"):
        load_nsd(nsd.root, "nsd", select())


def test_an_image_that_was_never_written(nsd, tmp_path):
    scenes = load_nsd(nsd.root, "nsd", select())
    image = int(scenes.recording.stimuli["id"][7].removeprefix("nsd"))
    source = nsd.root / "nsddata_stimuli" / "stimuli" / "nsd" / "nsd_stimuli.hdf5"
    with h5py.File(source, "r+") as file:
        file["imgBrick"][image] = 0
    with pytest.raises(InputError, match=f"blank image in .*nsd{image:05d}"):
        write_scenes(tmp_path, scenes)
    assert not (tmp_path / "recording.json").exists()


def test_unknown_subjects(nsd):
    with pytest.raises(InputError, match="unknown subject .*got 'subj03'"):
        load_nsd(nsd.root, "nsd", select(subjects=["subj03"]))


def test_regions_of_another_set(nsd, tmp_path):
    """Voxels of V1 are called PPA: the same responses, under its name and without a network."""
    tree = Tree(nsd.root, "floc-places")
    for number, brain in nsd.brains.items():
        for side, volume in (("lh", brain.left), ("rh", brain.right)):
            places = np.select([volume == -1, volume == 1], [-1, 2], 0)
            write_volume(tree.regions(f"subj{number:02d}", side), places, brain.affine)
    tree.region_names("fsaverage").write_text("0 Unknown\n1 OPA\n2 PPA\n3 RSC\n")
    found = prepare(nsd.root, tmp_path / "places", atlas="floc-places", regions=["PPA"])
    areas = prepare(nsd.root, tmp_path / "areas", regions=["V1"])
    for ours, theirs in zip(found.subjects, areas.subjects, strict=True):
        np.testing.assert_array_equal(ours.responses, theirs.responses)
        assert set(ours.targets["region"]) == {"floc-places-PPA"}
        assert set(ours.targets["network"]) == {""}
    assert any("lh.floc-places.nii.gz" in name for name in found.sources)
    assert not any("HCP_MMP1" in name for name in found.sources)


def test_sessions_that_are_left_out_though_they_are_there_are_named(whole_nsd, caplog):
    asked = Selection("all", [1, 3], "all")
    load_nsd(whole_nsd.root, "nsd", asked)
    assert "subj01: sessions that are there and scene.sessions leaves out: 2" in caplog.messages
    caplog.clear()
    load_nsd(whole_nsd.root, "nsd", Selection("all", [1, 2, 3], "all"))
    assert not [said for said in caplog.messages if "leaves out" in said]
