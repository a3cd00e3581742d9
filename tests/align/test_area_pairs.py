"""Areas beside areas: a naive loop, planted geometries, and what else than images is common."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from stages.align.area_pairs import area_table, check_metric, judge_areas
from stages.align.area_sets import AreaSet, shared_areas
from stages.align.repeat_ceilings import split_half
from stages.core.results.area_alignment import APART, AREAS, PEOPLE, PEOPLE_APART, SAME
from stages.core.run.errors import InputError
from stages.core.stats.backend import make_backend
from tests.align import naive
from tests.align.recordings import SETTINGS, make_layers, make_matrices
from tests.align.shown_again import DRIVERS, make_latents, make_shown_again, trials_of

METRIC = "cka_linear"


def compare(recording, **changes):
    backend = make_backend(None, "float64", 2**28)
    settings = SETTINGS.model_copy(update={"draws": 39} | changes)
    people = judge_areas(shared_areas(recording, 5).sets, METRIC, backend)
    return area_table(people, recording.dataset, METRIC, settings, backend)


def pick(table, kind, first, second, parts="whole"):
    """Scores of two areas, in either order."""
    rows = table[(table["kind"] == kind) & (table["parts"] == parts)]
    there = (rows["region"] == first) & (rows["second_region"] == second)
    back = (rows["region"] == second) & (rows["second_region"] == first)
    return rows[there | back]


def slow(first, second, ids):
    """Debiased CKA of two dictionaries of patterns, by a loop."""
    grams = []
    for one in (first, second):
        values = np.array([one[name] for name in ids])
        centred = values - values.mean(axis=0)
        grams.append(centred @ centred.T)
    return naive.cka(*grams, naive.hsic_unbiased)


@pytest.fixture(scope="module")
def recording():
    rng = np.random.default_rng(5)
    return make_shown_again(rng, make_latents(rng), signal=2.0)


@pytest.fixture(scope="module")
def table(recording):
    return compare(recording)


def test_every_pair_is_there_once(table):
    assert list(table) == list(AREAS)
    counts = table.groupby(["parts", "kind"]).size()
    n, halves = len(DRIVERS), 2 * len(DRIVERS)
    for parts, k in (("whole", n), ("hemispheres", halves)):
        assert counts[parts, PEOPLE] == counts[parts, PEOPLE_APART] == k * k
        assert counts[parts, SAME] == 2 * k * (k - 1) / 2
        assert counts[parts, APART] == 2 * k * (k + 1) / 2
    place = [name for name in AREAS if name.endswith(("kind", "parts", "subject", "region"))]
    assert not table.duplicated([*place, "hemisphere", "second_hemisphere"]).any()


@pytest.mark.parametrize("people", [("s1", "s1"), ("s1", "s2")])
@pytest.mark.parametrize("sides", [(None, None), ("L", "R")])
def test_showings_apart_are_the_first_and_the_last(table, recording, people, sides):
    """By ids alone, whatever the order of anybody's rows."""
    first = trials_of(recording, people[0], "V1", sides[0])
    last = trials_of(recording, people[1], "FFC", sides[1])
    ids = sorted(set(first[0]) & set(last[0]))
    expected = (slow(first[0], last[2], ids) + slow(first[2], last[0], ids)) / 2
    rows = table[table["kind"] == (APART if people[0] == people[1] else PEOPLE_APART)]
    rows = rows[(rows["subject"] == people[0]) & (rows["second_subject"] == people[1])]
    rows = rows[(rows["region"] == "V1") & (rows["second_region"] == "FFC")]
    wanted = rows["hemisphere"].eq(sides[0] or "") & rows["second_hemisphere"].eq(sides[1] or "")
    (row,) = rows[wanted].to_dict("records")
    assert row["score"] == pytest.approx(expected, abs=1e-9)
    assert row["n"] == len(ids)


def mean_of(recording, place, region):
    """Read a person's means of trials by id, by hand."""
    subject = recording.subjects[place]
    kept = (subject.targets["region"] == region).to_numpy()
    values = subject.responses[:, kept].astype(float)
    return dict(zip(subject.samples["id"], values, strict=True))


@pytest.mark.parametrize(("kind", "second"), [(PEOPLE, 1), (SAME, 0)])
def test_means_of_trials_are_compared_as_they_are(table, recording, kind, second):
    sides = mean_of(recording, 0, "V2"), mean_of(recording, second, "A1")
    rows = pick(table, kind, "V2", "A1")
    rows = rows[(rows["region"] == "V2") & (rows["subject"] == "s1")]
    assert rows["score"].item() == pytest.approx(slow(*sides, sorted(sides[0])), abs=1e-6)


def test_ceilings_of_people_are_what_models_of_both_areas_could_reach(table, recording):
    """As `ceilings` has them, of the same three measurements."""
    limits = {}
    for place, region in ((0, "V2"), (1, "FFC")):
        trials = trials_of(recording, f"s{place + 1}", region)
        single = np.array([[one[name] for name in sorted(one)] for one in trials])
        limits[region] = split_half(single, [METRIC], make_backend(None, "float64", 2**28))[METRIC]
    rows = pick(table, PEOPLE, "V2", "FFC")
    found = rows.loc[rows["region"] == "V2", "ceiling"].item()
    assert found == pytest.approx(limits["V2"] * limits["FFC"])
    assert 0.3 < found < 0.95


