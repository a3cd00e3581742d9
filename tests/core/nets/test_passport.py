"""The rules on tables of digests, and on tiny families of GPT-NeoX with planted faults."""

from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
import torch
from transformers import GPTNeoXConfig, GPTNeoXForCausalLM

from stages.core.nets.course import (
    RETURN,
    Course,
    course_faults,
    in_longest_rise,
    weight_distances,
)
from stages.core.nets.fingerprint import take_fingerprint
from stages.core.nets.passport import copies, examine
from stages.core.nets.weight_files import state_digest

STEPS = [0, 1, 2, 4, 8, 16, 32, 64, 128]


def table(digests, size="2.8b", seed=0, weights=""):
    """Members of one run, by step."""
    return pd.DataFrame(
        {
            "member": [f"{size}-{seed}{weights}-step{step}" for step in digests],
            "size": size,
            "seed": seed,
            "weights": weights,
            "step": list(digests),
            "digest": list(digests.values()),
        }
    )


def aside(members, *rest):
    found = examine(members, *rest)
    assert list(found.columns[: len(members.columns)]) == list(members.columns)
    return dict(zip(found["step"], found["set_aside"], strict=True))


def pythia_steps():
    return [0, *(2**k for k in range(10)), *range(1000, 143001, 1000)]


def test_2_8b_serves_its_final_model_under_86_of_154_branches():
    steps = pythia_steps()
    assert len(steps) == 154
    late = {*steps[:85], 143000}
    assert len(late) == 86
    found = aside(table({step: "last" if step in late else f"d{step}" for step in steps}))
    assert {step for step, reason in found.items() if reason} == late
    assert found[0] == "the same weights as 2.8b-0-step1, 2.8b-0-step2, 2.8b-0-step4 and 82 more"


def test_step_0_served_as_step_1_in_all_sizes():
    sizes = [table({0: f"{size}a", 1: f"{size}a", 2: f"{size}b"}, size) for size in ("70m", "1b")]
    found = examine(pd.concat(sizes, ignore_index=True))
    assert found["set_aside"].tolist() == [
        "the same weights as 70m-0-step1", "the same weights as 70m-0-step0", "",
        "the same weights as 1b-0-step1", "the same weights as 1b-0-step0", "",
    ]  # fmt: skip


def test_12b_serves_the_final_first_shard():
    members = table({step: f"d{step}" for step in (49000, 50000, 58000, 143000)}, "12b")
    names = members["member"]
    files = {name: {"1.bin": f"{name}-1", "2.bin": f"{name}-2"} for name in names}
    for name in names[1:3]:
        files[name]["1.bin"] = files[names[3]]["1.bin"]
    found = aside(members, files)
    assert found[49000] == ""
    assert found[50000] == "the same 1.bin as 12b-0-step58000, 12b-0-step143000"
    assert found[143000] == "the same 1.bin as 12b-0-step50000, 12b-0-step58000"


def test_a_branch_without_weights_and_one_set_aside_before():
    members = table({0: "a", 1: "", 2: "", 4: "a"}).assign(set_aside=["", "", "known", ""])
    found = aside(members)
    assert (found[1], found[2]) == ("no weights", "known")
    assert found[0] == "the same weights as 2.8b-0-step4"


def test_the_same_across_seeds_and_sizes():
    runs = [table({0: f"a{k}", 1: "x" if k < 2 else "y"}, seed=k) for k in range(3)]
    found = examine(pd.concat([*runs, table({1: "y"}, "1b")], ignore_index=True))
    given = dict(zip(found["member"], found["set_aside"], strict=True))
    assert given["2.8b-0-step1"] == "the same weights as 2.8b-1-step1"
    assert given["2.8b-2-step1"] == "the same weights as 1b-0-step1"
    assert sum(map(bool, given.values())) == 4


def test_an_average_begins_as_what_it_averages():
    raw, ema = table({0: "a", 1: "b"}, weights="raw"), table({0: "a", 1: "c"}, weights="ema")
    assert copies(pd.concat([raw, ema], ignore_index=True)) == {}
    ema.loc[1, "digest"] = "a"
    found = copies(pd.concat([raw, ema], ignore_index=True))
    assert set(found) == {"2.8b-0raw-step0", "2.8b-0ema-step0", "2.8b-0ema-step1"}


# ---------------------------------------------------------------- families of weights


def network(seed, width=32):
    config = GPTNeoXConfig(
        vocab_size=64,
        hidden_size=width,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=2 * width,
        max_position_embeddings=16,
    )
    torch.manual_seed(seed)
    return GPTNeoXForCausalLM(config)


def train(seed, rate=0.003, optimiser=torch.optim.Adam):
    """States of a run at STEPS, trained on sequences that count upwards."""
    with torch.random.fork_rng():
        one = network(seed)
        steps = optimiser(one.parameters(), rate)
        states = {}
        for step in range(STEPS[-1] + 1):
            if step in STEPS:
                states[step] = {k: v.clone() for k, v in one.state_dict().items()}
            ids = (torch.randint(64, (8, 1)) + torch.arange(12)) % 64
            steps.zero_grad()
            one(input_ids=ids, labels=ids).loss.backward()
            steps.step()
    return states


@pytest.fixture(scope="module")
def runs():
    return {seed: train(seed) for seed in (0, 1)}


def passport(run, seed=0):
    members = table({step: state_digest(state) for step, state in run.items()}, "s", seed)
    prints = (take_fingerprint(state) for state in run.values())
    course = weight_distances(zip(members["member"], prints, strict=True))
    found = aside(members, None, [course])
    return {step: reason for step, reason in found.items() if reason}


