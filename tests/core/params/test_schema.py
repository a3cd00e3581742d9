"""Every wrong parameter is named, with what was expected, before any work."""

from typing import get_args

import pytest

from stages.core.names.nsd_regions import HCP, SETS
from stages.core.params.read import read_params
from stages.core.params.schema import Scene
from stages.core.run.errors import InputError
from tests.conftest import PROJECT


def test_the_committed_parameters_are_right():
    assert read_params(PROJECT / "params.yaml").story_specs[0].scheme == "st"


def test_scientific_notation_is_a_number(changed):
    path = changed()
    path.write_text(path.read_text().replace("1000000.0", "1e6"))
    assert read_params(path).ridge.lambdas.high == 1e6


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("chance__drws", 10, r"chance\.drws: unknown key\. Did you mean 'draws'\?"),
        ("chance__draws", None, r"chance\.draws: missing key"),
        ("chance__draws", 0, r"chance\.draws: .*greater than or equal to 1, got 0"),
        ("chance__draws", "many", r"chance\.draws: .*integer, got 'many'"),
        ("folds__gap", 1.5, r"folds\.gap: .*integer, got 1\.5"),
        ("folds__gap", True, r"folds\.gap: .*integer, got True"),
        ("story__dataset", "alise", r"story\.dataset: expected .*alice.*did you mean 'alice'"),
        (
            "story__extract__pooling",
            "max",
            r"extract\.pooling: expected last or mean or sum, got 'max'",
        ),
        ("ridge__lambdas__low", -1.0, r"ridge\.lambdas\.low: .*greater than 0, got -1"),
        ("ridge__lambdas__low", 1e9, r"low <= high expected"),
        ("encode__regions", 3, r"encode\.regions: expected all or a list of names, got 3"),
        ("zoo", ["minilm", "minilm"], r"zoo: 'minilm' is there twice"),
        ("zoo", ["minlm"], r"zoo: expected short names, got 'minlm'.*Did you mean 'minilm'"),
        ("zoo", ["hf:gpt2"], r"zoo: expected short names, got 'hf:gpt2'"),
        ("survey__metric", "cka_liner", r"expected one of align\.metrics.*'cka_linear'"),
        ("scene__simulate__own", 70, r"multiple of 250, the images of a session, got 245"),
        ("scene__dataset", "nds", r"scene\.dataset: expected nsd-simulated or nsd"),
        ("scene__sessions", [0], r"scene\.sessions"),
        ("story__prepare__subjects", [], r"story\.prepare\.subjects: .*at least 1 item"),
        ("modle", "gpt2", r"modle: unknown key\. Did you mean 'model'"),
        ("model", "minlm", r"unknown model .*got 'minlm'\. Did you mean 'minilm'"),
        ("model", "hg:gpt2", r"unknown model scheme .*got 'hg'\. Did you mean 'hf'"),
    ],
)
def test_wrong_parameters(changed, key, value, message):
    with pytest.raises(InputError, match=message):
        read_params(changed(**{key: value}))


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("ridge__lambdas__high", float("inf"), r"lambdas\.high: .*finite number, got inf"),
        ("ridge__lambdas__high", 1e308, r"lambdas\.high: .*less than or equal to 1000000000000"),
        ("ridge__lambdas__low", 1e-300, r"lambdas\.low: expected at least 1e-12, got 1e-300"),
        ("decode__lambdas__count", 10**12, r"decode\.lambdas\.count: .*less than or equal to"),
        ("story__prepare__high_pass", float("nan"), r"high_pass: .*finite number, got nan"),
        (
            "story__prepare__high_pass",
            0.008,
            r"prepare\.high_pass: expected 0 or at least 10, in seconds; for 0\.008 Hz write 125",
        ),
        ("story__prepare__high_pass", 9.5, r"high_pass: expected 0 or .* in seconds, got 9\.5"),
        ("encode__delays", [100_000_000], r"delays\.0: .*less than or equal to 30, got 100000000"),
        ("encode__delays", [1, 1], r"encode\.delays: 1 is there twice"),
        ("encode__nuisance_delays", [-2, 2], r"nuisance_delays: expected 0 among them, got \[-2"),
        ("decode__delay", 31, r"decode\.delay: .*less than or equal to 30"),
        ("story__extract__context", 10**12, r"story\.extract\.context: .*less than or equal"),
        ("folds__blocks", 10**9, r"folds\.blocks: .*less than or equal"),
        ("folds__gap", 10**9, r"folds\.gap: .*less than or equal"),
        ("align__width", 10**12, r"align\.width: .*less than or equal"),
        ("scene__extract__units", 10**12, r"scene\.extract\.units: .*less than or equal"),
        ("survey__bins", 10**12, r"survey\.bins: .*less than or equal"),
        ("survey__neighbours", 10**12, r"survey\.neighbours: .*less than or equal"),
        ("relate__draws", 10**12, r"relate\.draws: .*less than or equal"),
        ("chance__seed", 2**32, r"chance\.seed: .*less than 4294967296, got 4294967296"),
        ("scene__sessions", [41], r"scene\.sessions\.0: .*less than or equal to 40, got 41"),
        ("scene__sessions", [3, 3], r"scene\.sessions: 3 is there twice"),
        ("scene__sessions", "al", r"sessions: expected all or a list of numbers.*mean 'all'"),
        ("scene__subjects", ["subj01", "subj01"], r"scene\.subjects: 'subj01' is there twice"),
        ("scene__subjects", [1, 2], r'subjects: expected names.*quote them: \["1", "2"\]'),
        ("scene__regions", [44, 45], r'scene\.regions: .*quote them: \["44", "45"\]'),
        ("scene__regions", "V1", r"regions: expected all or a list of names, got 'V1'"),
        ("model", 3, r'model: expected a name; quote it: "3"'),
        ("chance", 3, r"chance: expected keys with values, got 3"),
    ],
)
def test_values_that_no_study_has(changed, key, value, message):
    with pytest.raises(InputError, match=message):
        read_params(changed(**{key: value}))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("story__prepare__high_pass", 0),
        ("story__prepare__high_pass", 10),
        ("encode__delays", [1, 2, 3, 4, 30]),
        ("encode__nuisance_delays", [0]),
        ("encode__nuisance_delays", [-1.5, 0, 1.5]),
        ("encode__spillover", 0),
        ("chance__seed", 2**32 - 1),
        ("scene__sessions", list(range(1, 41))),
        ("scene__regions", ["44", "45", "V1", "7PL"]),
        ("encode__regions", ["LATL", "reading_time", "Vermis_10"]),
        ("ridge__lambdas__low", 1e-12),
    ],
)
def test_values_at_their_bounds(changed, key, value):
    read_params(changed(**{key: value}))


