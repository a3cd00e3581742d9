"""Patterns, grids of steps and the names of members."""

import pytest

from stages.core.names.families import LAST, Member, check_pattern, expand, expand_steps
from stages.core.run.errors import InputError

PYTHIA = "hf:EleutherAI/pythia-{size}-deduped@step{step}"


def make_members(pattern, **lists):
    given = {"sizes": [], "seeds": [], "weights": [], "steps": [0, 8]} | lists
    return expand("fam", pattern, seen_per_step=2.5, unit="tokens", **given)


@pytest.mark.parametrize(
    ("given", "steps"),
    [
        ([7, 0], [0, 7]),
        (["1-512*2"], [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]),
        (["3-12*2"], [3, 6, 12]),
        (["10-30+10", 0], [0, 10, 20, 30]),
        (["5-5+0", "6-6*2", "7-7+9"], [5, 6, 7]),
        ([LAST], [LAST]),
    ],
)
def test_steps_and_grids(given, steps):
    assert expand_steps(given) == steps


def test_the_154_steps_of_pythia():
    steps = expand_steps([0, "1-512*2", "1000-143000+1000"])
    assert steps == [0, *(2**k for k in range(10)), *(1000 * k for k in range(1, 144))]
    assert len(steps) == 154


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["1-512"], r"unknown steps: expected a grid of steps such as .*, got '1-512'"),
        (["1-512*3"], "unknown steps"),
        (["-1-512*2"], "unknown steps"),
        (["1-512*2\n"], "unknown steps"),
        (["1000"], "unknown steps"),
        (["1-500*2"], r"steps that miss their end: .*, got '1-500\*2', which ends at 256"),
        (["0-8*2"], r"miss their end: .*'0-8\*2', which ends at nothing"),
        (["9-3+1"], "ends at nothing"),
        (["1-10+2"], "which ends at 9"),
        (["1-10+0"], "which ends at 1"),
        (["0-10000+1"], r"too many steps: expected at most 10000, got '0-10000\+1' and on"),
        (["0-999999999999+1"], "too many steps"),
        (["1-9999+1", 0, 10000], "too many steps: .*got 10000 and on"),
        ([4, 2, 4, 2], r"step that is there twice: got 2\. Leave one of them out"),
        ([4, "1-8*2"], "step that is there twice: got 4"),
        ([0, -1], f"step out of range: expected 0 to {LAST}, got -1"),
        ([LAST + 1], "step out of range"),
        (["999999999999-1999999999999+1000000000000"], "unknown steps"),
    ],
)
def test_wrong_steps(given, message):
    with pytest.raises(InputError, match=message):
        expand_steps(given)


@pytest.mark.parametrize(
    ("pattern", "listed"),
    [
        (PYTHIA, ["size", "step"]),
        ("file:x/{step}", ["step"]),
        ("file:{size}-{seed}/{step}/{weights}-{step}", ["size", "seed", "weights", "step"]),
    ],
)
def test_right_patterns(pattern, listed):
    check_pattern(pattern, listed)


@pytest.mark.parametrize(
    ("pattern", "listed", "message"),
    [
        (
            "file:x/{sed}/{step}",
            ["seed", "step"],
            r"unknown place in a pattern: expected \{size\}, \{seed\}, \{weights\}, \{step\}, "
            r"got \{sed\}\. Did you mean 'seed'",
        ),
        ("file:x/{}{step}", ["step"], r"unknown place in a pattern: .*got \{\}"),
        ("file:x/{step:06d}", ["step"], r"got \{step:06d\}\. Did you mean 'step'"),
        ("file:x/{seed.real}{step}", ["seed", "step"], r"got \{seed\.real\}"),
        ("file:x/{seed}/{step}", ["step"], r"place without a list in file:x/\{seed\}.*`seeds`"),
        (PYTHIA, ["step"], "place without a list in hf:.*expected `sizes`"),
        (
            "file:x/{step}",
            ["weights", "step"],
            r"list without a place .*expected \{weights\} in it",
        ),
        ("file:x", ["step"], r"list without a place in file:x: expected \{step\} in it"),
    ],
)
def test_wrong_patterns(pattern, listed, message):
    with pytest.raises(InputError, match=message):
        check_pattern(pattern, listed)


def test_members_in_order_of_size_seed_weights_and_step():
    pattern = "file:c/{size}/{seed}/{step}/{weights}"
    found = make_members(pattern, sizes=["a", "b"], seeds=[1, 0], weights=["raw", "ema"])
    assert [member.name for member in found] == [
        f"{size}-seed{seed}-{weights}-step{step:06d}"
        for size in "ab"
        for seed in (1, 0)
        for weights in ("raw", "ema")
        for step in (0, 8)
    ]
    assert found[3].spec.string == "file:c/a/1/8/ema"
    assert found[3].run == ("a", 1, "ema")
    assert [member.seen for member in found[:2]] == [0, 20]


def test_a_member_of_pythia():
    member = make_members(PYTHIA, sizes=["6.9b"], steps=[143000])[0]
    assert isinstance(member, Member)
    spec = member.spec
    assert (spec.scheme, spec.name) == ("hf", "EleutherAI/pythia-6.9b-deduped")
    assert (spec.revision, spec.seed) == ("step143000", None)
    assert member.name == "6.9b-step143000"
    assert (member.family, member.seed, member.weights, member.unit) == ("fam", 0, "", "tokens")


def test_the_seeds_of_polypythias_are_repositories_and_steps_their_revisions():
    """Five sizes, nine further seeds, 154 checkpoints of each (van der Wal et al. 2025)."""
    sizes = ["14m", "31m", "70m", "160m", "410m"]
    steps = expand_steps([0, "1-512*2", "1000-143000+1000"])
    pattern = "hf:EleutherAI/pythia-{size}-seed{seed}@step{step}"
    check_pattern(pattern, ["size", "seed", "step"])
    members = make_members(pattern, sizes=sizes, seeds=list(range(1, 10)), steps=steps)
    assert len(members) == 5 * 9 * 154
    told = {(one.spec.scheme, one.spec.name, one.spec.revision) for one in members}
    assert told == {
        ("hf", f"EleutherAI/pythia-{size}-seed{seed}", f"step{step}")
        for size in sizes
        for seed in range(1, 10)
        for step in steps
    }
    first, last = members[0], members[-1]
    assert (first.spec.name, first.spec.revision) == ("EleutherAI/pythia-14m-seed1", "step0")
    assert (last.name, last.run) == ("410m-seed9-step143000", ("410m", 9, ""))
    assert len({one.name for one in members}) == len(members)


def test_names_sort_by_step_and_hold_no_signs():
    names = [member.name for member in make_members("file:{size}/{step}", sizes=["a/b c"])]
    assert names == ["a_b_c-step000000", "a_b_c-step000008"]
    late = make_members("file:{step}", steps=[9, 10, 1_000_000])
    assert [member.name for member in late] == ["step000009", "step000010", "step1000000"]


def test_seed_0_is_a_seed():
    found = make_members("hf:x@{step}+untrained:{seed}", seeds=[0, 3])
    assert [member.spec.seed for member in found] == [0, 0, 3, 3]
    assert found[0].name == "seed0-step000000"


def test_what_is_filled_in_is_not_filled_again():
    assert make_members("file:{size}/{step}", sizes=["{step}"])[1].spec.string == "file:{step}/8"


@pytest.mark.parametrize("pattern", ["pythia-{step}", "fh:x{step}", "hf:a b{step}", "noise:{step}"])
def test_a_pattern_of_no_model_string(pattern):
    with pytest.raises(InputError, match=r"unknown model|wrong widths"):
        make_members(pattern)