def test_a_healthy_family(runs):
    for seed, run in runs.items():
        assert passport(run, seed) == {}


@pytest.mark.parametrize(
    ("rate", "optimiser"),
    [(0.03, torch.optim.Adam), (1.0, torch.optim.SGD), (1e-6, torch.optim.Adam)],
)
def test_other_healthy_families(rate, optimiser):
    """Trained too fast, by another rule, or hardly at all."""
    assert passport(train(3, rate, optimiser)) == {}


@pytest.mark.parametrize("step", [1, 2, 8, 32])
def test_late_weights_served_early(runs, step):
    """Not to the bit, so that no digest tells: saved in half precision. Both are set aside."""
    late = {k: v.half().float() if v.is_floating_point() else v for k, v in runs[0][128].items()}
    found = passport(runs[0] | {step: late})
    assert found == {
        step: "the same weights as s-0-step128",
        128: f"the same weights as s-0-step{step}",
    }


@pytest.mark.parametrize("step", [1, 2, 8])
def test_weights_that_no_name_has_served_early(runs, step):
    """Those of a late step that is not among the members."""
    late = runs[0][128]
    found = passport({k: late if k == step else v for k, v in runs[0].items() if k < 128})
    assert set(found) == {step}
    assert "to the start, unlike its neighbours" in found[step]


def test_late_weights_served_as_several_early_steps(runs):
    late = {step: {k: v + step * 1e-7 for k, v in runs[0][128].items()} for step in (1, 2, 4)}
    assert set(passport(runs[0] | late)) == {1, 2, 4, 128}


@pytest.mark.parametrize("step", [32, 64, 128])
def test_early_weights_served_late(runs, step):
    early = {k: v + 1e-7 for k, v in runs[0][2].items()}
    assert set(passport(runs[0] | {step: early})) == {2, step}


@pytest.mark.parametrize("step", [1, 8, 128])
def test_a_checkpoint_of_another_run(runs, step):
    found = passport(runs[0] | {step: runs[1][step]})
    assert set(found) == {step}
    assert found[step].startswith("does not descend from s-0-step0 (kinship")


def test_a_run_that_does_not_descend_from_its_step_0(runs):
    found = passport(runs[0] | {0: runs[1][0]})
    assert set(found) == set(STEPS)
    assert found[0] == "no later step descends from it"


def test_a_shard_of_another_step(runs):
    """Part of the matrices are those of the last step: a detour, whatever the digests say."""
    mixed = dict(runs[0][4])
    for name in [name for name in mixed if "layers.0." in name]:
        mixed[name] = runs[0][128][name] + 1e-7
    assert set(passport(runs[0] | {4: mixed})) == {4}


def test_a_detour_that_the_distance_to_the_start_does_not_show():
    """A step aside, at right angles to the way and no further from the start."""
    distances = np.array(
        [[0, 1, 1.1, 1.2], [1, 0, 1.4, 0.3], [1.1, 1.4, 0, 1.4], [1.2, 0.3, 1.4, 0]]
    )
    course = Course(list("abcd"), distances, np.full(4, 99.0), [""] * 4)
    assert course_faults(course) == {"c": "a detour of 9.33 from its neighbours"}


@pytest.mark.parametrize(
    "places",
    [[0, 1e-4, 2e-4, 0.3, 1.0], [0, 0.3, 1.0, 1.0001, 1.0002], [0, 1e-4, 2e-4, 3e-4, 0.3]],
)
def test_steps_are_near_while_the_learning_rate_is_next_to_nothing(places):
    """In a warm-up, such as that of the MixNets, and at the end of a cosine."""
    place = np.array(places)
    n = len(place)
    course = Course(list("abcde"), np.abs(place - place[:, None]), np.full(n, 99.0), [""] * n)
    assert course_faults(course) == {}


def test_the_same_matrices_under_two_digests(runs):
    again = dict(runs[0][4]) | {"gpt_neox.final_layer_norm.bias": torch.ones(32)}
    found = passport(runs[0] | {8: again})
    assert found == {4: "the same weights as s-0-step8", 8: "the same weights as s-0-step4"}


def test_another_architecture(runs):
    with torch.random.fork_rng():
        wide = network(0, width=48).state_dict()
    found = passport(runs[0] | {8: wide})
    assert set(found) == {8}
    assert found[8].startswith("another architecture: ")
    assert "got (48, " in found[8] or ", 48)" in found[8]


def test_a_run_without_its_step_0_starts_at_its_first(runs):
    assert passport({step: state for step, state in runs[0].items() if step}) == {}


def test_runs_of_a_family_are_judged_apart(runs):
    tables, courses = [], []
    for seed, run in runs.items():
        broken = run | ({8: runs[0][8]} if seed else {})
        members = table({step: f"{seed}.{step}" for step in broken}, "s", seed)
        prints = [take_fingerprint(state) for state in broken.values()]
        tables.append(members)
        courses.append(weight_distances(zip(members["member"], prints, strict=True)))
    found = examine(pd.concat(tables), None, courses)
    assert found.loc[found["set_aside"] != "", "member"].tolist() == ["s-1-step8"]


def longest_rises(values):
    for size in range(len(values), 0, -1):
        rises = [
            chosen
            for chosen in combinations(range(len(values)), size)
            if all(values[b] * RETURN >= values[a] for a, b in pairwise(chosen))
        ]
        if rises:
            return rises
    return [()]


def test_longest_rise_as_trying_all_has_it(rng):
    for _ in range(100):
        values = rng.uniform(0.1, 5, rng.integers(0, 9))
        everywhere = set.intersection(*map(set, longest_rises(values)))
        assert set(np.flatnonzero(in_longest_rise(values))) == everywhere
