"""Work shared out among replicas of a network, each in a thread of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import TypeVar

from stages.core.run.progress import progress

R = TypeVar("R")
T = TypeVar("T")


def share_out(
    replicas: Sequence[R], tasks: Sequence[T], work: Callable[[R, T], None], description: str
) -> None:
    """Let every replica take the next task when it is done with one.

    The first error ends the work: tasks not yet begun are left.
    """
    idle: SimpleQueue[R] = SimpleQueue()
    for replica in replicas:
        idle.put(replica)

    def run(task: T) -> None:
        replica = idle.get()
        try:
            work(replica, task)
        finally:
            idle.put(replica)

    with ThreadPoolExecutor(len(replicas)) as pool:
        try:
            for _ in progress(pool.map(run, tasks), description, total=len(tasks)):
                pass
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
