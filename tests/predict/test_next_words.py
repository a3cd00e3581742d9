"""The command on a short text: models that predict, that do not, and that are not there."""

import json
import math

import numpy as np
import pandas as pd
import pytest
import torch
from click.testing import CliRunner
from ruamel.yaml import YAML
from transformers import GPT2Config, GPT2LMHeadModel

from stages.core.results.language_scores import LAYERS, SCORES, WORDS
from stages.core.results.text_losses import TEXT_LOSSES
from stages.core.results.typed_tables import empty_table
from stages.core.run.errors import InputError
from stages.core.run.files import sha256
from stages.core.run.tables import write_table
from stages.predict.__main__ import main
from stages.predict.next_words import predict
from stages.predict.text_beginning import beginning
from tests.conftest import PROJECT
from tests.tiny_models import save_tiny_model

TEXT = " \n = Witch = \n\n the old witch flew over a quiet village , naïve nobody looking\n"


@pytest.fixture(scope="module")
def sure(tmp_path_factory):
    """A causal network that takes every token for equally likely."""
    folder = save_tiny_model("gpt2", tmp_path_factory.mktemp("sure") / "model")
    size = json.loads((folder / "config.json").read_text())["vocab_size"]
    network = GPT2LMHeadModel(
        GPT2Config(vocab_size=size, n_embd=16, n_layer=1, n_head=2, n_positions=64)
    )
    with torch.no_grad():
        network.transformer.wte.weight.zero_()
    network.save_pretrained(folder)
    return folder, size


@pytest.fixture(scope="module")
def predicted(sure, tmp_path_factory):
    folder, source = tmp_path_factory.mktemp("predict"), tmp_path_factory.mktemp("mirror")
    (source / "wikitext2").mkdir()
    (source / "wikitext2" / "test.txt").write_text(TEXT, encoding="utf-8")
    bert = save_tiny_model("bert", folder / "bert")
    files = {"wikitext2/test.txt": {"path": "test.txt"}}
    files["wikitext2/test.txt"]["sha256"] = sha256(source / "wikitext2" / "test.txt")
    (folder / "wikitext2").mkdir()
    told = {"repository": "a/b", "revision": "0" * 40, "files": files}
    (folder / "wikitext2" / "sources.json").write_text(json.dumps(told))
    words = empty_table(WORDS).reindex([0, 1])
    words = words.assign(model=["even", "bert"], recording="alice", bits_per_byte=[2.5, np.nan])
    text = [name for name, kind in WORDS.items() if kind == "text"]
    words = words.assign(trained=True).astype({"trained": bool})
    words[text] = words[text].fillna("").astype(str)
    tables = {"scores": empty_table(SCORES), "words": words, "layers": empty_table(LAYERS)}
    for name, table in tables.items():
        write_table(folder / "tables" / f"{name}.parquet", table)
    params = YAML(typ="safe").load(PROJECT / "params.yaml")
    zoo = {"even": f"file:{sure[0]}", "twin": f"file:{sure[0]}+untrained:1", "bert": f"file:{bert}"}
    zoo |= {"gone": f"file:{folder}/gone", "identity": "control:random-8"}
    params["models"] |= zoo
    params["language"]["zoo"], params["predict"]["words"] = list(zoo), 12
    YAML().dump(params, folder / "params.yaml")
    options = {"text": "wikitext2", "tables": "tables", "out": "out.parquet", "summary": "out.json"}
    line = [part for name, path in options.items() for part in (f"--{name}", str(folder / path))]
    environment = {"CONCORD_DATA_MIRROR": str(source)}
    line += ["--params", str(folder / "params.yaml")]
    answer = CliRunner().invoke(main, ["language", *line], env=environment)
    assert answer.exit_code == 0, answer.output
    table = pd.read_parquet(folder / "out.parquet").set_index(["text", "model"])
    return table, json.loads((folder / "out.json").read_text()), answer.output


def test_a_network_without_a_clue_has_the_loss_of_a_guess(predicted, sure):
    row = predicted[0].loc[("wikitext2", "even")]
    assert row["loss"] == pytest.approx(math.log(sure[1]), abs=1e-5)
    assert row["perplexity"] == pytest.approx(sure[1], rel=1e-5)
    shown = beginning(TEXT, 12)
    bits = row["tokens"] * math.log2(sure[1]) / row["bytes"]
    assert row["bits_per_byte"] == pytest.approx(bits)
    # The first token is not predicted.
    assert 0 < len(shown.encode()) - row["bytes"] <= 3
    assert row["loss_per_word"] > row["loss"]


def test_twins_differ_and_what_predicts_nothing_is_told(predicted):
    table, _, output = predicted
    assert set(table.loc["wikitext2"].index) == {"even", "twin", "gone"}
    assert table.loc[("wikitext2", "twin"), "loss"] != table.loc[("wikitext2", "even"), "loss"]
    assert table.loc[("wikitext2", "gone"), "error"]
    assert np.isnan(table.loc[("wikitext2", "gone"), "loss"])
    assert "bert: left out: no language head" in output
    assert "identity: left out, since it is no network" in output


def test_the_stimuli_stand_beside_it(predicted):
    table, summary, _ = predicted
    assert table.loc[("alice", "even"), "bits_per_byte"] == 2.5
    assert summary["alice"] == {"even": {"bits_per_byte": 2.5}}
    assert set(summary["wikitext2"]) == {"even", "twin"}
    assert set(summary["wikitext2"]["even"]) == {"perplexity", "bits_per_byte"}


def test_a_text_is_cut_after_its_words_and_must_have_them():
    assert beginning(" \n a  bc, d", 2) == " \n a  bc,"
    with pytest.raises(InputError, match="text too short in params.yaml: predict.words: .* got 2"):
        beginning("a b", 3)


def test_without_any_text_there_are_all_columns():
    words = empty_table(WORDS).reindex([0])
    words = words.assign(model="even", recording="alice", bits_per_byte=2.5)
    table = predict([], "text", "", words)
    assert list(table) == list(TEXT_LOSSES)
    assert table[["model", "text", "error"]].to_numpy().tolist() == [["even", "alice", ""]]
    assert table["bits_per_byte"].tolist() == [2.5]
    assert table["loss"].isna().all()
