"""The command on a small family: the drive of the regions is found once it is learnt."""

import shutil

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from stages.align.__main__ import main
from stages.align.ceiling_table import ceiling_table
from stages.core.activations.members import member_table, performance_table, write_members
from stages.core.recording.recording_files import write_recording
from stages.core.results.family_scores import FAMILY_COLUMNS
from stages.core.results.results import write_results
from stages.core.run.origins import of_recording
from tests.align.recordings import (
    LAYERS,
    REGIONS,
    SETTINGS,
    make_events,
    make_layers,
    write_activations,
)
from tests.conftest import PROJECT


@pytest.fixture
def run(rng, tmp_path, monkeypatch):
    """Write a member of noise, one whose layers drive the regions, and one that is set aside."""
    monkeypatch.setenv("CONCORD_SCRATCH", str(tmp_path / "scratch"))
    monkeypatch.setenv("CONCORD_JOBS", "1")
    layers = make_layers(rng)
    recording = make_events(layers, rng)
    write_recording(tmp_path / "recording", recording)
    made_from = of_recording(tmp_path / "recording")
    write_results(tmp_path / "ceilings.parquet", ceiling_table(recording, SETTINGS), made_from)
    rows = []
    for step, aside in ((0, ""), (4, ""), (8, "a copy")):
        place = {"family": "toy", "member": f"step{step:06d}", "size": "", "seed": 0, "weights": ""}
        rows.append(place | {"step": step, "seen": 32.0 * step, "error": "", "set_aside": aside})
        own = layers if step else make_layers(np.random.default_rng(9))
        write_activations(tmp_path / "toy" / f"step{step:06d}", own, recording.stimuli)
    write_members(tmp_path / "toy", member_table(rows), performance_table([]))
    yaml = YAML()
    content = yaml.load(PROJECT / "params.yaml")
    content["align"] = SETTINGS.model_dump() | {"draws": 20}
    yaml.dump(content, tmp_path / "params.yaml")

    def invoke():
        words = ["family", "--recording", tmp_path / "recording", "--params"]
        words += [tmp_path / "params.yaml", "--activations", tmp_path / "toy", "--ceilings"]
        words += [tmp_path / "ceilings.parquet", "--out", tmp_path / "scores.parquet"]
        words += ["--jackknife", tmp_path / "pieces.parquet"]
        done = CliRunner().invoke(main, [str(word) for word in words])
        assert done.exit_code == 0, done.output
        return pd.read_parquet(tmp_path / "scores.parquet")

    return invoke


def test_each_member_is_aligned_by_the_metric_of_trajectories_on_images_kept_apart(run, tmp_path):
    table = run()
    assert tuple(table.columns) == FAMILY_COLUMNS
    assert list(table["member"].unique()) == ["step000000", "step000004"]
    assert set(table["metric"]) == {"cka_linear"}
    assert set(table["split"]) == {"test"}
    assert set(table["of"]) == {"toy"}
    assert len(table[table["kind"] == "hidden"]) == 2 * 2 * len(LAYERS) * len(REGIONS)
    nested = table[table["kind"] == "nested"].set_index(["step", "subject", "region"])
    for subject in ("subj01", "subj02"):
        for region in ("V1", "FFC"):
            assert nested.loc[(4, subject, region), "layer"] == REGIONS[region]
            early, late = (nested.loc[(step, subject, region), "score"] for step in (0, 4))
            assert late > early + 0.1
    pieces = pd.read_parquet(tmp_path / "pieces.parquet")
    assert set(pieces["metric"]) == {"cka_linear"}
    assert pieces["piece"].nunique() == SETTINGS.pieces
    assert len(pieces) == SETTINGS.pieces * (table["kind"] == "hidden").sum()
    mean = pieces.groupby(["step", "subject", "region", "layer"])["score"].mean()
    hidden = table[table["kind"] == "hidden"].set_index(mean.index.names)["score"]
    np.testing.assert_allclose(mean, hidden.reindex(mean.index), atol=0.05)
    shutil.rmtree(tmp_path / "toy" / "step000008")
    pd.testing.assert_frame_equal(run(), table)
