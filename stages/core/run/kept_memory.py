"""Freed memory that a process keeps for what it asks for next."""

import ctypes

# Of mallopt(3): what a parameter is called there, and what it is set to.
PARAMETERS = {
    -1: 2**31 - 1,  # M_TRIM_THRESHOLD: free bytes at the end of the heap that are given back
    -3: 2**30,  # M_MMAP_THRESHOLD: bytes from which a buffer is mapped alone
    -8: 1,  # M_ARENA_MAX: heaps, each of which keeps its own
}


def keep_freed_memory() -> bool:
    """Keep freed memory from now on, in all of the process, where the C library is glibc.

    A network on a processor frees tens of megabytes at every layer and asks for as many at the
    next. Given back each time, they are mapped and filled with zeros anew, which takes a fifth of
    the time of a small network of images. What is kept is at most what was once in use.

    Returns
    -------
    bool
        Whether the C library did so; another one goes on as it does by itself.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and all(mallopt(*one) == 1 for one in PARAMETERS.items())
