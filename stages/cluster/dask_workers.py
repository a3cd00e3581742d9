"""Stages as tasks of a Dask cluster whose machines have this folder too."""

import logging
from collections.abc import Mapping
from concurrent.futures import CancelledError
from pathlib import Path
from time import monotonic
from uuid import uuid4

from distributed import Client, KilledWorker, Worker, WorkerPlugin, get_worker

from stages.cluster.schedule import FAILED, Outcome
from stages.cluster.stage_processes import Processes
from stages.core.run.errors import ConcordError
from stages.core.run.settings import environment_of_workers

logger = logging.getLogger(__name__)
PATIENCE = 30.0  # seconds for which a scheduler is waited for


class ProcessesOfWorker(WorkerPlugin):  # type: ignore[misc]  # not typed throughout
    """What one worker runs for one command; it ends with the worker, or with the command.

    A command that is killed tells nobody: the scheduler sees that it is gone, and the worker is
    told that its tasks are wanted no more.

    Parameters
    ----------
    folder : Path
        Of the repository, the same on every machine.
    told : mapping of str to str
        Variables laid over the environment of the worker.
    """

    def __init__(self, folder: Path, told: Mapping[str, str]) -> None:
        self.name = f"concord-{uuid4().hex}"
        self._folder, self._told = folder, dict(told)

    def setup(self, worker: Worker) -> None:
        """Be ready, on a worker that is there or that comes later."""
        self._environment = environment_of_workers(self._told)
        self._running: dict[str, Processes] = {}

    def run(self, task: str, stage: str) -> Outcome:
        """Run a stage, until it is wanted no more."""
        with Processes(self._environment, folder=self._folder) as processes:
            self._running[task] = processes
            try:
                return processes(stage)
            finally:
                del self._running[task]

    def transition(self, key: str, start: str, finish: str, **_: object) -> None:
        """End a task that nobody wants any more."""
        if finish == "released" and (processes := self._running.get(key)):
            processes.close()

    def teardown(self, worker: Worker) -> None:
        """End what is running."""
        for processes in list(self._running.values()):
            processes.close()


def run_here(name: str, stage: str) -> Outcome:
    """Run a stage on the worker that this is called on."""
    worker = get_worker()
    outcome: Outcome = worker.plugins[name].run(worker.get_current_task(), stage)
    return outcome


class DaskWorkers:
    """Runs single stages on the workers of a Dask cluster; those still running end when it closes.

    A stage whose worker is lost is run again on another, until Dask has enough of it
    (`distributed.scheduler.allowed-failures`).

    Parameters
    ----------
    address : str
        Of the scheduler.
    told : mapping of str to str
        Variables laid over the environment of the workers.

    Raises
    ------
    ConcordError
        If no scheduler answers there.
    """

    def __init__(self, address: str, told: Mapping[str, str]) -> None:
        try:
            self._client = Client(address, timeout=PATIENCE)
        except (OSError, ValueError) as error:
            do = "Start `dask scheduler` and `dask worker`, and give the address that they say."
            raise ConcordError("no scheduler", where=address, got=error, do=do) from error
        self._plugin = ProcessesOfWorker(Path.cwd(), told)

    def __enter__(self) -> "DaskWorkers":
        self._client.register_plugin(self._plugin)
        threads = sum(self._client.nthreads().values())
        logger.info("%d stages at once on the workers that are there now", threads)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.unregister_worker_plugin(self._plugin.name)
        self._client.close()

    def __call__(self, stage: str) -> Outcome:
        """Run one stage, once a worker is free."""
        start = monotonic()
        task = self._client.submit(run_here, self._plugin.name, stage, pure=False)
        try:
            outcome: Outcome = task.result()
        except (KilledWorker, CancelledError) as error:
            return Outcome(stage, FAILED, f"{type(error).__name__}: {error}", monotonic() - start)
        return outcome
