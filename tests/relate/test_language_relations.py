"""Over models: planted relations are found, on the models that have both sides."""

import logging

import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr, spearmanr

from stages.relate import language_relations
from stages.relate.language_relations import relate_language
from stages.relate.relation_rows import relations_table

LETTERS = ("ada", "bert", "cora", "dora", "elmo", "frida", "gpt", "hal")


@pytest.fixture
def zoo():
    """Eight trained models with their twins on two recordings, the second without a ceiling."""
    rng = np.random.default_rng(0)
    score = rng.uniform(0.2, 0.8, len(LETTERS))
    rows, words = [], []
    for recording, normalised in (("one", True), ("two", False)):
        for k, name in enumerate(LETTERS):
            twin = score[k] / 2 + 0.01 * rng.standard_normal()
            for model, trained, value in ((name, True, score[k]), (f"{name}-0", False, twin)):
                row = {"recording": recording, "model": model, "architecture": name}
                row |= {"trained": trained, "score": value / 2 if normalised else value}
                row |= {"normalised": value if normalised else np.nan}
                rows += [row | {"region": "all"}, row | {"region": "language", "score": -1.0}]
                told = {"recording": recording, "model": model, "string": f"hf:{name}"}
                bits = 3 - score[k] if trained and k else np.nan
                words.append(told | {"bits_per_byte": bits, "parameters": 10.0 ** (k + 1)})
    return pd.DataFrame(rows), pd.DataFrame(words), score


def test_relations_are_those_of_scipy_over_the_models_that_have_both(zoo):
    scores, words, planted = zoo
    table = relations_table(relate_language(scores, words, 200, 0))
    found = table.set_index(["metric", "benchmark", "statistic"])
    for recording in ("one", "two"):
        row = found.loc[(recording, "next word", "pearson")]
        assert (row["n"], row["families"]) == (7, 7)  # the first predicts no words
        assert row["value"] == pytest.approx(1.0)
        twins = scores[(scores["recording"] == recording) & (scores["region"] == "all")]
        column = "normalised" if recording == "one" else "score"
        twins = twins[~twins["trained"]][column]
        expected = pearsonr(planted, twins)[0]
        row = found.loc[(recording, "untrained twin", "pearson")]
        assert (row["n"], row["value"]) == (8, pytest.approx(expected))
        size = found.loc[(recording, "log_parameters", "spearman"), "value"]
        assert size == pytest.approx(spearmanr(planted, np.arange(8))[0])
    assert found.loc[("one", "two", "pearson"), "value"] == pytest.approx(1.0)
    assert table["q"].notna().all()


def test_losses_on_another_text_are_set_beside_every_recording(zoo):
    scores, words, planted = zoo
    # Three of the eight did not run; the twin of one did, and is no trained model.
    bits = dict(zip(LETTERS[3:], 4 - 2 * planted[3:] ** 3, strict=True)) | {"ada-0": 9.0}
    losses = pd.DataFrame({"model": list(bits), "text": "wiki", "bits_per_byte": bits.values()})
    table = relations_table(relate_language(scores, words, 200, 0, losses=losses))
    found = table.set_index(["metric", "benchmark", "statistic"])
    for recording in ("one", "two"):
        row = found.loc[(recording, "next word of wiki", "pearson")]
        assert (row["n"], row["families"]) == (5, 5)
        assert row["value"] == pytest.approx(pearsonr(planted[3:], planted[3:] ** 3)[0])
        assert row["low"] <= row["value"] <= row["high"]
        assert found.loc[(recording, "next word of wiki", "spearman"), "value"] == 1
    without = relations_table(relate_language(scores, words, 200, 0))
    rest = table[table["benchmark"] != "next word of wiki"].reset_index(drop=True)
    pd.testing.assert_frame_equal(rest.drop(columns="q"), without.drop(columns="q"))


def test_models_of_one_lineage_are_resampled_together(zoo):
    scores, words, _ = zoo
    sizes = {name: f"hf:owner/pythia-{k}m" for k, name in enumerate(LETTERS[2:])}
    words["string"] = words["model"].map(sizes).fillna(words["string"])
    table = relations_table(relate_language(scores, words, 200, 0))
    twins = table[(table["benchmark"] == "untrained twin") & (table["metric"] == "one")]
    assert set(twins["families"]) == {3}


def test_few_models_have_no_relation_and_the_reason_is_told(zoo, caplog):
    scores, words, _ = zoo
    few = scores["architecture"].isin(LETTERS[:3])
    with caplog.at_level(logging.WARNING, "concord.relate"):
        rows = list(relate_language(scores[few], words, 200, 0))
    assert not rows
    assert "one and untrained twin: not correlated: 3 models, fewer than 5" in caplog.text
    assert len(relations_table(rows)) == 0


def test_relations_are_told_without_static_embeddings_too(zoo):
    scores, words, planted = zoo
    words["string"] = words["string"].replace({"hf:bert": "static:bert", "hf:hal": "static:hal"})
    table = relations_table(relate_language(scores, words, 200, 0))
    found = table.set_index(["metric", "benchmark", "statistic"])
    rest = np.array([name not in {"bert", "hal"} for name in LETTERS])
    twins = scores[(scores["recording"] == "one") & (scores["region"] == "all")]
    twins = twins[~twins["trained"]]["normalised"].to_numpy()
    for name, which in (("", np.full(8, True)), (" without static embeddings", rest)):
        row = found.loc[("one", f"untrained twin{name}", "pearson")]
        assert row["n"] == which.sum()
        assert row["value"] == pytest.approx(pearsonr(planted[which], twins[which])[0])
    assert found.loc[("one", "two without static embeddings", "pearson"), "n"] == 6