@pytest.mark.parametrize(
    ("key", "names", "message"),
    [
        ("scene", ["V1", "ffc"], r"scene\.regions\.1: unknown region: got 'ffc'.*mean 'FFC'\?"),
        ("scene", ["Angular_L"], r"scene\.regions\.0: unknown region: got 'Angular_L'"),
        ("scene", ["qqqqq"], r"got 'qqqqq'\. Known: V1, MST, V6, V2, V3 and 175 more\."),
        ("decode", ["Angular_Left"], r"decode\.regions\.0: .*Did you mean 'Angular_L' or"),
        ("decode", ["V1"], r"decode\.regions\.0: unknown region: got 'V1'"),
        ("encode", ["LATl", "x"], r"encode\.regions\.0: .*'LATL'\?; encode\.regions\.1: unknown"),
    ],
)
def test_regions_that_no_atlas_has(changed, key, names, message):
    with pytest.raises(InputError, match=message):
        read_params(changed(**{f"{key}__regions": names}))


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["cka_rfb_0.25"], r"align\.metrics\.0: unknown metric .*Did you mean 'cka_rbf_0\.25' or"),
        (["cka_linear", "mutual_knn_0"], r"align\.metrics\.1: .*expected 1 or more neighbours"),
        (["cka_rbf_0"], r"align\.metrics\.0: width of a kernel .*more than 0"),
        (["svcca", "svcca"], r"align\.metrics: 'svcca' is there twice"),
        (["cka_rbf_1", "cka_rbf_1.0"], r"metrics: 'cka_rbf_1' and 'cka_rbf_1\.0' are the same"),
        (["mutual_knn_10", "mutual_knn_010"], r"'mutual_knn_010' are the same metric"),
        ([], r"align\.metrics: .*at least 1 item"),
    ],
)
def test_metrics_that_do_not_exist(changed, names, message):
    with pytest.raises(InputError, match=message):
        read_params(changed(align__metrics=names))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"simulate": {"signal": 0.5}}, "got simulate: moved to story.simulate$"),
        ({"prepare": {"detrend": True}}, "got prepare: moved to story.prepare$"),
        ({"extract": {"context": 20}}, "got extract: moved to story.extract$"),
        ({"geometry": {"draws": 5}}, "got geometry: moved to align$"),
        ({"chance__shifts": 10}, r"got chance\.shifts: moved to chance\.draws$"),
        ({"profile__permutations": 10}, r"got profile\.permutations: moved to profile\.draws$"),
        ({"relate__resamples": 10}, r"got relate\.resamples: moved to relate\.draws$"),
        (
            {"relate__source": "zoo"},
            r"got relate\.source: moved to .*dvc repro metrics/dvc.yaml:replicate`$",
        ),
    ],
)
def test_old_names_are_told_where_they_went(changed, changes, message):
    with pytest.raises(InputError, match=message):
        read_params(changed(**changes))


