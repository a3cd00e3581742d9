import numpy as np
import pandas as pd
import pytest

from stages.core.results.language_scores import CLEAR
from stages.core.results.story_ceilings import GIVEN, LIMIT, OTHERS
from stages.survey.words.language_rows import layer_rows, score_rows

CEILINGS = {"language": 0.8, "frontal": 0.9, "parietal": CLEAR, "auditory": 0.5}


def encoded(**changed):
    """Two targets of each region of a group and two people, the nested scores first."""
    rows = []
    for at, region in enumerate(CEILINGS):
        for subject, share in {"group": 1.0, "p1": 0.5, "p2": 0.7}.items():
            for target, lift in (("v0", -0.02), ("v1", 0.02)):
                told = {"subject": subject, "region": region, "model": "m", "target": target}
                told |= {"null_mean": 0.01 * at, "null_sd": 0.1, "q": 0.1 * at + lift, "p": 0.3}
                told |= {"ceiling": CEILINGS[region], "ceiling_kind": "reliability"}
                for metric, part in (("r", 1.0), ("r_partial", 0.25)):
                    value = part * share * (0.2 + 0.1 * at + lift)
                    own = told | {"metric": metric}
                    rows.append(own | {"kind": "nested", "layer": "layer_01", "score": value})
                    hidden = {"kind": "hidden", "layer": "layer_00", "score": value / 2}
                    rows += [own | hidden, own | hidden | {"layer": "layer_01", "score": value}]
                    for k, name in enumerate(("nuisance", "onset", "oasm"), start=1):
                        rows.append(own | {"kind": "control", "layer": name, "score": k * value})
                    surprising = {
                        "kind": "surprisal",
                        "layer": "",
                        "score": -value,
                        "p": 0.02 + lift,
                    }
                    rows.append(own | surprising)
    return pd.DataFrame(rows).assign(**changed)


def limits(**lows):
    rows = [
        {
            "kind": LIMIT,
            "subject": "group",
            "region": region,
            "ceiling": 0.6,
            "low": low,
            "high": 0.7,
        }
        for region, low in ({"language": 0.5, "frontal": 0.4, "parietal": 0.1} | lows).items()
    ]
    table = pd.DataFrame(rows)
    other = [table.assign(subject="p1", ceiling=9), table.assign(kind=OTHERS, ceiling=9)]
    return pd.concat([table, *other])


