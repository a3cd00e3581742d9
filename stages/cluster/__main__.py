"""Command that brings the studies up to date on several workers."""

import click

from stages.core.run.command import stage


@click.command()
@click.argument("flows", nargs=-1)
@click.option("--jobs", type=click.IntRange(min=1), help="Stages at once; one per core if not set.")
@click.option(
    "--launch",
    default="",
    metavar="COMMAND",
    help="What takes a stage to another machine that has this folder too, such as "
    "'srun --cpus-per-task=4'.",
)
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    help="Threads of a stage; its part of the cores if not set.",
)
@stage
def main(flows: tuple[str, ...], jobs: int | None, launch: str, threads: int | None) -> None:
    """Run the stages that are not up to date, several at once, and look over all by `dvc repro`.

    FLOWS are files of stages, dvc.yaml if none is given; what `dvc repro` makes of them one stage
    after another, it makes side by side. A stage that fails keeps back what follows from it, and
    nothing else. Whatever ends the command, what is done is recorded, and the
    next one goes on from there.
    """
    import shlex
    import signal
    from concurrent.futures import ThreadPoolExecutor

    from joblib import cpu_count

    from stages.cluster.schedule import DONE, run_graph
    from stages.cluster.stage_graph import ROOT, downstream, read_graph, upstream
    from stages.cluster.stage_processes import Processes, changed_stages, graph_as_dot, look_over
    from stages.core.run.errors import ConcordError
    from stages.core.run.progress import progress
    from stages.core.run.settings import environment_of_workers

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    workers = jobs or cpu_count()
    environment = environment_of_workers(threads, max(1, cpu_count() // workers))
    asked = flows or (ROOT,)
    needs = downstream(upstream(read_graph(graph_as_dot()), asked), changed_stages())
    lost = []
    with (
        ThreadPoolExecutor(workers) as pool,
        Processes(environment, shlex.split(launch)) as processes,
    ):
        outcomes = run_graph(needs, processes, pool, workers)
        for one in progress(outcomes, "stages", len(needs)):
            said = f"{one.output.strip()}\n" if one.output.strip() else ""
            click.echo(f"{said}{one.stage}: {one.state}, {one.seconds:.0f} s\n")
            if one.state != DONE:
                lost.append(f"{one.stage} ({one.state})")
    if lost:
        do = "Mend what failed, and run it again: what is done stays done."
        raise ConcordError("stages missing", where=", ".join(asked), got=", ".join(lost), do=do)
    look_over(asked)


if __name__ == "__main__":
    main()
