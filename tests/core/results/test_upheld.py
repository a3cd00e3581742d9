import pandas as pd

from stages.core.results.results import results_table
from stages.core.results.upheld import upheld


def row(layer, target, metric, q, **more):
    kind = "hidden" if layer.startswith("layer") else "head"
    return {"model": "m", "layer": layer, "kind": kind, "target": target} | more | {
        "metric": metric, "q": q, "score": 0.3, "p": q and q / 2
    }  # fmt: skip


def test_q_is_the_largest_of_the_tests_that_were_made(rng):
    rows = [
        row("layer_00", "A/a", "r", 0.01), row("layer_00", "A/a", "r_partial", 0.2),
        row("layer_00", "A/a", "r_words", 0.03), row("layer_00", "A/b", "r", 0.02),
        row("layer_00", "A/b", "r_words", 0.01), row("layer_00", "A/b", "r2", 0.9),
        row("layer_00", "A/b", "r_partial", 0.001),
        row("layer_00", "A/sum", "r", 0.001), row("layer_00", "A/sum", "r_words", 0.001),
        row("layer_01", "A/b", "r", 0.001), row("layer_01", "A/b", "r_partial", None),
        row("layer_01", "A/a", "r", 0.01), row("layer_01", "A/a", "r_partial", 0.02),
        row("layer_01", "A/a", "r_words", 0.04), row("layer_01", "A/a", "r_odd", 0.9),
        row("attention_01.head_01", "A/a", "r", 0.001),
        row("layer_00", "A/a", "r", 0.6, model="n"),
        row("layer_00", "A/a", "r_words", 0.1, model="n"),
    ]  # fmt: skip
    table = results_table([rows[place] for place in rng.permutation(len(rows))])
    found = upheld(table)
    assert list(found.index) == list(table.index[table["metric"] == "r"])
    pd.testing.assert_frame_equal(
        found.drop(columns="q"), table[table["metric"] == "r"].drop(columns="q")
    )
    assert found.set_index(["model", "layer", "target"])["q"].to_dict() == {
        ("m", "layer_00", "A/a"): 0.2, ("m", "layer_00", "A/b"): 0.02,
        ("m", "layer_00", "A/sum"): 1.0, ("m", "layer_01", "A/b"): 1.0,
        ("m", "layer_01", "A/a"): 0.04, ("m", "attention_01.head_01", "A/a"): 0.001,
        ("n", "layer_00", "A/a"): 0.6,
    }  # fmt: skip


def test_no_results_stay_none():
    assert upheld(results_table([])).empty
