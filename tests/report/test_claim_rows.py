import logging

import numpy as np
import pandas as pd
import pytest

from stages.core.results.ladder import FAILS, HOLDS, NOT_ASKED, RUNGS, ladder_table
from stages.core.run.errors import InputError
from stages.core.run.tables import write_table
from stages.report import claim_rows as module
from stages.report.claim_rows import (
    claim_rows,
    claims_held,
    limits_of,
    read_claims,
    tally,
    with_chance,
)
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


def test_claims_are_in_the_order_of_what_fails_what_holds_and_the_score():
    """Seven models: of those that fail and of those that do not, more rungs first, then scores."""
    given = {
        "a": (HOLDS, HOLDS, 0.1), "b": (FAILS, NOT_ASKED, 0.2), "c": (HOLDS, FAILS, 0.3),
        "d": (HOLDS, NOT_ASKED, 0.9), "e": (HOLDS, FAILS, 0.4), "f": (HOLDS, HOLDS, 0.5),
        "g": (HOLDS, FAILS, 0.3),
    }  # fmt: skip
    chance, ceiling, score = zip(*given.values(), strict=True)
    claims = pd.DataFrame({"claim": "predicts", "model": list(given), "other": ""})
    claims = claims.assign(region="V1", dataset="toy", modality="", metric="r")
    first = claims.assign(state=chance, value=score)
    made = ladder_table(claims, {"chance": first, "ceiling": claims.assign(state=ceiling)})
    table = claim_rows(made.assign(study="story"))
    assert "".join(table["model"]) == "ecgbfad"
    assert list(table.index) == list(range(7))
    assert list(table["held"]) == [1, 1, 1, 0, 2, 2, 1]
    assert list(table["asked"]) == [2, 2, 2, 1, 2, 2, 1]


@pytest.mark.parametrize(
    ("most", "held"), [(8, "AABBBCDA"), (7, "AABBBCA"), (6, "AABBBA"), (5, "BBBA"), (3, "BBB")]
)
def test_claims_are_held_by_whole_models_that_predict_best(monkeypatch, most, held):
    """One model of two studies; what surpasses comes after all that predicts."""
    columns = ["study", "claim", "model", "other", "score"]
    rows = [
        ("scene", "predicts", "A", "", 0.2),
        ("scene", "predicts", "A", "", 0.4),
        *[("scene", "predicts", "B", "", score) for score in (0.1, 0.9, 0.8)],
        ("scene", "surpasses", "C", "A", 0.95),
        ("scene", "surpasses", "D", "A", 0.9),
        ("story", "predicts", "A", "", 0.35),
    ]
    monkeypatch.setattr(module, "MOST_CLAIMS", most)
    found = claims_held(pd.DataFrame(rows, columns=columns))
    assert "".join(found["model"]) == held
    assert list(found.index) == list(range(len(held)))


def test_a_ladder_without_all_rungs_is_refused(tmp_path, rungs):
    folder = tmp_path / "ladder"
    table = rungs.drop(columns="study")
    write_table(folder / "story.parquet", table)
    assert list(read_claims([folder])["claims"]["study"].unique()) == ["story"]
    write_table(folder / "story.parquet", table[table["rung"] != "ceiling"])
    with pytest.raises(InputError, match="expected 8, got none of ceiling"):
        read_claims([folder])
    write_table(folder / "story.parquet", table.head(0))
    assert read_claims([folder]) == {}
