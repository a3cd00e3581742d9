"""What each stage waits for, and which stages a change reaches."""

import re
from collections.abc import Iterable, Mapping

ROOT = "dvc.yaml"
Graph = Mapping[str, frozenset[str]]


def read_graph(dot: str) -> dict[str, frozenset[str]]:
    """Read what `dvc dag --dot` tells of all stages.

    Parameters
    ----------
    dot : str
        A stage in quotes a line, or two with an arrow from the one that makes to the one that
        reads.

    Returns
    -------
    dict of str to frozenset of str
        For every stage, in the order of the files, those whose outputs it reads. Stages of other
        files than dvc.yaml have the file and a colon before their name.
    """
    needs: dict[str, set[str]] = {}
    for line in dot.splitlines():
        names = re.findall(r'"([^"]+)"', line)
        for name in names:
            needs.setdefault(name, set()).update(names[:-1] if name == names[-1] else ())
    return {name: frozenset(others) for name, others in needs.items()}


def upstream(needs: Graph, flows: Iterable[str]) -> dict[str, frozenset[str]]:
    """Keep the stages of some files, and all that they wait for, in the order of the graph."""
    asked = set(flows)
    waiting = {name for name in needs if (name.rpartition(":")[0] or ROOT) in asked}
    kept: set[str] = set()
    while waiting:
        kept |= waiting
        waiting = set().union(*(needs[name] for name in waiting)) - kept
    return {name: others for name, others in needs.items() if name in kept}


def downstream(needs: Graph, changed: Iterable[str]) -> dict[str, frozenset[str]]:
    """Keep the changed stages and all that follow from them, in the order of the graph."""
    reached, waiting = set(), set(changed) & set(needs)
    while waiting:
        reached |= waiting
        waiting = {name for name, others in needs.items() if others & waiting} - reached
    return {name: others & reached for name, others in needs.items() if name in reached}


def heights(needs: Graph) -> dict[str, int]:
    """Count the stages on the longest way from each to an end of the graph, itself included."""
    height = dict.fromkeys(needs, 1)
    for _ in needs:
        for name, others in needs.items():
            for other in others:
                height[other] = max(height[other], height[name] + 1)
    return height
