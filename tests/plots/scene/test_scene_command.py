import json
import re
import subprocess
import sys

import pytest
from click.testing import CliRunner

from stages.core.results.survey import write_survey
from stages.core.run.origins import of_recording
from stages.core.run.tables import write_table
from stages.plots.__main__ import main
from stages.plots.scene.gallery import relate_files, scene_files
from stages.relate.relation_rows import relations_table
from tests.conftest import PROJECT
from tests.plots.survey_tables import PEOPLE, related, survey_of
from tests.recorded import describe

TABLES = ["align/best.csv", "align/layers.csv", "relate/performance.csv", "survey/models.csv"]
CORTEX = [f"survey/cortex/{kind}.png" for kind in ("contrast", "language", "vision")]
INDEXES = ["align/index.json", "relate/index.json", "survey/index.json"]
PICTURES = [
    *("align/best.png", "align/layers.png", "relate/performance.png"),
    *("survey/bandwidth.png", "survey/consistency.png", "survey/contrast.png"),
    *("survey/control.png", "survey/depth.png", "survey/gradient.png", "survey/models.png"),
    *("survey/metrics.png", "survey/networks.png", "survey/umap.png"),
]


@pytest.fixture
def command(tmp_path):
    """Make the command line that draws a synthetic survey."""

    def make(survey, relate):
        describe(tmp_path / "recording", "made")
        made_from = of_recording(tmp_path / "recording")
        write_survey(tmp_path / "survey", survey, made_from)
        write_table(tmp_path / "relate.parquet", relate, made_from)
        paths = {"--survey": "survey", "--relate": "relate.parquet", "--recording": "recording"}
        words = [word for name, path in paths.items() for word in (name, str(tmp_path / path))]
        out = ["--out", str(tmp_path / "out"), "--params", str(PROJECT / "params.yaml")]
        return ["scene", *words, *out]

    return make


def written(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*"))


def test_tables_and_pictures_are_written(command, rng, tmp_path):
    survey, relate = survey_of(rng, regions=("V1", "V4", "FFC")), related(rng)
    done = CliRunner().invoke(main, command(survey, relate))
    assert done.exit_code == 0, done.output
    assert written(tmp_path / "out") == sorted(TABLES + PICTURES + CORTEX + INDEXES)
    files = scene_files(survey, "made", "cka_linear") | relate_files(relate)
    for name in TABLES:
        expected = files[name].to_csv(index=False)
        assert (tmp_path / "out" / name).read_text(encoding="utf-8") == expected
    assert files["align/best.png"].title.endswith("made, cka_linear")


@pytest.mark.usefixtures("blank")
def test_the_index_lists_the_pictures_of_its_folder_with_their_tables(command, rng, tmp_path):
    survey, relate = survey_of(rng, regions=("V1", "V4", "FFC")), related(rng)
    truth = {"regions": {"FFC": {"driver": "language", "model": "hub", "layer": "layer_01"}}}
    (tmp_path / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    done = CliRunner().invoke(main, [*command(survey, relate), "--raw", str(tmp_path)])
    assert done.exit_code == 0, done.output
    tables, planted = [], []
    for name in INDEXES:
        folder = (tmp_path / "out" / name).parent
        entries = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        listed = [f"{folder.name}/{entry['file']}" for entry in entries]
        assert sorted(listed) == [
            picture for picture in sorted(PICTURES + CORTEX) if picture.startswith(folder.name)
        ]
        for entry in entries:
            assert not re.search(r"[.] [A-Z]|[{}]|  ", entry["caption"])
            assert entry["caption"].endswith(".")
            tables += [f"{folder.name}/{entry['table']}"] if entry["table"] else []
            planted += [entry["file"]] if "an outline is the model" in entry["caption"] else []
    assert sorted(tables) == TABLES
    assert planted == ["best.png"]


def test_captions_count_subjects_regions_and_models(rng):
    survey = survey_of(rng, regions=("V1", "V4"))
    files = scene_files(survey, "made", "cka_linear")
    ran = (survey.models["error"] == "").sum()
    caption = files["align/best.png"].caption
    assert f"{ran} models with 2 regions by cka_linear, mean over {len(PEOPLE)} subjects" in caption
    assert f"The {len(survey.models)} models" in files["survey/models.png"].caption


@pytest.mark.usefixtures("blank")
def test_of_a_zoo_that_failed_there_is_the_roll(command, rng, tmp_path):
    zoo = {"broken": ("", "broken", None)}
    done = CliRunner().invoke(main, command(survey_of(rng, zoo=zoo), relations_table([])))
    assert done.exit_code == 0, done.output
    assert written(tmp_path / "out") == sorted([*TABLES, *INDEXES, "survey/models.png"])
    assert json.loads((tmp_path / "out" / "align" / "index.json").read_text()) == []


@pytest.mark.parametrize(("name", "stage"), [("survey/umap", "survey_scene"), ("relate", "relate")])
def test_a_missing_table_says_what_to_run(command, rng, tmp_path, name, stage):
    words = command(survey_of(rng, regions=("V1",), layers=1), related(rng))
    (tmp_path / f"{name}.parquet").unlink()
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 2
    assert re.search(rf"{name}\.parquet\. Run `dvc repro {stage}`\.$", done.stderr.strip())
    assert not (tmp_path / "out").exists()


def test_the_same_tables_give_the_same_pictures(rng, tmp_path):
    survey = survey_of(rng, regions=("V1", "V4"), layers=2)
    for out in ("one", "two"):
        files = scene_files(survey, "made", "cka_linear")
        for name in ("umap", "models", "contrast"):
            path = tmp_path / f"{name}.{out}"
            figure = files[f"survey/{name}.png"].figure
            figure.savefig(path, format="png", metadata={"Software": None})
    for name in ("umap", "models", "contrast"):
        one, two = ((tmp_path / f"{name}.{out}").read_bytes() for out in ("one", "two"))
        assert one == two


def test_help_answers_without_matplotlib():
    check = "assert 'matplotlib' not in sys.modules"
    call = "main(['scene', '--help'], standalone_mode=False)"
    line = f"import sys; from stages.plots.__main__ import main; {call}; {check}"
    subprocess.run([sys.executable, "-c", line], cwd=PROJECT, check=True, capture_output=True)
