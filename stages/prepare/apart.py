"""A reader of untrusted bytes in a process of its own, so that what kills it kills nothing else."""

import multiprocessing
import pickle
import resource
import signal
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

from stages.core.run.errors import InputError

T = TypeVar("T")
# Of computing time, and bytes that may take a second more.
SECONDS, BYTES = 20, 1_000_000


def apart(read: Callable[[], T], path: Path, do: str) -> T:
    """Call a function in another process, and return what it returns.

    The process is forked: it reads and ends, and touches no lock, thread or number of this one. It
    may compute for some seconds, and more of a large file: a damaged one can be read for ever.

    Parameters
    ----------
    read : callable
        Reads the file; what it returns, or raises, can be pickled.
    path : Path
    do : str
        What to do about a file that ends its reader.

    Raises
    ------
    InputError
        If the process was ended by a signal: by a fault of the library, for want of memory, or
        because it came to no end (SIGXCPU).
        Also what the function raised of this kind.
    RuntimeError
        What else it raised, in words.
    """
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    reader = context.Process(target=_answer, args=(read, theirs, _seconds(path)), daemon=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads
        reader.start()
    theirs.close()
    try:
        answer = ours.recv_bytes()
    except (EOFError, OSError):  # nothing came, or a part of it
        answer = b""
    finally:
        ours.close()
        reader.join()
    if not answer:
        code = reader.exitcode or 0
        got = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        raise InputError("file that ended its reader", where=path, got=got, do=do)
    found, kind = pickle.loads(answer)  # noqa: S301 (our own process wrote it)
    if kind is not None:
        raise kind(found)
    value: T = found
    return value


def _seconds(path: Path) -> int:
    """For how long a file may be read, far more than it takes."""
    return SECONDS + (path.stat().st_size // BYTES if path.exists() else 0)


def _answer(read: Callable[[], T], to: Connection, seconds: int) -> None:
    """Send what a function returns, and what it raises."""
    most = resource.getrlimit(resource.RLIMIT_CPU)[1]
    if most == resource.RLIM_INFINITY or seconds < most:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, most))
    try:
        answer = pickle.dumps((read(), None), protocol=5)
    except InputError as error:
        answer = pickle.dumps((str(error), InputError))
    except Exception as error:
        answer = pickle.dumps((f"{type(error).__name__}: {error}", RuntimeError))
    to.send_bytes(answer)
    to.close()
