"""The few numbers of families: of each what rises, when and how early, and no texts."""

import json

from click.testing import CliRunner

from stages.core.run.files import write_json
from stages.headline.__main__ import main
from stages.headline.trajectory_numbers import trajectory_numbers

PLANTED = {
    "runs": 3,
    "alignment": "rises: 3",
    "rise": 0.24511,
    "half_octave": 14.6,
    "control": "shuffled",
    "control_rise": 0.1,
    "beyond_control": 0.14511,
    "beyond_control_low": 0.1,
    "beyond_control_p": 0.001,
    "beyond_control_runs": 3,
    "beyond_control_verdict": "beyond its control",
    "lead_heldout_loss": 0.888,
    "lead_heldout_loss_low": 0.39,
    "lead_heldout_loss_p": 0.008,
    "lead_heldout_loss_runs": 3,
    "lead_heldout_loss_verdict": "precedes",
    "order_layer_truth": 1.0,
    "order_layer_truth_p": 0.001,
}


def test_numbers_of_every_family(tmp_path):
    write_json(tmp_path / "trajectory_story.json", {"planted": PLANTED, "read": {"runs": 1}})
    write_json(tmp_path / "trajectory_scene.json", {})
    words = ["trajectory", "--summary", tmp_path, "--out", tmp_path / "out.json"]
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    assert json.loads((tmp_path / "out.json").read_text()) == {
        "story.planted": {
            "rise": 0.245,
            "half_octave": 14.6,
            "beyond_control": 0.145,
            "beyond_control_low": 0.1,
            "lead_heldout_loss": 0.888,
            "lead_heldout_loss_low": 0.39,
            "order_layer_truth": 1.0,
        },
        "story.read": {},
    }


def test_a_control_of_some_of_the_runs_only_is_not_told():
    told = trajectory_numbers({"story": {"read": PLANTED | {"beyond_control_runs": 1}}})
    assert "rise" in told["story.read"]
    assert not [name for name in told["story.read"] if "control" in name]


def test_what_is_missing_is_of_the_flow_of_training(tmp_path):
    words = ["trajectory", "--summary", tmp_path, "--out", tmp_path / "out.json"]
    done = CliRunner().invoke(main, list(map(str, words)))
    assert done.exit_code == 2
    assert "dvc repro data/training/dvc.yaml" in done.output
