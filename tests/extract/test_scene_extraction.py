import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from stages.core.activations.activations import read_about, read_failure, read_layer
from stages.core.names.models import parse_model
from stages.core.nets.timm_models import TimmModel
from stages.core.recording.recording_files import read_stimuli
from stages.core.recording.types import captions_digest, stimuli_digest
from stages.core.run import digests
from stages.core.run.errors import InputError
from stages.core.run.files import sha256
from stages.core.run.tables import write_table
from stages.extract import extraction
from stages.extract.__main__ import main
from stages.extract.extraction import extract_scene
from stages.extract.noise import noise
from tests.conftest import PROJECT
from tests.tiny_models import WORDS


@pytest.fixture
def extract(scene_settings):
    """Extract a model's layers, with some settings changed; give back what is wrong with it."""

    def run(string, recording, folder, **changes):
        spec = parse_model("tiny", {"tiny": string})
        return extract_scene(recording, spec, scene_settings.model_copy(update=changes), folder)

    return run


def found(folder, recording):
    stimuli = read_stimuli(recording / "stimuli.parquet")
    about, rows = read_about(folder, stimuli_digest(stimuli))
    layers = {name: read_layer(folder, name, about, len(rows)).copy() for name in about.layers}
    return about, rows, layers


def scratch():
    return Path(os.environ["CONCORD_SCRATCH"])


def never(*args, **kwargs):
    raise AssertionError("called")


@pytest.fixture
def log(caplog):
    """What the stage says."""
    caplog.set_level(logging.INFO, "concord.extract")
    return caplog


@pytest.mark.parametrize("kind", ["vit", "bert", "clip"])
def test_the_contract(tiny, scenery, extract, tmp_path, kind):
    recording, folder = scenery(70), tmp_path / "out"  # two shards of images
    assert extract(f"file:{tiny(kind)}", recording, folder) is None
    about, rows, layers = found(folder, recording)
    stimuli = read_stimuli(recording / "stimuli.parquet")
    assert list(rows["id"]) == list(stimuli["id"])
    assert list(rows["offset"]) == list(stimuli["onset"] + stimuli["duration"])
    depths = ["layer_00", "layer_01", "layer_02"]
    if kind == "clip":
        names = [f"{tower}.{name}" for tower in ("vision", "language") for name in depths]
    else:
        names = depths
    assert list(about.layers) == list(about.widths) == names
    width = {"vit": 17 * 16, "bert": 16, "clip": 17 * 32}[kind]
    assert about.widths[names[0]] == width
    assert about.layers[names[0]] == min(width, 64)
    assert about.modality == {"vit": "vision", "bert": "language", "clip": "both"}[kind]
    assert (about.seed, about.context, about.heads) == (None, None, 0)
    assert about.parameters > 1000
    files = ["activations.json", "rows.parquet", *(f"{name}.safetensors" for name in names)]
    assert sorted(path.name for path in folder.iterdir()) == sorted(files)
    assert {path.name for path in scratch().iterdir()} <= {"digests"}
    assert all(values.std() > 0 for values in layers.values())


def test_rows_are_in_the_order_of_the_stimuli(tiny, scenery, extract, tmp_path):
    """Captions are read from long to short; the same words tell the order."""
    recording = scenery(60)
    texts = pd.Series(np.resize(WORDS, 60))
    stimuli = read_stimuli(recording / "stimuli.parquet").assign(text=texts)
    write_table(recording / "stimuli.parquet", stimuli)
    extract(f"file:{tiny('bert')}", recording, tmp_path / "out")
    values = found(tmp_path / "out", recording)[2]["layer_02"]
    for text in WORDS:
        same = values[(texts == text).to_numpy()]
        np.testing.assert_allclose(same, np.broadcast_to(same[0], same.shape), atol=1e-5)
    assert len(np.unique(values.round(3), axis=0)) == len(WORDS)


def test_noise(scenery, extract, tmp_path):
    recording = scenery(5)
    assert extract("noise:32-64", recording, tmp_path / "out") is None
    about, _, layers = found(tmp_path / "out", recording)
    assert (about.modality, about.parameters) == ("noise", 0)
    np.testing.assert_array_equal(layers["width_0032"][3], noise(0, 32, "image_003"))


