import json

import pytest
from click.testing import CliRunner

from stages.core.results.results import results_table, write_results
from stages.core.run.files import write_json
from stages.recover.__main__ import main


@pytest.fixture
def run(tmp_path):
    """Run the command on a folder of raw data and two tables of results."""
    row = {
        "dataset": "toy",
        "model": "m",
        "subject": "group",
        "layer": "layer_03",
        "kind": "nested",
        "metric": "r",
    }
    found = [row | {"region": name, "score": 0.1, "q": 0.01} for name in "AFN"]
    # Another model, which finds another layer, is not what the truth is about.
    found += [one | {"model": "m+untrained", "layer": "layer_00"} for one in found]
    write_results(tmp_path / "encode.parquet", results_table(found))
    row = {"dataset": "toy", "model": "m", "layer": "layer_00", "kind": "hidden", "family": "all"}
    rows = [row | {"target": name, "metric": "r", "score": 0, "q": 1} for name in "fg"]
    write_results(tmp_path / "probe.parquet", results_table(rows))
    write_results(
        tmp_path / "decode.parquet",
        results_table(
            [
                {"dataset": "toy", "subject": "s", "region": "F", "target": name, "family": "all"}
                | {"kind": "frem", "metric": "r", "score": 0, "q": q}
                for name, q in (("f", 0.01), ("g", 0.6))
            ]
        ),
    )
    write_results(
        tmp_path / "profile.parquet",
        results_table(
            [
                {
                    "dataset": "toy",
                    "model": "m",
                    "subject": "s",
                    "region": "A",
                    "layer": f"layer_0{k}",
                    "kind": "hidden",
                    "family": "all",
                    "metric": "spearman",
                    "score": k,
                    "q": 0.01,
                }
                for k in range(5)
            ]
        ),
    )
    (tmp_path / "raw").mkdir()

    def invoke():
        words = ["story", "--raw", tmp_path / "raw", "--results", tmp_path]
        words += ["--summary", tmp_path / "recover.json"]
        return CliRunner().invoke(main, [str(word) for word in words])

    return invoke


def test_recordings_without_a_truth_say_so(run, tmp_path):
    assert run().exit_code == 0
    assert json.loads((tmp_path / "recover.json").read_text()) == {"truth": "not simulated"}


def test_a_truth_is_held_against_the_findings(run, tmp_path):
    regions = {"A": {"driver": "layer", "layer": "layer_03"}}
    regions |= {"F": {"driver": "features", "features": ["f"]}, "N": {"driver": "nothing"}}
    truth = {"regions": regions, "features": {"planted": ["f"], "absent": ["g"]}}
    write_json(tmp_path / "raw" / "truth.json", truth)
    assert run().exit_code == 0
    found = json.loads((tmp_path / "recover.json").read_text())
    assert found["regions_layer_exact"] == 1
    assert found["features_planted_decoded"] == 0
    assert found["decode_auc"] == 1
    assert found["profile_nearest_within_one"] == 1


def test_no_region_of_the_truth_ends_with_code_2(run, tmp_path):
    features = {"planted": [], "absent": []}
    truth = {"regions": {"B": {"driver": "nothing"}}, "features": features}
    write_json(tmp_path / "raw" / "truth.json", truth)
    done = run()
    assert done.exit_code == 2
    assert "no planted region in results of encode" in done.stderr.splitlines()[-1]
    assert not (tmp_path / "recover.json").exists()


def test_an_unreadable_truth_ends_with_code_2(run, tmp_path):
    (tmp_path / "raw" / "truth.json").write_text("{")
    done = run()
    assert done.exit_code == 2
    assert "unreadable JSON" in done.stderr.splitlines()[-1]
