import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.replicate.schrimpf_scores import (
    FUTRELL,
    NEURAL,
    WIKITEXT,
    at_others_layer,
    best_layers,
    of_paper,
    read_scores_of_layers,
)

PEREIRA, FEDORENKO, BLANK = NEURAL.values()
# By model and layer, scores of the three benchmarks.
SCORES = {
    ("a", "l0"): (0.9, 0.2, 1.4), ("a", "l1"): (0.5, 0.7, 0.1), ("b", "l0"): (0.3, 0.3, 0.3),
    ("a-untrained", "l0"): (0.4, 0.1, 0.2), ("transformer", "l0"): (9.0, 9.0, 9.0),
}  # fmt: skip


@pytest.fixture
def table():
    rows = [
        (layer, benchmark, model, score)
        for (model, layer), scores in SCORES.items()
        for benchmark, score in zip(NEURAL.values(), scores, strict=True)
    ]
    for model, loss, reading, glue in (("a", 3.0, 1.2, (0.5, 0.7)), ("b", 5.0, 0.4, (0.3, np.nan))):
        rows += [("", WIKITEXT, model, loss), ("l0", FUTRELL, model, reading)]
        rows += [("", f"glue-{n}", model, score) for n, score in enumerate(glue)]
    rows += [("", WIKITEXT, "a-untrained", 11.0), ("l0", FUTRELL, "a-untrained", 0.1)]
    return pd.DataFrame(rows, columns=["layer", "benchmark", "model", "score"])


def test_models_have_their_best_layer_of_each_benchmark(table):
    found = best_layers(table, trained=True)
    assert list(found.index) == ["a", "b"]
    assert found.loc["a", ["pereira", "fedorenko", "blank"]].tolist() == [0.9, 0.7, 1.4]
    assert found.loc["a", "neural"] == pytest.approx((0.9 + 0.7 + 1) / 3)
    assert found.loc["a", ["futrell", "futrell_clipped", "loss"]].tolist() == [1.2, 1.0, 3.0]
    assert found.loc["a", "next_word"] == pytest.approx(-np.exp(3))
    assert found.loc["a", "glue"] == pytest.approx(0.6)
    assert found.loc["a", ["glue-0", "glue-1"]].tolist() == [0.5, 0.7]
    assert np.isnan(found.loc["b", "glue"])


def test_twins_have_the_names_of_the_trained(table):
    found = best_layers(table.assign(score=table["score"]), trained=False)
    assert list(found.index) == ["a"]
    assert found.loc["a", ["pereira", "loss"]].tolist() == [0.4, 11.0]
    left = of_paper(pd.DataFrame({"model": ["transformer", "transformer-untrained", "b"]}))
    assert left["model"].tolist() == ["b"]


def test_scores_at_the_layer_of_the_other_benchmarks(table):
    # Of `a`, the others than pereira are .8 and .4 on average, so that its layer is l0.
    assert at_others_layer(table, "pereira").to_dict() == {"a": 0.9, "b": 0.3}
    assert at_others_layer(table, "fedorenko").to_dict() == {"a": 0.2, "b": 0.3}
    assert at_others_layer(table, "blank").to_dict() == {"a": 0.1, "b": 0.3}


def test_scores_are_read_and_refused(table, tmp_path):
    path = tmp_path / "scores.csv"

    def read(rows):
        rows.to_csv(path, index=False)
        return read_scores_of_layers(path)

    assert read(table)["error"].isna().all()
    assert read(table.assign(error=0.25))["error"].eq(0.25).all()
    for rows, message in (
        (pd.concat([table, table.iloc[:1]]), "layer that occurs twice .*got a"),
        (table[table["benchmark"].ne(BLANK)], f"benchmark missing .*expected {BLANK}"),
        (table.drop(columns="layer"), "unreadable scores"),
        (table.assign(score="x"), "unreadable scores"),
    ):
        with pytest.raises(InputError, match=message):
            read(rows)
