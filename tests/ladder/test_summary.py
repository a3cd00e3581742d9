"""Shares of ladders, counted by hand."""

import pandas as pd

from stages.core.results.ladder import FAILS, HOLDS, NOT_ASKED, RUNGS, ladder_table
from stages.ladder.summary import headline, summarise


def ladder(*claims):
    """A ladder of claims: claim, model, other, region, and what came of some rungs."""
    columns = ["claim", "model", "other", "region"]
    places = pd.DataFrame([one[:4] for one in claims], columns=columns)
    rungs = {}
    for rung in RUNGS:
        told = [[*one[:4], one[4][rung]] for one in claims if rung in one[4]]
        if told:
            rungs[rung] = pd.DataFrame(told, columns=[*columns, "state"])
    return ladder_table(places.assign(dataset="d", modality="m", metric="r"), rungs)


CLAIMS = [
    ("predicts", "m2", "", "A", {"chance": HOLDS, "ceiling": HOLDS}),
    ("predicts", "m2", "", "B", {"chance": HOLDS, "ceiling": FAILS}),
    ("predicts", "m2", "", "C", {"chance": FAILS, "nuisance": NOT_ASKED}),
    ("predicts", "m1", "", "A", {}),
    ("surpasses", "m2", "m1", "A", {"chance": HOLDS}),
]


def counts(**told):
    """Nothing held of nothing, but for these rungs."""
    return {
        rung: dict(zip(("held", "asked"), told.get(rung, (0, 0)), strict=True)) for rung in RUNGS
    }


def test_regions_are_counted_by_claim_model_and_rung():
    found = summarise(ladder(*CLAIMS))
    assert found == {
        "predicts": {
            "m2": {"regions": 3, "stands": 0.3333} | counts(chance=(2, 3), ceiling=(1, 2)),
            "m1": {"regions": 1, "stands": 0.0} | counts(),
        },
        "surpasses": {"m2 > m1": {"regions": 1, "stands": 1.0} | counts(chance=(1, 1))},
    }
    assert list(found["predicts"]) == ["m2", "m1"]


def test_a_headline_is_of_the_first_claim_and_its_first_model():
    own = summarise(ladder(*CLAIMS))
    twin = ("predicts", "m", "", "A", {"untrained twin": FAILS})
    summaries = {"story": own, "scene": summarise(ladder(CLAIMS[3])), "none": {}}
    summaries["twin"] = summarise(ladder(twin))
    assert headline(summaries) == {
        "story": {"stands": 0.3333, "chance": 0.6667, "ceiling": 0.5},
        "twin": {"stands": 0.0, "untrained_twin": 0.0},
    }
