import threading
import time

import pytest

from stages.extract.sharing import share_out


def test_every_task_is_done_once_by_an_idle_replica():
    done, busy = [], set()

    def work(replica, task):
        assert replica not in busy
        busy.add(replica)
        time.sleep(0.002)
        done.append((replica, task))
        busy.remove(replica)

    share_out(["a", "b"], list(range(20)), work, "test")
    assert sorted(task for _, task in done) == list(range(20))
    assert {replica for replica, _ in done} == {"a", "b"}


def test_replicas_work_at_the_same_time():
    together = threading.Barrier(2, timeout=10)
    share_out(["a", "b"], [0, 1], lambda replica, task: together.wait(), "test")


def test_the_first_error_ends_the_work():
    begun = []

    def work(replica, task):
        begun.append(task)
        time.sleep(0.01)
        if task == 1:
            raise ValueError("task 1")

    with pytest.raises(ValueError, match="task 1"):
        share_out(["a"], list(range(50)), work, "test")
    assert len(begun) < 50
