"""Encoding beside alignment: every score once, each by its own choice of layer and ceiling."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from scipy.stats import false_discovery_control, t

from stages.core.activations.activations import read_about, write_about
from stages.core.recording.recording_files import read_description, write_recording
from stages.core.results.encoded_images import BESIDE, read_beside
from stages.core.results.left_out_scores import jackknife_table
from stages.core.results.pairs import INTERVALS, read_pairs
from stages.core.results.results import results_table, write_results
from stages.core.results.typed_tables import read_typed
from stages.core.run.origins import of_layers
from stages.core.run.tables import write_table
from stages.survey.__main__ import main
from stages.survey.all_scores import gather
from stages.survey.model_pairs import pair_table, pairs_of
from stages.survey.scene.encoding_beside import encoding_beside, region_rows, region_shares
from stages.survey.score_intervals import interval_table
from stages.survey.zoo_models import call_roll, list_layers
from tests.conftest import PROJECT
from tests.encode.image_recordings import make_layers, make_recording, write_model
from tests.survey.planted import rows, zoo

NAMES = ("net", "net-untrained-0", "noise")
PEOPLE, AREAS = ["subj01", "subj02"], ["V1", "FFC"]


@pytest.fixture
def models():
    return zoo(*NAMES)


@pytest.fixture
def aligned(models, rng):
    table = rows(models, PEOPLE, AREAS, ["cka_linear"])
    table = table.assign(dataset="made", score=rng.random(len(table)), p=rng.random(len(table)))
    return gather([results_table(table.assign(ceiling=0.9, n=40))], list_layers(models), "made")


@pytest.fixture
def encoded(models, rng):
    table = rows(models, PEOPLE, AREAS, ["r"], splits=("test",))
    table = table.assign(dataset="made", kind="hidden", ceiling=0.7, n=40)
    chosen = table.drop_duplicates(["model", "subject", "region"]).assign(kind="nested")
    table = pd.concat([table, chosen], ignore_index=True)
    table = table.assign(score=rng.random(len(table)), p=rng.random(len(table)) ** 3)
    return gather([results_table(table)], list_layers(models), "made")


def test_every_score_is_there_once_by_its_measure(models, encoded, aligned):
    table = encoding_beside(encoded, aligned, call_roll(models))
    assert list(table) == list(BESIDE)
    keys = ["model", "subject", "region", "layer", "kind", "measure"]
    assert not table.duplicated(keys).any()
    layers = table[table["kind"] == "layer"].set_index([*keys[:4], "measure"])
    for source, measure in ((encoded, "encoding"), (aligned, "alignment")):
        tested = source[(source["split"] == "test") & (source["kind"] != "nested")]
        assert len(tested) == (layers.index.get_level_values("measure") == measure).sum()
        for row in tested.itertuples():
            found = layers.loc[(row.model, row.subject, row.region, row.layer, measure)]
            assert (found["score"], found["ceiling"]) == (row.score, row.ceiling)
    assert table["model"].drop_duplicates().tolist() == list(NAMES)
    twins = table[table["model"] == "net-untrained-0"]
    assert not twins["trained"].any()
    assert set(twins["architecture"]) == {"net"}


def test_alignment_chooses_its_layer_on_the_training_images(models, encoded, aligned):
    table = encoding_beside(encoded, aligned, call_roll(models))
    chosen = table[(table["kind"] == "nested") & (table["measure"] == "alignment")]
    train = aligned[aligned["split"] == "train"].set_index(["model", "subject", "region"])
    for row in chosen.itertuples():
        here = train.loc[(row.model, row.subject, row.region)].set_index("layer")["score"]
        assert row.layer == here.idxmax()
    assert len(chosen) == len(NAMES) * len(PEOPLE) * len(AREAS)


def test_q_is_over_the_regions_of_a_model_and_person(models, encoded, aligned):
    table = encoding_beside(encoded, aligned, call_roll(models))
    for _, rows_of in table.groupby(["model", "subject", "kind", "measure"]):
        np.testing.assert_allclose(rows_of["q"], false_discovery_control(rows_of["p"]))
        assert set(rows_of["region"]) == set(AREAS)
        assert len(set(rows_of["q_family"])) == 1


def test_scores_without_p_have_no_q(models, encoded, aligned):
    table = encoding_beside(encoded.assign(p=np.nan, q=0.01), aligned, call_roll(models))
    told = table["measure"].eq("alignment")
    assert table["q"].notna().equals(told)
    assert table["q_family"].ne("").equals(told)


def pieces_of(encoded, rng):
    """Scores of chosen layers without each of five pieces."""
    nested = encoded[encoded["kind"] == "nested"]
    tables = [
        nested.assign(piece=piece, score=nested["score"] + 0.001 * rng.standard_normal(len(nested)))
        for piece in range(5)
    ]
    return jackknife_table([table.assign(fitted=0.0) for table in tables])


def test_models_are_compared_by_what_each_piece_shares(models, encoded, rng):
    nested = encoded["kind"] == "nested"
    better = encoded["model"].eq("net")
    encoded = encoded.assign(score=encoded["score"].mask(nested, 0.2 + 0.3 * better))
    roll, without = call_roll(models), pieces_of(encoded, rng)
    shares = region_shares(encoded, without)
    assert [name for name, _ in shares] == list(NAMES)
    pairs = pair_table(shares, pairs_of(roll, shares))
    twins = pairs[pairs["other"] == "net-untrained-0"]
    assert set(twins["region"]) == set(AREAS)
    np.testing.assert_allclose(twins["difference"], 0.3, atol=0.01)
    assert (twins["low"] > 0.25).all()
    assert (twins["q"] < 0.05).all()
    told = interval_table(shares)
    assert len(told) == len(NAMES) * len(AREAS)
    assert ((told["low"] < told["score"]) & (told["score"] < told["high"])).all()


def test_shares_of_voxels_are_those_of_their_region(models, encoded, rng):
    without = pieces_of(encoded, rng)
    voxels = [without.assign(target=name) for name in "ab"]
    voxels[0]["score"] += 0.1
    voxels[1]["score"] -= 0.1
    one, other = region_shares(encoded, without), region_shares(encoded, pd.concat(voxels))
    for entity, rows_of in one.items():
        np.testing.assert_allclose(rows_of, other[entity])


def test_voxels_are_averaged_by_region():
    voxels = pd.DataFrame({"target": ["a", "b", "c"], "region": ["V1", "V1", "V2"], "model": "net"})
    voxels = voxels.assign(score=[0.2, 0.4, 0.5], ceiling=[0.6, 0.8, 0.9], p=0.01, metric="r", n=9)
    found = region_rows(results_table(voxels)).set_index("region")
    assert found["score"].to_dict() == pytest.approx({"V1": 0.3, "V2": 0.5})
    assert found["ceiling"].to_dict() == pytest.approx({"V1": 0.7, "V2": 0.9})
    assert found["p"].isna().all()
    whole = results_table(voxels.assign(target=""))
    pd.testing.assert_frame_equal(region_rows(whole), whole)


@pytest.fixture
def command(tmp_path, rng):
    """Write a recording, two models' activations and results, and parameters that name them."""
    layers = make_layers(rng)
    recording = make_recording(layers, rng)
    write_recording(tmp_path / "recording", recording)
    params = (PROJECT / "params.yaml").read_text()
    start, end = params.index("\nzoo:"), params.index("\nstory:")
    (tmp_path / "params.yaml").write_text(f"{params[:start]}\nzoo: [efficientnet]\n{params[end:]}")
    folder = write_model(tmp_path / "activations/efficientnet", layers, recording.stimuli)
    made_from = of_layers(tmp_path / "recording", folder)
    place = {"dataset": "made", "subject": "subj0", "region": "V1", "model": "efficientnet"}
    place |= {"layer": "blocks.0", "score": 0.5, "p": 0.1, "n": 40}
    own = [place | {"kind": kind, "metric": "r", "split": "test"} for kind in ("hidden", "nested")]
    both = [
        place | {"kind": "layer", "metric": metric, "split": split}
        for metric in ("cka_linear", "rsa_pearson")
        for split in ("train", "test")
    ]
    for name, some in (("encode", own), ("align", both)):
        write_results(tmp_path / name / "efficientnet.parquet", results_table(some), made_from)
    left = pd.DataFrame([own[1] | {"piece": piece} for piece in range(4)])
    left = left.assign(score=[0.4, 0.5, 0.5, 0.6], fitted=0.25)
    path = tmp_path / "jackknife" / "efficientnet.parquet"
    write_table(path, jackknife_table([left]), made_from)
    names = ("recording", "activations", "align", "encode", "jackknife")
    words = [word for name in names for word in (f"--{name}", str(tmp_path / name))]
    out = ["--out", str(tmp_path / "out.parquet"), "--params", str(tmp_path / "params.yaml")]
    for name in ("intervals", "pairs"):
        out += [f"--{name}", str(tmp_path / f"{name}.parquet")]
    return ["encoding", *words, *out]


