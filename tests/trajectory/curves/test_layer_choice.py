import pandas as pd
import pytest

from stages.trajectory.curves.layer_choice import (
    INNER_FOLDS,
    ITSELF,
    OTHER_SEEDS,
    OTHER_SUBJECTS,
    chosen_rows,
    late_scores,
)


def table(scores, region="A"):
    """Scores by seed, subject and layer, of the steps 1, 2, 3."""
    rows = [
        {
            "seed": seed, "step": step, "seen": 10 * step, "kind": "hidden", "layer": layer,
            "region": region, "subject": subject, "score": score, "ceiling": 1.0,
        }
        for (seed, subject, layer), values in scores.items()
        for step, score in zip((1, 2, 3), values, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def layers(chosen):
    return {
        (row.seed, row.subject): row.layer
        for row in chosen.drop_duplicates(["seed", "subject", "layer"]).itertuples()
    }


def test_late_scores_are_means_of_the_last_steps_of_each_run():
    rows = table({(0, "s", "a"): (9, 1, 2), (0, "s", "b"): (0, 4, 8)})
    longer = table({(1, "s", "a"): (5, 6, 7)}).assign(step=lambda one: 10 * one["step"])
    found = late_scores(pd.concat([rows, longer]), 2)
    assert list(found) == ["seed", "region", "subject", "layer", "late"]
    late = found.set_index(["seed", "layer"])["late"].to_dict()
    assert late == {(0, "a"): 1.5, (0, "b"): 6.0, (1, "a"): 6.5}


@pytest.mark.parametrize(("last", "best"), [(1, "b"), (2, "a"), (3, "b")])
def test_a_single_run_chooses_its_own_layer_at_its_last_steps(last, best):
    rows = table({(0, "group", "a"): (0, 9, 4), (0, "group", "b"): (9, 4, 5)})
    chosen = chosen_rows(rows, last)
    assert set(chosen["layer"]) == {best}
    assert set(chosen["choice"]) == {ITSELF}
    assert chosen["step"].tolist() == [1, 2, 3]


def test_seeds_choose_by_the_mean_of_all_others():
    heights = {0: (0, 9), 1: (3, 1), 2: (3, 2)}
    scores = {}
    for seed, (a, b) in heights.items():
        scores |= {(seed, "s", "a"): 3 * (a,), (seed, "s", "b"): 3 * (b,)}
    chosen = chosen_rows(table(scores), 1)
    assert layers(chosen) == {(0, "s"): "a", (1, "s"): "b", (2, "s"): "b"}
    assert set(chosen["choice"]) == {OTHER_SEEDS}
    assert len(chosen) == 9
    two = table({key: value for key, value in scores.items() if key[0] < 2})
    assert layers(chosen_rows(two, 1)) == {(0, "s"): "a", (1, "s"): "b"}


def test_people_of_one_seed_choose_for_each_other_without_the_group():
    scores = {
        (0, "x", "a"): (0, 0, 5), (0, "x", "b"): (0, 0, 1), (0, "y", "a"): (0, 0, 1),
        (0, "y", "b"): (0, 0, 4), (0, "group", "a"): (0, 0, 99), (0, "group", "b"): (0, 0, 0),
    }  # fmt: skip
    chosen = chosen_rows(table(scores), 1)
    assert layers(chosen) == {(0, "x"): "b", (0, "y"): "a"}
    assert set(chosen["choice"]) == {OTHER_SUBJECTS}
    alone = {key: value for key, value in scores.items() if key[1] != "y"}
    assert layers(chosen_rows(table(alone), 1)) == {(0, "x"): "a", (0, "group"): "a"}


def test_a_layer_that_no_other_run_has_is_not_chosen():
    scores = {(0, "s", "a"): (1, 1, 1), (1, "s", "a"): (1, 1, 1), (0, "s", "only"): (9, 9, 9)}
    assert layers(chosen_rows(table(scores), 3)) == {(0, "s"): "a", (1, "s"): "a"}


def test_layers_chosen_in_the_inner_folds_stand_before_all():
    rows = table({(0, "s", "a"): (1, 1, 1), (1, "s", "a"): (1, 1, 1)})
    nested = rows.assign(kind="nested", layer="inner", score=0.5)
    chosen = chosen_rows(pd.concat([rows, nested]), 1)
    assert set(chosen["layer"]) == {"inner"}
    assert set(chosen["choice"]) == {INNER_FOLDS}


def test_of_layers_that_are_as_good_the_first_is_taken():
    rows = table({(0, "group", layer): (1, 1, 1) for layer in ("z", "a")})
    assert layers(chosen_rows(rows, 2)) == {(0, "group"): "z"}
