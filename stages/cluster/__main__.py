"""Command that brings the studies up to date on several workers."""

from typing import TYPE_CHECKING

import click

from stages.core.run.command import stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.cluster.schedule import Engine


EXAMPLE = "Example: python -m stages.cluster --jobs 4 dvc.yaml data/language/dvc.yaml"


@click.command(epilog=EXAMPLE)
@click.argument("flows", nargs=-1)
@click.option("--plan", is_flag=True, help="Tell what would run, and run nothing.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    help="Stages at once; if not set, one per device that CONCORD_DEVICE lists where it lists "
    "several, one per core otherwise, and with --dask all that can.",
)
@click.option(
    "--launch",
    default="",
    metavar="COMMAND",
    help="What takes a stage to another machine that has this folder too, such as "
    "'srun --cpus-per-task=4'.",
)
@click.option(
    "--dask",
    metavar="ADDRESS",
    help="Scheduler of a Dask cluster whose workers have this folder too, such as tcp://node1:8786.",
)
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    help="Threads of a stage; if not set, its part of the cores, and with --dask one.",
)
@stage
def main(
    *,
    flows: tuple[str, ...],
    plan: bool,
    jobs: int | None,
    launch: str,
    dask: str | None,
    threads: int | None,
) -> None:
    """Run the stages that are not up to date, several at once, and look over all by `dvc repro`.

    FLOWS are files of stages, dvc.yaml if none is given; what `dvc repro` makes of them one stage
    after another, it makes side by side. A stage that fails keeps back what follows from it, and
    nothing else. Whatever ends the command, what is done is recorded, and the
    next one goes on from there.
    """
    import shlex
    import signal
    from concurrent.futures import ThreadPoolExecutor

    from stages.cluster.schedule import DONE, run_graph
    from stages.cluster.stage_graph import ROOT, downstream, read_graph, upstream
    from stages.cluster.stage_plan import tell_plan
    from stages.cluster.stage_processes import changed_stages, graph_as_dot, look_over
    from stages.core.run.errors import ConcordError, InputError
    from stages.core.run.progress import progress

    if launch and dask:
        raise InputError("two engines", where="--launch and --dask", expected="one of them")
    asked = flows or (ROOT,)
    needs = downstream(upstream(read_graph(graph_as_dot()), asked), changed_stages())
    if plan:
        click.echo(tell_plan(needs))
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    engine, workers = (
        _of_dask(dask, jobs or max(1, len(needs)), threads)
        if dask
        else _of_processes(shlex.split(launch), jobs, threads)
    )
    lost = []
    with ThreadPoolExecutor(workers) as pool, engine:
        outcomes = run_graph(needs, engine, pool, workers)
        for one in progress(outcomes, "stages", len(needs)):
            said = f"{one.output.strip()}\n" if one.output.strip() else ""
            click.echo(f"{said}{one.stage}: {one.state}, {one.seconds:.0f} s\n")
            if one.state != DONE:
                lost.append(f"{one.stage} ({one.state})")
    if lost:
        do = "Mend what failed, and run it again: what is done stays done."
        raise ConcordError("stages missing", where=", ".join(asked), got=", ".join(lost), do=do)
    look_over(asked)


def _of_processes(
    launcher: "Sequence[str]", jobs: int | None, threads: int | None
) -> "tuple[Engine, int]":
    """Run stages as processes of this machine, or those of a launcher."""
    from joblib import cpu_count

    from stages.cluster.stage_processes import Processes
    from stages.core.run.settings import (
        environment_of_workers,
        read_settings,
        settings_of_workers,
    )

    devices = read_settings().device
    lent = devices if len(devices) > 1 else ()
    workers = jobs or len(lent) or cpu_count()
    told = settings_of_workers(threads, max(1, cpu_count() // workers))
    return Processes(environment_of_workers(told), launcher, lent), workers


def _of_dask(address: str, jobs: int, threads: int | None) -> "tuple[Engine, int]":
    """Run stages on the workers of a Dask cluster."""
    from stages.core.run.errors import ConcordError, InputError
    from stages.core.run.settings import read_settings, settings_of_workers

    devices = read_settings().device
    if len(devices) > 1:
        do = "Start a worker for each device, with its own CUDA_VISIBLE_DEVICES."
        got = ",".join(devices)
        raise InputError("several devices", where="CONCORD_DEVICE with --dask", got=got, do=do)
    try:
        from stages.cluster.dask_workers import DaskWorkers
    except ModuleNotFoundError as error:
        do = "Install it: pip install --constraint constraints.txt distributed"
        raise ConcordError("a package is missing", where="--dask", got=error, do=do) from error
    return DaskWorkers(address, settings_of_workers(threads, 1)), jobs


if __name__ == "__main__":
    main()