def intervals():
    rows = [
        {
            "metric": metric,
            "subject": subject,
            "model": "m",
            "region": region,
            "low": low,
            "high": 0.5,
        }
        for metric, subject, low in (("r", "group", 0.1), ("r_partial", "group", 8), ("r", "p1", 9))
        for region in (*CEILINGS, "all")
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def rows():
    return score_rows(encoded(), limits(), intervals()).set_index("region")


def test_the_group_is_shown_with_means_over_targets(rows):
    assert list(rows.index) == [*CEILINGS, "all"]
    assert set(rows["subject"]) == {"group"}
    at = rows.loc["frontal"]
    assert at["score"] == pytest.approx(0.3)
    assert (at["beyond"], at["q"]) == pytest.approx((0.075, 0.1))
    assert (at["nuisance"], at["onset"], at["oasm"]) == pytest.approx((0.3, 0.6, 0.9))
    assert (at["null_mean"], at["ceiling"], at["layer"]) == (0.01, 0.9, "layer_01")
    assert (at["low"], at["high"]) == (0.1, 0.5)
    surprising = ["surprisal", "surprisal_p", "surprisal_beyond", "surprisal_beyond_p"]
    assert at[surprising].tolist() == pytest.approx([-0.3, 0.02, -0.075, 0.02])
    assert (at["people"], at["people_score"]) == pytest.approx((2, 0.18))
    assert (at["people_ceiling"], at["people_ceiling_low"]) == (0.6, 0.4)


def test_scores_are_over_ceilings_that_are_clearly_there(rows):
    assert rows.loc["frontal", "normalised"] == pytest.approx(0.3 / 0.9)
    assert rows.loc["frontal", "normalised_low"] == pytest.approx(0.1 / 0.9)
    assert rows.loc["frontal", "normalised_high"] == pytest.approx(0.5 / 0.9)
    assert rows.loc["frontal", "people_normalised"] == pytest.approx(0.18 / 0.6)
    assert rows.loc["parietal", "normalised"] == pytest.approx(0.4 / CLEAR)
    assert np.isnan(rows.loc["auditory", "normalised"]), "nobody told how people agree there"
    for low in (0.0, -0.1):
        made = score_rows(encoded(), limits(frontal=low), intervals()).set_index("region")
        assert np.isnan(
            made.loc["frontal", ["normalised", "people_normalised"]].astype(float)
        ).all()
    less = encoded()
    less.loc[less["region"].eq("parietal"), "ceiling"] = CLEAR - 1e-6
    made = score_rows(less, limits(), intervals()).set_index("region")
    assert np.isnan(made.loc["parietal", "normalised"])


def test_ceilings_that_a_recording_gives_need_no_people():
    made = score_rows(encoded(ceiling_kind=GIVEN), limits(), intervals()).set_index("region")
    assert made.loc["auditory", "normalised"] == pytest.approx(0.5 / 0.5)
    assert made.loc["all", "normalised_low"] == pytest.approx(0.1 / made.loc["all", "ceiling"])


def test_all_regions_but_control_networks_are_averaged(rows):
    whole = rows.loc["all"]
    own = rows.drop(index=["all", "auditory"])
    assert whole["score"] == pytest.approx(own["score"].mean())
    assert whole["ceiling"] == pytest.approx(own["ceiling"].mean())
    assert whole["normalised"] == pytest.approx(own["score"].mean() / own["ceiling"].mean())
    assert whole["people_normalised"] == pytest.approx(own["people_score"].mean() / 0.6)
    assert whole["people"] == 2
    assert bool(whole["everywhere"])
    assert whole["normalised_low"] == pytest.approx(0.1 / whole["ceiling"])
    assert np.isnan(whole["surprisal"])


def test_a_region_without_a_ceiling_is_left_out_of_quotients_and_told():
    made = score_rows(encoded(), limits(frontal=-0.1), intervals()).set_index("region")
    whole, own = made.loc["all"], made.loc[["language", "parietal"]]
    assert not whole["everywhere"]
    assert whole["normalised"] == pytest.approx(own["score"].mean() / own["ceiling"].mean())
    assert whole["score"] == pytest.approx(0.3)
    assert np.isnan(whole["normalised_low"])


def test_layers_are_those_of_the_subject_shown():
    found = layer_rows(encoded()).set_index(["region", "layer"])
    assert len(found) == 8
    at = found.loc["frontal", "layer_00"]
    assert at[["score", "beyond", "null_mean", "null_sd"]].tolist() == pytest.approx(
        [0.15, 0.0375, 0.01, 0.1]
    )
    people = encoded()
    people = people[people["subject"].ne("group")]
    assert layer_rows(people)["score"].max() < 0.5 * 0.52
    assert layer_rows(people.assign(kind="nested")).empty
    assert score_rows(people.assign(kind="hidden"), limits(), intervals()).empty


def test_of_people_alone_the_first_is_shown_and_nothing_said_of_others():
    people = encoded()
    apart = people[people["subject"] != "group"]
    found = score_rows(apart, limits(), intervals()).set_index("region")
    assert set(found["subject"]) == {"p1"}
    assert found[["people", "people_score"]].isna().all(axis=None)
    assert found.loc["frontal", "score"] == pytest.approx(0.15)
    assert list(found.index) == [*CEILINGS, "all"]


def two_models():
    """Another model, that comes first in the alphabet, with the regions in another order."""
    first = encoded()
    other = first.assign(
        model="a",
        score=first["score"] * np.where(first["region"].eq("frontal"), 0.3, 0.8),
        layer=first["layer"].replace("layer_01", "layer_02"),
    )
    return first, other[::-1]


def test_each_model_has_the_rows_that_it_has_alone_in_the_order_in_which_they_come():
    parts = two_models()
    told = intervals()
    both = score_rows(pd.concat(parts), limits(), pd.concat([told, told.assign(model="a")]))
    alone = [
        score_rows(part, limits(), told.assign(model=name))
        for part, name in zip(parts, ("m", "a"), strict=True)
    ]
    regions = [part["region"].ne("all") for part in alone]
    expected = pd.concat(
        [part[own] for part, own in zip(alone, regions, strict=True)]
        + [part[~own] for part, own in zip(alone, regions, strict=True)],
        ignore_index=True,
    )
    pd.testing.assert_frame_equal(both, expected)
    assert both["model"].tolist() == ["m"] * 4 + ["a"] * 4 + ["m", "a"]
    layers = layer_rows(pd.concat(parts))
    assert layers["model"].unique().tolist() == ["m", "a"]
    assert len(layers) == 16


def test_the_layer_most_often_chosen_is_told():
    chosen = encoded()
    third = chosen[chosen["target"].eq("v1")].assign(target="v2", layer="layer_02")
    chosen.loc[chosen["target"].eq("v1"), "layer"] = "layer_02"
    found = score_rows(pd.concat([chosen, third]), limits(), intervals())
    assert set(found["layer"]) == {"layer_02"}