def test_other_captions_are_refused_where_all_were_shown(command, tmp_path):
    folder = tmp_path / "activations/efficientnet"
    about, rows = read_about(folder, read_description(tmp_path / "recording")["stimuli_digest"])
    write_about(folder, replace(about, captions_digest="other"), rows)
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 2
    assert "captions changed after extraction" in done.output


def test_the_command_keeps_to_the_metric_of_the_survey(command, tmp_path):
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    table = read_beside(tmp_path / "out.parquet")
    assert set(table["metric"]) == {"r", "cka_linear"}
    assert len(table) == 4
    (row,) = read_typed(tmp_path / "intervals.parquet", INTERVALS, "").to_dict("records")
    assert (row["model"], row["subject"], row["metric"]) == ("efficientnet", "subj0", "r")
    shares = 0.5 + np.sqrt(1 + 2 * 0.25) * 3 * np.array([0.1, 0, 0, -0.1])
    reach = t.ppf(0.975, 3) * shares.std(ddof=1) / 2
    assert (row["score"], row["low"], row["high"]) == pytest.approx((0.5, 0.5 - reach, 0.5 + reach))
    assert read_pairs(tmp_path / "pairs.parquet", "").empty


def test_tables_of_other_recordings_are_refused(command, tmp_path):
    path = tmp_path / "encode/efficientnet.parquet"
    write_results(path, results_table([]), {"recording made": "other"})
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 2
    assert "encode_scene@efficientnet" in done.output.splitlines()[-1]
