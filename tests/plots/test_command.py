import json
import os
import subprocess
import sys

import pandas as pd
import pytest
from click.testing import CliRunner

from stages.core.results.results import results_table, write_results
from stages.core.run.tables import write_table
from stages.plots.__main__ import main
from stages.plots.story.gallery import decoding_files, encoding_files, profile_files
from stages.plots.story.model_tables import chosen_layers, encoding_models, probing_models
from stages.plots.story.profiles import contrast_table, features_table, similarity_table
from stages.plots.story.tables import decoding_table, encoding_table, heads_table, probing_table
from tests.conftest import PROJECT
from tests.plots.ceiling_tables import ceiling_table, point_table
from tests.plots.story_models import TWINS, ZOO, roll_of, several

FOLDERS = ("decode", "encode", "probe", "profile")
PROFILE = [f"profile/{name}" for name in ("discourse_syntax", "families", "features", "regions")]
BRAIN = ["decode/regions", *PROFILE]
PICTURES = ["encode/best", "encode/ceilings", "encode/layers", "encode/models", "encode/regions"]
PICTURES += ["probe/families", "probe/heads", "probe/models", *BRAIN]
OF_TWINS = ["encode/regions", "probe/families", "probe/heads", *PROFILE]
TABLES = ["encode/best", "encode/models", "probe/models", "decode/regions", *OF_TWINS]
TABLES += [f"{name}_untrained" for name in OF_TWINS]
FILES = [*(f"{name}.png" for name in PICTURES), *(f"{name}.csv" for name in TABLES)]
FILES += ["encode/ceilings.csv", "encode/ceiling_points.csv"]
FILES += [f"{folder}/index.json" for folder in FOLDERS]


