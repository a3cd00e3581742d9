"""Speed of the extraction of all layers, beside sentence-transformers' last one."""

from statistics import median
from time import perf_counter

import numpy as np
import pandas as pd
import pytest
import wordfreq
from sentence_transformers import SentenceTransformer

from stages.core.activations.activations import read_about, read_layer
from stages.core.names.models import parse_model
from stages.core.nets.load import load_network, open_model
from stages.core.params.schema import ExtractStory
from stages.core.recording.types import stimuli_digest
from stages.extract import extraction
from stages.extract.extraction import extract
from tests.benchmarks.conftest import peak_memory

SENTENCES = 1200
REPEATS = 3
MODEL = "st:all-MiniLM-L6-v2"


@pytest.fixture
def stimuli(rng):
    """Sentences of 3 to 60 frequent English words, log-normal in length, as prose is."""
    words = wordfreq.top_n_list("en", 5000)
    frequency = np.array([wordfreq.word_frequency(word, "en") for word in words])
    lengths = np.clip(rng.lognormal(2.7, 0.5, SENTENCES).astype(int), 3, 60)
    n = int(lengths.sum())
    return pd.DataFrame(
        {
            "id": [f"word_{k:06d}" for k in range(n)],
            "text": rng.choice(words, n, p=frequency / frequency.sum()),
            "run": "1",
            "onset": np.arange(n) * 0.5,
            "duration": 0.5,
            "sample": np.repeat([f"sentence_{k:04d}" for k in range(SENTENCES)], lengths),
        }
    )


def clock(function, *args):
    start = perf_counter()
    value = function(*args)
    return perf_counter() - start, value


@pytest.mark.benchmark
def test_all_layers_beside_sentence_transformers(stimuli, tmp_path, monkeypatch, report):
    """Both load their model beforehand; ours also writes its layers to disk."""
    monkeypatch.setenv("CONCORD_DEVICE", "cpu")
    monkeypatch.setenv("CONCORD_SCRATCH", str(tmp_path / "scratch"))
    spec = parse_model(MODEL, {})
    settings = ExtractStory(presentation="window", context=1, pooling="mean", attention=False)
    model = open_model(spec)
    network = load_network(model, attention=False)
    monkeypatch.setattr(extraction, "open_model", lambda _: model)
    monkeypatch.setattr(extraction, "load_network", lambda *_: network)
    peer = SentenceTransformer(str(model.folder), device="cpu")
    sentences = stimuli.groupby("sample", sort=False)["text"].agg(" ".join).tolist()

    ours, theirs = [], []
    peer.encode(sentences[:64])
    for k in range(REPEATS):
        ours.append(clock(extract, stimuli, spec, settings, tmp_path / str(k))[0])
        seconds, vectors = clock(peer.encode, sentences)
        theirs.append(seconds)

    name = f"extract, all layers of {SENTENCES} sentences, beside sentence-transformers"
    report(name, median(ours), median(theirs), peak_memory())

    about, rows = read_about(tmp_path / "0", stimuli_digest(stimuli))
    last = read_layer(tmp_path / "0", "layer_06", about, len(rows))
    assert vectors.shape == last.shape == (SENTENCES, 384)
    # The peer's mean includes [CLS] and [SEP]: close, not equal.
    cosine = (last * vectors).sum(1) / np.linalg.norm(last, axis=1)
    assert np.median(cosine) > 0.9
