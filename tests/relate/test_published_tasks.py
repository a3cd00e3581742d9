"""Published tasks are found for the models that are the published ones, and for no others."""

import logging

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from scipy.stats import pearsonr

from stages.core.params.presets import PRESETS
from stages.core.results.language_scores import read_language_scores
from stages.core.results.language_tasks import PERPLEXITY
from stages.core.run.tables import write_table
from stages.relate.__main__ import main
from stages.relate.published_tasks import published_tasks
from stages.replicate.published_zoo import zoo_tables
from stages.replicate.schrimpf_scores import NAME, read_scores_of_layers
from tests.conftest import PROJECT

PRESET = PRESETS["schrimpf2021"].models
OURS = {
    "mine": "hf:gpt2", "big": "hf:openai-community/gpt2-xl", "bert": "hf:bert-base-uncased",
    "ctrl": "hf:Salesforce/ctrl@main", "t5": "hf:google-t5/t5-small",
    "minilm": "st:all-MiniLM-L6-v2", "twin": "hf:gpt2+untrained:0",
    "step": "hf:gpt2-medium@step1000", "other": "hf:somebody/gpt2-large",
}  # fmt: skip
THEIRS = {
    "mine": "gpt2", "big": "gpt2-xl", "bert": "bert-base-uncased", "ctrl": "ctrl",
    "t5": "t5-small",
}  # fmt: skip


@pytest.fixture
def tasks():
    """Two tasks of all models of the published zoo: their places, and powers of two."""
    rows = [
        {"model": name, "trained": trained, "task": task, "measure": measure, "value": value}
        for place, name in enumerate(PRESET)
        for trained in (True, False)
        for task, measure, value in (
            ("glue-cola", "as GLUE has it", place + 100 * (not trained)),
            ("wikitext-2", PERPLEXITY, 2.0**place),
        )
    ]
    return pd.DataFrame(rows)


def test_models_are_found_by_their_repositories_whatever_their_short_names(tasks, caplog):
    with caplog.at_level(logging.WARNING, "concord.relate"):
        found = dict(published_tasks(OURS, tasks))
    places = {name: list(PRESET).index(one) for name, one in THEIRS.items()}
    assert found["glue-cola, as published"].to_dict() == places
    perplexity = found["wikitext-2, as published"].to_dict()
    assert perplexity == {name: -(2.0**place) for name, place in places.items()}
    told = [one.split(" (")[0] for one in caplog.messages]
    assert told == ["tasks of schrimpf2021: minilm", "tasks of schrimpf2021: other"]


def test_the_same_repository_under_both_its_names(tasks):
    strings = OURS | {"mine": "hf:openai-community/gpt2"}
    found = dict(published_tasks(strings, tasks))
    assert found["glue-cola, as published"]["mine"] == list(PRESET).index("gpt2")


def test_few_models_of_the_published_zoo_are_refused_in_one_line(tasks, caplog):
    few = {name: OURS[name] for name in ("mine", "big", "bert", "ctrl", "twin")}
    assert not list(published_tasks(few, tasks))
    assert caplog.messages == [
        "tasks of schrimpf2021: not correlated: 4 models of ours are among its own "
        "(mine, big, bert, ctrl), fewer than 5"
    ]


def test_the_command_finds_the_published_relations_where_our_scores_are_the_published(
    mirror, tmp_path
):
    """Independent of our tables: best layers and GLUE are taken from the public file by hand."""
    made = zoo_tables(read_scores_of_layers(mirror / NAME))
    strings = PRESET | dict.fromkeys(("glove", "word2vec"), "static:spacy-md")
    strings |= {f"{name}-untrained": f"{one}+untrained" for name, one in strings.items()}
    kept = made["scores"]["model"].isin(strings) & made["scores"]["recording"].eq("pereira2018")
    words = made["words"][made["words"]["recording"].eq("pereira2018")]
    words = words[words["model"].isin(strings)]
    tables = made | {
        "scores": made["scores"][kept].reset_index(drop=True),
        "words": words.assign(string=words["model"].map(strings)).reset_index(drop=True),
    }
    for name, table in tables.items():
        write_table(tmp_path / f"{name}.parquet", table)
    read_language_scores(tmp_path)  # what is written is what the study writes
    command = ["language", "--tables", tmp_path, "--tasks", tmp_path / "tasks.parquet"]
    command += ["--out", tmp_path / "out.parquet", "--params", PROJECT / "params.yaml"]
    result = CliRunner().invoke(main, [str(one) for one in command])
    assert result.exit_code == 0, result.output
    found = pd.read_parquet(tmp_path / "out.parquet")
    found = found[found["statistic"] == "pearson"].set_index("benchmark")

    file = pd.read_csv(mirror / NAME, encoding="utf-8-sig")
    best = file[file["benchmark"] == "Pereira2018-encoding"].groupby("model")["score"].max()
    for task, sign in (("glue-cola", 1), ("glue-mnli", 1), ("wikitext-2", -1)):
        values = file[file["benchmark"] == task].set_index("model")["score"]
        both = [name for name in PRESET if name in values.index and name in best.index]
        x = np.exp(values[both]) if sign < 0 else values[both]
        row = found.loc[f"{task}, as published"]
        assert row["n"] == len(both) >= 36
        assert row["value"] == pytest.approx(sign * pearsonr(x, best[both])[0])
        assert row["low"] < 0 < row["high"]  # nor do perplexities tell, of networks alone
    # Static vectors have twins of their own, and are left out of the second row.
    counts = found["n"]
    assert counts["untrained twin"] == counts["untrained twin without static embeddings"] + 2
