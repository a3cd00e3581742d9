"""A reader of untrusted bytes in a process of its own, so that what kills it kills nothing else."""

import multiprocessing
import pickle
import signal
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

from stages.core.run.errors import InputError

T = TypeVar("T")


def apart(read: Callable[[], T], path: Path, do: str) -> T:
    """Call a function in another process, and return what it returns.

    The process is forked: it reads and ends, and touches no lock, thread or number of this one.

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
        If the process was ended by a signal: by a fault of the library, or for want of memory.
    Exception
        What the function raised.
    """
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    reader = context.Process(target=_answer, args=(read, theirs), daemon=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads
        reader.start()
    theirs.close()
    try:
        answer = ours.recv_bytes()
    except EOFError:
        answer = b""
    finally:
        ours.close()
        reader.join()
    if not answer:
        code = reader.exitcode or 0
        got = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        raise InputError("file that ended its reader", where=path, got=got, do=do)
    found, error = pickle.loads(answer)  # noqa: S301 (our own process wrote it)
    if error is not None:
        raise error
    value: T = found
    return value


def _answer(read: Callable[[], T], to: Connection) -> None:
    """Send what a function returns, and what it raises."""
    try:
        answer = pickle.dumps((read(), None), protocol=5)
    except Exception as error:
        answer = pickle.dumps((None, RuntimeError(f"{type(error).__name__}: {error}")))
    to.send_bytes(answer)
    to.close()
