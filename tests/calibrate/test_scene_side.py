"""The scene side of the page in its smallest form, its stages run in this process."""

from importlib import import_module
from types import SimpleNamespace

import pandas as pd
import pytest
from click.testing import CliRunner
from scipy.stats import binom

from stages.calibrate import scene_pair_cases, stage_runs
from stages.calibrate.area_cases import area_cases
from stages.calibrate.rates import rates
from stages.calibrate.scene_cases import BLOCKS, CHOSEN, SINGLE, one_recording
from stages.calibrate.scene_pair_cases import OTHER, THESE, of_metric
from stages.calibrate.scene_pair_cases import one_recording as one_of_pairs
from stages.calibrate.seed_cases import EACH, seed_cases
from stages.calibrate.simulated_areas import DRIFT, NOISE, PLANTED, TREND
from stages.calibrate.simulated_images import ALONE, GROUPED, SIZES, TIMED
from stages.calibrate.simulated_pairs import BETTER
from stages.calibrate.stage_runs import Study
from stages.core.params.read import read_params
from stages.core.results.area_alignment import APART, PEOPLE, PEOPLE_APART
from stages.core.results.calibrations import COVERAGE, FALSE_POSITIVES, OURS, POWER, RECOVERY
from tests.conftest import PROJECT

CASE = ["asks", "test", "situation", "method"]


@pytest.fixture(autouse=True)
def study(tmp_path, monkeypatch):
    """A small study, whose commands take no process of their own."""

    def run(words, **_):
        main = import_module(f"{words[2]}.__main__").main
        done = CliRunner().invoke(main, words[3:])
        return SimpleNamespace(returncode=done.exit_code, stderr=done.output)

    monkeypatch.setattr(stage_runs.subprocess, "run", run)
    monkeypatch.setenv("CONCORD_SCRATCH", str(tmp_path))
    monkeypatch.setenv("CONCORD_JOBS", "1")
    params = read_params(PROJECT / "params.yaml")
    small = {"recordings": 1, "targets": 8, "regions": 3, "draws": 39}
    return Study(params, params.calibrate.model_copy(update=small), ())


def _rates(observations):
    table = rates(pd.concat(observations, ignore_index=True))
    return table.set_index(CASE)["rate"].sort_index()


def test_voxels_are_predicted_from_what_drives_them(study):
    rate = _rates(one_recording(study, ALONE, 0, apart=True))
    nothing = rate[FALSE_POSITIVES]
    assert (nothing.loc["r"] <= binom.ppf(0.9999, 12, 0.05) / 12).all()
    assert CHOSEN in nothing.index.get_level_values("test")
    most = rate[POWER, "r", f"{SIZES[-1]:.0%} of signal planted", OURS]
    assert most == 1
    found = rate[RECOVERY].loc["r"].to_numpy()
    assert 0.15 < found.max() < 0.55
    assert abs(rate[RECOVERY].loc["ncsnr of r, bias"].item()) < 0.05


def test_images_that_are_alike_pass_for_agreement_where_they_are_not_known(study):
    rate = _rates(one_recording(study, GROUPED, 0, apart=False))[FALSE_POSITIVES]
    assert rate["r", GROUPED, SINGLE] > 0.6
    assert rate["r", GROUPED, OURS] < 0.4
    assert rate["r", GROUPED, BLOCKS] < 0.4


@pytest.mark.parametrize("apart", [False, True])
def test_images_in_time_pass_for_agreement_in_any_order_and_not_in_a_circle(study, apart):
    rate = _rates(one_recording(study, TIMED, 0, apart=apart))
    null = rate[FALSE_POSITIVES]
    assert null["r", TIMED, SINGLE] > 0.2
    assert null["r", TIMED, OURS] <= binom.ppf(0.9999, 12, 0.05) / 12
    most = f"{TIMED}, {SIZES[-1]:.0%} of signal planted"
    assert (POWER, "r", most, OURS) in rate.index


def test_a_better_model_is_told_from_a_worse_one(study, monkeypatch):
    two = ("cka_linear", "mutual_knn_10")
    monkeypatch.setattr(scene_pair_cases, "METRICS", two)
    table = rates(pd.concat(one_of_pairs(study, BETTER, 0, dict.fromkeys(two, 0.03))))
    assert set(table["asks"]) == {POWER, COVERAGE}
    assert table["n"].eq(4).all()
    rate = table.set_index(["asks", "test"])["rate"]
    for metric in two:
        assert rate[COVERAGE, THESE.format(metric)] >= 0.5
        assert rate[POWER, OTHER.format(metric)] <= rate[POWER, THESE.format(metric)] + 0.25
    assert rate[POWER, THESE.format("cka_linear")] > 0


def test_an_interval_that_lies_beside_the_truth_does_not_hold_it():
    rows = pd.DataFrame({"region": ["000"], "kind": "layer", "metric": "m", "subject": "s"})
    parts = [
        rows.assign(layer=f"000{letter}", score=score, piece=piece)
        for letter, scores in (("a", (0.5, 0.4, 0.6)), ("b", (0.1, 0.05, 0.15)))
        for piece, score in zip((None, 0.0, 1.0), scores, strict=True)
    ]
    table = pd.concat(parts, ignore_index=True).astype({"piece": float})
    (difference, without) = 0.4, (0.35, 0.45)
    reach = 12.706 * abs(without[0] - without[1]) / 2
    for true, held in ((difference + 0.9 * reach, 1), (difference + 1.1 * reach, 0)):
        found = _rates(of_metric(table, BETTER, 0, "m", true))
        assert found[COVERAGE, THESE.format("m"), BETTER, OURS] == held


def test_areas_share_what_goes_with_time(study):
    rate = _rates(area_cases(study))
    null = rate[FALSE_POSITIVES].droplevel("method")
    assert null[PEOPLE, DRIFT] > null[PEOPLE, NOISE]
    assert null[PEOPLE, TREND] > 0.8
    assert null[PEOPLE_APART, NOISE] < 0.4
    assert rate[POWER, APART, PLANTED, OURS] == 1
    between = rate[RECOVERY].loc["between_subject"].droplevel("method")
    assert abs(between[f"people apart, {NOISE}"]) < 0.05
    assert between[f"people apart, {TREND}"] > 0.05


def test_one_more_draw_is_seldom_beyond_its_twins(study):
    table = rates(pd.concat(seed_cases(1000, 0)))
    null = table[table["asks"].eq(FALSE_POSITIVES)].set_index(["layout", "situation", "method"])
    normal = "scores of seeds normal"
    for twins in (2, 3, 5):
        assert abs(null["rate"][f"{twins} twins", normal, OURS] - 0.05) < 0.03
    assert null["rate"]["2 twins", normal, EACH] > 0.12
    assert null["rate"]["3 twins", "scores of seeds skewed", OURS] > 0.07
    power = table[table["asks"].eq(POWER)].set_index(["layout", "situation"])["rate"]
    assert power["5 twins", "3 deviations of seeds better"] > power["2 twins"].iloc[0]