def test_all_faults_are_told_at_once(changed):
    with pytest.raises(InputError, match=r"folds\.gap.*chance\.draws"):
        read_params(changed(folds__gap=-1, chance__draws=0))


def test_faults_of_every_kind_are_told_at_once(changed):
    faults = changed(
        model="minlm", zoo=["hf:a/b", "gtp2"], survey__metric="x", align__seed=-1,
        scene__regions=["V11"], geometry={}, story__zoo=["noise"],
    )  # fmt: skip
    with pytest.raises(InputError) as told:
        read_params(faults)
    keys = [fault.partition(":")[0] for fault in str(told.value).partition(" got ")[2].split("; ")]
    expected = ["model", "zoo", "zoo", "story.zoo", "scene.regions.0", "align.seed", "geometry"]
    assert keys == expected


def test_many_faults_and_long_values_make_a_short_line(changed):
    with pytest.raises(InputError, match=r"; and 470 more$") as told:
        read_params(changed(**{f"key_{k}": k for k in range(500)}))
    assert len(str(told.value)) < 10_000
    with pytest.raises(InputError, match=r"folds\.gap: .*got 'z\\nz.*\.\.\.$") as told:
        read_params(changed(folds__gap="z\n" * 10_000))
    assert len(str(told.value)) < 300
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("dataset", ["bids", "table"])
def test_regions_of_an_own_recording_have_any_names(changed, dataset):
    params = read_params(
        changed(story__dataset=dataset, decode__regions=["Left_A"], encode__regions=["Wernicke"])
    )
    assert params.decode.regions == ["Left_A"]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("tasks", ["task-story"], r"bids\.tasks\.0: expected letters and digits.*'task-story'"),
        ("tasks", [1], r"""bids\.tasks\.0: expected text, got 1; quote it: "1\""""),
        ("select", {"res": 2}, r"bids\.select\.res: expected text, got 2; quote it"),
        ("select", {"Res-": "2"}, r"expected the key of an entity, such as `res`, got 'Res-'"),
        ("confounds", "motion12", r"bids\.confounds.*motion24"),
        ("rows", {"trial_type": "word"}, r"bids\.rows\.trial_type: .*list"),
        ("language", "english", r"bids\.language: "),
        ("dummies", -1, r"bids\.dummies.*greater than or equal to 0"),
        ("repetition_time", 0.0, r"bids\.repetition_time.*greater than 0"),
        ("column", "", r"bids\.column: .*at least 1"),
    ],
)
def test_what_is_read_of_a_dataset(changed, key, value, message):
    with pytest.raises(InputError, match=message):
        read_params(changed(**{f"bids__{key}": value}))


def test_every_set_of_regions_of_nsd_may_be_asked_for():
    assert get_args(Scene.model_fields["atlas"].annotation) == (HCP, *SETS)
