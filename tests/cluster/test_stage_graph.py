"""The graph as DVC draws it, what a change reaches, and who comes first."""

import networkx as nx
import pytest

from stages.cluster.stage_graph import downstream, heights, read_graph, upstream

DOT = """strict digraph {
"a";
"b@x";
"b@y";
"c";
"metrics/dvc.yaml:other";
"a" -> "b@x";
"a" -> "b@y";
"b@x" -> "c";
"b@y" -> "c";
"c" -> "metrics/dvc.yaml:other";
"d" -> "metrics/dvc.yaml:other";
}
"""


def test_arrows_go_from_what_is_made_to_who_reads_it():
    assert read_graph(DOT) == {
        "a": set(), "b@x": {"a"}, "b@y": {"a"}, "c": {"b@x", "b@y"},
        "metrics/dvc.yaml:other": {"c", "d"}, "d": set(),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "reached"),
    [({"a"}, ["a", "b@x", "b@y", "c"]), ({"b@y"}, ["b@y", "c"]), ({"c"}, ["c"]), (set(), [])],
)
def test_a_change_reaches_what_follows_from_it(changed, reached):
    kept = downstream(upstream(read_graph(DOT), ["dvc.yaml"]), changed)
    assert list(kept) == reached
    assert set().union(*kept.values()) <= set(reached), "what is up to date is not waited for"


def test_stages_of_a_file_come_with_what_they_wait_for_and_nothing_else():
    graph = read_graph(DOT)
    assert set(upstream(graph, ["dvc.yaml"])) == {"a", "b@x", "b@y", "c", "d"}
    assert upstream(graph, ["metrics/dvc.yaml"]) == graph
    assert upstream(graph, ["report/dvc.yaml"]) == {}


def test_a_stage_of_another_file_that_changed_is_no_stage_of_ours():
    own = upstream(read_graph(DOT), ["dvc.yaml"])
    assert downstream(own, {"metrics/dvc.yaml:other"}) == {}


def test_heights_are_the_longest_ways(rng):
    names = [f"s{k}" for k in range(30)]
    needs = {
        name: frozenset(other for other in names[:k] if rng.random() < 0.1)
        for k, name in enumerate(names)
    }
    graph = nx.DiGraph([(other, name) for name, others in needs.items() for other in others])
    graph.add_nodes_from(names)
    found = heights(needs)
    for name in names:
        after = nx.subgraph(graph, {name, *nx.descendants(graph, name)})
        assert found[name] == nx.dag_longest_path_length(after) + 1
