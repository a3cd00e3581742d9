"""Scores after more and more words: what is planted far back is found only when it is read."""

import numpy as np
import pandas as pd
import pytest
import torch
from click.testing import CliRunner
from ruamel.yaml import YAML

from stages.core.names.models import parse_model
from stages.core.nets.load import load_network, open_model
from stages.core.recording.recording_files import write_recording
from stages.core.recording.types import Recording, Subject
from stages.core.results.context_lengths import read_contexts
from stages.encode.__main__ import main as encode
from stages.extract.__main__ import main as extract
from stages.lengthen import context_scores
from stages.lengthen.__main__ import main
from tests.conftest import PROJECT
from tests.tiny_models import WORDS, save_tiny_model

RUNS, LENGTH = 4, 40
N = RUNS * LENGTH
NAME = "futrell2018-simulated"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_tiny_model("gpt2", tmp_path_factory.mktemp("model") / "gpt2")


def read_by_themselves(folder, texts):
    """Last tokens' vectors of the last layer."""
    model = open_model(parse_model(f"file:{folder}", {}))
    network, vectors = load_network(model, False), []
    for text in texts:
        ids = torch.tensor([model.tokenizer(text)["input_ids"]])
        with torch.no_grad():
            states = network(input_ids=ids, output_hidden_states=True).hidden_states
        vectors.append(states[-1][0, -1].numpy())
    return np.stack(vectors)


@pytest.fixture(scope="module")
def folder(model, tmp_path_factory):
    """Times that follow what a network makes of a word after the two before it."""
    folder, rng = tmp_path_factory.mktemp("lengthen"), np.random.default_rng(4)
    words = rng.choice(WORDS, N)
    ids = [f"w{k:03d}" for k in range(N)]
    run = np.repeat([str(k) for k in range(RUNS)], LENGTH)
    onset = np.tile(np.arange(float(LENGTH)), RUNS)
    stimuli = pd.DataFrame({"id": ids, "text": words, "run": run, "onset": onset})
    stimuli = stimuli.assign(duration=1.0, sample=ids)
    place = np.tile(np.arange(LENGTH), RUNS)
    seen = [" ".join(words[k - min(place[k], 2) : k + 1]) for k in range(N)]
    vectors = read_by_themselves(model, seen)
    alone = pd.DataFrame(vectors).groupby(words).transform("mean").to_numpy()
    left = np.linalg.svd(vectors - alone, full_matrices=False)[0][:, 0] * np.sqrt(N)
    response = left + 0.3 * rng.standard_normal(N)
    targets = pd.DataFrame({"id": ["t"], "region": ["reading_time"], "hemisphere": ""})
    targets = targets.assign(**{axis: pd.array([pd.NA], "Int64") for axis in "ijk"}, ceiling=0.9)
    people = [Subject("group", response[:, None].astype(np.float32), targets)]
    samples = stimuli[["id", "run", "onset"]]
    write_recording(
        folder / "prepared" / NAME,
        Recording(NAME, "events", None, None, stimuli, samples, people),
    )
    return folder


@pytest.fixture
def lengthen(folder, model, monkeypatch, tmp_path):
    """Run the command, and those that it runs, in this process."""
    monkeypatch.setenv("CONCORD_DEVICE", "cpu")
    monkeypatch.setenv("CONCORD_SCRATCH", str(tmp_path / "scratch"))
    commands = {"stages.extract": extract, "stages.encode": encode}

    def run_here(module, *words):
        answer = CliRunner().invoke(commands[module], list(words))
        assert answer.exit_code == 0, answer.output

    def run(model=f"file:{model}", lengths=(1, 3, 0)):
        params = YAML(typ="safe").load(PROJECT / "params.yaml")
        params["models"]["net"] = model
        params["contexts"] = {"lengths": list(lengths), "recording": NAME, "model": "net"}
        params["language"]["extract"]["exceptions"] = {"net": 1}  # not when lengths are compared
        params["folds"]["gap"], params["chance"]["draws"] = 2, 19
        YAML().dump(params, tmp_path / "params.yaml")
        options = {"recordings": folder / "prepared", "out": tmp_path / "out.parquet"}
        options |= {"params": tmp_path / "params.yaml"}
        words = [part for name, path in options.items() for part in (f"--{name}", str(path))]
        monkeypatch.setattr(context_scores, "run_command", run_here)
        return CliRunner().invoke(main, ["language", *words]), tmp_path / "out.parquet"

    return run


@pytest.mark.filterwarnings("ignore:::transformers")
def test_what_came_before_is_found_once_it_is_read(lengthen):
    answer, out = lengthen()
    assert answer.exit_code == 0, answer.output
    table = read_contexts(out).set_index("context")
    assert list(table.index) == [1, 3, 0]
    assert table.loc[3, "score"] > 0.8
    assert table.loc[1, "score"] < 0.3
    assert (table[["recording", "model", "region"]] == [NAME, "net", "reading_time"]).all(axis=None)
    assert table["ceiling"].eq(0.9).all()
    assert table["beyond"].isna().all()  # there are no nuisance variables
    assert table.loc[3, "layer"] == "layer_02"


def test_a_model_that_fails_is_no_point_that_is_missing(lengthen, tmp_path):
    answer, out = lengthen(model=f"file:{tmp_path}/gone", lengths=(5,))
    assert answer.exit_code == 1
    assert "model that could not be run in net after 5 words" in answer.output
    assert not out.exists()


def test_a_stage_that_fails_says_why():
    with pytest.raises(context_scores.ConcordError, match="stage that failed in stages.check pres"):
        context_scores.run_command("stages.check", "preset", "nothing")


def test_commands_run_in_the_folder_of_the_project(tmp_path, monkeypatch):
    """Where `tests` is found, which is not installed."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.chdir(tmp_path)
    context_scores.run_command("tests.scale", "--help")
    with pytest.raises(context_scores.ConcordError, match="tests.scale --helps: .* No such option"):
        context_scores.run_command("tests.scale", "--helps")
