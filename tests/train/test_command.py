import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from stages.core.pictures.images import write_images
from stages.core.recording.types import STIMULUS_COLUMNS
from stages.core.run.files import read_json
from stages.core.run.tables import write_table
from stages.train.__main__ import main
from stages.train.scene.image_sources import folder_images
from tests.conftest import PROJECT


@pytest.fixture
def run(tmp_path, words, seeing):
    """Run a command with tiny settings."""
    content = YAML(typ="safe").load(PROJECT / "params.yaml")
    content["train"] |= {
        "story": words().model_dump(),
        "scene": seeing(epochs=1, keep=[0]).model_dump(),
    }
    YAML().dump(content, tmp_path / "params.yaml")

    def command(name, **options):
        options |= {"params": tmp_path / "params.yaml"}
        arguments = [part for key, value in options.items() for part in (f"--{key}", str(value))]
        return CliRunner().invoke(main, [name, *arguments])

    return command


@pytest.fixture
def recording(pictures, tmp_path):
    """A recording that shows pictures of two categories, and one of neither."""
    images = folder_images(pictures)
    ids = [f"image{k}" for k in range(25)]
    folder = tmp_path / "recording"
    folder.mkdir()
    stimuli = pd.DataFrame(dict.fromkeys(STIMULUS_COLUMNS, "1"), index=range(25))
    write_table(folder / "stimuli.parquet", stimuli.assign(id=ids, onset=0.0, duration=1.0))
    labels = images.labels[:25]
    counts = pd.DataFrame({"id": ids, "category/sky": labels == 0, "category/lawn": labels == 1})
    write_table(folder / "features.parquet", counts.astype({"category/sky": int}))
    write_images(folder / "images.hdf5", ids, (np.asarray(images.read(k)) for k in range(25)))
    return folder


def test_words(run, text, tmp_path):
    result = run(
        "story", text=text, run="read-tiny-3", out=tmp_path / "run", curves=tmp_path / "c.csv"
    )
    assert result.exit_code == 0, result.output
    assert list(pd.read_csv(tmp_path / "c.csv")["step"]) == [0, 1, 4, 12]
    checkpoint = tmp_path / "run" / "step12"
    result = run("validate", checkpoint=checkpoint, text=text, out=tmp_path / "v.json")
    assert result.exit_code == 0, result.output
    kept = read_json(checkpoint / "evaluation.json", "")
    assert read_json(tmp_path / "v.json", "") == pytest.approx(kept, abs=1e-6)


def test_images_of_a_recording(run, recording, tmp_path):
    result = run(
        "scene",
        recording=recording,
        run="labels-0",
        out=tmp_path / "run",
        curves=tmp_path / "c.csv",
    )
    assert result.exit_code == 0, result.output
    assert "1 images without a category left out" in result.output
    checkpoint = tmp_path / "run" / "step2" / "ema"
    assert read_json(checkpoint / "config.json", "")["label_names"] == ["sky", "lawn"]
    result = run("validate", checkpoint=checkpoint, recording=recording, out=tmp_path / "v.json")
    assert result.exit_code == 0, result.output
    kept = read_json(checkpoint / "evaluation.json", "")
    assert read_json(tmp_path / "v.json", "") == pytest.approx(kept, abs=1e-6)


def test_wrong_input_is_told_in_a_line(run, text, pictures, tmp_path):
    out = {"out": tmp_path / "run", "curves": tmp_path / "c.csv"}
    short = tmp_path / "short.txt"
    short.write_text("the end\nof it\n")
    for name, options, said in (
        ("story", {"text": text, "run": "red-0"}, "unknown run"),
        ("story", {"text": short, "run": "read-0"}, "shorter than one block"),
        ("scene", {"run": "labels-0"}, "either --recording or --images"),
        ("scene", {"run": "read-0", "images": pictures}, "expected labels or shuffled"),
    ):
        result = run(name, **options, **out)
        assert result.exit_code == 2, result.output
        assert result.output.splitlines()[-1].startswith("error: ")
        assert said in result.output.splitlines()[-1]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"size": "huge"}, "size expected to be one of sizes, got 'huge'"),
        ({"keep": [0, 400]}, "keep expected to end by steps"),
        ({"keep": [1, 0]}, "expected ascending numbers"),
        ({"keep": ["1-8*2", 8]}, "expected ascending numbers"),
        ({"keep": [0, "1-9*2"]}, "steps that miss their end"),
        ({"keep": [0, "1-512*2"]}, "keep expected to end by steps"),
        ({"keep": "1-8*2"}, "train.story.keep"),
        ({"sizes": {"Big": {"layers": 1, "width": 32, "heads": 2}}}, "lower-case letters"),
        ({"sizes": {"tiny": {"layers": 1, "width": 30, "heads": 2}}}, "multiple of 8"),
    ],
)
def test_wrong_parameters_are_told(run, text, tmp_path, change, said):
    content = YAML(typ="safe").load(tmp_path / "params.yaml")
    content["train"]["story"] |= change
    YAML().dump(content, tmp_path / "params.yaml")
    result = run("story", text=text, run="read-0", out=tmp_path / "run", curves=tmp_path / "c.csv")
    assert result.exit_code == 2
    assert said in result.output.splitlines()[-1]
