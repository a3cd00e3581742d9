"""Families in params.yaml: what is wrong is named by its key, before any work."""

import pytest

from stages.core.params.read import read_params
from stages.core.run.errors import InputError

FAMILY = {
    "pattern": "hf:EleutherAI/pythia-{size}@step{step}",
    "unit": "tokens",
    "seen": 2097152,
    "control": "",
    "published": "",
    "sizes": ["70m", "160m"],
    "seeds": [],
    "weights": [],
    "steps": [0, "1-512*2", "1000-143000+1000"],
}


def test_pythia_at_two_sizes(changed):
    members = read_params(changed(families__pythia=FAMILY)).family("pythia")
    assert len(members) == 2 * 154
    assert members[-1].name == "160m-step143000"
    assert members[-1].seen == 143000 * 2097152
    assert {member.family for member in members} == {"pythia"}


def test_the_committed_families(changed):
    params = read_params(changed())
    for name, family in params.families.items():
        assert all(member.unit == family.unit for member in params.family(name))
        assert len(params.family(name)) % len(family.steps) == 0


def test_updates_that_are_kept_may_be_grids_as_steps_of_families_are(changed):
    kept = {
        "train__story__keep": [0, "1-8*2", "100-200+50"],
        "train__scene__keep_epochs": ["1-4*2"],
    }
    train = read_params(changed(**kept)).train
    assert train.story.keep == [0, 1, 2, 4, 8, 100, 150, 200]
    assert train.scene.keep_epochs == [1, 2, 4]


def test_a_family_that_is_not_there(changed):
    with pytest.raises(InputError, match=r"unknown family in params\.yaml: families.*mean 'read'"):
        read_params(changed()).family("raed")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"published": "pithia"}, r"families\.x\.published: .*pythia or mixnet, got 'pithia'"),
        ({"sizes": []}, r"families\.x: place without a list .*expected `sizes`"),
        ({"seeds": [1]}, r"families\.x: list without a place .*expected \{seed\} in it"),
        ({"pattern": "hf:a@{stp}"}, r"families\.x: unknown place .*got \{stp\}.*mean 'step'"),
        ({"pattern": "fh:a{size}{step}"}, r"families\.x: unknown model scheme.*mean 'hf'"),
        ({"steps": ["1-500*2"]}, r"families\.x: steps that miss their end"),
        ({"steps": ["1-512"]}, r"families\.x: unknown steps: expected a grid"),
        ({"steps": []}, r"families\.x\.steps: .*at least 1 item"),
        ({"steps": [-1]}, r"families\.x: step out of range: .*got -1"),
        ({"steps": [2**70]}, r"families\.x: step out of range"),
        ({"steps": [0, 1, "1-8*2"]}, r"families\.x: step that is there twice: got 1"),
        ({"steps": [1.5]}, r"families\.x\.steps\.0"),
        ({"steps": [True]}, r"families\.x\.steps\.0"),
        ({"steps": ["0-9999+1"]}, r"families\.x: expected at most 10000 members, got 20000"),
        ({"sizes": ["70m", "70m"]}, r"families\.x\.sizes: '70m' is there twice"),
        ({"sizes": ["a/b", "a_b"]}, r"families\.x: two members have the same name"),
        ({"seeds": [3, 3]}, r"families\.x\.seeds: expected each number once, got \[3, 3\]"),
        ({"seeds": [-1]}, r"families\.x\.seeds\.0: .*greater than or equal to 0"),
        ({"weights": [1, 2]}, r"families\.x\.weights: expected names, got numbers; quote them"),
        ({"unit": "words"}, r"families\.x\.unit: expected tokens or images, got 'words'"),
        ({"seen": 0}, r"families\.x\.seen: .*greater than 0"),
        ({"step": [1]}, r"families\.x\.step: unknown key\. Did you mean 'steps'"),
    ],
)
def test_wrong_families(changed, changes, message):
    with pytest.raises(InputError, match=message):
        read_params(changed(families__x=FAMILY | changes))


