import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from stages.core.pictures.surfaces import STANDARD, Surface
from stages.core.results.survey import write_survey
from stages.core.run.errors import InputError
from stages.core.run.origins import of_recording
from stages.plots.__main__ import main
from stages.plots.kit.picture import Picture
from stages.plots.scene import model_maps
from stages.plots.scene.model_maps import map_table, model_map_files
from stages.plots.scene.selection import of_metric
from tests.parcellation import label_table, numbers
from tests.plots.survey_tables import PEOPLE, survey_of
from tests.recorded import describe

METRIC, AREAS = "cka_linear", ("V1", "V4", "FFC")
NAMES = {"efficientnet", "efficientnet-untrained-0", "clip-vision", "clip-language", "noise"}


@pytest.fixture
def survey(rng):
    zoo = {"efficientnet": ("vision", "efficientnet", None), "clip": ("both", "clip", None)}
    zoo |= {"efficientnet-untrained-0": ("vision", "efficientnet", 0)}
    zoo |= {"noise": ("noise", "noise", None), "broken": ("", "broken", None)}
    return of_metric(survey_of(rng, zoo, regions=AREAS, layers=3), METRIC)


@pytest.fixture
def painted(monkeypatch):
    """What is handed to the picture of a surface, which takes seconds to draw."""
    calls = []

    def record(labels, values, scale, title, meshes, *, colors):
        calls.append((title, values.set_index("region")["value"], colors))
        return model_maps.flat_map.__globals__["paper"](3, 2)

    monkeypatch.setattr(model_maps, "surface_map", record)
    return calls


def merged(batches):
    return {name: made for files in batches for name, made in files.items()}


def test_every_model_has_a_map_of_its_means_in_the_same_colours(survey, painted, rng):
    labels = label_table(numbers(rng, len(AREAS)), AREAS)
    files = merged(model_map_files(survey, {STANDARD: Surface(labels)}, "made", METRIC))
    pictures = {name for name, made in files.items() if isinstance(made, Picture)}
    assert pictures == {f"{METRIC}/{name}.png" for name in NAMES}
    best = survey.best[(survey.best["kind"] == "nested") & survey.best["subject"].isin(PEOPLE)]
    means = best.groupby(["model", "modality", "region"])["score"].mean()
    for title, values, _ in painted:
        model, _, tower = title.split(":")[0].partition(" (")
        modality = tower.rstrip(")") or best.loc[best["model"] == model, "modality"].iloc[0]
        for area in AREAS:
            assert values[area] == pytest.approx(means[model, modality, area])
    assert len({colors for *_, colors in painted}) == 1
    assert painted[0][2].high == pytest.approx(means.max())
    assert "clip (language)" in files[f"{METRIC}/clip-language.png"].caption


def test_the_table_has_every_score_once(survey):
    table = map_table(survey)
    assert not table.duplicated(["name", "subject", "region"]).any()
    assert len(table) == len(NAMES) * len(PEOPLE) * len(AREAS)
    row = table[(table["name"] == "noise") & (table["subject"] == PEOPLE[1])].iloc[0]
    best = survey.best
    same = best[(best["model"] == "noise") & (best["subject"] == PEOPLE[1])]
    same = same[(same["region"] == row["region"]) & (same["kind"] == "nested")]
    assert row["score"] == same["score"].item()


def test_a_person_s_own_surface_shows_that_person(survey, painted, rng):
    labels = label_table(numbers(rng, len(AREAS)), AREAS)
    files = merged(model_map_files(survey, {PEOPLE[0]: Surface(labels)}, "made", METRIC))
    assert f"{METRIC}/noise-{PEOPLE[0]}.png" in files
    assert f"{METRIC}/noise.png" in files  # means, at the places of regions
    best = survey.best[(survey.best["model"] == "noise") & (survey.best["kind"] == "nested")]
    own = best[best["subject"] == PEOPLE[0]].set_index("region")["score"]
    (values,) = [values for title, values, _ in painted if title.startswith("noise:")]
    pd.testing.assert_series_equal(
        values.sort_index(), own.sort_index(), check_names=False, check_dtype=False
    )


def test_the_command_writes_pictures_table_and_index(survey, tmp_path):
    describe(tmp_path / "recording", "made")
    write_survey(tmp_path / "survey", survey, of_recording(tmp_path / "recording"))
    line = ["maps", "--survey", str(tmp_path / "survey"), "--recording"]
    line += [str(tmp_path / "recording"), "--out", str(tmp_path / "out"), "--metric"]
    done = CliRunner().invoke(main, [*line, METRIC])
    assert done.exit_code == 0, done.output
    folder = tmp_path / "out" / METRIC
    assert {path.stem for path in folder.glob("*.png")} == NAMES
    table = pd.read_csv(folder / "scores.csv")
    np.testing.assert_allclose(table["score"], map_table(survey)["score"], atol=5e-5)
    entries = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    assert {entry["file"] for entry in entries} == {f"{name}.png" for name in NAMES}
    assert {entry["table"] for entry in entries} == {"scores.csv"}
    failed = CliRunner().invoke(main, [*line, "cka_linaer"])
    assert failed.exit_code == 2


def test_a_metric_without_scores_is_refused(survey):
    with pytest.raises(InputError, match="no score.*expected rsa_pearson"):
        list(model_map_files(of_metric(survey, "rsa_pearson"), {}, "made", "rsa_pearson"))
