"""Scores after so many words are means over targets, of what the other stages write."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from stages.core.params.read import read_params
from stages.core.results.context_lengths import CONTEXTS
from stages.core.results.leaks import MARK
from stages.core.results.results import results_table, write_results
from stages.lengthen import context_scores
from tests.conftest import PROJECT


def results(context):
    """What encode might write after so many words, of an average and one of its people."""
    rows = [
        ("group", "b", "t1", "nested", "r", "layer_2", 0.25 * context),
        ("group", "b", "t2", "nested", "r", "layer_1", 0.75),
        ("group", "b", "t3", "nested", "r", "layer_1", 0.5),
        ("group", "a", "t4", "nested", "r", "layer_3", -0.5),
        ("group", "b", "t1", "nested", "r_partial", "layer_2", 0.125),
        ("group", "b", "t2", "nested", "r_partial", "layer_2", 0.375),
        ("group", "b", "t1", "hidden", "r", "layer_9", 0.9),
        ("group", "b", "t1", "nested", "r2", "layer_9", 0.9),
        ("one", "b", "t1", "nested", "r", "layer_9", 0.9),
    ]
    names = ["subject", "region", "target", "kind", "metric", "layer", "score"]
    table = pd.DataFrame(rows, columns=names)
    table["null_mean"], table["null_sd"] = table["score"] / 10, table["score"].abs() / 5
    return results_table(
        table.assign(
            ceiling=2 * table["score"], split="held-out shuffled", dataset="story", model="net"
        )
    )


def test_means_over_targets_of_the_average(tmp_path, monkeypatch):
    """Each length of its own, and settings of no other model among the exceptions."""
    params, asked = read_params(PROJECT / "params.yaml"), []
    lengths = params.contexts.model_copy(update={"lengths": [1, 4], "model": "net"})
    params = params.model_copy(update={"contexts": lengths})

    def stage(module, *words):
        given = dict(zip(words[1::2], words[2::2], strict=True))
        content = json.loads(Path(given["--params"]).read_text())["language"]["extract"]
        asked.append((module, words[0], content["context"], content["exceptions"]))
        assert given["--recording"] == str(tmp_path / "story")
        if module == "stages.extract":
            assert given["--model"] == "net"
            Path(given["--out"]).mkdir()
        else:
            assert Path(given["--activations"]).is_dir()
            write_results(Path(given["--out"]), results(content["context"]))

    monkeypatch.setattr(context_scores, "run_command", stage)
    found = context_scores.context_scores(tmp_path / "story", params)
    both = ("stages.extract", "stages.encode")
    assert asked == [(module, "language", k, {}) for k in (1, 4) for module in both]
    assert list(found) == list(CONTEXTS)
    assert list(found.index) == [0, 1, 2, 3]
    assert list(found["context"]) == [1, 1, 4, 4]
    assert list(found["region"]) == ["b", "a"] * 2
    np.testing.assert_allclose(found["score"], [0.5, -0.5, 0.75, -0.5])
    np.testing.assert_allclose(found["null_mean"], [0.05, -0.05, 0.075, -0.05])
    np.testing.assert_allclose(found["null_sd"], [0.1, 0.1, 0.15, 0.1])
    np.testing.assert_allclose(found["ceiling"], [1, -1, 1.5, -1])
    np.testing.assert_allclose(found["beyond"], [0.25, np.nan] * 2)
    assert list(found["layer"]) == ["layer_1", "layer_3"] * 2
    assert set(found["model"]) == {"net"}
    assert set(found["recording"]) == {f"story{MARK}"}
