"""The one place where parallel loops run, so that a cluster can serve them later."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from joblib import Parallel, cpu_count, delayed
from threadpoolctl import threadpool_limits

from stages.core.run.progress import progress
from stages.core.run.settings import read_settings

T = TypeVar("T")
R = TypeVar("R")


def parallel_map(task: Callable[[T], R], items: Sequence[T], description: str) -> list[R]:
    """Apply a task to every item, in order, on CONCORD_JOBS threads (default: one per core).

    Each call keeps to one thread of linear algebra: the threads of a single product wait for each
    other, which is slow beside anything else that runs.

    Parameters
    ----------
    task : callable
        A function of a module, or a `partial` of one, so that it can be pickled; what is large in
        it is `stages.core.run.shared.Shared`.
    items : sequence
        Small, and can be pickled too.
    description : str
        For the progress bar.
    """
    jobs = read_settings().jobs or cpu_count()
    with threadpool_limits(1):
        results = Parallel(n_jobs=jobs, prefer="threads", return_as="generator")(
            delayed(task)(item) for item in items
        )
        return list(progress(results, description, total=len(items)))
