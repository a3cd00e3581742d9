import json
from functools import partial
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from stages.core.params.schema import SimulateStory
from stages.simulate.story import study
from stages.simulate.story.atlas import REGIONS
from stages.simulate.story.study import make_story, make_subjects, make_truth, region_drivers

PARAMS = SimulateStory(seed=5, subjects=2, context=20, signal=0.5, autocorrelation=0.4)


@pytest.fixture(scope="module")
def story():
    return make_story(PARAMS.seed)


@pytest.fixture(scope="module")
def courses(story):
    states = np.random.default_rng(0).standard_normal((7, 2588, 90)).astype(np.float32)
    return region_drivers(states, story[1], PARAMS.seed)


@pytest.fixture(scope="module")
def subjects(story, courses):
    return dict(make_subjects(story[0], courses, PARAMS))


def names_of(variables):
    meta = variables["meta"][0, 0]
    names = [*meta["ROInumToName"][0]]
    return [names[int(number) - 1] for number in meta["colToROInum"][0]]


def test_truth_names_every_region_and_what_drives_it(story):
    truth = make_truth(PARAMS, story[1])
    assert json.loads(json.dumps(truth)) == truth
    assert (truth["seed"], truth["context"], truth["model"]) == (5, 20, "st:all-MiniLM-L6-v2")
    assert list(truth["regions"]) == [region.name for region in REGIONS]
    drivers = [about["driver"] for about in truth["regions"].values()]
    assert [drivers.count(kind) for kind in ("layer", "features", "nothing")] == [8, 4, 4]
    assert truth["regions"]["Angular_L"] == {"driver": "layer", "layer": "layer_03"}
    motion = truth["regions"]["SupraMarginal_R"]
    assert motion["family"] == "Motion"
    assert set(motion["features"]) <= set(truth["features"]["planted"])


def test_regions_are_driven_as_the_truth_says(courses, story):
    for name, about in make_truth(PARAMS, story[1])["regions"].items():
        assert (courses[name] is None) == (about["driver"] == "nothing")


def test_regions_of_one_layer_differ(courses):
    one, other = courses["Angular_L"][:, 0], courses["Frontal_Inf_Oper_L"][:, 0]
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.9


def test_one_subject_has_a_tiny_region_and_a_wrong_count(subjects):
    tiny = {name: names_of(variables).count("Pallidum_L") for name, variables in subjects.items()}
    assert tiny == {"subject_1": 0, "subject_2": 3}
    wrong = [
        variables["meta"][0, 0]["nvoxels"] - variables["data"].shape[1]
        for variables in subjects.values()
    ]
    assert wrong == [0, 1]


def test_subjects_differ_in_voxels_and_share_the_words(subjects):
    for one, other in pairwise(subjects.values()):
        assert names_of(one) != names_of(other)
        assert [w[0][0, 0] for w in one["words"][0]] == [w[0][0, 0] for w in other["words"][0]]
        assert 1000 < one["data"].shape[1] < 2200


def test_more_subjects_leave_the_first_as_they_are(story, courses, subjects):
    more = PARAMS.model_copy(update={"subjects": 3})
    name, first = next(make_subjects(story[0], courses, more))
    assert name == "subject_1"
    assert first["data"].tobytes() == subjects["subject_1"]["data"].tobytes()


def test_the_seed_decides(story, courses):
    assert make_story(PARAMS.seed)[0] == story[0]
    assert make_story(PARAMS.seed + 1)[0] != story[0]


def test_regions_have_60_to_120_voxels_and_each_subject_its_own_chances(monkeypatch, story):
    asked = []

    def anatomy(regions, sizes, rng):
        asked.append(([region.name for region in regions], [int(size) for size in sizes]))
        return SimpleNamespace(rng=rng)

    made = np.zeros((2, 9), dtype=np.float32)
    monkeypatch.setattr(study, "make_anatomy", anatomy)
    monkeypatch.setattr(study, "measure", lambda *given: made + given[2] + 10 * given[3])
    monkeypatch.setattr(study, "subject_variables", lambda *given: given)
    settings = PARAMS.model_copy(update={"subjects": 3})
    found = list(make_subjects(story[0], {}, settings))
    names, expected = [region.name for region in REGIONS], []
    for rng in np.random.default_rng([5, 2]).spawn(3):
        expected.append((names, rng.integers(60, 121, 16).tolist()))
    expected[1] = (["Pallidum_L", *names], [3, *expected[1][1]])
    assert asked == expected
    assert [name for name, _ in found] == ["subject_1", "subject_2", "subject_3"]
    assert [given[0] for _, given in found] == [1, 2, 3]
    assert [given[-1] for _, given in found] == [9, 10, 9]
    assert (found[0][1][1] == 0.5 + 10 * 0.4).all()


def test_story_annotation_and_regions_have_chances_of_their_own(monkeypatch):
    """Streams 0 and 1 of the seed; 30 words in italics."""

    def noted(calls, *given, **more):
        calls.append((given, more))
        return []

    drawn = {}
    for name in ("tell_story", "make_features", "region_courses"):
        calls = drawn[name] = []
        monkeypatch.setattr(study, name, partial(noted, calls))
    monkeypatch.setattr(study, "layer_directions", lambda heard: heard)
    make_story(5)
    told, annotated = np.random.default_rng([5, 0]).spawn(2)
    (lengths, italics, rng), _ = drawn["tell_story"][0]
    assert (lengths, italics) == ([651, 675, 531, 731], 30)
    assert rng.random() == told.random()
    assert drawn["make_features"][0][0][1].random() == annotated.random()
    region_drivers(np.random.default_rng(0).random((2, 2588, 3)), None, 5)
    rngs = [more["rng"] for _, more in drawn["region_courses"]]
    expected = np.random.default_rng([5, 1]).spawn(16)
    assert [rng.random() for rng in rngs] == [rng.random() for rng in expected]