@pytest.mark.parametrize("model", ["timm:test_efficientnet+untrained:1", "bert", "clip"])
def test_two_workers_equal_one(tiny, scenery, extract, tmp_path, model):
    recording = scenery(150)
    string = model if ":" in model else f"file:{tiny(model)}"
    extract(string, recording, tmp_path / "one")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONCORD_DEVICE", "cpu,cpu")
        extract(string, recording, tmp_path / "two")
    one, two = (found(tmp_path / name, recording)[2] for name in ("one", "two"))
    for name, values in one.items():
        np.testing.assert_array_equal(values, two[name])


def test_twins_and_subsets_agree_on_the_projection(scenery, extract, tmp_path):
    """The first images, extracted alone, lie where they lie among all."""
    recording = scenery(20)
    for name in ("all", "some"):
        if name == "some":
            few = tmp_path / "few"
            shutil.copytree(recording, few)
            stimuli = read_stimuli(few / "stimuli.parquet")[:7]
            write_table(few / "stimuli.parquet", stimuli)
            with h5py.File(few / "images.hdf5", "r+") as file:
                for key in ("ids", "images"):
                    kept = file[key][:7]
                    del file[key]
                    file[key] = kept
            recording = few
        string = "timm:test_vit+untrained:0"
        extract(string, recording, tmp_path / name)
    everything = found(tmp_path / "all", tmp_path / "recording")[2]
    some = found(tmp_path / "some", recording)[2]
    for name, values in some.items():
        np.testing.assert_allclose(values, everything[name][:7], atol=1e-4)


def test_a_second_run_computes_nothing(tiny, scenery, extract, tmp_path, log):
    recording, folder = scenery(9), tmp_path / "out"
    string = f"file:{tiny('clip')}"
    extract(string, recording, folder)
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    extract(string, recording, folder)
    assert "kept all layers" in log.text
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_images_are_hashed_once_for_all_models(tiny, scenery, extract, tmp_path, monkeypatch):
    recording, hashed = scenery(9), []

    def counted(path, first=None):
        hashed.append(path.name)
        return sha256(path, first)

    monkeypatch.setattr(digests, "sha256", counted)
    for string in ("timm:test_vit+untrained:0", "timm:test_vit+untrained:1", tiny("clip")):
        model = str(string) if ":" in str(string) else f"file:{string}"
        assert extract(model, recording, tmp_path / "out") is None
    assert hashed == ["images.hdf5"]


@pytest.mark.parametrize(
    "change",
    [{"units": 8}, {"seed": 1}, {"vision": "pooled"}, {"images": True}],
)
def test_what_changes_the_result_is_extracted_anew(tiny, scenery, extract, tmp_path, change):
    recording, folder = scenery(9), tmp_path / "out"
    string = f"file:{tiny('vit')}"
    extract(string, recording, folder)
    first = {path.name: path.read_bytes() for path in folder.glob("*.safetensors")}
    if "images" in change:
        with h5py.File(recording / "images.hdf5", "r+") as file:
            file["images"][3, 0, 0] = 7
        change = {}
    extract(string, recording, folder, **change)
    found(folder, recording)
    assert all(path.read_bytes() != first[path.name] for path in folder.glob("*.safetensors"))


@pytest.fixture
def captioned(scenery):
    """A recording whose images have two captions each; a function to change them."""
    recording = scenery(9)
    stimuli = read_stimuli(recording / "stimuli.parquet")
    firsts = stimuli[["id", "text"]].assign(number=0)

    def write(text):
        captions = pd.concat([firsts, firsts.assign(number=1, text=text)])
        write_table(recording / "captions.parquet", captions.sort_values("id", kind="stable"))
        return captions

    write("an old witch")
    return recording, write


@pytest.mark.parametrize("kind", ["bert", "clip"])
def test_all_captions_are_read_as_one_text(tiny, captioned, extract, tmp_path, kind):
    recording, write = captioned
    string = f"file:{tiny(kind)}"
    stimuli = read_stimuli(recording / "stimuli.parquet")
    assert extract(string, recording, tmp_path / "first") is None
    assert extract(string, recording, tmp_path / "all", captions="all") is None
    joined = stimuli.assign(text=stimuli["text"] + "\nan old witch")
    write_table(recording / "stimuli.parquet", joined)
    assert extract(string, recording, tmp_path / "joined") is None
    write_table(recording / "stimuli.parquet", stimuli)
    one, two, three = (
        {path.name: path.read_bytes() for path in (tmp_path / name).glob("*layer*")}
        for name in ("first", "all", "joined")
    )
    assert two == three
    read = {name for name in one if not name.startswith("vision.")}
    assert {name for name in one if one[name] != two[name]} == read
    digest = stimuli_digest(stimuli)
    captions = write("an old witch").sort_values("id", kind="stable")
    about = read_about(tmp_path / "all", digest, captions_digest(captions))[0]
    assert about.presentation == {"bert": "all captions", "clip": "image and all captions"}[kind]
    assert found(tmp_path / "first", recording)[0].captions_digest == ""
    with pytest.raises(InputError, match="captions changed after extraction"):
        found(tmp_path / "all", recording)


