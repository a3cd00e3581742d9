"""Which rows of a table each case of the story side judges: by loops over tables made by hand."""

from itertools import product
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr

from stages.calibrate import story_cases as module
from stages.calibrate.observed import Case
from stages.calibrate.story_cases import (
    BEST,
    CHOSEN,
    INDEPENDENT,
    ON_TIME,
    UNCENTRED,
    decode_cases,
    encode_and_probe,
    encode_cases,
    encode_nulls,
    independent_p,
    late_cases,
    probe_cases,
    probe_nulls,
)
from stages.calibrate.story_responses import DRIFT, LATE, NULLS, ONSET, SIZES, SLOW, late, planted
from stages.calibrate.word_features import BINARY, DEALT, GAUSSIAN, NO_FEATURES, NUISANCE, SMOOTH

LAYERS = ("layer_00", "layer_01")


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """Cases in place of rows: which rows they are of, and of which column."""

    def of_results(rows, case, column="p"):
        return case, column, rows.index.tolist()

    def observed(values, case, left=None, right=None):
        lists = [None if one is None else list(one) for one in (values, left, right)]
        return case, lists[0], lists[1:]

    monkeypatch.setattr(module, "of_results", of_results)
    monkeypatch.setattr(module, "observed", observed)


def table(**columns):
    """Every combination of some columns, a row each, with numbers of their own."""
    rows = pd.DataFrame(list(product(*columns.values())), columns=list(columns))
    rng = np.random.default_rng(0)
    return rows.sample(frac=1, random_state=1, ignore_index=True).assign(
        score=rng.uniform(-0.4, 0.4, len(rows)), p=rng.random(len(rows)), n=100.0
    )


def encoded():
    regions = [*NULLS, *(planted(size, beside=way) for size in SIZES for way in (False, True))]
    found = table(
        kind=["hidden", "nested"], region=regions, metric=["r", "r_partial"], layer=LAYERS,
        target=["0:layer_00/0", "1:layer_01/1"],
    )  # fmt: skip
    return found.assign(left="0:" + found["layer"], right="0:" + found["target"])


def where(rows, **wanted):
    """Rows of which columns have these values."""
    columns = zip(*(rows[name].tolist() for name in wanted), strict=True)
    return [place for place, row in enumerate(columns) if row == tuple(wanted.values())]


def test_false_positives_are_of_hidden_layers_and_of_nuisance_only_beyond_them():
    rows, case = encoded(), Case("encode", "r", SLOW, "wehbe")
    expected = [
        (Case("encode", metric, situation, "wehbe", "way"), "p",
         where(rows, kind="hidden", region=situation, metric=metric))
        for situation in (SLOW, DRIFT)
        for metric in (("r", "r_partial") if situation == SLOW else ("r_partial",))
    ]  # fmt: skip
    assert list(encode_nulls(rows, (SLOW, DRIFT), "wehbe", "way")) == expected
    assert next(encode_nulls(rows, (SLOW,), "wehbe"))[0] == case


def test_encode_is_judged_by_nulls_other_ways_power_and_recovery():
    rows = encoded()
    found = list(encode_cases(rows, "alice"))
    nulls = list(encode_nulls(rows, NULLS, "alice"))
    assert found[: len(nulls)] == nulls
    alone, best, nested, *rest = found[len(nulls) :]
    r = where(rows, kind="hidden", region=SLOW, metric="r")
    case = Case("encode", "r", SLOW, "alice", INDEPENDENT)
    assert alone[0] == case
    np.testing.assert_allclose(
        alone[1], independent_p(rows["score"][r].to_numpy(), np.full(len(r), 100.0))
    )
    assert alone[2] == [rows["left"][r].tolist(), rows["right"][r].tolist()]
    highest = [
        max((place for place in r if rows["right"][place] == target), key=rows["score"].get)
        for target in set(rows["right"])
    ]
    assert best[:2] == (Case("encode", CHOSEN, SLOW, "alice", BEST), "p")
    assert sorted(best[2]) == sorted(highest)
    own = where(rows, kind="nested", region=SLOW, metric="r")
    assert nested == (
        Case("encode", CHOSEN, SLOW, "alice"),
        rows["p"][own].tolist(),
        [None, rows["right"][own].tolist()],
    )
    expected = []
    for size, beside in product(SIZES, (False, True)):
        region = planted(size, beside=beside)
        for metric in ("r_partial",) if beside else ("r", "r_partial"):
            of_own = [
                place
                for layer, target in zip(LAYERS, ("0:layer_00/0", "1:layer_01/1"), strict=True)
                for place in where(rows, kind="hidden", region=region, metric=metric, layer=layer,
                                   target=target)
            ]  # fmt: skip
            case = Case("encode", metric, region, "alice", asks="power")
            expected.append((case, "p", sorted(of_own)))
            if metric == "r_partial":
                case = Case("encode", metric, region, "alice", asks="recovery", truth=size)
                expected.append((case, "score", sorted(of_own)))
    drift = where(rows, kind="hidden", region=DRIFT, metric="r_partial")
    case = Case("encode", "r_partial", DRIFT, "alice", asks="recovery", truth=0.0)
    assert rest == [*expected, (case, "score", drift)]