def test_more_members_than_memory_are_counted_not_made(changed):
    names = [f"n{number}" for number in range(1000)]
    pattern = "hf:{size}-{seed}-{weights}@{step}"
    many = {"sizes": names, "seeds": list(range(1000)), "weights": [*names], "pattern": pattern}
    with pytest.raises(InputError, match=r"at most 10000 members, got 154000000000"):
        read_params(changed(families__x=FAMILY | many))


def test_an_unknown_key_of_another_named_section(changed):
    path = changed(train__story__sizes__tiny={"layer": 3, "width": 96, "heads": 4})
    with pytest.raises(InputError, match=r"sizes\.tiny\.layer: unknown key\. .*'layers'"):
        read_params(path)


@pytest.mark.parametrize("name", ["a/b", "..", "a.b", ""])
def test_names_that_are_no_folder(changed, name):
    with pytest.raises(InputError, match=r"params\.yaml"):
        read_params(changed(families={name: FAMILY}))


def test_the_planted_family_is_not_another(changed):
    with pytest.raises(InputError, match=r"'planted' is the family of `story\.plant`"):
        read_params(changed(families__planted=FAMILY))


@pytest.mark.parametrize(
    ("key", "asked", "message"),
    [
        ("story", ["raed"], r"story\.families: unknown family 'raed'\. Did you mean 'read'"),
        ("scene", ["lables"], r"scene\.families: unknown family 'lables'\. .* 'labels'"),
        ("story", ["raed", "shufled"], r"'raed'.*; story\.families: unknown family 'shufled'"),
        ("story", ["read", "read"], r"story\.families: 'read' is there twice"),
    ],
)
def test_families_that_a_study_asks_for(changed, key, asked, message):
    with pytest.raises(InputError, match=message):
        read_params(changed(**{f"{key}__families": asked}))


def test_a_study_without_families(changed):
    assert read_params(changed(story__families=[])).story.families == []


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("steps", [0, 4, 4], r"story\.plant: steps expected to ascend, got \[0, 4, 4\]"),
        ("steps", [4], r"story\.plant\.steps: .*at least 2 items"),
        ("steps", [-4, 4], r"story\.plant\.steps\.0"),
        ("width", 0.0, r"story\.plant\.width: .*greater than 0"),
        ("seeds", 0, r"story\.plant\.seeds"),
    ],
)
def test_wrong_plants(changed, key, value, message):
    with pytest.raises(InputError, match=message):
        read_params(changed(**{f"story__plant__{key}": value}))


@pytest.mark.parametrize(
    ("control", "message"),
    [
        ("raed", r"unknown family 'raed'\. Did you mean 'read'"),
        ("x", "expected a family that has no control itself, got 'x'"),
        ("read", "expected a family that has no control itself, got 'read'"),
        ("random-labels", "expected a family that counts tokens, got images"),
        (3, "expected a name"),
    ],
)
def test_controls_that_are_none(changed, control, message):
    with pytest.raises(InputError, match=rf"families\.x\.control: {message}"):
        read_params(changed(families__x=FAMILY | {"control": control}))


def test_a_family_is_not_studied_without_its_control(changed):
    for key, family, control in (
        ("story", "read", "shuffled"),
        ("scene", "labels", "random-labels"),
    ):
        message = (
            rf"{key}\.families: '{family}' without its control '{control}'\. "
            rf"List it too, or set families\.{family}\.control to ''"
        )
        with pytest.raises(InputError, match=message):
            read_params(changed(**{f"{key}__families": [family]}))


def test_a_control_is_of_a_family_and_may_be_none(changed):
    params = read_params(changed(families__x=FAMILY | {"control": "shuffled"}))
    assert params.families["x"].control == "shuffled"
    assert params.families["read"].control == "shuffled"
    alone = read_params(changed(families__read__control="", story__families=["read"]))
    assert alone.story.families == ["read"]