def test_another_caption_is_another_extraction_for_who_reads(tiny, captioned, extract, tmp_path):
    recording, write = captioned
    keys = {}
    for text in ("an old witch", "a quiet village"):
        captions = write(text).sort_values("id", kind="stable")
        for kind in ("bert", "vit"):
            folder = tmp_path / kind
            extract(f"file:{tiny(kind)}", recording, folder, captions="all")
            stimuli = read_stimuli(recording / "stimuli.parquet")
            digests = stimuli_digest(stimuli), captions_digest(captions)
            about = read_about(folder, *digests)[0]
            keys.setdefault(kind, set()).add(about.key)
            assert about.captions_digest == (digests[1] if kind == "bert" else "")
    assert {kind: len(found) for kind, found in keys.items()} == {"bert": 2, "vit": 1}


def test_all_captions_of_a_recording_that_has_none(tiny, scenery, extract, tmp_path):
    with pytest.raises(InputError, match=r"captions\.parquet"):
        extract(f"file:{tiny('bert')}", scenery(9), tmp_path / "out", captions="all")


def test_captions_that_are_too_many_for_a_model_are_its_failure(tiny, captioned, extract, tmp_path):
    recording, write = captioned
    write("over a quiet village " * 20)
    string = f"file:{tiny('clip')}"
    error = extract(string, recording, tmp_path / "out", captions="all")
    assert "too long for the model" in error
    assert "Set scene.extract.captions to first" in error
    assert read_failure(tmp_path / "out") == error
    assert extract(string, recording, tmp_path / "out") is None


def test_other_captions_are_other_stimuli_but_the_same_bytes(tiny, scenery, extract, tmp_path):
    recording, folder = scenery(9), tmp_path / "out"
    string = f"file:{tiny('vit')}"
    extract(string, recording, folder)
    first = {path.name: path.read_bytes() for path in folder.glob("*.safetensors")}
    before = found(folder, recording)[0].key
    stimuli = read_stimuli(recording / "stimuli.parquet")
    write_table(recording / "stimuli.parquet", stimuli.assign(text="witch"))
    extract(string, recording, folder)
    assert found(folder, recording)[0].key != before
    assert all(path.read_bytes() == first[path.name] for path in folder.glob("*.safetensors"))


def test_interrupted_among_the_shards(scenery, extract, tmp_path, monkeypatch, log):
    recording, folder = scenery(150), tmp_path / "out"
    string = "timm:test_vit+untrained:0"
    write, calls = extraction.write_shard, []

    def stop(*args):
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(args)
        write(*args)

    with monkeypatch.context() as patch:
        patch.setattr(extraction, "write_shard", stop)
        with pytest.raises(KeyboardInterrupt):
            extract(string, recording, folder)
    assert not (folder / "activations.json").exists()
    extract(string, recording, folder)
    assert "kept 2 of 3 shards" in log.text
    extract(string, recording, tmp_path / "whole")
    resumed, whole = (found(tmp_path / name, recording)[2] for name in ("out", "whole"))
    for name, values in whole.items():
        np.testing.assert_array_equal(values, resumed[name])


def test_interrupted_among_the_layers(tiny, scenery, extract, tmp_path, log):
    """Nothing is computed again."""
    recording, folder = scenery(9), tmp_path / "out"
    string = f"file:{tiny('bert')}"
    write = extraction.write_layer

    def stop(path, values):
        if path.stem == "layer_02":
            raise KeyboardInterrupt
        write(path, values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extraction, "write_layer", stop)
        with pytest.raises(KeyboardInterrupt):
            extract(string, recording, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extraction, "share_out", never)
        extract(string, recording, folder)
    assert "kept 1 of 1 shards" in log.text
    found(folder, recording)


@pytest.mark.parametrize(
    ("string", "message"),
    [
        ("file:/nonsuch", "folder not found"),
        ("hf:nonsuch/model", "no local copy in nonsuch/model"),
        ("timm:nonsuch", "no such model in timm"),
    ],
)
def test_a_failure_is_recorded_and_a_success_forgets_it(
    scenery, extract, tmp_path, string, message
):
    recording, folder = scenery(3), tmp_path / "out"
    extract("noise:4-8", recording, folder)
    error = extract(string, recording, folder)
    assert message in error
    assert "\n" not in error
    assert read_failure(folder) == error
    assert [path.name for path in folder.iterdir()] == ["failure.json"]
    assert extract("noise:4-8", recording, folder) is None
    assert read_failure(folder) is None
    found(folder, recording)


