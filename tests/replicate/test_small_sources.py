"""Sources whose numbers are means or counts of a table: planted tables, real ones, wrong ones."""

import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.replicate import conwell2024, hadidi2026, lmphases2025, natural_stories, ucl2013
from stages.replicate.published_targets import judge_all, replication_table


def written(tmp_path, tables, separator=","):
    """Write tables and map their names to the files."""
    files = {}
    for number, (name, table) in enumerate(tables.items()):
        path = tmp_path / f"{number}.csv"
        table.to_csv(path, index=False, sep=separator)
        files[name] = path
    return files


def verdicts(module, found):
    rows = replication_table(list(judge_all(module.__name__, module.TARGETS, found)))
    return rows.set_index("quantity")["verdict"]


# Hadidi, Feghhi et al.


@pytest.fixture
def folds():
    """Scores of two people, of the language network and of another."""
    tables = {}
    for dataset in hadidi2026.MEANS:
        for level, short in zip((0.4, 0.1), hadidi2026.FOLDS.values(), strict=True):
            rows = [
                (person, network, model, level + 0.1 * person + (network == "other"))
                for person in (0, 1)
                for network in ("language", "other")
                for model in hadidi2026.MODELS
            ]
            columns = ["subjects", "Network", "Model", "perf"]
            tables[hadidi2026.SCORES.format(dataset, short)] = pd.DataFrame(rows, columns=columns)
    rows = [
        (kind, name, 50.0 + 10 * at)
        for name in hadidi2026.MEANS
        for at in (0, 1)
        for kind in ("-lt", "-mp")
    ]
    columns = ["feature_extraction", "dataset", "values"]
    return tables | {hadidi2026.SHARES: pd.DataFrame(rows, columns=columns)}


def test_people_are_averaged_in_the_language_network(folds, tmp_path):
    found = hadidi2026.derive_hadidi(written(tmp_path, folds))
    assert found["blank, OASM, shuffled"].value == pytest.approx(0.45)
    assert found["blank, OASM, contiguous"].value == pytest.approx(0.15)
    assert found[f"pereira, {hadidi2026.OMEGA}"].value == pytest.approx(55)
    assert "matches" not in set(verdicts(hadidi2026, found))


def test_a_model_that_is_missing_is_named(folds, tmp_path):
    name = hadidi2026.SCORES.format("blank", "contig")
    folds[name] = folds[name][folds[name]["Model"].ne("OASM")]
    with pytest.raises(InputError, match="model missing .* expected OASM"):
        hadidi2026.derive_hadidi(written(tmp_path, folds))


# Conwell et al.


@pytest.fixture
def networks():
    rows = [
        (f"{task}{number}", task, metric, 0.1 * number + (task != "random"))
        for metric in conwell2024.MEANS
        for task in ("random", "classification", "slip")
        for number in range(3)
    ]
    return pd.DataFrame(rows, columns=["model_string", "train_task", "metric", "score"])


def test_trained_models_are_all_that_are_not_random(networks, tmp_path):
    found = conwell2024.derive_conwell(written(tmp_path, {conwell2024.NAME: networks}))
    assert found["wrsa, trained models"].value == pytest.approx(1.1)
    assert (found["wrsa, random models"].value, found["wrsa, random models"].n) == (
        pytest.approx(0.1),
        3,
    )
    assert found["models of each metric"].value == 9


def test_metrics_of_other_models_are_refused(networks, tmp_path):
    for wrong in (networks.iloc[:-1], networks[networks["metric"].ne("wrsa")]):
        with pytest.raises(InputError, match="metrics or models differ"):
            conwell2024.derive_conwell(written(tmp_path, {conwell2024.NAME: wrong}))


# Michaelov et al.


@pytest.fixture
def phases():
    """Two seeds, of which one peaks at 256; another size is passed over."""
    rows = [
        (regression, "pythia", size, seed, step, {64: 0.1, 256: peak, 512: 0.5}[step])
        for regression in (lmphases2025.REGRESSION, "other")
        for size in ("14m", "70m")
        for seed, peak in (("a", 0.9), ("b", 0.4))
        for step in (512, 64, 256)
    ]
    texts = ["RegressionType", "ModelFamily", "ModelSize", "ModelSeed"]
    return pd.DataFrame(rows, columns=[*texts, "ModelStep", "Rsquared"])


def test_the_seed_that_peaks_is_counted(phases, tmp_path):
    found = lmphases2025.derive_lmphases(written(tmp_path, {lmphases2025.NAME: phases}, "\t"))
    values = {name.removeprefix("Pythia-14m, "): one.value for name, one in found.items()}
    assert values == {
        "seeds": 2,
        "seeds whose R² is greatest at step 256": 1,
        "least of the greatest R²": 0.5,
        "greatest of the greatest R²": 0.9,
        "least R² at the end": 0.5,
        "greatest R² at the end": 0.5,
        "seeds that peak there, fewest of eight regressions": 1,
    }


