"""Pairs of models: planted differences are found, with the sign they have, and none in noise."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.stats import false_discovery_control

from stages.core.results.pairs import COLUMNS
from stages.core.run.errors import InputError
from stages.core.stats.jackknife import pseudo_values
from stages.survey import model_pairs
from stages.survey.model_pairs import pair_table, pairs_of
from stages.survey.piece_shares import piece_shares

PIECES, REGIONS, PEOPLE = 8, ("A", "B"), ("s1", "s2", "s3")
ROLL = pd.DataFrame(
    {
        "model": ["big", "small", "big+untrained"],
        "architecture": ["big", "small", "big"],
        "trained": [True, True, False],
    }
)


def tables(rng, level, subjects=PEOPLE, rest=0.02):
    """Chosen layers' scores and those without pieces, of means over pieces."""
    chosen, without = [], []
    shared = 0.2 * rng.standard_normal((len(REGIONS), len(subjects), PIECES))
    for model, mean in level.items():
        values = mean + shared + rest * rng.standard_normal(shared.shape)
        for at, place in enumerate([(r, s) for r in REGIONS for s in subjects]):
            cells = values.reshape(-1, PIECES)[at]
            row = {"model": model, "modality": "", "metric": "r", "subject": place[1]}
            row |= {"region": place[0], "layer": "layer_02"}
            chosen.append(row | {"score": cells.mean()})
            without += [
                row | {"fitted": 0.0, "piece": float(k), "score": np.delete(cells, k).mean()}
                for k in range(PIECES)
            ]
    return pd.DataFrame(chosen), pd.DataFrame(without)


LEVEL = {"big": 0.3, "small": 0.3, "big+untrained": 0.1}


def compared(rng, level=LEVEL, **options):
    shares = piece_shares(*tables(rng, level, **options))
    return pair_table(shares, pairs_of(ROLL, shares))


def test_trained_models_meet_each_other_and_their_own_twins(rng):
    table = compared(rng)
    assert list(table.columns) == list(COLUMNS)
    pairs = table[["model", "other"]].drop_duplicates().to_numpy().tolist()
    assert pairs == [["big", "small"], ["big", "big+untrained"]]


def test_a_planted_difference_is_found_though_scores_vary_more(rng):
    """What pieces do to both models is not error: .2 apart, where scores vary by .2."""
    table = compared(rng).set_index(["other", "region"])
    twin = table.loc["big+untrained"]
    assert (twin["difference"] - 0.2).abs().max() < 0.03
    assert (twin[["q", "people_q"]] < 0.01).all(axis=None)
    assert (twin["ahead"] == 3).all()
    assert (twin["behind"] == 0).all()
    assert (twin["subject"] == "mean").all()
    assert (table.loc["small", "p"] > 0.001).all()


def test_scores_are_means_over_people_and_pieces_of_each_region(rng):
    chosen, without = tables(rng, LEVEL)
    up = np.where(chosen["region"] == "B", 0.4, 0.0)
    without["score"] += np.repeat(up, PIECES)
    chosen["score"] += up
    shares = piece_shares(chosen, without)
    found = pair_table(shares, pairs_of(ROLL, shares)).set_index(["model", "other", "region"])
    means = chosen.groupby(["model", "region"])["score"].mean()
    for (one, other, region), row in found.iterrows():
        pair = [means[one, region], means[other, region]]
        assert row[["score", "other_score"]].tolist() == pytest.approx(pair)


@pytest.mark.parametrize(("p", "n"), [(0.05, 0), (np.nextafter(0.05, 0), 3)])
def test_people_count_below_five_in_a_hundred(rng, monkeypatch, p, n):
    whole = model_pairs.over_stimuli

    def judged(difference):
        found = whole(difference)
        return replace(found, p=np.full_like(found.p, p))

    monkeypatch.setattr(model_pairs, "over_stimuli", judged)
    table = compared(rng).set_index("other").loc["big+untrained"]
    assert (table["ahead"] == n).all()
    assert (table["behind"] == 0).all()