def test_probe_is_judged_by_each_of_its_three_p():
    features = [*NO_FEATURES, *map(planted, SIZES)]
    rows = table(
        kind=["hidden", "nested"], metric=["r", "r_partial", "r_words"], layer=LAYERS,
        target=[f"{name}/{layer}.{at}" for name in features for at, layer in enumerate(LAYERS)],
    )  # fmt: skip
    names = rows["target"].str.split("/").str[0]
    rows = rows.assign(name=names, of=rows["target"].str.split("/").str[1].str[:-2])
    expected = [
        (Case("probe", metric, name, "wehbe"), "p",
         where(rows, kind="hidden", metric=metric, name=name))
        for name in NO_FEATURES
        for metric in (["r_partial"] if name == NUISANCE else ["r", "r_partial", "r_words"])
    ]  # fmt: skip
    assert list(probe_nulls(rows, NO_FEATURES, "wehbe")) == expected
    power = [
        (
            Case("probe", metric, planted(size), "wehbe", asks="power"),
            "p",
            sorted(
                place
                for layer in LAYERS
                for place in where(
                    rows, kind="hidden", metric=metric, name=planted(size), layer=layer, of=layer
                )
            ),
        )
        for size in SIZES
        for metric in ("r", "r_partial", "r_words")
    ]
    assert list(probe_cases(rows, "wehbe")) == expected + power


def test_decode_is_judged_in_slow_noise_and_in_regions_of_what_is_planted():
    strong = planted(max(SIZES))
    rows = table(
        kind=["frem", "baseline"], metric=["r", "r2"],
        region=[f"{SLOW}/00", f"{strong}/00", f"{strong}/01"],
        target=[
            *(f"{kind}/f000" for kind in (GAUSSIAN, BINARY, SMOOTH)),
            *(f"{strong}/x.{at}" for at in "01"),
        ],
    )  # fmt: skip
    found = list(decode_cases(rows.assign(place="0:" + rows["region"]), "alice"))
    expected = [
        (Case("decode", "r", f"{kind}, from {SLOW} voxels", "alice"), "p",
         where(rows, kind="frem", metric="r", region=f"{SLOW}/00", target=f"{kind}/f000"))
        for kind in (GAUSSIAN, BINARY, SMOOTH)
    ]  # fmt: skip
    own = [
        place
        for at in "01"
        for place in where(
            rows, kind="frem", metric="r", region=f"{strong}/0{at}", target=f"{strong}/x.{at}"
        )
    ]
    case = Case("decode", "r", "held by a region's voxels", "alice", asks="power")
    assert found == [*expected, (case, "p", sorted(own))]


def test_samples_taken_as_independent_have_the_p_of_scipy(rng):
    x, y = rng.standard_normal((2, 8, 30))
    told = [pearsonr(one, other, alternative="greater") for one, other in zip(x, y, strict=True)]
    found = independent_p(np.array([one.statistic for one in told]), np.full(8, 30.0))
    np.testing.assert_allclose(found, [one.pvalue for one in told])


@pytest.fixture
def ran(monkeypatch):
    """Runs that a case asks for; each gives a table of one row, of a decoded feature."""
    runs = []
    strong = planted(max(SIZES))
    row = {"kind": "frem", "metric": "r", "layer": "a", "region": f"{strong}/00"}
    table = pd.DataFrame([{**row, "target": f"{strong}/x.0", "score": 0.1, "p": 0.5, "n": 9.0}])

    def run_stages(asked, study):
        runs.extend(asked)
        return [table for _ in asked]

    monkeypatch.setattr(module, "run_stages", run_stages)
    return runs