def test_noise_and_drift_are_no_alignment_of_showings_apart():
    """Nothing drives A1: what it has in common with others is trials, or time."""
    rng = np.random.default_rng(8)
    table = compare(make_shown_again(rng, make_latents(rng), signal=0.0, common=2.0, drift=1.5))
    kinds = table[table["parts"] == "whole"].groupby("kind")["score"].mean()
    assert kinds[SAME] > 0.5
    assert kinds[PEOPLE] > 0.1
    assert abs(kinds[APART]) < 0.03
    assert abs(kinds[PEOPLE_APART]) < 0.03
    tested = table[table["kind"].isin([APART, PEOPLE_APART])]
    assert tested["p"].lt(0.05).mean() < 0.12
    assert table[table["kind"] == PEOPLE]["p"].lt(0.05).mean() > 0.5
    assert table[table["kind"] == SAME]["p"].isna().all()
    assert table[table["kind"] == APART]["ceiling"].isna().mean() > 0.8


def test_by_ceiling_two_areas_of_one_geometry_reach_one_and_others_what_was_planted():
    """V1 and V2 mix the same latent variables; FFC mixes others, in part the same."""
    rng = np.random.default_rng(11)
    latents = make_latents(rng, 200)
    latents["faces"] = latents["edges"] + latents["faces"]
    recording = make_shown_again(rng, latents, n=200, signal=2.0, common=1.0, drift=0.5)
    table = compare(recording, draws=1)
    true = [one @ one.T for one in (latents["edges"], latents["faces"])]
    planted = naive.cka(*true, naive.hsic_unbiased)
    for kind in (APART, PEOPLE_APART, PEOPLE):
        alike, other = (pick(table, kind, "V1", name) for name in ("V2", "FFC"))
        assert (alike["score"] / alike["ceiling"]).mean() == pytest.approx(1, abs=0.15)
        assert (other["score"] / other["ceiling"]).mean() == pytest.approx(planted, abs=0.12)
    assert 0.3 < planted < 0.7
    own = pick(table, APART, "V1", "V1")
    np.testing.assert_allclose(own["score"], own["ceiling"], atol=1e-9)


def test_areas_beside_themselves_find_no_pairs(table):
    """They are significant anyhow, and a family that had them would be lenient with the others."""
    tested = table[table["p"].notna()]
    same = ["subject", "region", "hemisphere"]
    itself = np.logical_and.reduce([tested[name].eq(tested[f"second_{name}"]) for name in same])
    assert set(tested.loc[itself, "kind"]) == {APART}
    for (_, _, alone), rows in tested.groupby(["kind", "parts", itself]):
        np.testing.assert_allclose(rows["q"], false_discovery_control(rows["p"]))
        (family,) = rows["q_family"].unique()
        assert family.startswith("areas" if alone else "pairs of areas")


def test_areas_whose_geometry_drifts_away_have_no_ceilings():
    """The second showing is like the first and the last, which are not like each other."""
    n, kinds = 300, 8
    rng = np.random.default_rng(0)
    early, late = rng.standard_normal((2, n, 6))
    single = []
    for _ in range(kinds):
        weights = rng.standard_normal((6, 30))
        shown = [early @ weights, (early + late) @ weights / np.sqrt(2), late @ weights]
        single.append(np.stack(shown) + 0.3 * rng.standard_normal((3, n, 30)))
    names = [f"area{k}" for k in range(kinds)]
    means = [each.mean(axis=0) for each in single]
    rows = np.arange(n)
    one = AreaSet("s", "all", "whole", names, [""] * kinds, means, n, rows, single, 3.0)
    (person,) = judge_areas([one], METRIC, make_backend(None, "float64", 2**28))
    own = [slow(dict(enumerate(each[0])), dict(enumerate(each[2])), rows) for each in single]
    assert max(own) < 0
    assert np.isnan([person.own, person.limits]).all()


def test_what_is_planted_is_found(table):
    """Least of all p is that of the draws: no order reached the score."""
    found = pick(table, PEOPLE_APART, "V1", "V2")
    np.testing.assert_allclose(found["p"], 1 / 40)
    assert pick(table, PEOPLE_APART, "A1", "FFC")["p"].min() > 1 / 40
    by_hand = table[(table["kind"] == PEOPLE_APART) & (table["parts"] == "whole")]
    ranked = by_hand["p"].sort_values()
    q = (ranked * len(ranked) / np.arange(1, len(ranked) + 1))[::-1].cummin()[::-1]
    np.testing.assert_allclose(by_hand["q"], q.loc[by_hand.index])


def test_without_repeats_there_are_neither_showings_apart_nor_ceilings(recording):
    subjects = [replace(one, single=None) for one in recording.subjects]
    table = compare(replace(recording, subjects=subjects))
    assert set(table["kind"]) == {PEOPLE, SAME}
    assert table["ceiling"].isna().all()


def test_dissimilarities_of_two_people_are_compared(rng):
    table = compare(make_matrices(make_layers(rng), rng, 30))
    (row,) = table.to_dict("records")
    assert (row["kind"], row["region"], row["n"]) == (PEOPLE, "human_IT", 30)
    assert row["score"] > 0.5
    assert row["p"] < 0.01


@pytest.mark.parametrize("name", ["cka_linear_biased", "rsa_pearson", "mutual_knn_5"])
def test_metrics_that_noise_raises_are_refused(name):
    with pytest.raises(InputError, match="expected a debiased CKA"):
        check_metric(name)
    check_metric("cka_rbf_1")
