"""One at a time, whoever else wants it, and however the one before ended."""

import os
import signal
import time
from multiprocessing import get_context
from threading import Event, Thread

import pytest

from stages.core.run.locks import locked

FORK = get_context("fork")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "lock"


def work(path, log, times):
    """Write into a file that the work begins and, a little later, that it ends."""
    for _ in range(times):
        with locked(path):
            for word in ("begin", "end"):
                with log.open("a") as file:
                    file.write(f"{word} {os.getpid()}\n")
                time.sleep(0.001)


def test_processes_work_one_after_the_other(path, tmp_path):
    log = tmp_path / "log"
    processes = [FORK.Process(target=work, args=(path, log, 20)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 4
    lines = log.read_text().splitlines()
    assert len(lines) == 2 * 4 * 20
    for begin, end in zip(lines[::2], lines[1::2], strict=True):
        assert end == begin.replace("begin", "end")
    assert not path.exists()


def test_a_thread_waits_for_another_and_says_so(path, caplog):
    caplog.set_level("INFO")
    held, done = Event(), Event()

    def second():
        with locked(path):
            held.set()
        done.set()

    thread = Thread(target=second)
    with locked(path):
        thread.start()
        assert not held.wait(0.2)
        assert "waiting for another run of the same work (lock)" in caplog.text
    assert done.wait(10)
    thread.join()
    assert held.is_set()
    assert not path.exists()


def hold(path, ready):
    """Hold the lock until killed."""
    with locked(path):
        ready.set()
        time.sleep(60)


def test_who_is_killed_holds_nothing(path):
    ready = FORK.Event()
    process = FORK.Process(target=hold, args=(path, ready))
    process.start()
    assert ready.wait(10)
    os.kill(process.pid, signal.SIGKILL)
    process.join(10)
    assert path.exists()
    start = time.monotonic()
    with locked(path):
        assert time.monotonic() - start < 5
    assert not path.exists()


def test_who_fails_holds_nothing(path, caplog):
    caplog.set_level("INFO")
    with pytest.raises(RuntimeError, match="ours"), locked(path):
        raise RuntimeError("ours")
    with locked(path):
        assert path.exists()
    assert not caplog.records
