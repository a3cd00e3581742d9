"""Recordings beside models: scores over ceilings, over regions and over people, by hand."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from stages.core.activations.activations import Activations, write_about, write_failure
from stages.core.activations.surprisal import write_surprisal
from stages.core.names.models import parse_model
from stages.core.recording.types import stimuli_digest
from stages.core.results.language_scores import read_language_scores
from stages.core.results.left_out_scores import jackknife_table
from stages.core.results.results import results_table, write_results
from stages.core.results.story_ceilings import CEILING_COLUMNS, GIVEN, LIMIT
from stages.core.run.origins import of_layers, of_recording
from stages.core.run.tables import write_table
from stages.plots.language.language_gallery import Beside, read_zoo
from stages.report.recording_rows import read_language
from stages.survey.__main__ import main
from stages.survey.words.language_rows import _normalised
from stages.survey.words.language_tables import Studied, tables_of
from stages.survey.zoo_models import Model
from tests.conftest import PROJECT
from tests.recorded import describe

RECORDINGS = ("pereira2018-simulated", "futrell2018-simulated")
SHORT = {"net": "st:net", "net-untrained": "st:net+untrained:0", "gone": "hf:gone"}
STIMULI = pd.DataFrame(
    {"id": ["w0", "w1"], "text": ["a", "bc"], "run": "1", "onset": [0.0, 1.0], "duration": 1.0}
).assign(sample=["w0", "w1"])
SCHEMES = {"net": "st:net", "counted": "trigram:text.txt"}
# Scores of the average of two people, by region; the second has no ceiling to speak of.
SCORES = {"language": 0.4, "frontal": 0.1, "auditory": 0.3}
CEILINGS = {"language": 0.8, "frontal": 0.05, "auditory": 0.9}
PEOPLE = {"p1": 0.5, "p2": 0.3}  # times the score of the average
SHARES = (-0.02, 0.0, 0.02, 0.0)


def about(name):
    spec = parse_model(name, SHORT)
    return Activations(
        model=spec.string, label=name, revision="", modality="language", parameters=10,
        tokenizer="t", seed=spec.seed, presentation="context", context=5, pooling="last",
        dtype="float32", stimuli_digest=stimuli_digest(STIMULI), key="k",
        layers={"layer_00": 4, "layer_01": 4, "layer_02": 4}, widths={"layer_00": 4,
        "layer_01": 4, "layer_02": 4}, heads=0, attention_statistics=[],
    )  # fmt: skip


def results(name, factor):
    """Results of one model, whose scores are those above times a factor."""
    rows, without = [], []
    for region, score in SCORES.items():
        for subject, share in {"group": 1.0, **PEOPLE}.items():
            for metric, part in (("r", 1.0), ("r_partial", 0.5)):
                value = score * factor * share * part
                row = {"subject": subject, "region": region, "model": name, "metric": metric}
                row |= {"dataset": "d", "null_mean": 0.01, "null_sd": 0.1, "q": 0.02, "p": 0.01}
                row |= {"ceiling": CEILINGS[region], "ceiling_kind": "inter-subject reliability"}
                rows.append(row | {"kind": "nested", "layer": "layer_01", "score": value})
                for k, layer in enumerate(("layer_00", "layer_01", "layer_02")):
                    rows.append(row | {"kind": "hidden", "layer": layer, "score": value - k / 100})
                for piece, moved in enumerate(SHARES):
                    left = {"dataset": "d", "model": name, "subject": subject, "region": region}
                    left |= {"layer": "layer_01", "kind": "nested", "metric": metric}
                    without.append(left | {"piece": piece, "score": value + moved, "fitted": 0.0})
            control = {"kind": "control", "layer": "nuisance", "metric": "r", "score": 0.05}
            rows.append(row | control)
        told = {"kind": "surprisal", "layer": "surprisal", "metric": "r", "score": -0.2, "p": 0.03}
        rows.append(row | told | {"subject": "group"})
    return results_table(rows), jackknife_table([pd.DataFrame(without)])


def ceilings():
    rows = [
        {"dataset": "d", "subject": "group", "region": region, "kind": LIMIT, "curve": "agreement",
         "ceiling": value / 2, "low": value / 2 - 0.1, "high": value / 2 + 0.1}
        for region, value in CEILINGS.items()
    ]  # fmt: skip
    return pd.DataFrame(rows).reindex(columns=list(CEILING_COLUMNS))


@pytest.fixture(scope="module")
def surveyed(tmp_path_factory):
    """Run the command on two recordings and three models, of which one failed."""
    return study(tmp_path_factory.mktemp("language"), "held-out runs")


def study(tmp_path, split):
    for recording in RECORDINGS:
        prepared = tmp_path / "prepared" / recording
        write_table(prepared / "stimuli.parquet", STIMULI)
        describe(prepared, recording)
        origin = of_recording(prepared)
        write_table(tmp_path / "results" / "ceilings" / f"{recording}.parquet", ceilings(), origin)
        for name, factor in (("net", 1.0), ("net-untrained", 0.5)):
            folder = tmp_path / "activations" / recording / name
            rows = pd.DataFrame(
                {"id": STIMULI["id"], "sample": STIMULI["sample"], "run": "1", "onset": [0.0, 1.0],
                 "offset": [1.0, 2.0]}
            )  # fmt: skip
            write_about(folder, about(name), rows)
            origin, file = of_layers(prepared, folder), f"{name}.parquet"
            encoded, left = results(name, factor)
            encoded["split"] = split
            write_results(tmp_path / "results" / "encode" / recording / file, encoded, origin)
            write_table(tmp_path / "results" / "jackknife" / recording / file, left, origin)
        told = pd.DataFrame({"id": STIMULI["id"], "nats": [np.nan, 2 * np.log(2)], "bytes": [1, 2]})
        write_surprisal(tmp_path / "activations" / recording / "net", told)
        write_failure(tmp_path / "activations" / recording / "gone", "hf:gone", "gone", "no way")
        empty = tmp_path / "results" / "encode" / recording / "gone.parquet"
        write_results(empty, results_table([]))
    params = YAML(typ="safe").load(PROJECT / "params.yaml")
    params["models"] |= SHORT
    params["language"] |= {"recordings": list(RECORDINGS), "zoo": list(SHORT)}
    YAML().dump(params, tmp_path / "params.yaml")
    options = {
        "recordings": "prepared", "activations": "activations", "results": "results",
        "summary": "language.json", "params": "params.yaml",
    }  # fmt: skip
    words = [part for name, path in options.items() for part in (f"--{name}", tmp_path / path)]
    answer = CliRunner().invoke(main, ["language", *map(str, words)])
    assert answer.exit_code == 0, answer.output
    return tmp_path


def rows_of(surveyed, **where):
    table = read_language_scores(surveyed / "results")["scores"]
    for name, value in where.items():
        table = table[table[name] == value]
    return table.set_index("region")


def test_a_region_has_its_score_ceiling_and_quotients(surveyed):
    row = rows_of(surveyed, recording=RECORDINGS[0], model="net").loc["language"]
    assert row["score"] == pytest.approx(0.4)
    assert row["beyond"] == pytest.approx(0.2)
    assert row["normalised"] == pytest.approx(0.4 / 0.8)
    assert row["people"] == 2
    assert row["people_score"] == pytest.approx(0.4 * 0.4)
    assert row["people_normalised"] == pytest.approx(0.16 / 0.4)
    assert row["nuisance"] == pytest.approx(0.05)
    assert np.isnan(row["oasm"])
    assert (row["surprisal"], row["surprisal_p"]) == (-0.2, 0.03)
    assert (row["layer"], row["depth"]) == ("layer_01", 0.5)
    assert (row["subject"], bool(row["trained"])) == ("group", True)
    assert row["low"] < row["score"] < row["high"]
    assert row["normalised_high"] == pytest.approx(row["high"] / 0.8)


def test_shuffled_folds_are_told_in_every_table_and_number(tmp_path):
    folder = study(tmp_path, "held-out shuffled")
    marked = {f"{name} (SHUFFLED FOLDS)" for name in RECORDINGS}
    for path in (folder / "results").glob("*.parquet"):
        assert set(pd.read_parquet(path)["recording"]) <= marked, path.name
    assert set(json.loads((folder / "language.json").read_text())) == marked
    # Ceilings are of people alone, and their files named after the recordings.
    beside = Beside(ceilings=folder / "results" / "ceilings")
    assert len(read_zoo(folder / "results", beside)["ceilings"]) == 2 * len(CEILINGS)
    limits = read_language(folder / "results")["language_limits"]
    assert len(limits) == 2 * len(CEILINGS)


def test_what_has_no_ceiling_to_speak_of_is_not_divided_by_it(surveyed):
    row = rows_of(surveyed, recording=RECORDINGS[0], model="net").loc["frontal"]
    assert row["score"] == pytest.approx(0.1)
    assert row["ceiling"] == pytest.approx(0.05)
    assert np.isnan(
        row[["normalised", "normalised_low", "people_normalised"]].to_numpy(float)
    ).all()


def test_people_who_do_not_clearly_agree_give_no_ceiling():
    rows = pd.DataFrame(
        {
            "score": 0.2, "low": 0.1, "high": 0.3, "people_score": 0.1,
            "ceiling": [0.25, 0.25, 0.25, 0.05],
            "ceiling_kind": ["reliability", "reliability", GIVEN, GIVEN],
            "people_ceiling": [0.2, 0.05, np.nan, np.nan],
            "people_ceiling_low": [-0.01, 0.01, np.nan, np.nan],
        }
    )  # fmt: skip
    found = _normalised(rows)
    assert list(found["normalised"].notna()) == [False, True, True, False]
    assert found["people_normalised"].isna().all()


def test_over_all_regions_control_networks_do_not_count(surveyed):
    row = rows_of(surveyed, recording=RECORDINGS[0], model="net").loc["all"]
    assert np.isnan(row["surprisal"])
    assert row["score"] == pytest.approx((0.4 + 0.1) / 2)
    # The quotient is of means over the regions that have a ceiling.
    assert row["normalised"] == pytest.approx(0.4 / 0.8)
    assert row["ceiling"] == pytest.approx(0.8)
    assert np.isnan(row["normalised_low"])  # the interval is over regions that are not all divided
    assert row["low"] < row["score"] < row["high"]
    assert row["people_normalised"] == pytest.approx(0.16 / 0.4)


def test_trigrams_have_no_bits_per_byte():
    """They predict no capitals and signs, whose bytes would count as known for nothing."""
    encoded, _ = results("net", 1.0)
    told = pd.DataFrame({"id": STIMULI["id"], "nats": [np.nan, 1.0], "bytes": [1, 3]})
    specs = [replace(parse_model(s, {}), label=name) for name, s in SCHEMES.items()]
    studied = Studied(
        name="d", models=[Model(spec, None) for spec in specs], encoded=encoded.head(0), shares={},
        ceilings=ceilings().head(0), surprisal=dict.fromkeys(SCHEMES, told),
    )  # fmt: skip
    bits = tables_of(studied)["words"].set_index("model")["bits_per_byte"]
    assert bits["net"] == pytest.approx(1 / 3 / np.log(2))
    assert np.isnan(bits["counted"])


def test_every_recording_and_model_that_ran_has_rows_and_the_roll_names_the_other(surveyed):
    tables = read_language_scores(surveyed / "results")
    ran = tables["scores"].groupby(["recording", "model"]).size()
    assert set(ran.index) == {(one, net) for one in RECORDINGS for net in ("net", "net-untrained")}
    words = tables["words"].set_index(["recording", "model"])
    assert words.loc[(RECORDINGS[0], "gone"), "error"] == "no way"
    assert words.loc[(RECORDINGS[0], "net"), "bits_per_byte"] == pytest.approx(1.0)
    assert np.isnan(words.loc[(RECORDINGS[0], "net-untrained"), "bits_per_byte"])
    assert words.loc[(RECORDINGS[1], "net-untrained"), "architecture"] == "net"
    layers = tables["layers"].set_index(["recording", "model", "region", "layer"])
    assert layers.loc[(RECORDINGS[1], "net", "language", "layer_02"), "score"] == pytest.approx(
        0.38
    )
    assert list(layers["depth"].unique()) == [0.0, 0.5, 1.0]


def test_networks_and_preferences_are_those_of_every_recording(surveyed):
    networks = pd.read_parquet(surveyed / "results" / "networks.parquet")
    assert len(networks) == 0  # two people are too few
    preferences = pd.read_parquet(surveyed / "results" / "preferences.parquet")
    assert set(preferences["recording"]) == set(RECORDINGS)
    assert (preferences[["depth", "share"]] == [0.5, 1.0]).all(axis=None)
    assert (preferences["targets"] == 2).all()


def test_models_are_compared_with_their_twins_on_each_recording(surveyed):
    pairs = pd.read_parquet(surveyed / "results" / "pairs.parquet")
    here = pairs[(pairs["metric"] == "r") & (pairs["subject"] == "group")]
    assert set(zip(here["model"], here["other"], strict=True)) == {("net", "net-untrained")}
    assert set(here["recording"]) == set(RECORDINGS)
    row = here[(here["recording"] == RECORDINGS[0]) & (here["region"] == "all")].iloc[0]
    assert row["difference"] == pytest.approx(0.25 / 2)


def test_the_summary_holds_the_numbers_of_all_regions(surveyed):
    found = json.loads((surveyed / "language.json").read_text())
    assert set(found) == set(RECORDINGS)
    assert found[RECORDINGS[0]]["net"] == {
        "score": 0.25, "beyond": 0.125, "normalised": 0.5, "people_normalised": 0.4,
        "bits_per_byte": 1.0,
    }  # fmt: skip
    assert "gone" not in found[RECORDINGS[0]]


def test_a_model_shown_other_stimuli_is_refused(surveyed, tmp_path):
    copy = Path(shutil.copytree(surveyed, tmp_path / "copy"))
    folder = copy / "activations" / RECORDINGS[1] / "net"
    rows = pd.read_parquet(folder / "rows.parquet")
    write_about(folder, replace(about("net"), stimuli_digest="other"), rows)
    options = ["--recordings", "prepared", "--activations", "activations", "--results", "results"]
    options += ["--summary", "language.json", "--params", "params.yaml"]
    words = [one if one.startswith("--") else str(copy / one) for one in options]
    answer = CliRunner().invoke(main, ["language", *words])
    assert answer.exit_code == 2
    assert "Run `dvc repro data/language/dvc.yaml:extract_language`" in answer.output