STUDY = SimpleNamespace(settings=SimpleNamespace(seed=7, targets=5, draws=39, regions=3))


@pytest.mark.parametrize(
    ("recording", "centred"), [(0, [True, True, False, False]), (2, [True] * 2)]
)
def test_words_are_not_centred_once_of_the_first_recording(ran, monkeypatch, recording, centred):
    for name in ("encode_cases", "probe_cases"):
        monkeypatch.setattr(module, name, lambda *given: iter(()))
    found = list(encode_and_probe(STUDY, "wehbe", recording))
    assert [run.stage for run in ran] == ["encode", "probe"] * (len(centred) // 2)
    assert [run.changes["story"]["centre"] for run in ran] == centred
    for run in ran:
        assert run.write.keywords == {"layout_name": "wehbe", "targets": 5, "seed": 7 + recording}
        assert run.changes["chance"] == {"draws": 39, "seed": recording}
        assert run.changes["probe"] == {"shuffles": 39, "downsample": "glover"}
        voxels = {"regions": "all", "min_voxels": 1, "downsample": "glover"}
        assert run.changes["encode"] == {"targets": "voxel", **voxels}
        assert run.changes["decode"] == voxels
        assert run.changes["folds"] == {"scheme": "auto"}
    cases = [case for case, *_ in found]
    assert {case.method for case in cases} == (set() if recording else {UNCENTRED})
    situations = list(dict.fromkeys(case.situation for case in cases))
    assert situations == ([] if recording else [ONSET, GAUSSIAN, BINARY, DEALT])


@pytest.mark.parametrize(("recording", "methods"), [(0, ["ours", ON_TIME]), (1, ["ours"])])
def test_nuisance_variables_are_once_taken_to_be_on_time(ran, recording, methods):
    cases = [case for case, *_ in late_cases(STUDY, "alice", recording)]
    assert [(case.method, case.situation) for case in cases] == [
        (method, late(seconds)) for method in methods for seconds in LATE
    ]
    assert [run.changes["encode"].get("nuisance_delays") for run in ran] == [None, [0]][
        : len(methods)
    ]
    assert {run.write.keywords["seed"] for run in ran} == {707 + recording}


def test_cases_are_of_every_recording_of_both_layouts(monkeypatch):
    told = []
    for name in ("encode_and_probe", "_drifting", "late_cases", "_decode"):
        monkeypatch.setattr(
            module, name, lambda study, *given, name=name: iter([told.append((name, *given))])
        )
    list(module.story_cases(SimpleNamespace(settings=SimpleNamespace(recordings=2))))
    assert told == [
        (name, layout, recording)
        for layout in ("wehbe", "alice")
        for recording in range(2)
        for name in ("encode_and_probe", "_drifting", "late_cases", "_decode")
    ]


def test_what_drifts_and_what_is_decoded_have_seeds_of_their_own(ran):
    found = [*module._drifting(STUDY, "wehbe", 1), *module._decode(STUDY, "wehbe", 1)]
    assert [run.write.keywords["seed"] for run in ran] == [508, 1008]
    assert ran[1].write.keywords["regions"] == 3
    (case, column, _), (other, score, _) = found[:2]
    assert (case.asks, column, other.asks, other.truth, score) == (
        *("false positives", "p", "recovery", 0.0, "score"),
    )


def test_each_table_is_judged_as_what_it_is_and_marked_by_its_recording(monkeypatch):
    told = []
    columns = {"layer": ["a"], "target": ["b"], "region": ["c"]}
    monkeypatch.setattr(
        module,
        "run_stages",
        lambda runs, study: [pd.DataFrame({"at": [at]} | columns) for at in range(len(runs))],
    )
    for name in ("encode_cases", "probe_cases", "encode_nulls", "probe_nulls"):
        monkeypatch.setattr(
            module, name, lambda table, *_, name=name: [told.append((name, *table.iloc[0]))]
        )
    list(encode_and_probe(STUDY, "wehbe", 0))
    marked = ("a", "b", "c", "0:a", "0:b", "0:c")
    names = ("encode_cases", "probe_cases", "encode_nulls", "probe_nulls")
    assert told == [(name, at, *marked) for at, name in enumerate(names)]