def test_one_person_is_a_paired_t_test_over_pieces(rng):
    chosen, without = tables(rng, LEVEL, subjects=("s1",))
    shares = piece_shares(chosen, without)
    table = pair_table(shares, pairs_of(ROLL, shares)).set_index(["other", "region"])
    cells = [shares[name, ""].loc[("r", "A", "s1")] for name in ("big", "big+untrained")]
    oracle = stats.ttest_rel(*cells)
    assert table.loc[("big+untrained", "A"), "p"] == pytest.approx(oracle.pvalue)
    assert table["people_p"].isna().all()
    assert set(table["subject"]) == {"s1"}


def test_the_average_of_people_stands_by_itself(rng):
    table = compared(rng, subjects=(*PEOPLE, "group"))
    assert set(table["subject"]) == {"mean", "group"}
    assert table.loc[table["subject"] == "group", "people_p"].isna().all()
    assert (table.loc[table["subject"] == "mean", "people"] == 3).all()


def test_noise_is_seldom_ahead():
    rng = np.random.default_rng(5)
    level = {"big": 0.3, "small": 0.3}
    p = np.concatenate([compared(rng, level)[["p", "people_p"]].to_numpy() for _ in range(150)])
    rates = (p < 0.05).mean(axis=0)
    assert (rates < 0.09).all()
    assert rates[0] > 0.02


def test_voxels_are_averaged_over_their_region(rng):
    chosen, without = (table.assign(target="v0") for table in tables(rng, LEVEL))
    again = [table.assign(target="v1", score=table["score"] + 0.1) for table in (chosen, without)]
    both = [
        pd.concat(pair, ignore_index=True) for pair in zip((chosen, without), again, strict=True)
    ]
    one, two = piece_shares(chosen, without), piece_shares(*both)
    pd.testing.assert_frame_equal(two["big", ""], one["big", ""] + 0.05)


def test_regions_of_single_people_are_one_family(rng):
    """q corrects for all of them, though each has a subject of its own."""
    parts = [tables(rng, {"big": 0.3, "small": 0.3}, subjects=(name,)) for name in "abcdefgh"]
    chosen, without = (
        pd.concat(
            [one.assign(region=one["region"] + one["subject"]) for one in side], ignore_index=True
        )
        for side in zip(*parts, strict=True)
    )
    shares = piece_shares(chosen, without)
    table = pair_table(shares, pairs_of(ROLL, shares))
    assert table["subject"].nunique() == 8
    assert table["q"].to_numpy() == pytest.approx(false_discovery_control(table["p"]))


def test_a_score_that_is_missing_is_missing_and_not_absent(rng):
    chosen, without = tables(rng, LEVEL)
    lost = (without["region"] == "B") & (without["piece"] == 3) & (without["model"] == "big")
    shares = piece_shares(chosen, without.assign(score=without["score"].mask(lost)))
    table = pair_table(shares, pairs_of(ROLL, shares)).set_index("region")
    assert table.loc["B", ["p", "q", "low"]].isna().all(axis=None)
    assert table.loc["A", ["p", "q", "low"]].notna().all(axis=None)


def test_layers_that_were_not_chosen_are_ignored(rng):
    chosen, without = tables(rng, LEVEL)
    more = pd.concat([without.assign(layer="layer_00", score=0.9), without], ignore_index=True)
    found, expected = piece_shares(chosen, more), piece_shares(chosen, without)
    pd.testing.assert_frame_equal(found["big", ""], expected["big", ""])


def test_a_score_without_its_pieces_is_named(rng):
    chosen, without = tables(rng, LEVEL)
    lost = without[(without["region"] != "B") | (without["piece"] != 3)]
    with pytest.raises(InputError, match="score without pieces is missing in big, , r, B, s1"):
        piece_shares(chosen, lost)


