"""How busy sixteen workers are, in simulated time, with what a stage was measured to cost.

On two cores that twenty other processes shared, a stage of this project's own files of stages took
1.5 s to start DVC, 1.3 s of its lock before the command, 0.7 s of it after; DVC looks twice a
second whether the lock is free. A file of a thousand stages made no difference.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from heapq import heappop, heappush
from itertools import count
from types import SimpleNamespace

import pytest

from stages.cluster.schedule import DONE, Outcome, run_graph

START, BEFORE, AFTER, POLL = 1.5, 1.3, 0.7, 0.5
WORKERS = 16


class SimulatedWorkers:
    """An executor whose jobs end in simulated time, one of them at each wait.

    Parameters
    ----------
    seconds : mapping of str to float
        That the command of each stage takes.
    start, before, after : float
        Seconds to start DVC, and of its lock before and after the command.
    """

    def __init__(
        self, seconds: Mapping[str, float], start: float, before: float, after: float
    ) -> None:
        self._seconds, self._costs = seconds, (start, before, after)
        self._events: list[tuple[float, int, Iterator[float], Future[Outcome]]] = []
        self._number, self._locked, self.now = count(), False, 0.0

    def submit(self, run: object, name: str) -> Future[Outcome]:
        """Begin a stage now."""
        future: Future[Outcome] = Future()
        heappush(self._events, (self.now, next(self._number), self._job(name), future))
        future.name = name
        return future

    def wait(self, running: object, return_when: object) -> SimpleNamespace:
        """Go on until a stage has ended."""
        while True:
            self.now, _, job, future = heappop(self._events)
            try:
                pause = next(job)
            except StopIteration:
                future.set_result(Outcome(future.name, DONE))
                return SimpleNamespace(done={future})
            heappush(self._events, (self.now + pause, next(self._number), job, future))

    def _job(self, name: str) -> Iterator[float]:
        start, before, after = self._costs
        yield start
        yield from self._hold(before)
        yield self._seconds[name]
        yield from self._hold(after)

    def _hold(self, seconds: float) -> Iterator[float]:
        while self._locked and seconds:
            yield POLL
        self._locked = True
        yield seconds
        self._locked = False


@pytest.fixture
def efficiency(monkeypatch):
    def measure(seconds, needs, costs=(START, BEFORE, AFTER)):
        workers = SimulatedWorkers(seconds, *costs)
        monkeypatch.setattr("stages.cluster.schedule.wait", workers.wait)
        outcomes = list(run_graph(needs, None, workers, WORKERS))
        assert len(outcomes) == len(seconds)
        return sum(seconds.values()) / (WORKERS * workers.now)

    return measure


def test_without_cost_equal_stages_keep_all_busy(efficiency):
    seconds = {f"extract@{k}": 30.0 for k in range(WORKERS * 5)}
    needs = dict.fromkeys(seconds, frozenset())
    assert efficiency(seconds, needs, (0.0, 0.0, 0.0)) == 1.0


def test_one_chain_keeps_one_busy(efficiency):
    seconds = {f"s{k}": 30.0 for k in range(4)}
    needs = {f"s{k}": frozenset({f"s{k - 1}"} if k else ()) for k in range(4)}
    assert efficiency(seconds, needs, (0.0, 0.0, 0.0)) == pytest.approx(1 / WORKERS)


def test_a_study_of_600_models_keeps_sixteen_workers_four_fifths_busy(efficiency, rng):
    """Extraction of a minute and a half on average, alignment of one, and a survey of all."""
    seconds, needs = {}, {}
    for k in range(600):
        seconds |= {f"extract@{k}": 90 * rng.gamma(4) / 4, f"align@{k}": 60 * rng.gamma(4) / 4}
        needs |= {f"extract@{k}": frozenset(), f"align@{k}": frozenset({f"extract@{k}"})}
    needs["survey"] = frozenset(f"align@{k}" for k in range(600))
    seconds["survey"] = 60.0
    assert efficiency(seconds, needs) >= 0.8


def test_the_lock_bounds_short_stages(efficiency):
    """A thousand that take two seconds wait for each other: each holds the lock as long."""
    seconds = {f"s{k}": 2.0 for k in range(1000)}
    found = efficiency(seconds, dict.fromkeys(seconds, frozenset()))
    most = 2.0 / (WORKERS * (BEFORE + AFTER))
    assert 0.6 * most < found <= most
