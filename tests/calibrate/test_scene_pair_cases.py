"""Differences of pairs of models, their cases, and what is run for them."""

from itertools import product
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from stages.calibrate import scene_pair_cases as module
from stages.calibrate.scene_pair_cases import (
    LAYOUT,
    OTHER,
    SINGLE,
    THESE,
    differences,
    grouped_images,
    of_metric,
    one_recording,
)
from stages.calibrate.simulated_pairs import APART, BETTER, GROUP, GROUPED, METRICS, PAIRS

PAIR_NAMES, PEOPLE, PIECES = ["000", "001", "002"], ["s1", "s2"], 4


@pytest.fixture
def scores(rng):
    """Scores of both models of each pair in each person, whole and without each piece."""
    rows = [
        {"kind": kind, "metric": metric, "region": pair, "layer": layer, "subject": who}
        | {"piece": piece, "score": rng.random()}
        for kind, metric in (("layer", "m"), ("ceiling", "m"), ("layer", "other"))
        for pair, who in product(PAIR_NAMES, PEOPLE)
        for layer in (f"{pair}a", f"{pair}b", "009a")
        for piece in (np.nan, *map(float, range(PIECES)))
    ]
    return pd.DataFrame(rows).sample(frac=1, random_state=0, ignore_index=True)


def test_differences_are_of_pseudo_values_of_both_models(scores):
    """The whole, and G - 1 times by how much what is left without a piece is below their mean."""
    found = differences(scores, "m")
    assert found.shape == (3, 2, PIECES)
    own = scores[(scores["kind"] == "layer") & (scores["metric"] == "m")]
    told = {
        (row["layer"], row["subject"], "whole" if np.isnan(row["piece"]) else int(row["piece"])):
            row["score"]
        for _, row in own[own["layer"].str[:3] == own["region"]].iterrows()
    }  # fmt: skip
    for (at, pair), (who, name), piece in product(
        enumerate(PAIR_NAMES), enumerate(PEOPLE), range(PIECES)
    ):
        a, b = (
            told[pair + letter, name, "whole"]
            + sum(told[pair + letter, name, one] for one in range(PIECES)) * (PIECES - 1) / PIECES
            - (PIECES - 1) * told[pair + letter, name, piece]
            for letter in "ab"
        )
        assert found[at, who, piece] == pytest.approx(a - b)


@pytest.mark.parametrize("situation", PAIRS)
def test_better_models_are_asked_for_power_and_others_for_false_positives(scores, situation):
    tables = list(of_metric(scores, situation, 7, "m", 0.1))
    asked = [(one["test"].iloc[0], one["asks"].iloc[0]) for one in tables]
    these, other = THESE.format("m"), OTHER.format("m")
    assert asked == {
        BETTER: [(test, asks) for test in (these, other) for asks in ("power", "coverage")],
        APART: [(other, "false positives")],
    }.get(situation, [(these, "false positives"), (other, "false positives")])
    for one in tables:
        assert (one["situation"].iloc[0], one["layout"].iloc[0]) == (situation, LAYOUT)
        assert one["left"].tolist() == one["right"].tolist() == ["7:0", "7:1", "7:2"]


@pytest.mark.parametrize(("true", "held"), [("low", 1), ("high", 1), ("below", 0), ("above", 0)])
def test_an_interval_holds_its_own_ends(scores, monkeypatch, true, held):
    ends = SimpleNamespace(low=np.full(3, 0.25), high=np.full(3, 0.5), p=np.full(3, 0.01))
    for name in ("over_stimuli", "over_both"):
        monkeypatch.setattr(module, name, lambda told: ends)
    value = {"low": 0.25, "high": 0.5, "below": 0.24, "above": 0.51}[true]
    tables = list(of_metric(scores, BETTER, 0, "m", value))
    assert [one["value"].tolist() for one in tables] == [[1] * 3, [held] * 3] * 2


@pytest.fixture
def ran(monkeypatch, scores):
    asked = []

    def run_stages(runs, study):
        asked.extend(runs)
        return [scores.assign(metric=METRICS[0])[scores["metric"] == "m"] for _ in runs]

    monkeypatch.setattr(module, "run_stages", run_stages)
    return asked


STUDY = SimpleNamespace(settings=SimpleNamespace(seed=5, targets=7, recordings=2))


def test_images_are_left_out_in_groups_and_one_by_one(ran):
    tables = list(grouped_images(STUDY, 2))
    assert [one["method"].iloc[0] for one in tables] == ["ours", SINGLE]
    for run, (permute, block) in zip(ran, (("blocks", GROUP), ("rows", 1)), strict=True):
        assert run.stage == "align without pieces"
        assert run.write.keywords == {"situation": GROUPED, "pairs": 3, "seed": 5 + 8500 + 2}
        assert run.changes == {
            "align": {
                "metrics": [METRICS[0]], "compared": [METRICS[0]], "min_voxels": 1, "draws": 1,
                "seed": 8507, "permute": permute, "block": block,
            },
            "survey": {"metric": METRICS[0]}, "trajectory": {"metric": METRICS[0]},
        }  # fmt: skip


def test_pairs_of_a_recording_are_drawn_with_a_seed_of_their_own(ran, monkeypatch):
    told = []
    monkeypatch.setattr(module, "of_metric", lambda table, *given: [told.append(given)])
    true = {metric: float(at) for at, metric in enumerate(METRICS)}
    for situation in PAIRS:
        list(one_recording(STUDY, situation, 1, true))
    assert told == [(one, 1, metric, true[metric]) for one in PAIRS for metric in METRICS]
    assert [run.write.keywords["seed"] for run in ran] == [
        5 + 8000 + 100 * place + 1 for place in range(len(PAIRS))
    ]
    assert all(run.changes["align"]["permute"] == "rows" for run in ran)


def test_every_recording_has_all_pairs_and_groups(monkeypatch):
    told = []
    monkeypatch.setattr(module, "true_difference", lambda *given: given)
    for name in ("one_recording", "grouped_images"):
        monkeypatch.setattr(
            module, name, lambda study, *given, name=name: [told.append((name, *given))]
        )
    list(module.scene_pair_cases(STUDY))
    true = {metric: (metric, 200, 5) for metric in METRICS}
    assert told == [
        one
        for k in (0, 1)
        for one in (*(("one_recording", pair, k, true) for pair in PAIRS), ("grouped_images", k))
    ]
