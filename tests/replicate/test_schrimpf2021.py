"""The recipe on a planted table, and the numbers of the real one."""

import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.replicate.published_targets import judge_all, replication_table
from stages.replicate.schrimpf2021 import derive_schrimpf
from stages.replicate.schrimpf_scores import (
    FUTRELL,
    NAME,
    NEURAL,
    WIKITEXT,
    at_others_layer,
    best_layers,
    families,
    read_scores_of_layers,
)
from stages.replicate.schrimpf_targets import TARGETS

FAILING = {
    "neural ~ behaviour",
    "next-word ~ behaviour",
    "next-word ~ behaviour, clipped",
    "gain by training, pereira, %",
}


@pytest.fixture
def planted():
    """Two models of two layers, the twin of one, and one that is not the paper's."""
    rows = []
    for model, scores in {
        "gpt2": ((0.2, 0.5, 0.1), (0.8, 0.4, 0.3)),
        "bert-x": ((1.2, 0.1, 0.2), (0.3, 0.2, 0.1)),
        "gpt2-untrained": ((0.1, 0.1, 0.1), (0.2, 0.0, 0.0)),
        "transformer": ((9.0, 9.0, 9.0), (9.0, 9.0, 9.0)),
    }.items():
        for layer, values in enumerate(scores):
            for benchmark, score in zip(NEURAL.values(), values, strict=True):
                rows.append((f"layer{layer}", benchmark, model, score))
        rows += [(np.nan, FUTRELL, model, 1.5), (np.nan, WIKITEXT, model, 2.0)]
        rows += [(np.nan, "glue-cola", model, 0.3)]
    return pd.DataFrame(rows, columns=["layer", "benchmark", "model", "score"])


def test_best_layers_are_those_of_a_loop(planted):
    found = best_layers(planted, trained=True)
    assert sorted(found.index) == ["bert-x", "gpt2"]
    for model in found.index:
        for short, benchmark in NEURAL.items():
            own = planted[planted["model"].eq(model) & planted["benchmark"].eq(benchmark)]
            assert found.loc[model, short] == max(own["score"])
    assert found.loc["bert-x", "neural"] == pytest.approx((1.0 + 0.2 + 0.2) / 3)
    assert found.loc["gpt2", "next_word"] == pytest.approx(-np.exp(2.0))
    assert (found.loc["gpt2", "futrell"], found.loc["gpt2", "futrell_clipped"]) == (1.5, 1.0)
    assert best_layers(planted, trained=False).loc["gpt2", "pereira"] == 0.2


def test_the_layer_is_chosen_on_the_others(planted):
    pereira = at_others_layer(planted, "pereira")
    assert pereira.to_dict() == {"gpt2": 0.8, "bert-x": 1.2}
    fedorenko = at_others_layer(planted, "fedorenko")
    assert fedorenko.to_dict() == {"gpt2": 0.4, "bert-x": 0.1}


def test_a_missing_score_gives_no_mean(planted):
    gone = planted["model"].eq("gpt2") & planted["benchmark"].eq(NEURAL["blank"])
    assert np.isnan(best_layers(planted[~gone], trained=True).loc["gpt2", "neural"])


def test_families():
    names = ["distilroberta-base", "bert-base", "albert-x", "distilgpt2", "xlm-clm-enfr", "ctrl"]
    found = families(pd.Index([*names, "xlm-mlm-100"]))
    assert found.tolist() == ["roberta", "bert", "albert", "gpt", "xlm-mlm", "ctrl", "xlm-mlm"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("layer,benchmark,model\na,b,c\n", "unreadable scores"),
        ("layer,benchmark,model,score\na,b,c,high\n", "unreadable scores"),
        ("layer,benchmark,model,score\na,b,c,1\na,b,c,2\n", "occurs twice .* got c"),
        ("layer,benchmark,model,score\na,b,c,1\n", "benchmark missing .*Blank2014"),
    ],
)
def test_wrong_tables_are_refused(tmp_path, text, message):
    path = tmp_path / "scores.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_scores_of_layers(path)


@pytest.fixture(scope="module")
def path(mirror):
    return mirror / NAME


def rows_of(path):
    found = derive_schrimpf({NAME: path})
    return replication_table(list(judge_all("schrimpf2021", TARGETS, found)))


@pytest.fixture(scope="module")
def rows(path):
    return rows_of(path).set_index("quantity")


def test_every_independent_number_is_arrived_at(rows):
    derived = rows[rows["basis"].eq("recomputed")]
    assert len(derived) > 40
    assert derived["verdict"].eq("matches").all()
    failing = rows[rows["verdict"].eq("does not recompute")]
    assert set(failing.index) == FAILING
    assert rows.loc["neural ~ behaviour, clipped", "verdict"] == "matches"


def test_static_embeddings_and_families_carry_the_published_relation(rows):
    assert rows.loc["neural ~ next-word", "low"] < 0.02
    assert rows.loc["neural ~ next-word without static embeddings", "ours"] < 0.25
    assert rows.loc["neural ~ next-word, unseen layers", "ours"] < 0.3


def test_shuffled_scores_recompute_nothing(path, tmp_path, rng):
    table = read_scores_of_layers(path)
    table["score"] = rng.permutation(table["score"].to_numpy())
    table.to_csv(tmp_path / "shuffled.csv", index=False)
    verdicts = rows_of(tmp_path / "shuffled.csv")["verdict"].value_counts()
    assert verdicts.get("matches", 0) < 5
    assert verdicts["does not recompute"] > 45
