"""What would run: which of the stages that are not up to date the run cache has already."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dvc.repo import Repo
from dvc.stage.loader import StageLoader
from dvc.stage.serialize import to_single_stage_lockfile
from dvc.utils import dict_sha256
from dvc.utils.serialize import load_yaml
from dvc_data.hashfile.hash_info import HashInfo
from dvc_data.hashfile.meta import Meta

from stages.cluster.stage_graph import Graph

RUNS, CACHED, FOLLOWS = "runs", "cached", "follows"
# What DVC leaves out where it names an entry of the run cache.
SIZES = ("size", "nfiles")


def tell_plan(needs: Graph) -> str:
    """Tell what would become of each stage, a line each, and their numbers.

    Parameters
    ----------
    needs : mapping of str to frozenset of str
        Stages that are not up to date, and those of them that each waits for.

    Returns
    -------
    str
        A stage `runs`; it is `cached`, and DVC checks out what it made; or it `follows` from one
        that runs, or reads a folder to which several stages add, and only then is known which.
    """
    states = plan_stages(needs)
    counts = Counter(states.values())
    lines = [f"{state:<8} {name}" for name, state in states.items()]
    numbers = ", ".join(f"{counts[state]} {state}" for state in (RUNS, CACHED, FOLLOWS))
    return "\n".join([*lines, f"{len(states)} stages are not up to date: {numbers}"])


def plan_stages(needs: Graph) -> dict[str, str]:
    """Look up in the run cache what stages would make, and then those that read it.

    Returns
    -------
    dict of str to str
        `runs`, `cached` or `follows`, in an order in which the stages could run.
    """
    repo = Repo()
    stages = {stage.addressing: stage for stage in repo.index.stages}
    states: dict[str, str] = {}
    made: list[Any] = []
    on_disk: dict[object, Any] = {}
    for name in _in_order(needs):
        stage = stages[name]
        known = all(states[other] == CACHED for other in needs[name])
        if not (known and _know_inputs(stage, made, on_disk)):
            states[name] = FOLLOWS
        elif _recorded(stage):
            states[name] = CACHED
            made += stage.outs
        else:
            states[name] = RUNS
    return states


def _in_order(needs: Graph) -> Iterable[str]:
    """Put each stage behind those that it waits for."""
    ordered: dict[str, None] = {}
    while len(ordered) < len(needs):
        ordered |= dict.fromkeys(name for name, others in needs.items() if others <= ordered.keys())
    return ordered


def _know_inputs(stage: Any, made: Iterable[Any], on_disk: dict[object, Any]) -> bool:
    """Set the digests of what a stage would read; False where they are not known yet.

    What lies on the disk is read once, and kept.
    """
    recorded = [dep.hash_info for dep in stage.deps]
    for dep in stage.deps:
        sources = [out for out in made if out.fs.overlaps(out.fs_path, dep.fs_path)]
        if not sources:
            asked = (dep.fs_path, repr(getattr(dep, "params", None)))
            if asked not in on_disk:
                dep.save()
                on_disk[asked] = dep
            dep.hash_info, dep.meta = on_disk[asked].hash_info, on_disk[asked].meta
            continue
        source = sources[0]
        inside = len(sources) == 1 and dep.fs.isin_or_eq(dep.fs_path, source.fs_path)
        part = source.get_obj(dep.fs_path) if inside else None
        if part is None:
            return False
        dep.hash_info, dep.meta = part.hash_info, Meta(isexec=source.meta.isexec)
    same = recorded == [dep.hash_info for dep in stage.deps]
    if stage.changed_stage() or not same:
        for out in stage.outs:
            out.hash_info = HashInfo()  # dvc.lock tells of other inputs
    return True


def _recorded(stage: Any) -> bool:
    """Look for what a stage would make, in dvc.lock or the run cache; set its digests."""
    if stage.always_changed or any(out.persist for out in stage.outs):
        return False
    if not all(out.hash_info for out in stage.outs):
        entry = _newest_entry(stage)
        if entry is None:
            return False
        StageLoader.fill_from_lock(stage, load_yaml(entry))
    for out in stage.outs:
        out.use_cache = True  # the run cache keeps a copy of what Git has, too
    return bool(stage.outs_cached())


def _newest_entry(stage: Any) -> Path | None:
    """Find what the run cache has for the command and the inputs of a stage."""
    asked = to_single_stage_lockfile(stage)
    asked["outs"] = [out["path"] for out in asked["outs"]]
    key = dict_sha256(asked, exclude=SIZES)
    folder = Path(stage.repo.stage_cache.cache_dir, key[:2], key)
    return max(folder.glob("*"), key=lambda file: file.stat().st_mtime, default=None)
