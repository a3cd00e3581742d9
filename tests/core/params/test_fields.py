import pytest
from pydantic import TypeAdapter, ValidationError

from stages.core.params import fields
from stages.core.params.fields import region_faults


def check(name, value):
    return TypeAdapter(getattr(fields, name)).validate_python(value)


WITHIN = {
    "Seed": ([0, 2**32 - 1], [-1, 2**32]),
    "Draws": ([1, 1_000_000], [0, 1_000_001]),
    "Count": ([1, 1_000_000], [0, 1_000_001]),
    "Words": ([1, 10_000], [0, 10_001]),
    "Context": ([0, 10_000], [-1, 10_001]),
    "Delay": ([0, 30], [-1, 31]),
    "Delays": ([[0], [3, 1]], [[], [1, 1]]),
    "NuisanceDelays": ([[0], [-10, 0, 30], list(range(20))],
                       [[], [1], [0, 31], [0, -11], [0, 0], list(range(21))]),
    "Period": ([0, 10, 100_000], [-1, 9.99, 0.01, 100_001]),
    "Strength": ([1e-12, 1e12], [0, 0.9e-12, 1.1e12, -1]),
    "Smoothing": ([0, 0.5, 50], [-1, 0.49, 0.01, 51]),
    "Name": (["a", "a" * 200, "né b"], ["", "a" * 201, "<b", "b>", "a\nb", "a\x00"]),
    "InDataset": (["a/b", "a..b", "..a/b", "a/b.."], ["/a", "~a", "a/../b", "..", "a\\b"]),
    "Names": ([["a"], [str(n) for n in range(1000)]],
              [[], ["a", "a"], [1], [str(n) for n in range(1001)]]),
    "OptionalNames": ([[], ["a"], list(map(str, range(1000)))], [["a", "a"], [1.5], ["<"]]),
    "Selection": (["all", ["a", "b"]], ["some", [], ["a", "a"], ["a", 2]]),
    "People": (["all", ["a.b", "..."]], [["a/b"], ["a\\b"], ["."], [".."]]),
    "ContextLengths": ([[0], list(range(100))], [[], [5, 5], list(range(101)), [-1]]),
    "Sessions": (["all", [1, 40]], [[0], [41], [2, 2], [], "some"]),
    "RecordingName": (["alice", "pereira2018-243"], ["alices"]),
    "Recordings": ([["alice", "simulated"]], [[], ["alice", "alice"], ["alices"]]),
    "Metrics": ([["cka_linear", "rsa_spearman"]], [[], ["cka"], ["cka_linear", "cka_linear"]]),
}  # fmt: skip


@pytest.mark.parametrize("name", WITHIN)
def test_values_at_the_bounds_are_taken_and_those_beyond_are_not(name):
    taken, refused = WITHIN[name]
    for value in taken:
        assert check(name, value) == value
    for value in refused:
        with pytest.raises(ValidationError):
            check(name, value)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("Period", 0.5, "expected 0 or at least 10, in seconds; for 0.5 Hz write 2, got 0.5"),
        ("Period", 1, "expected 0 or at least 10, in seconds, got 1"),
        ("Period", 9, "expected 0 or at least 10, in seconds, got 9"),
        ("Smoothing", 0.3, "expected 0 or at least 0.5, in millimetres, got 0.3"),
        ("Names", [1, 2.5], r'expected names, got numbers; quote them: \["1", "2.5"\]'),
        ("Names", ["a", "b", "a"], "'a' is there twice"),
        ("Delays", [1, 2, 2], "2 is there twice"),
        ("Name", "a<", "neither < nor > nor control characters, got '<'"),
        ("NuisanceDelays", [1.0, 2.0], r"expected 0 among them, got \[1.0, 2.0\]"),
        ("RecordingName", "alices", "unknown recording: got 'alices'. Did you mean 'alice'"),
    ],
)
def test_what_is_wrong_is_told(name, value, message):
    with pytest.raises(ValidationError, match=message):
        check(name, value)


def test_lists_of_more_than_80_signs_are_cut():
    whole = ", ".join(['"1000000000000000"'] * 4)
    assert len(f"[{whole}]") == 80
    with pytest.raises(ValidationError, match=rf"quote them: \[{whole}\] \["):
        check("Names", [10**15] * 4)
    with pytest.raises(ValidationError, match=rf"quote them: \[{whole[:76]}\.\.\. \["):
        check("Names", [*[10**15] * 3, 10**16])


KNOWN = ["V1", "V2", "V3", "hV4", "FFA", "PPA", "OPA"]


def test_regions_that_are_unknown_are_told_with_their_place():
    assert region_faults("all", KNOWN, "here") == []
    assert region_faults(["V1", "OPA"], KNOWN, "here") == []
    assert region_faults(["V1", "ffa", "qqqqqqqqq"], KNOWN, "here") == [
        "here.1: unknown region: got 'ffa'. Did you mean 'FFA'?",
        "here.2: unknown region: got 'qqqqqqqqq'. Known: V1, V2, V3, hV4, FFA and 2 more.",
    ]
    (told,) = region_faults(["V9"], KNOWN, "here")
    assert told.startswith("here.0: unknown region: got 'V9'. Did you mean 'V")
