"""The one place where parallel loops run, so that a cluster can serve them later."""

import os
from collections.abc import Callable, Sequence
from typing import TypeVar

from joblib import Parallel, delayed

from stages.core.errors import InputError
from stages.core.progress import progress

T = TypeVar("T")
R = TypeVar("R")


def parallel_map(function: Callable[[T], R], items: Sequence[T], description: str) -> list[R]:
    """Apply a function to every item, in order, on CONCORD_JOBS workers (default 1).

    The linear algebra inside each call is already multi-threaded, so more workers
    pay only where there are more cores than one product can use.
    """
    given = os.environ.get("CONCORD_JOBS", "1")
    if not given.isdigit() or int(given) < 1:
        raise InputError("wrong setting", where="CONCORD_JOBS", expected="a number", got=given)
    results = Parallel(n_jobs=int(given), return_as="generator")(
        delayed(function)(item) for item in items
    )
    return list(progress(results, description, total=len(items)))
