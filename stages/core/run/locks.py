"""One at a time: a lock that ends with its process, however that ends."""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger("concord.run")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock while the block runs; wait where another process or thread holds it.

    The system frees it when its holder dies, so that nothing has to be cleaned up after a kill. The
    file is removed at the end; one who waited for it then makes a new one.
    """
    file = _held(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(file)


def _held(path: Path) -> int:
    """Open and lock the file that lies there, which may go while it is waited for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.info("waiting for another run of the same work (%s)", path.name[:12])
            fcntl.flock(file, fcntl.LOCK_EX)
        if _same(path, file):
            return file
        os.close(file)


def _same(path: Path, file: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file))
    except FileNotFoundError:
        return False