def test_steps_that_are_missing_or_twice_are_refused(phases, tmp_path):
    for wrong, message in (
        (phases.iloc[1:], "lacks a step"),
        (phases[phases["RegressionType"].eq("other")], "regression missing"),
        (phases.assign(ModelFamily="gpt2"), "regression missing"),
        (pd.concat([phases, phases.iloc[:1]]), "occurs twice"),
    ):
        with pytest.raises(InputError, match=message):
            lmphases2025.derive_lmphases(written(tmp_path, {lmphases2025.NAME: wrong}, "\t"))


# UCL's corpus


@pytest.fixture
def words(rng):
    measures = {"s_GPT2_xl", "cloze_s", "rating_mean", "N400", "self_paced_reading_time"}
    values = pd.DataFrame(rng.normal(size=(60, 5)), columns=sorted(measures))
    return values.assign(word=["a", "an,", "end.", "don't", "b", "c"] * 10)


def derived(words, printed, tmp_path):
    path = tmp_path / "printed.csv"
    printed.to_csv(path)
    return ucl2013.derive_ucl(
        written(tmp_path, {ucl2013.WORDS: words}) | {ucl2013.PRINTED_TABLE: path}
    )


def test_words_with_punctuation_are_left_out(words, tmp_path):
    plain = words[words["word"].isin(["a", "b", "c"])].drop(columns="word")
    found = derived(words, plain.corr(), tmp_path)
    r = np.corrcoef(plain["s_GPT2_xl"], plain["N400"])[0, 1]
    assert found["GPT-2 XL ~ N400"].value == pytest.approx(r)
    assert found["words without full stop, comma or apostrophe"].value == 30
    assert found[ucl2013.FAR].value < 1e-12
    changed = plain.corr()
    changed.iloc[1, 0] += 0.01
    assert derived(words, changed, tmp_path)[ucl2013.FAR].value == pytest.approx(0.01)


def test_a_measure_that_is_missing_is_refused(words, tmp_path):
    printed = words.drop(columns="word").corr()
    with pytest.raises(InputError, match="unreadable table .*N400"):
        derived(words.drop(columns="N400"), printed, tmp_path)
    with pytest.raises(InputError, match="unreadable table"):
        derived(words, printed.iloc[1:], tmp_path)


# Natural Stories


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("If you were there. Then go!", 2),
        ("Said Mr. Smith. He went?", 2),
        ("'Stop!' said she. 'No.' He went", 3),
        ("Ends without a stop", 1),
        ("One etc. and two.", 1),
        ("He came;' She left.", 2),
        ("One; Two.", 1),
    ],
)
def test_sentences(text, count):
    assert natural_stories.count_sentences(text.split()) == count


def test_stories_are_counted_apart_and_put_in_order(tmp_path):
    tokens, times = tmp_path / "all.tok", tmp_path / "times.tsv"
    tokens.write_text('word\tzone\titem\nlast\t2\t2\nHe\t1\t2\n"Go\t1\t1\non."\t2\t1\n')
    fields = "word\tzone\titem\tnItem\ta\tb\tc\td\n"
    times.write_text(fields + "He\t1\t2\t70\t1\t1\t1\t1\nGo\t1\t1\t90\t1\t1\t1\t1\n")
    files = {natural_stories.TOKENS: tokens, natural_stories.TIMES: times}
    found = {name: one.value for name, one in natural_stories.derive_natural_stories(files).items()}
    assert list(found.values()) == [4, 2, 2, 2, 80]
    tokens.write_text("word\tzone\titem\nlast\ttwo\t2\n")
    with pytest.raises(InputError, match="not a number .* got 'two'"):
        natural_stories.derive_natural_stories(files)
    tokens.write_text("word\tzone\titem\nlast\t2\n")
    with pytest.raises(InputError, match="expected 3 fields"):
        natural_stories.derive_natural_stories(files)


@pytest.mark.parametrize(
    ("module", "derive", "name"),
    [
        (hadidi2026, hadidi2026.derive_hadidi, "hadidi2026"),
        (conwell2024, conwell2024.derive_conwell, "conwell2024"),
        (lmphases2025, lmphases2025.derive_lmphases, "lmphases2025"),
        (ucl2013, ucl2013.derive_ucl, "ucl2013"),
        (natural_stories, natural_stories.derive_natural_stories, "naturalstories"),
    ],
)
def test_the_real_tables_give_what_was_published(at_source, module, derive, name):
    found = verdicts(module, derive(at_source(name)))
    assert not found.eq("does not recompute").any()
    assert found.eq("matches").sum() >= 4
