"""From a laboratory's betas to maps: what was planted is where it was planted."""

import json

import nibabel
import numpy as np
from click.testing import CliRunner
from nilearn.maskers import NiftiMasker
from ruamel.yaml import YAML

from stages.core.recording.recording_files import read_stimuli
from stages.encode.__main__ import main as encode
from stages.prepare.__main__ import main as prepare
from stages.share.__main__ import main as share
from tests.conftest import PROJECT
from tests.encode.image_recordings import write_model
from tests.prepare.bids.image_lab import DERIVED, evoked, make_image_lab
from tests.prepare.bids.lab import AFFINE, SPACE, atlas_labels

ENDS = ("Noise", "Evoked", "Chosen")
BIDS = {"derivative": DERIVED, "tasks": ["look"], "rows": {"trial_type": ["image"]}}


def run(command, *words):
    answer = CliRunner().invoke(command, list(map(str, words)))
    assert answer.exit_code == 0, answer.output


def test_planted_voxels_are_in_the_maps(tmp_path, rng):
    make_image_lab(tmp_path / "lab")
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/sources.json").write_text(json.dumps({"root": str(tmp_path / "lab")}))
    params = YAML().load(PROJECT / "params.yaml")
    params["bids"].update(BIDS)
    params["scene"]["dataset"] = "bids"
    params["encode_scene"].update(targets="voxel", min_voxels=4)
    params["zoo"] = ["noise"]
    YAML().dump(params, tmp_path / "params.yaml")
    settings = ("--params", tmp_path / "params.yaml")
    recording = ("--recording", tmp_path / "recording")
    run(prepare, "scene", "--raw", tmp_path / "raw", "--out", tmp_path / "recording", *settings)
    stimuli = read_stimuli(tmp_path / "recording/stimuli.parquet")
    layers = {
        "noise": rng.standard_normal((len(stimuli), 27)).astype(np.float32),
        "evoked": np.array([evoked(name) for name in stimuli["id"]], dtype=np.float32),
    }
    net = write_model(tmp_path / "noise", layers, stimuli)
    groups = tmp_path / "alike.parquet"
    run(prepare, "alike", *recording, "--out", groups, *settings)
    scores = ("--out", tmp_path / "encode/noise.parquet", *settings)
    scores += ("--jackknife", tmp_path / "without.parquet")
    run(encode, "scene", *recording, "--activations", net, "--groups", groups, *scores)
    made = ("--encode", tmp_path / "encode", "--raw", tmp_path / "raw", "--out", tmp_path / "out")
    run(share, "encoding", *recording, *made, *settings)
    planted = atlas_labels() == 1
    image = nibabel.Nifti1Image(planted.astype(np.uint8), AFFINE)
    inside = NiftiMasker(image, standardize=None).fit()
    for who in ("01", "02"):
        stem = f"{tmp_path}/out/sub-{who}/func/sub-{who}_task-scene_space-{SPACE}"
        values = {
            name: inside.transform(f"{stem}_stat-{name}_statmap.nii.gz").ravel()
            for name in (*(f"r_desc-encodeNoise{end}" for end in ENDS), "ceiling_desc-ceiling")
        }
        noise, driven, chosen, ceiling = values.values()
        assert chosen[0] == 0  # the voxel that was not measured
        scored = ceiling != 0
        assert scored.sum() >= 24
        np.testing.assert_array_equal(chosen != 0, scored)
        assert driven[scored].mean() > 0.4
        assert abs(noise[scored].mean()) < 0.15
        np.testing.assert_array_equal(chosen, driven)
        assert (chosen[scored] < ceiling[scored]).mean() > 0.8
        whole = nibabel.load(f"{stem}_stat-r_desc-encodeNoiseChosen_statmap.nii.gz").get_fdata()
        assert abs(whole[~planted & (whole != 0)].mean()) < 0.15
        found = nibabel.load(f"{stem}_desc-encodeNoiseFound_mask.nii.gz").get_fdata() == 1
        assert found[planted].sum() > 5 * found[~planted].sum()
