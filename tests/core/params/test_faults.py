"""Each kind of fault in the project's words, by hand."""

import pytest

from stages.core.params.faults import MOVED, explain, explain_all, shown
from stages.core.params.fields import ALL_OR_NAMES, LIST


def fault(kind, *loc, msg="bad", given=None, **ctx):
    return {"type": kind, "loc": loc, "msg": msg, "input": given, "ctx": ctx}


CASES = [
    (fault("faults", msg="all of it; and more"), "all of it; and more"),
    (fault("value_error", "a", 0, msg="Value error, no good", given=3), "a.0: no good"),
    (fault("value_error", msg="Value error, no good"), "no good"),
    (fault("missing", "align", "seed"), "align.seed: missing key"),
    (fault("model_type", "align", given=[1]), "align: expected keys with values, got [1]"),
    (fault("dict_type", "models", given=1), "models: expected keys with values, got 1"),
    (fault("string_type", "zoo", given=1.5), 'zoo: expected a name; quote it: "1.5"'),
    (fault("string_type", "zoo", given=True), 'zoo: expected a name; quote it: "True"'),
    (fault("string_type", "zoo", given=None), "zoo: bad, got None"),
    (fault("string_type", "zoo", given={"a": 1}), "zoo: bad, got {'a': 1}"),
    (
        fault("string_type", "models", "gpt2", given={"5": "hf:x"}),
        "models.gpt2: expected a model string, got {'5': 'hf:x'}. A short name with a dot is "
        "written into params.yaml by hand: -S parts it there.",
    ),
    (fault("greater_than", "a", LIST, 2, msg="more", given=0), "a.2: more, got 0"),
    (fault("greater_than", "a", "[key]", msg="more", given=0), "a: more, got 0"),
    (fault("greater_than", "k" * 90, msg="more", given=0), f"{'k' * 80}: more, got 0"),
    (
        fault("literal_error", "a", given="rows", expected="'row', 'blocks' or 'shifts'"),
        "a: expected row or blocks or shifts, got 'rows' (did you mean 'row'?)",
    ),
    (
        fault("literal_error", "a", given="zzz", expected="'row' or 'blocks'"),
        "a: expected row or blocks, got 'zzz'",
    ),
    (
        fault("literal_error", "a", ALL_OR_NAMES, given=7, expected="'all'"),
        "a: expected all or a list of names, got 7",
    ),
    (
        fault("extra_forbidden", "chance", "shifts"),
        f"chance.shifts: moved to {MOVED['chance.shifts']}",
    ),
]


@pytest.mark.parametrize(("given", "said"), CASES)
def test_each_fault_is_told_by_its_key(given, said):
    assert explain(given) == said


@pytest.mark.parametrize(
    ("loc", "near"),
    [
        (("alin",), "align"),
        (("align", "sed"), "seed"),
        (("story", "extract", "contxt"), "context"),
        (("train", "story", "sizes", "tiny", "layer"), "layers"),
    ],
)
def test_an_unknown_key_is_told_with_the_nearest_of_its_section(loc, near):
    said = explain(fault("extra_forbidden", *loc))
    assert said.startswith(f"{'.'.join(loc)}: unknown key. ")
    assert repr(near) in said


@pytest.mark.parametrize(("count", "more"), [(30, ""), (31, "; and 1 more"), (40, "; and 10 more")])
def test_beyond_thirty_faults_are_counted(count, more):
    said = explain_all([fault("missing", f"k{k}") for k in range(count)])
    assert said == "; ".join(f"k{k}: missing key" for k in range(30)) + more


def test_all_is_in_one_line():
    assert (
        explain_all([fault("value_error", "a", msg="x\n  y"), fault("missing", "b")])
        == "a: x y; b: missing key"
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [("x" * 78, repr("x" * 78)), ("x" * 79, "'" + "x" * 76 + "..."), (3, "3")],
)
def test_values_take_at_most_80_characters(value, expected):
    assert shown(value) == expected
    assert len(expected) <= 80


def test_a_number_that_cannot_be_written_is_told_of():
    assert shown(10**5000) == "a number of thousands of digits"