def test_of_too_many_models_only_twins_are_compared(rng, monkeypatch, caplog):
    monkeypatch.setattr(model_pairs, "MOST", 1)
    table = compared(rng)
    assert set(table["other"]) == {"big+untrained"}
    assert "compared with its untrained twins alone" in caplog.text


@pytest.mark.parametrize(
    ("most", "others"), [(2, ["small", "big+untrained"]), (1, ["big+untrained"])]
)
def test_as_many_models_as_may_be_are_compared_with_each_other(rng, monkeypatch, most, others):
    monkeypatch.setattr(model_pairs, "MOST", most)
    assert compared(rng)["other"].unique().tolist() == others


def test_people_are_counted_by_a_paired_t_test_each_where_regions_have_other_people(rng):
    """Of a model that is behind in some, ahead in others; SciPy, person by person."""
    chosen, without = tables(rng, {"big": 0.1, "big+untrained": 0.1}, rest=0.05)
    lift = {"s1": 0.2, "s2": -0.2, "s3": -0.3}
    for table in (chosen, without):
        table["score"] += table["subject"].map(lift).where(table["model"].eq("big"), 0)
    kept = [
        table[table["region"].eq("B") | table["subject"].ne("s3")] for table in (chosen, without)
    ]
    shares = piece_shares(*kept)
    found = pair_table(shares, pairs_of(ROLL, shares)).set_index("region")
    for region, people in (("A", ["s1", "s2"]), ("B", ["s1", "s2", "s3"])):
        sides = [
            np.array([shares[name, ""].loc[("r", region, one)] for one in people])
            for name in ("big", "big+untrained")
        ]
        each = stats.ttest_rel(*sides, axis=1)
        told = found.loc[region, ["people", "ahead", "behind"]].tolist()
        clear = each.pvalue < 0.05
        ahead, behind = (clear & (each.statistic > 0)).sum(), (clear & (each.statistic < 0)).sum()
        assert (ahead, behind) == (1, len(people) - 1)
        assert told == [len(people), ahead, behind]
        both = stats.ttest_rel(*(side.mean(axis=0) for side in sides))
        bounds = both.confidence_interval()
        assert found.loc[region, "p"] == pytest.approx(both.pvalue)
        assert found.loc[region, ["low", "high"]].tolist() == pytest.approx([*bounds])


def test_averages_count_no_people_and_are_a_family_of_their_own_by_metric(rng):
    parts = [tables(rng, LEVEL | {"small": 0.28}, subjects=(*PEOPLE, "group")) for _ in range(2)]
    sides = [
        pd.concat([one, two.assign(metric="r_partial")], ignore_index=True)
        for one, two in zip(*parts, strict=True)
    ]
    shares = piece_shares(*sides)
    table = pair_table(shares, pairs_of(ROLL, shares))
    assert list(table.index) == list(range(2 * 2 * 2 * 2))
    average = table["subject"].eq("group")
    assert table.loc[average, "people"].eq(0).all()
    for metric in ("r", "r_partial"):
        for kind in (average, ~average):
            rows = table[table["metric"].eq(metric) & kind]
            assert len(rows) == 4
            assert rows["q"].tolist() == pytest.approx(false_discovery_control(rows["p"]))
        assert rows["people_q"].tolist() == pytest.approx(false_discovery_control(rows["people_p"]))


def test_of_no_pairs_the_table_is_empty_with_its_columns(rng):
    found = compared(rng, {"small": 0.3})
    assert found.empty
    assert list(found) == list(COLUMNS)


def test_shares_are_those_of_pseudo_values(rng):
    chosen, without = tables(rng, {"big": 0.3})
    row = piece_shares(chosen, without)["big", ""].loc[("r", "B", "s2")]
    here = (chosen["region"] == "B") & (chosen["subject"] == "s2")
    parts = without[(without["region"] == "B") & (without["subject"] == "s2")]["score"]
    expected = pseudo_values(chosen.loc[here, "score"].item(), parts.to_numpy())
    assert row.to_numpy() == pytest.approx(expected)