def test_an_image_that_does_not_decode(scenery, extract, tmp_path):
    """A chunk that was lost is zeros to HDF5; one that is damaged is an error by name."""
    recording = scenery(5)
    with h5py.File(recording / "images.hdf5", "r+") as file:
        pixels = file["images"][:]
        del file["images"]
        shape = (1, *pixels.shape[1:])
        kept = file.create_dataset("images", data=pixels, chunks=shape, fletcher32=True)
        place = kept.id.get_chunk_info(3).byte_offset
    with (recording / "images.hdf5").open("r+b") as file:
        file.seek(place)
        file.write(b"damaged")
    error = extract("timm:test_vit+untrained", recording, tmp_path / "out")
    assert error.startswith("image does not decode in image image_003")


def test_a_model_that_gives_no_finite_values(scenery, extract, tmp_path, monkeypatch):
    def poison(model):
        network = load(model)
        network.blocks[1].attn.proj.bias.data[:] = np.nan
        return network

    load = TimmModel.load
    monkeypatch.setattr(TimmModel, "load", poison)
    recording = scenery(5)
    error = extract("timm:test_vit+untrained", recording, tmp_path / "out")
    assert "not finite in blocks.1 of the model" in error


def test_errors_that_are_not_the_model_s(scenery, extract, tmp_path, monkeypatch):
    recording, folder = scenery(3), tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setenv("CONCORD_DEVICE", "gpu9")
        with pytest.raises(InputError, match="no such device"):
            extract("timm:test_vit+untrained", recording, folder)
    with h5py.File(recording / "images.hdf5", "r+") as file:
        file["ids"][1] = "other"
    with pytest.raises(InputError, match=r"ids differ in stimuli and .*images\.hdf5, row 1"):
        extract("noise:4-8", recording, folder)
    (recording / "images.hdf5").unlink()
    with pytest.raises(InputError, match=r"file not found in .*images\.hdf5"):
        extract("noise:4-8", recording, folder)
    assert not folder.exists()


def test_a_full_disk_is_not_the_model_s_fault(scenery, extract, tmp_path, monkeypatch):
    def full(*args):
        raise OSError("No space left on device")

    monkeypatch.setattr(extraction, "write_shard", full)
    with pytest.raises(OSError, match="No space left"):
        extract("noise:4-8", scenery(3), tmp_path / "out")
    assert read_failure(tmp_path / "out") is None


@pytest.fixture
def run(zoo_file, tmp_path):
    def invoke(model, recording, string="noise:4-8"):
        args = ["scene", "--params", zoo_file(string), "--recording", recording]
        args += ["--model", model, "--out", tmp_path / "out"]
        return CliRunner().invoke(main, [str(arg) for arg in args])

    return invoke


def test_the_command(run, scenery, tmp_path):
    recording = scenery(4)
    assert run("tiny", recording).exit_code == 0
    about, _, _ = found(tmp_path / "out", recording)
    assert (about.label, about.model) == ("tiny", "noise:4-8")


def test_the_command_of_a_model_that_fails(run, scenery, tmp_path):
    done = run("tiny", scenery(4), "file:/nonsuch")
    assert done.exit_code == 0
    assert done.stderr.splitlines()[-1] == f"failed: tiny: {read_failure(tmp_path / 'out')}"


def test_a_model_that_is_not_in_the_zoo(run, scenery):
    done = run("tinny", scenery(4))
    assert done.exit_code == 2
    assert "not in the zoo in params.yaml: zoo: got 'tinny'. Did you mean 'tiny'" in done.stderr


def test_a_recording_that_is_not_there(run, tmp_path):
    done = run("tiny", tmp_path / "none")
    assert done.exit_code == 2
    assert "file not found" in done.stderr.splitlines()[-1]


def test_noise_needs_no_pytorch(scenery, zoo_file, tmp_path):
    code = "import sys, runpy\ntry: runpy.run_module('stages.extract', run_name='__main__')\n"
    code += "finally: print('torch' in sys.modules)"
    args = ["scene", "--params", zoo_file("noise:4-8"), "--recording", scenery(3)]
    args += ["--model", "tiny", "--out", tmp_path / "out"]
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, args)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "False"
