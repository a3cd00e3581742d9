import os
import subprocess
import sys

import pandas as pd
import pytest
from click.testing import CliRunner

from stages.core.results.results import results_table, write_results
from stages.plots.__main__ import main
from stages.plots.story.gallery import decoding_files, encoding_files, profile_files
from stages.plots.story.profiles import contrast_table, features_table, similarity_table
from stages.plots.story.tables import decoding_table, encoding_table, heads_table, probing_table
from tests.conftest import PROJECT

BRAIN = ["decode/regions", "profile/discourse_syntax", "profile/families", "profile/features"]
BRAIN += ["profile/regions"]
PICTURES = ["encode/layers.png", "encode/regions.png", "probe/families.png", "probe/heads.png"]
PICTURES += [f"{name}.png" for name in BRAIN]
TABLES = ["encode/regions.csv", "probe/families.csv", "probe/heads.csv"]
TABLES += [f"{name}.csv" for name in BRAIN]


@pytest.fixture
def command(encoded, probed, decoded, profiled, tmp_path):
    """Make the command line that draws synthetic results into a folder."""
    made = {"encode": encoded(), "probe": probed, "decode": decoded(), "profile": profiled()}
    for name, results in made.items():
        write_results(tmp_path / f"{name}.parquet", results)

    def make(out):
        paths = {f"--{name}": f"{name}.parquet" for name in made} | {"--out": out}
        words = [word for name, path in paths.items() for word in (name, str(tmp_path / path))]
        return ["draw", *words]

    return make


def test_tables_and_pictures_are_written(command, tmp_path):
    done = CliRunner().invoke(main, command("out"))
    assert done.exit_code == 0, done.output
    out = tmp_path / "out"
    written = [str(path.relative_to(out)) for path in out.rglob("*.*")]
    assert sorted(written) == sorted(PICTURES + TABLES)
    names = ("encode", "probe", "decode", "profile")
    encode, probe, decode, profile = (pd.read_parquet(tmp_path / f"{n}.parquet") for n in names)
    similar = similarity_table(profile)
    expected = {
        "encode/regions": encoding_table(encode),
        "probe/families": probing_table(probe),
        "probe/heads": heads_table(probe),
        "decode/regions": decoding_table(decode),
        "profile/regions": similar[similar["family"] == "all"],
        "profile/families": similar[similar["family"] != "all"],
        "profile/discourse_syntax": contrast_table(profile),
        "profile/features": features_table(decode, probe),
    }
    for name, table in expected.items():
        found = pd.read_csv(out / f"{name}.csv")
        pd.testing.assert_frame_equal(found, table.reset_index(drop=True), check_dtype=False)


def test_what_was_not_decoded_has_tables_without_rows_and_no_pictures(command, tmp_path):
    for name in ("decode", "profile"):
        write_results(tmp_path / f"{name}.parquet", results_table([]))
    done = CliRunner().invoke(main, command("out"))
    assert done.exit_code == 0, done.output
    for name in BRAIN:
        assert not (tmp_path / "out" / f"{name}.png").exists()
        assert len((tmp_path / "out" / f"{name}.csv").read_text().splitlines()) == 1


def test_without_families_there_is_no_picture_of_them(command, profiled, tmp_path):
    write_results(tmp_path / "profile.parquet", profiled(families=("all",)))
    done = CliRunner().invoke(main, command("out"))
    assert done.exit_code == 0, done.output
    drawn = {path.stem for path in (tmp_path / "out" / "profile").glob("*.png")}
    assert drawn == {"regions", "discourse_syntax", "features"}


def test_titles_name_the_study_and_whose_brain_is_shown(encoded, decoded, profiled, probed):
    results = decoded(subjects=("group_1",)), profiled(subjects=("group_1",))
    files = decoding_files(results[0]) | profile_files(results[1], results[0], probed)
    titles = {n: f.get_suptitle() for n, f in files.items() if n.endswith("png")}
    assert titles["decode/regions.png"] == "Brain to features: made, group_1"
    assert titles["profile/regions.png"] == "Brain and layers, all features: made, tiny, group_1"
    average = encoding_files(encoded())["encode/regions.png"]
    assert average.get_suptitle() == "Layers to brain: made, tiny, subject average"


def test_without_attention_there_is_no_picture_of_heads(command, probe_results, tmp_path):
    write_results(tmp_path / "probe.parquet", probe_results(attention=False))
    done = CliRunner().invoke(main, command("out"))
    assert done.exit_code == 0, done.output
    assert not (tmp_path / "out" / "probe" / "heads.png").exists()
    assert len(pd.read_csv(tmp_path / "out" / "probe" / "heads.csv")) == 0


@pytest.mark.slow
def test_another_process_writes_the_same_bytes(command, tmp_path):
    for out, seed in (("one", "1"), ("two", "2")):
        line = [sys.executable, "-m", "stages.plots", *command(out)]
        environment = os.environ | {"PYTHONHASHSEED": seed}
        subprocess.run(line, cwd=PROJECT, env=environment, check=True, capture_output=True)
    for name in PICTURES + TABLES:
        one, two = ((tmp_path / out / name).read_bytes() for out in ("one", "two"))
        assert one == two


@pytest.mark.parametrize("name", ["encode", "probe", "decode", "profile"])
def test_missing_results_say_what_to_run(command, tmp_path, name):
    (tmp_path / f"{name}.parquet").unlink()
    done = CliRunner().invoke(main, command("out"))
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1].endswith(f"{name}.parquet. Run `dvc repro {name}`.")
    assert not (tmp_path / "out").exists()


def test_the_page_is_written(tmp_path):
    done = CliRunner().invoke(main, ["page", str(tmp_path / "page.html")])
    assert done.exit_code == 0, done.output
    assert "{plot_divs}" in (tmp_path / "page.html").read_text(encoding="utf-8")
