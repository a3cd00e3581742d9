"""A small laboratory of images of several sizes, seen by two people who saw different ones."""

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image

from stages.core.params.read import read_params
from stages.core.pictures.images import open_images
from stages.core.recording.recording_files import read_recording
from stages.core.run.errors import InputError
from stages.prepare.__main__ import main
from stages.prepare.picture_files import common_size, read_image
from stages.prepare.tables.lab_scenes import load_table_images
from tests.conftest import PROJECT
from tests.prepare.tables.lab_tables import N_IMAGES, write_pictures


@pytest.fixture
def lab(tmp_path, rng):
    """A folder whose last image nobody saw."""
    return write_pictures(tmp_path / "raw", rng)


@pytest.fixture
def scene():
    """The section `scene` of the parameters."""
    return read_params(PROJECT / "params.yaml").scene


def test_the_command_prepares_images(lab, tmp_path):
    text = (PROJECT / "params.yaml").read_text()
    (tmp_path / "params.yaml").write_text(text.replace("dataset: nsd-simulated", "dataset: table"))
    options = ["--raw", lab, "--out", tmp_path / "out", "--params", tmp_path / "params.yaml"]
    done = CliRunner().invoke(main, ["scene", *map(str, options)])
    assert done.exit_code == 0, done.output
    recording = read_recording(tmp_path / "out")
    assert (recording.kind, len(recording.stimuli)) == ("events", 11)
    assert recording.stimuli["text"][3] == "dog_3"
    first, second = recording.subjects
    assert list(first.samples["repeats"]) == [2, 1, 1, 1, 1, 1, 1, 1]
    assert list(second.samples["id"]) == [f"i{k}" for k in range(4, 11)]
    own = pd.read_csv(lab / "s1" / "responses.csv")
    mean = own[own["id"] == "i0"][["a", "b", "c"]].mean().to_numpy()
    assert np.allclose(first.responses[0], mean, atol=1e-6)
    with open_images(tmp_path / "out" / "images.hdf5", list(recording.stimuli["id"])) as images:
        assert images.shape == (11, 40, 40, 3)


def test_single_responses_are_kept_of_images_seen_three_times(lab, scene):
    path = lab / "s1" / "responses.csv"
    table = pd.read_csv(path)
    more = table[table["id"].isin(["i0", "i2", "i5"])].copy()
    more[["a", "b", "c"]] += np.arange(12).reshape(4, 3)[: len(more)]
    last = more[more["id"] == "i2"].assign(a=7.0, c=1.0)
    whole = pd.concat([table, more, last], ignore_index=True).assign(b=1.0)
    whole.to_csv(path, index=False)
    recording = load_table_images(lab, scene.model_copy(update={"dataset": "table"})).recording
    first, second = recording.subjects
    assert list(first.samples["id"][first.samples["single"]]) == ["i0", "i2"]
    assert list(first.targets["id"]) == ["a", "c"]  # the other does not vary
    values = {name: rows[["a", "c"]].to_numpy() for name, rows in whole.groupby("id")}
    expected = [values[name][time] for time in range(3) for name in ("i0", "i2")]
    np.testing.assert_allclose(first.single, expected, atol=1e-6)
    assert second.single is None
    assert not second.samples["single"].any()


def test_captions_are_texts(lab, scene):
    ids = [f"i{k}" for k in reversed(range(N_IMAGES))]
    captions = pd.DataFrame(
        {"id": ids * 2, "text": [f"NA {name}" for name in ids] + ["other"] * N_IMAGES}
    )
    captions.to_csv(lab / "captions.csv", index=False)
    recording = load_table_images(lab, scene.model_copy(update={"dataset": "table"})).recording
    assert list(recording.stimuli["text"]) == [f"NA i{k}" for k in range(N_IMAGES - 1)]
    assert list(recording.captions["number"]) == [0, 1] * (N_IMAGES - 1)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("../stimuli.csv", "name of an image"),
        ("/etc/passwd", "name of an image"),
        ("dog_3.pgn", "image not found.*dog_3.png"),
        ("link.png", "leads out of the folder"),
        ("text.png", "unreadable image"),
        ("deep.png", "another kind.*mode I;16"),
    ],
)
def test_images_that_are_none_are_refused(lab, scene, name, message):
    (lab / "images" / "link.png").symlink_to(lab / "stimuli.csv")
    (lab / "images" / "text.png").write_text("no image")
    Image.fromarray(np.zeros((50, 50), np.uint16)).save(lab / "images" / "deep.png")
    path = lab / "stimuli.csv"
    path.write_text(path.read_text().replace("i4,dog_4.png", f"i4,{name}"))
    with pytest.raises(InputError, match=message):
        load_table_images(lab, scene)


def test_words_and_time_series_are_no_images(lab, scene):
    (lab / "samples.csv").write_text("run,onset\n1,0\n1,1\n")
    with pytest.raises(InputError, match="no images"):
        load_table_images(lab, scene)
    (lab / "samples.csv").unlink()
    path = lab / "stimuli.csv"
    path.write_text(path.read_text().replace("id,image", "id,text"))
    with pytest.raises(InputError, match=r"column missing.*image"):
        load_table_images(lab, scene)


def test_one_size_is_kept_and_transparency_becomes_grey(tmp_path):
    assert common_size([(90, 60)] * 3) == (90, 60)
    assert common_size([(2048, 1024)] * 2) == (512, 256)
    assert common_size([(90, 60), (70, 80)]) == (60, 60)
    with pytest.raises(InputError, match="too small"):
        common_size([(90, 16)])
    Image.new("RGBA", (40, 40), (255, 0, 0, 0)).save(tmp_path / "a.png")
    assert (read_image(tmp_path / "a.png", (40, 40)) == 128).all()
