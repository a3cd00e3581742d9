"""The published scores as tables of our own study: planted ones, and the real ones."""

import numpy as np
import pandas as pd
import pytest

from stages.core.results.language_scores import read_language_scores
from stages.core.results.language_tasks import SUMMARIES, read_tasks
from stages.core.run.tables import write_table
from stages.replicate.published_zoo import published_tables, zoo_tables
from stages.replicate.schrimpf_scores import (
    FUTRELL,
    NAME,
    NEURAL,
    WIKITEXT,
    best_layers,
    read_scores_of_layers,
)
from tests.replicate.conftest import RAW


@pytest.fixture
def planted():
    """A model of three layers with a twin, one without GLUE, and one that is not the paper's."""
    rows = []
    for model in ("gpt2", "gpt2-untrained", "word2vec", "transformer"):
        twin = model.endswith("-untrained")
        for benchmark in NEURAL.values():
            scores = (0.2, 1.4, np.nan) if not twin else (0.1, 0.05, 0.0)
            rows += [(f"h.{i}", benchmark, model, one, 0.01) for i, one in enumerate(scores)]
        rows += [(np.nan, FUTRELL, model, 0.7, 0.2), (np.nan, WIKITEXT, model, 2.0, np.nan)]
    rows += [(np.nan, f"glue-{one}", "gpt2", 0.5, np.nan) for one in ("cola", "rte")]
    return pd.DataFrame(rows, columns=["layer", "benchmark", "model", "score", "error"])


def test_the_best_layer_is_taken_with_its_error_and_place(planted):
    scores = zoo_tables(planted)["scores"].set_index(["recording", "model"])
    row = scores.loc["blank2014", "gpt2"]
    assert (row["layer"], row["depth"], row["normalised"]) == ("h.1", 0.5, 1.4)
    assert (row["normalised_low"], row["normalised_high"]) == pytest.approx((1.39, 1.41))
    assert np.isnan(row["score"])
    twin = scores.loc["blank2014", "gpt2-untrained"]
    assert (twin["layer"], twin["depth"], twin["trained"]) == ("h.0", 0.0, False)
    assert twin["architecture"] == "gpt2"
    assert "transformer" not in scores.index.get_level_values("model")


def test_means_cut_scores_at_one_and_need_all(planted):
    scores = zoo_tables(planted)["scores"].set_index(["recording", "model"])["normalised"]
    assert scores["neural", "gpt2"] == 1.0
    assert scores["overall", "gpt2"] == pytest.approx((3 + 0.7) / 4)
    gone = planted[~(planted["model"].eq("gpt2") & planted["benchmark"].eq(NEURAL["blank"]))]
    scores = zoo_tables(gone)["scores"].set_index(["recording", "model"])["normalised"]
    assert np.isnan(scores["neural", "gpt2"])


def test_tasks_are_perplexities_and_glue_with_its_mean(planted):
    tasks = zoo_tables(planted)["tasks"].set_index(["task", "model"])["value"]
    assert tasks["wikitext-2", "gpt2"] == pytest.approx(np.exp(2.0))
    assert tasks["glue", "gpt2"] == 0.5
    assert ("glue", "word2vec") not in tasks.index


def test_layers_keep_those_that_are_missing(planted):
    layers = zoo_tables(planted)["layers"]
    own = layers[layers["model"].eq("gpt2") & layers["recording"].eq("blank2014")]
    assert own["depth"].tolist() == [0, 0.5, 1]
    assert own["score"].isna().tolist() == [False, False, True]


def test_no_file_makes_tables_without_rows(tmp_path, monkeypatch):
    monkeypatch.setenv("CONCORD_DATA_MIRROR", str(tmp_path))
    for name, table in published_tables(RAW).items():
        assert table.empty
        write_table(tmp_path / f"{name}.parquet", table)
    assert all(map(len, (one.columns for one in read_language_scores(tmp_path).values())))
    assert read_tasks(tmp_path / "tasks.parquet").empty


def test_the_real_tables_hold_what_the_other_recipe_finds(mirror, tmp_path):
    table = read_scores_of_layers(mirror / NAME)
    for name, made in zoo_tables(table).items():
        write_table(tmp_path / f"{name}.parquet", made)
    read = read_language_scores(tmp_path)
    scores, layers = read["scores"], read["layers"]
    assert scores.groupby("recording")["architecture"].nunique().eq(43).all()
    assert set(SUMMARIES) < set(scores["recording"])
    for trained in (True, False):
        own = scores[scores["trained"] == trained]
        wide = own.pivot_table("normalised", "architecture", "recording")
        best = best_layers(table, trained=trained)
        pairs = {"pereira2018": "pereira", "futrell2018": "futrell", "neural": "neural"}
        for ours, theirs in pairs.items():
            np.testing.assert_allclose(wide[ours], best[theirs].reindex(wide.index))
    counts = layers.groupby(["recording", "model"]).size()
    assert counts["pereira2018", "gpt2-xl"] == 49
    perplexity = read_tasks(tmp_path / "tasks.parquet").query("task == 'wikitext-2' and trained")
    assert perplexity["model"].nunique() == 42
