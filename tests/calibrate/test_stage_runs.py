"""Stages are run as their users run them, once for the same input, and what they say is counted."""

import re
from functools import partial

import pandas as pd
import pytest
from scipy.stats import binom

from stages.calibrate import stage_runs
from stages.calibrate.rates import rates
from stages.calibrate.simulated_images import GROUPED, write_images
from stages.calibrate.stage_runs import StageRun, Study, changed, run_stages
from stages.calibrate.story_cases import (
    BEST,
    INDEPENDENT,
    ON_TIME,
    UNCENTRED,
    encode_and_probe,
    late_cases,
)
from stages.calibrate.story_layouts import LAYOUTS
from stages.calibrate.story_responses import DRIFT, LATE, ONSET, SLOW, late, planted
from stages.calibrate.word_features import BINARY
from stages.core.params.read import read_params
from stages.core.results.calibrations import FALSE_POSITIVES, OURS, POWER, RECOVERY
from stages.core.run.errors import ConcordError
from stages.core.run.files import write_json
from tests.conftest import PROJECT

ONE = ["cka_linear"]
ALIGN = {"metrics": ONE, "compared": ONE, "min_voxels": 1, "draws": 19, "permute": "rows"}
CHANGES = {
    "align": ALIGN,
    "survey": {"metric": "cka_linear"},
    "trajectory": {"metric": "cka_linear"},
}


@pytest.fixture(scope="module")
def study():
    """The study with little simulated."""
    params = read_params(PROJECT / "params.yaml")
    small = {"recordings": 1, "targets": 12, "draws": 99, "simulations": 20}
    return Study(params, params.calibrate.model_copy(update=small), (params.folds, params.align))


@pytest.fixture(autouse=True)
def scratch(tmp_path, monkeypatch):
    """Keep what is kept apart."""
    monkeypatch.setenv("CONCORD_SCRATCH", str(tmp_path / "scratch"))
    return tmp_path / "scratch"


def _images(situation):
    return partial(write_images, situation=situation, regions=6, seed=0)


def test_parameters_differ_where_they_are_said_to(study, tmp_path):
    write_json(tmp_path / "params.yaml", changed(study.params, CHANGES))
    found = read_params(tmp_path / "params.yaml")
    assert found.align.draws == 19
    assert found.align.seed == study.params.align.seed
    assert found.survey.metric == "cka_linear"
    assert found.folds == study.params.folds
    assert found.families == study.params.families


def test_a_stage_that_ran_is_not_run_again(study, scratch, monkeypatch):
    run = StageRun("align", _images(GROUPED), CHANGES)
    (first,) = run_stages([run], study)
    assert len(first[first["kind"].eq("layer")]) == 6 * 6
    monkeypatch.setattr(stage_runs, "_run", None)
    (again,) = run_stages([run], study)
    pd.testing.assert_frame_equal(first, again)
    assert len(list((scratch / "calibrate").iterdir())) == 1
    more = StageRun("align", _images(GROUPED), CHANGES | {"align": ALIGN | {"draws": 39}})
    other = StageRun("align", partial(_images(GROUPED), seed=1), CHANGES)
    for new in (more, other):
        with pytest.raises(TypeError):
            run_stages([new], study)
    folds = study.params.folds.model_copy(update={"gap": 3})
    with pytest.raises(TypeError):
        run_stages([run], Study(study.params, study.settings, (folds, study.params.align)))


def test_a_stage_that_fails_says_why(study):
    wrong = StageRun("align", _images(GROUPED), CHANGES | {"align": ALIGN | {"permute": "rws"}})
    with pytest.raises(ConcordError, match=re.escape("stages.align: got error: wrong parameters")):
        run_stages([wrong], study)


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
def test_nuisance_variables_that_act_early_or_late_do_not_pass_for_layers(study, layout):
    """They do where they are taken to act on time alone, as before."""
    table = rates(pd.concat(late_cases(study, layout, 0), ignore_index=True))
    rate = table.set_index(["situation", "method"])["rate"]
    for situation in map(late, LATE):
        assert rate[situation, ON_TIME] > 0.25
        assert rate[situation, OURS] <= binom.ppf(0.9999, 72, 0.05) / 72


@pytest.mark.slow
def test_rates_of_encode_and_probe(study):
    """The short form of the page: one recording, and bounds that hold for one."""
    table = rates(pd.concat(encode_and_probe(study, "alice", 0), ignore_index=True))
    nulls = table[table["asks"].eq(FALSE_POSITIVES)]
    rate = nulls.set_index(["stage", "test", "situation", "method"])["rate"]
    n = nulls.set_index(["stage", "test", "situation", "method"])["n"]
    assert n["encode", "r", SLOW, OURS] == 12 * 6
    most = binom.ppf(0.9999, 72, 0.08) / 72
    for case in (("r", SLOW), ("r_partial", SLOW), ("r_partial", DRIFT)):
        assert rate["encode", case[0], case[1], OURS] <= most
    for test in ("r", "r_partial", "r_words"):
        assert rate["probe", test, BINARY, OURS] <= most
    assert rate["probe", "r", BINARY, UNCENTRED] > 0.5
    assert rate["encode", "r", ONSET, UNCENTRED] > rate["encode", "r", ONSET, OURS]
    assert rate["encode", "r", SLOW, INDEPENDENT] > rate["encode", "r", SLOW, OURS]
    chosen = nulls[nulls["test"].str.startswith("r of the layer")].set_index("method")["rate"]
    assert chosen[BEST] > chosen[OURS]
    power = table[table["asks"].eq(POWER) & table["stage"].eq("encode")]
    power = power.set_index(["test", "situation"])["rate"]
    assert power["r", planted(0.4)] > 0.2
    found = table[table["asks"].eq(RECOVERY)].set_index("situation")
    alone, beside = (found.loc[planted(0.4, beside=one), "rate"] for one in (False, True))
    assert beside == pytest.approx(alone, abs=0.05)
    assert 0.05 < alone < 0.4
    assert abs(found.loc[DRIFT, "rate"]) < 0.1