@pytest.fixture
def command(encoded, probed, decoded, profiled, tmp_path):
    """Make the command line that draws synthetic results of some models into a folder."""
    made = {"encode": encoded(), "probe": probed, "profile": profiled()}

    def write(models, failed=()):
        for name, results in made.items():
            write_results(tmp_path / f"{name}.parquet", several(results, models))
        write_table(tmp_path / "models.parquet", roll_of(models, failed))

    def make(out, **zoo):
        if zoo:
            write(**zoo)
        folders = {"--results": tmp_path, "--raw": tmp_path, "--out": tmp_path / out}
        return ["story", *(word for name, at in folders.items() for word in (name, str(at)))]

    truth = {"model": "hub", "regions": {"A": {"driver": "layer", "layer": "layer_01"}}}
    (tmp_path / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    write(TWINS)
    write_results(tmp_path / "decode.parquet", decoded())
    write_table(tmp_path / "ceilings_story.parquet", ceiling_table())
    write_table(tmp_path / "ceilings_story_points.parquet", point_table())
    return make


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    return tmp_path_factory.mktemp("usual") / "out"


@pytest.fixture
def drawn(command, tmp_path, usual):
    """Draw the usual results, which are the same for every test, once."""
    words = command("out")
    if not usual.exists():
        run(words)
        (tmp_path / "out").rename(usual)
    return usual


def run(words):
    done = CliRunner().invoke(main, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output


def written(out):
    return sorted(str(path.relative_to(out)) for path in out.rglob("*.*"))


def index(out, folder):
    return json.loads((out / folder / "index.json").read_text(encoding="utf-8"))


def test_tables_and_pictures_are_written(drawn, tmp_path):
    assert written(drawn) == sorted(FILES)
    results = {name: pd.read_parquet(tmp_path / f"{name}.parquet") for name in FOLDERS}
    roll = roll_of()
    compared = encoding_models(results["encode"], roll)
    expected = {
        "encode/models": compared,
        "encode/best": chosen_layers(compared),
        "probe/models": probing_models(results["probe"], roll),
        "decode/regions": decoding_table(results["decode"]),
    }
    for name, end in (("tiny", ""), ("tiny+untrained", "_untrained")):
        encode, probe, profile = (
            results[one][results[one]["model"] == name] for one in ("encode", "probe", "profile")
        )
        similar = similarity_table(profile)
        expected |= {
            f"encode/regions{end}": encoding_table(encode),
            f"probe/families{end}": probing_table(probe),
            f"probe/heads{end}": heads_table(probe),
            f"profile/regions{end}": similar[similar["family"] == "all"],
            f"profile/families{end}": similar[similar["family"] != "all"],
            f"profile/discourse_syntax{end}": contrast_table(profile),
            f"profile/features{end}": features_table(results["decode"], probe),
        }
    assert sorted(expected) == sorted(TABLES)
    for name, table in expected.items():
        found = pd.read_csv(drawn / f"{name}.csv")
        pd.testing.assert_frame_equal(found, table.reset_index(drop=True), check_dtype=False)


def test_what_drives_simulated_regions_is_told(drawn):
    told = {one["file"]: "outlined" in one["caption"] for one in index(drawn, "encode")}
    assert [name for name, shown in told.items() if shown] == ["regions.png"]


def test_the_index_lists_the_pictures_of_its_folder_with_their_tables(drawn):
    for folder in FOLDERS:
        entries = index(drawn, folder)
        listed = [f"{folder}/{entry['file']}" for entry in entries]
        assert sorted(listed) == [
            name
            for name in written(drawn)
            if name.startswith(f"{folder}/") and name.endswith(".png")
        ]
        for entry in entries:
            assert (drawn / folder / entry["table"]).exists()
            assert "made" in entry["title"]
            assert "{" not in entry["caption"]
            assert entry["caption"].endswith(".")


def test_more_models_are_compared_and_leave_the_others_as_they_are(command, drawn, tmp_path):
    run(command("many", models=ZOO, failed=["broken"]))
    few, many = drawn, tmp_path / "many"
    assert written(few) == written(many)
    for name in ("encode/models", "encode/best", "probe/models"):
        assert list(pd.read_csv(many / f"{name}.csv")["model"].unique()) == list(ZOO)
        assert list(pd.read_csv(few / f"{name}.csv")["model"].unique()) == list(TWINS)
    same = {name for name in FILES if (few / name).read_bytes() == (many / name).read_bytes()}
    differ = {
        f"{name}.{end}"
        for name in ("encode/models", "encode/best", "probe/models")
        for end in ("csv", "png")
    }
    assert set(FILES) - same == differ | {"encode/index.json", "probe/index.json"}
    captions = {entry["file"]: entry["caption"] for entry in index(many, "encode")}
    assert "4 models" in captions["models.png"]
    assert "broken" not in "".join(captions.values())


@pytest.mark.usefixtures("blank")
def test_a_study_of_one_model_has_no_twin(command, tmp_path):
    run(command("out", models={"tiny": True}))
    assert written(tmp_path / "out") == sorted(name for name in FILES if "_untrained" not in name)
    captions = [entry["caption"] for folder in FOLDERS for entry in index(tmp_path / "out", folder)]
    assert not any("twin" in caption for caption in captions)


@pytest.mark.usefixtures("blank")
def test_what_was_not_decoded_has_tables_without_rows_and_no_pictures(command, tmp_path):
    words = command("out")
    for name in ("decode", "profile"):
        write_results(tmp_path / f"{name}.parquet", results_table([]))
    run(words)
    out = tmp_path / "out"
    for name in BRAIN:
        assert not (out / f"{name}.png").exists()
        assert len((out / f"{name}.csv").read_text().splitlines()) == 1
    assert len((out / "profile/regions_untrained.csv").read_text().splitlines()) == 1
    assert index(out, "decode") == index(out, "profile") == []
    assert len(index(out, "encode")) == 5


@pytest.mark.usefixtures("blank")
def test_without_families_there_is_no_picture_of_them(command, profiled, tmp_path):
    words = command("out")
    write_results(tmp_path / "profile.parquet", several(profiled(families=("all",))))
    run(words)
    drawn = {path.stem for path in (tmp_path / "out" / "profile").glob("*.png")}
    assert drawn == {"regions", "discourse_syntax", "features"}
    assert {entry["file"] for entry in index(tmp_path / "out", "profile")} == {
        f"{name}.png" for name in drawn
    }


def test_titles_name_the_study_its_models_and_whose_brain_is_shown(
    encoded, decoded, profiled, probed
):
    subjects = ("group_1",)
    decode, profile = decoded(subjects=subjects), several(profiled(subjects=subjects))
    roll = roll_of()
    files = decoding_files(decode) | profile_files(profile, decode, several(probed), roll)
    files |= encoding_files(several(encoded()), roll)
    titles = {name: made.title for name, made in files.items() if name.endswith("png")}
    both = "tiny and tiny+untrained"
    assert titles["decode/regions.png"] == "Brain to features: made, group_1"
    assert titles["profile/regions.png"] == f"Brain and layers, all features: made, {both}, group_1"
    assert titles["encode/regions.png"] == f"Layers to brain: made, {both}, average of 1 subject"
    assert titles["encode/models.png"] == "Layers to brain: made, 2 models, average of 1 subject"


@pytest.mark.usefixtures("blank")
def test_without_attention_there_is_no_picture_of_heads(command, probe_results, tmp_path):
    words = command("out")
    write_results(tmp_path / "probe.parquet", several(probe_results(attention=False)))
    run(words)
    assert not (tmp_path / "out" / "probe" / "heads.png").exists()
    assert len(pd.read_csv(tmp_path / "out" / "probe" / "heads.csv")) == 0
    assert [entry["file"] for entry in index(tmp_path / "out", "probe")] == [
        "families.png",
        "models.png",
    ]


@pytest.mark.slow
def test_another_process_writes_the_same_bytes(command, drawn, tmp_path):
    line = [sys.executable, "-m", "stages.plots", *command("again")]
    environment = os.environ | {"PYTHONHASHSEED": "2"}
    subprocess.run(line, cwd=PROJECT, env=environment, check=True, capture_output=True)
    for name in FILES:
        assert (drawn / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("models", "survey_story"),
        ("encode", "survey_story"),
        ("probe", "survey_story"),
        ("decode", "decode"),
        ("profile", "profile"),
        ("ceilings_story", "ceilings_story"),
        ("ceilings_story_points", "ceilings_story"),
    ],
)
def test_missing_results_say_what_to_run(command, tmp_path, name, stage):
    words = command("out")
    (tmp_path / f"{name}.parquet").unlink()
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1].endswith(f"{name}.parquet. Run `dvc repro {stage}`.")
    assert not (tmp_path / "out").exists()


def test_the_page_is_written(tmp_path):
    done = CliRunner().invoke(main, ["page", str(tmp_path / "page.html")])
    assert done.exit_code == 0, done.output
    assert "{plot_divs}" in (tmp_path / "page.html").read_text(encoding="utf-8")
