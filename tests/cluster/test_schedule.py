"""Who runs when: after what it waits for, beside what it does not, and not after a failure."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from stages.cluster.schedule import BLOCKED, DONE, FAILED, Outcome, run_graph

NEEDS = {
    "a": frozenset(),
    "b": frozenset({"a"}),
    "c": frozenset({"a"}),
    "d": frozenset({"b", "c"}),
    "alone": frozenset(),
}


def run(needs, task, jobs):
    with ThreadPoolExecutor(jobs) as pool:
        return {one.stage: one.state for one in run_graph(needs, task, pool, jobs)}


@pytest.mark.parametrize("jobs", [1, 2, 8])
def test_every_stage_runs_once_and_after_what_it_waits_for(rng, jobs):
    names = [f"s{k}" for k in range(40)]
    needs = {
        name: frozenset(other for other in names[:k] if rng.random() < 0.1)
        for k, name in enumerate(names)
    }
    ended, lock = [], threading.Lock()

    def task(name):
        with lock:
            assert needs[name] <= set(ended)
            ended.append(name)
        return Outcome(name, DONE)

    assert run(needs, task, jobs) == dict.fromkeys(names, DONE)
    assert sorted(ended) == sorted(names)


def test_two_that_do_not_wait_for_each_other_run_at_once():
    """Each waits for the other inside its task: alone neither would end."""
    meet = threading.Barrier(2, timeout=20)

    def task(name):
        if name in "bc":
            meet.wait()
        return Outcome(name, DONE)

    assert set(run({n: NEEDS[n] for n in "abcd"}, task, 2).values()) == {DONE}


def test_with_one_worker_those_with_most_to_follow_come_first():
    order = []

    def task(name):
        order.append(name)
        return Outcome(name, DONE)

    run(NEEDS, task, 1)
    assert order == ["a", "b", "c", "d", "alone"]


def test_a_failure_keeps_back_what_follows_and_nothing_else():
    def task(name):
        return Outcome(name, FAILED if name == "b" else DONE)

    assert run(NEEDS, task, 2) == {"a": DONE, "b": FAILED, "c": DONE, "d": BLOCKED, "alone": DONE}
