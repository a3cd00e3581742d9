"""The language network beside others, over people: by hand, by scipy, at floor and ceiling."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, permutation_test, ttest_1samp

from stages.core.results.language_scores import NETWORKS, PREFERENCES
from stages.core.results.results import results_table
from stages.core.results.story_ceilings import CEILING_COLUMNS, LIMIT
from stages.survey.words.control_networks import network_rows, random_signs
from stages.survey.words.preferred_layers import preference_rows


def encoded(differences, noise=0.0, metric="r"):
    """Scores of people in two networks, of which `language` is ahead by the given differences."""
    rows = []
    for place, ahead in enumerate(differences):
        for region, score in (("language", 0.3 + ahead), ("auditory", 0.3), ("frontal", 0.9)):
            row = {"dataset": "d", "subject": f"p{place}", "region": region, "model": "net"}
            row |= {"kind": "nested", "metric": metric, "layer": f"layer_0{place % 2}"}
            rows.append(row | {"score": score + noise})
    rows += [row | {"subject": "group", "score": 0.99} for row in rows[:3]]
    return results_table(rows)


@pytest.fixture
def ceilings():
    rows = [
        {"subject": "group", "region": region, "kind": LIMIT, "ceiling": value}
        for region, value in (("language", 0.6), ("auditory", 0.4))
    ]
    return pd.DataFrame(rows).reindex(columns=list(CEILING_COLUMNS))


def test_people_are_compared_with_themselves(rng, ceilings):
    each = 0.1 + 0.05 * rng.standard_normal(7)
    (row,) = network_rows(encoded(each), ceilings).to_dict("records")
    assert (row["model"], row["network"], row["people"]) == ("net", "auditory", 7)
    assert row["score"] - row["control_score"] == pytest.approx(each.mean())
    assert (row["ceiling"], row["control_ceiling"]) == (0.6, 0.4)
    interval = ttest_1samp(each, 0).confidence_interval()
    assert (row["low"], row["high"]) == pytest.approx(interval)
    assert row["effect"] == pytest.approx(each.mean() / each.std(ddof=1))
    assert row["q"] == row["p"] == pytest.approx(2 / 2**7)


@pytest.mark.parametrize("people", [5, 9])
def test_random_signs_are_scipys(rng, people):
    each = 0.4 + rng.standard_normal(people)
    expected = permutation_test((each,), np.mean, permutation_type="samples", n_resamples=np.inf)
    assert random_signs(each) == pytest.approx(expected.pvalue)


def test_drawn_signs_are_near_all_signs(rng):
    each = 0.3 + rng.standard_normal(16)
    expected = permutation_test((each,), np.mean, permutation_type="samples", n_resamples=np.inf)
    assert random_signs(each) == pytest.approx(expected.pvalue, abs=0.015)


def test_up_to_twelve_people_all_signs_are_tried_and_beyond_9999_are_drawn(rng):
    """By SciPy, and by a loop over draws, to which the signs as they are belong."""
    twelve, more = 0.3 + rng.standard_normal(12), 0.3 + rng.standard_normal(13)
    expected = permutation_test((twelve,), np.mean, permutation_type="samples", n_resamples=np.inf)
    assert random_signs(twelve) == pytest.approx(expected.pvalue, abs=1e-12)
    drawn = np.random.default_rng(0).integers(0, 2, (9999, 13))
    sums = [abs(more[signs == 1].sum() - more[signs == 0].sum()) for signs in drawn]
    reached = 1 + sum(found >= abs(more.sum()) for found in sums)
    assert random_signs(more) == pytest.approx(reached / 10000, abs=1e-12)


def test_three_people_are_enough_and_what_does_not_vary_has_no_effect(ceilings):
    table = encoded([0.5, 0.5, 0.5])
    table["score"] = np.where(table["region"].eq("language"), 0.75, 0.25)
    (row,) = network_rows(table, ceilings[ceilings["region"].eq("language")]).to_dict("records")
    assert (row["people"], row["p"]) == (3, 0.25)
    assert np.isnan([row["effect"], row["control_ceiling"]]).all()
    assert (row["difference"], row["low"], row["high"], row["ceiling"]) == (0.5, 0.5, 0.5, 0.6)


def test_models_come_in_their_order_and_are_one_family(rng, ceilings):
    """Without the layers of a search, and without people who lack one of the networks."""
    parts = [encoded(rng.normal(0.05, 0.1, 6), noise=up) for up in (0, 0.1, 0.2)]
    names = ["z", "a", "k"]
    table = pd.concat([one.assign(model=name) for one, name in zip(parts, names, strict=True)])
    lacks = table["model"].eq("a") & table["subject"].eq("p2") & table["region"].eq("auditory")
    other = table.assign(kind="hidden", score=table["score"] ** 2)
    rows = network_rows(pd.concat([table[~lacks], other]), ceilings)
    assert rows["model"].tolist() == names
    assert rows["people"].tolist() == [6, 5, 6]
    np.testing.assert_allclose(rows["q"], false_discovery_control(rows["p"]))
    others = table[table["model"].eq("a") & ~table["subject"].isin(["group", "p2"])]
    mean = others.groupby("region")["score"].mean()
    assert rows.loc[1, "score"] == pytest.approx(mean["language"])
    assert rows.loc[1, "control_score"] == pytest.approx(mean["auditory"])


def test_no_difference_is_found_as_often_as_chance_has_it(rng):
    found = [random_signs(rng.standard_normal(8)) <= 0.05 for _ in range(800)]
    assert 0.03 < np.mean(found) < 0.07


def test_too_few_people_or_networks_make_no_rows(ceilings):
    alone = encoded([0.1, 0.2, 0.3])
    for table in (
        encoded([0.1, 0.2]),
        alone[alone["region"] != "auditory"],
        alone[alone["region"] != "language"],
        encoded([0.1, 0.2, 0.3], metric="r_partial"),
    ):
        rows = network_rows(table, ceilings)
        assert len(rows) == 0
        assert list(rows) == list(NETWORKS)


def test_layers_are_preferred_by_as_many_as_choose_them():
    rows = preference_rows(encoded([0.1, 0.2, 0.3]))
    found = rows.set_index(["region", "layer"])
    assert found.loc[("language", "layer_00"), "targets"] == 2
    assert found.loc[("language", "layer_01"), "share"] == pytest.approx(1 / 3)
    assert list(preference_rows(results_table([]))) == list(PREFERENCES)


def test_the_average_counts_where_there_is_nobody_else():
    table = encoded([0.1])
    alone = table[table["subject"] == "group"]
    rows = preference_rows(alone)
    assert list(rows["region"]) == ["auditory", "frontal", "language"]
    assert (rows[["targets", "share"]] == 1).all(axis=None)
