import logging

import numpy as np
import pandas as pd
import pytest

from stages.core.results.ladder import FAILS, HOLDS, NOT_ASKED, RUNGS, ladder_table
from stages.report import claim_rows as module
from stages.report.claim_rows import claim_rows, limits_of, read_claims, tally, with_chance
from tests.report.made_results import write_ladder


@pytest.fixture
def rungs():
    """Three claims: all that was asked holds, the second rung fails, nothing was asked."""
    claims = pd.DataFrame({"claim": "predicts", "model": ["a", "b", "c"], "other": ""})
    claims = claims.assign(region="V1", dataset="toy", modality="", metric="r_partial")
    first = claims.assign(
        state=[HOLDS, HOLDS, NOT_ASKED], value=[0.2, 0.9, np.nan], low=0.1, high=0.3, q=0.01
    )
    limit = claims.assign(state=[HOLDS, FAILS, NOT_ASKED], value=[0.6, 0.4, np.nan])
    return ladder_table(claims, {"chance": first, "ceiling": limit}).assign(study="story")


def test_what_fails_comes_first_and_scores_are_of_the_first_rung(rungs):
    table = claim_rows(rungs)
    assert list(table["model"]) == ["b", "a", "c"]
    assert list(table["score"][:2]) == [0.9, 0.2]
    assert np.isnan(table["score"][2])
    assert list(table["share"][:2]) == [0.4, 0.6]
    assert list(table["ceiling rung"]) == [FAILS, HOLDS, NOT_ASKED]
    assert list(table["first_failed"]) == ["ceiling", "", ""]
    assert set(table["metric"]) == {"r"}  # of the first rung, without nuisance variables


def test_every_claim_is_counted_once(rungs):
    two = pd.concat([claim_rows(rungs), claim_rows(rungs.assign(study="scene"))])
    counts = tally(two).set_index("study")
    assert counts.loc["story"].to_dict() == {FAILS: 1, HOLDS: 1, NOT_ASKED: 1}
    assert counts.loc["scene"].to_dict() == counts.loc["story"].to_dict()


def test_chance_and_ceiling_are_means_of_people_and_of_towers(rungs):
    chosen = pd.DataFrame(
        [
            ("clip", "vision", "s1", 0.1, 0.5),
            ("clip", "vision", "s2", 0.3, 0.7),
            ("clip", "language", "s1", 0.0, 0.9),
            ("a", "vision", "s1", 0.2, np.nan),
        ],
        columns=["model", "modality", "subject", "null_mean", "ceiling"],
    ).assign(region="V1", metric="r")
    limits = limits_of("story", chosen).set_index("model")
    assert set(limits.index) == {"clip/vision", "clip/language", "a"}
    assert limits.loc["clip/vision", "null"] == pytest.approx(0.2)
    assert limits.loc["clip/vision", "ceiling"] == pytest.approx(0.6)
    chosen.loc[0, "ceiling"] = np.nan  # of one of two people
    assert np.isnan(limits_of("story", chosen).set_index("model").loc["clip/vision", "ceiling"])
    group = chosen.iloc[[0]].assign(subject="group", null_mean=0.05, ceiling=0.25)
    averaged = limits_of("story", pd.concat([chosen, group])).set_index("model")
    assert averaged.loc["clip/vision", "null"] == 0.05
    assert averaged.loc["clip/vision", "ceiling"] == 0.25
    assert averaged.loc["a", "null"] == limits.loc["a", "null"]
    table = with_chance(claim_rows(rungs), limits.reset_index()).set_index("model")
    assert table.loc["a", "null"] == 0.2
    assert table[["null", "ceiling"]].isna().sum().to_dict() == {"null": 2, "ceiling": 3}


def test_what_does_not_fit_is_counted_and_named(tmp_path, monkeypatch, caplog):
    write_ladder(tmp_path)
    whole = read_claims([tmp_path / "ladder"])
    assert whole["claims_left_out"].empty
    monkeypatch.setattr(module, "MOST_CLAIMS", 4)
    with caplog.at_level(logging.WARNING):
        some = read_claims([tmp_path / "ladder"])
    assert set(some["claims"]["claim"]) == {"predicts"}
    assert len(some["claims"]) == 4
    assert len(some["rungs"]) == 4 * len(RUNGS)
    pd.testing.assert_frame_equal(some["tally"], whole["tally"])
    (line,) = some["claims_left_out"]["line"]
    assert line.startswith("2 claims of 6")
    assert line in caplog.text


def test_ladders_without_claims_are_none(tmp_path):
    assert read_claims([tmp_path]) == {}
