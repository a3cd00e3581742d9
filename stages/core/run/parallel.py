"""The one place where parallel loops run, so that a cluster can serve them later."""

import os
from collections.abc import Callable, Sequence
from typing import TypeVar

from joblib import Parallel, cpu_count, delayed
from threadpoolctl import threadpool_limits

from stages.core.run.errors import InputError
from stages.core.run.progress import progress

T = TypeVar("T")
R = TypeVar("R")


def parallel_map(function: Callable[[T], R], items: Sequence[T], description: str) -> list[R]:
    """Apply a function to every item, in order, on CONCORD_JOBS threads (default: one per core).

    Each call keeps to one thread of linear algebra: the threads of a single product wait for each
    other, which is slow beside anything else that runs.
    """
    given = os.environ.get("CONCORD_JOBS", str(cpu_count()))
    if not given.isdigit() or int(given) < 1:
        raise InputError("wrong setting", where="CONCORD_JOBS", expected="a number", got=given)
    with threadpool_limits(1):
        results = Parallel(n_jobs=int(given), prefer="threads", return_as="generator")(
            delayed(function)(item) for item in items
        )
        return list(progress(results, description, total=len(items)))