def test_models_without_parameters_have_no_size(zoo):
    """A static embedding or a control may have none: the others are set beside theirs."""
    scores, words, planted = zoo
    words.loc[words["model"] == "cora", "parameters"] = 0
    words.loc[words["model"] == "hal", "parameters"] = np.nan
    words.loc[words["model"] == "bert", "parameters"] = 1
    table = relations_table(relate_language(scores, words, 200, 0))
    row = table.set_index(["metric", "benchmark", "statistic"]).loc[
        ("one", "log_parameters", "pearson")
    ]
    kept = [k for k in range(8) if k not in (2, 7)]
    assert row["n"] == 6
    powers = [0 if k == 1 else k + 1 for k in kept]
    assert row["value"] == pytest.approx(pearsonr(planted[kept], powers)[0])


def test_where_one_model_has_no_ceiling_scores_are_compared_as_they_are(zoo):
    scores, words, planted = zoo
    without = (scores["recording"] == "one") & (scores["model"] == "dora")
    scores.loc[without, ["normalised", "score"]] = [np.nan, 0.1]
    table = relations_table(relate_language(scores, words, 200, 0))
    found = table.set_index(["metric", "benchmark", "statistic"])
    row = found.loc[("one", "log_parameters", "pearson")]
    values = planted / 2
    values[3] = 0.1
    assert row["n"] == 8
    assert row["value"] == pytest.approx(pearsonr(values, np.arange(8))[0])
    row = found.loc[("one", "two", "pearson")]
    assert row["value"] == pytest.approx(pearsonr(values, planted)[0])


def test_seeds_and_resamples_are_passed_on(zoo):
    scores, words, _ = zoo
    ends = [
        relations_table(relate_language(scores, words, *sampling))["low"].to_numpy()
        for sampling in ((200, 0), (200, 0), (200, 1), (100, 0))
    ]
    np.testing.assert_array_equal(ends[0], ends[1])
    assert (ends[0] != ends[2]).any()
    assert (ends[0] != ends[3]).any()


def test_each_recording_has_the_losses_of_its_own_words(zoo):
    scores, words, planted = zoo
    other = words["recording"].eq("two") & words["bits_per_byte"].notna()
    words.loc[other, "bits_per_byte"] **= 9
    found = relations_table(relate_language(scores, words, 200, 0))
    found = found.set_index(["metric", "benchmark", "statistic"])["value"]
    assert found["one", "next word", "pearson"] == pytest.approx(1)
    expected = pearsonr(planted[1:], -((3 - planted[1:]) ** 9))[0]
    assert expected < 0.99
    assert found["two", "next word", "pearson"] == pytest.approx(expected)


def test_recordings_come_as_their_scores_do(zoo):
    scores, words, _ = zoo
    rows = list(relate_language(scores.iloc[::-1], words, 100, 0))
    assert list(dict.fromkeys(row["metric"] for row in rows)) == ["two", "one"]
    assert (rows[-1]["metric"], rows[-1]["benchmark"]) == ("two", "one")


def test_twins_are_means_over_their_draws(zoo):
    scores, words, planted = zoo
    twin = scores[scores["model"].eq("dora-0")]
    more = twin.assign(model="dora-1", normalised=0.9, score=0.9)
    both = pd.concat([scores, more], ignore_index=True)
    found = relations_table(relate_language(both, words, 100, 0))
    row = found.set_index(["metric", "benchmark", "statistic"]).loc[
        ("two", "untrained twin", "pearson")
    ]
    alone = scores[~scores["trained"] & scores["recording"].eq("two") & scores["region"].eq("all")]
    values = alone["score"].to_numpy(copy=True)
    values[3] = (values[3] + 0.9) / 2
    assert row["value"] == pytest.approx(pearsonr(planted, values)[0])


def test_texts_and_tasks_come_in_their_order_and_tasks_of_trained_models_alone(zoo, monkeypatch):
    scores, words, planted = zoo
    losses = pd.DataFrame({"model": [*LETTERS] * 2, "text": np.repeat(["wiki", "books"], 8)})
    losses["bits_per_byte"] = np.random.default_rng(1).random(16)
    asked = []

    def published(strings, tasks):
        asked.append((strings, tasks))
        yield "task", pd.Series(planted**3, index=[*LETTERS])

    monkeypatch.setattr(language_relations, "published_tasks", published)
    rows = list(relate_language(scores, words, 100, 0, losses=losses, tasks=words))
    names = list(dict.fromkeys(row["benchmark"] for row in rows if row["metric"] == "one"))
    assert names == [
        "next word", "log_parameters", "untrained twin", "next word of wiki", "next word of books",
        "task", "two",
    ]  # fmt: skip
    assert asked == [({name: f"hf:{name}" for name in LETTERS}, words)]
    found = next(row for row in rows if row["benchmark"] == "task")
    assert found["value"] == pytest.approx(pearsonr(planted, planted**3)[0])
