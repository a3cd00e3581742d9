"""Stages in the order in which they can run, several at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from stages.cluster.stage_graph import Graph, heights

DONE, FAILED, BLOCKED = "done", "failed", "blocked"


@dataclass(frozen=True)
class Outcome:
    """What became of a stage.

    Attributes
    ----------
    stage : str
    state : str
        `done`, `failed`, or `blocked` by one that failed.
    output : str
        What it said.
    seconds : float
    """

    stage: str
    state: str
    output: str = ""
    seconds: float = 0.0


class Engine(AbstractContextManager["Engine", None], Protocol):
    """Runs a stage and waits for it, in several threads; ends those that run when it closes."""

    def __call__(self, stage: str) -> Outcome:
        """Run a stage."""


def run_graph(
    needs: Graph, run: Callable[[str], Outcome], pool: Executor, jobs: int
) -> Iterator[Outcome]:
    """Run every stage once all that it waits for are done, those with most to follow first.

    A stage that fails keeps back what follows from it, and nothing else.

    Parameters
    ----------
    needs : mapping of str to frozenset of str
    run : callable
        From the name of a stage to what became of it.
    pool : Executor
    jobs : int
        Stages at once.

    Yields
    ------
    Outcome
        Of every stage, as they end; those that are blocked come last.
    """
    height = heights(needs)
    waiting, done = dict(needs), set[str]()
    running: dict[Future[Outcome], str] = {}
    while True:
        ready = [name for name, others in waiting.items() if others <= done]
        ready.sort(key=lambda name: -height[name])
        for name in ready[: jobs - len(running)]:
            del waiting[name]
            running[pool.submit(run, name)] = name
        if not running:
            break
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            name, outcome = running.pop(future), future.result()
            if outcome.state == DONE:
                done.add(name)
            yield outcome
    yield from (Outcome(name, BLOCKED) for name in waiting)
