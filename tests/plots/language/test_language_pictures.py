"""The pictures of a language study: what is drawn, of any study, and the numbers in titles."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from stages.core.results.relations import RELATION_COLUMNS
from stages.core.results.text_losses import TEXT_LOSSES
from stages.core.results.typed_tables import empty_table
from stages.core.run.errors import InputError
from stages.core.run.tables import write_table
from stages.plots.__main__ import main
from stages.plots.kit.picture import Picture
from stages.plots.language.benchmark_dots import benchmark_dots
from stages.plots.language.language_gallery import Beside, language_files, read_zoo
from stages.plots.language.layer_preferences import preference_dots, preference_table
from stages.plots.language.text_gallery import text_files
from stages.plots.language.zoo_scores import model_scores
from stages.replicate.published_zoo import zoo_tables
from stages.replicate.schrimpf_scores import NAME, read_scores_of_layers
from tests.plots.ceiling_tables import ceiling_table, point_table
from tests.plots.figures import clipped, overlaps
from tests.plots.language.made_zoo import MODELS, RECORDINGS, made_zoo

ALL = {
    "benchmarks", "regions", "layers", "surprisal", "next_word", "recordings",
    "trained_untrained", "relations",
}  # fmt: skip
ONE = {"ucl2013": RECORDINGS["ucl2013"]}
MANY = {
    f"pereira2018-{at}": ((*(f"region_{i}" for i in range(12)), "visual"), 0.4, 8, True)
    for at in range(3)
}


FEW = made_zoo(models=["minilm"], recordings=ONE)


def figures(files):
    return {name: made.figure for name, made in files.items() if isinstance(made, Picture)}


def stems(files):
    return {name.split("/")[1].removesuffix(".png") for name in figures(files)}


def widened(tables, name):
    """The same tables, of a model whose name is long."""
    return {key: one.replace({"smollm": name}) for key, one in tables.items()}


SHAPES = {
    "one model": made_zoo(models=["minilm"], recordings=ONE),
    "one twin": made_zoo(models=["minilm-0"], recordings=ONE),
    "controls alone": made_zoo(models=["length"]),
    "all failed": made_zoo(failed=tuple(MODELS)),
    "no models": made_zoo(models=[]),
    "many recordings": made_zoo(models=["smollm", "smollm-0"], recordings=MANY),
    "odd name": widened(made_zoo(), "an-organisation/" + "a-long-name-" * 7 + "$_x$"),
}


@pytest.mark.parametrize("tables", SHAPES.values(), ids=SHAPES.keys())
def test_every_study_can_be_drawn(tables):
    files = language_files(tables, "made")
    for figure in figures(files).values():
        figure.draw_without_rendering()
        assert not clipped(figure)
    assert {name for name in files if name.endswith(".csv")} == {f"made/{n}.csv" for n in ALL}


@pytest.fixture(scope="module")
def drawn():
    """The usual study."""
    return language_files(made_zoo(), "made")


def test_labels_do_not_touch_each_other(drawn):
    for figure in figures(drawn).values():
        figure.draw_without_rendering()
        assert not clipped(figure)
        assert not overlaps(figure.axes)


def test_all_is_drawn_that_was_measured(tables, drawn):
    assert stems(drawn) == ALL
    gone = tables["scores"].assign(surprisal=np.nan)
    words = tables["words"].assign(bits_per_byte=np.nan)
    files = language_files(tables | {"scores": gone, "words": words}, "made")
    assert stems(files) == ALL - {"surprisal", "next_word"}
    assert files["made/surprisal.csv"].empty


def test_what_failed_is_told_in_the_picture():
    one = language_files(made_zoo(failed=("glove",)), "made")["made/benchmarks.png"]
    assert "Not run: glove (no weights)" in one.title
    assert "2 models, 3 untrained twins and 1 control" in one.title
    every = language_files(made_zoo(failed=tuple(MODELS)), "made")
    assert stems(every) == {"benchmarks"}
    told = every["made/benchmarks.png"].figure.texts[0].get_text()
    assert "nothing to draw" in told
    assert "minilm (no weights)" in told


def test_dots_stand_where_scores_are(drawn):
    figure = drawn["made/benchmarks.png"].figure
    ax = figure.axes[0]
    dots = {
        (round(float(line.get_xdata()[0]), 6), line.get_markerfacecolor() == "white")
        for line in ax.lines
        if line.get_marker() == "o"
    }
    expected = {
        (round(0.5 * worth / 0.5, 6), "+untrained" in string)
        for string, _, _, worth in MODELS.values()
    }
    assert dots == expected
    assert [text.get_text() for text in ax.get_yticklabels()] == [
        "smollm", "minilm", "glove", "length",
    ]  # fmt: skip
    assert "ceiling 0.50: the mean of these" in ax.get_title()
    assert figure.axes[1].get_title().endswith("no ceiling")
    assert [one.get_xlabel() for one in figure.axes] == [
        "held-out r / ceiling", "held-out r", "held-out r / ceiling",
    ]  # fmt: skip


def test_a_model_without_a_score_is_told(tables):
    scores = tables["scores"]
    gone = scores["model"].eq("glove") & scores["recording"].eq("ucl2013")
    scores.loc[gone, ["score", "low", "high"]] = np.nan
    figure = language_files(tables | {"scores": scores}, "made")["made/benchmarks.png"].figure
    told = [[text.get_text() for text in ax.texts] for ax in figure.axes]
    assert told == [[], ["not scored"], []]


def test_a_region_is_dotted_where_it_is_found(drawn):
    table = drawn["made/regions.csv"]
    assert table.loc[table["control"], "region"].unique().tolist() == ["auditory", "visual"]
    panel = drawn["made/regions.png"].figure.axes[0]
    found = table[table["recording"].eq("pereira2018")]
    assert len(panel.collections[0].get_offsets()) == found["significant"].sum() == 9
    names = [text.get_text() for text in panel.get_xticklabels()]
    assert names == ["language", "auditory (control)", "visual (control)"]


def test_layers_are_means_over_regions_without_control_regions(drawn):
    layers = drawn["made/layers.csv"]
    own = layers[layers["model"].eq("smollm") & layers["recording"].eq("pereira2018")]
    assert own["score"].tolist() == pytest.approx([0.27, 0.36, 0.45, 0.36])
    assert own["best"].tolist() == [False, False, True, False]
    others = layers[layers["model"].eq("smollm") & layers["recording"].eq("ucl2013")]
    assert others["score"].max() == pytest.approx(0.45 * 0.8)


def test_given_relations_are_drawn_instead(tables):
    names = {"source": "language", "benchmark": "next word", "modality": "language"}
    row = names | {"metric": "ucl2013", "statistic": "pearson", "q_family": ""}
    numbers = {name: 0.25 for name, kind in RELATION_COLUMNS.items() if kind == "number"}
    given = pd.DataFrame([row | numbers | {"n": 7.0}])
    files = language_files(tables | {"relations": given}, "made")
    assert files["made/relations.csv"]["r"].tolist() == [0.25]
    texts = [one.get_text() for one in files["made/relations.png"].figure.axes[0].texts]
    assert texts == ["0.250 (7)\n[0.25, 0.25]"]


def preferences(rows):
    table = pd.DataFrame(rows, columns=["model", "region", "layer", "depth", "targets"])
    return table.assign(recording="pereira2018", share=np.nan)


def test_preferred_layers_are_counted_over_regions_and_drawn_by_their_share():
    rows = [
        ("smollm", "language", "layer_00", 0.0, 1.0), ("smollm", "MD2", "layer_02", 1.0, 3.0),
        ("smollm", "auditory", "layer_01", 0.5, 9.0), ("length", "language", "layer_00", 0.5, 4.0),
        ("minilm", "language", "layer_02", 1.0, 4.0),
    ]  # fmt: skip
    table = preference_table(preferences(rows))
    # Control regions and models of one layer are left out; one that always chooses one stays.
    shares = dict(table.set_index(["model", "depth"])["share"])
    assert shares == {("smollm", 0): 0.25, ("smollm", 1): 0.75, ("minilm", 1): 1.0}
    figure = preference_dots(table, "title")
    figure.draw_without_rendering()
    assert not clipped(figure)
    assert not overlaps(figure.axes)
    dots = figure.axes[0].collections[-1]
    areas = dict(zip(map(tuple, dots.get_offsets()), dots.get_sizes(), strict=True))
    assert areas[1, 0] / areas[0, 0] == pytest.approx(3)
    assert "n = 4" in figure.axes[0].get_title()
    nothing = language_files(FEW | {"preferences": preferences(rows[2:4])}, "made")
    assert nothing["made/preferences.csv"].empty
    assert "made/preferences.png" not in nothing


def test_the_language_network_stands_beside_each_other_network_with_both_ceilings():
    row = {"recording": "pereira2018", "score": 0.4, "ceiling": 0.7, "people": 6.0, "effect": 1.0}
    table = pd.DataFrame(
        [
            row | {"model": model, "network": network, "difference": difference, "q": q,
                   "control_ceiling": ceiling, "low": difference - 0.1, "high": difference + 0.2}
            for model, difference, q in (("smollm", 0.3, 0.01), ("minilm", -0.05, 0.4))
            for network, ceiling in (("auditory", 0.03), ("MD", np.nan))
        ]
    )  # fmt: skip
    files = language_files(FEW | {"networks": table}, "made")
    figure = files["made/networks.png"].figure
    figure.draw_without_rendering()
    assert not clipped(figure)
    assert not overlaps(figure.axes)
    titles = [ax.get_title() for ax in figure.axes]
    assert titles == [f"pereira2018, n = 6\nceilings 0.70 and {it}" for it in ("0.03", "none")]
    for ax, network in zip(figure.axes, ("auditory", "MD"), strict=True):
        assert ax.get_xlabel() == f"r of language, less that of {network}"
        dots = ax.lines[1:]  # after the line at 0
        assert [one.get_xdata()[0] for one in dots] == [0.3, -0.05]
        assert [one.get_markerfacecolor() == "white" for one in dots] == [False, True]
        segments = [one.get_segments()[0][:, 0].tolist() for one in ax.collections]
        assert segments == [pytest.approx([0.2, 0.5]), pytest.approx([-0.15, 0.15])]
    nothing = language_files(FEW | {"networks": table[:0]}, "made")
    assert "made/networks.png" not in nothing
    assert nothing["made/networks.csv"].empty


def test_ceilings_of_every_recording_are_drawn():
    regions = ("language", "auditory")
    both = [
        pd.concat([one.assign(dataset=name) for name in ("one", "two")], ignore_index=True)
        for one in (ceiling_table(regions), point_table(regions))
    ]
    files = language_files(FEW | dict(zip(("ceilings", "points"), both, strict=True)), "made")
    figure = files["made/ceilings.png"].figure
    figure.draw_without_rendering()
    assert not clipped(figure)
    names = {tuple(ax.get_title().split("\n")) for ax in figure.axes}
    assert names == {(name, region) for name in ("one", "two") for region in regions}
    assert set(files["made/ceilings.csv"]["dataset"]) == {"one", "two"}


def test_what_is_beside_the_tables_is_read(tmp_path, tables):
    for name, table in tables.items():
        write_table(tmp_path / f"{name}.parquet", table)
    for name, make in (("ceilings", ceiling_table), ("points", point_table)):
        for recording in RECORDINGS:
            table = make(("language",)).assign(dataset=recording)
            write_table(tmp_path / name / f"{recording}.parquet", table)
    paths = {"ceilings": tmp_path / "ceilings", "points": tmp_path / "points"}
    found = read_zoo(tmp_path, Beside(**paths))
    assert {*found} == {*tables, "ceilings", "points"}
    for name in paths:
        assert found[name]["dataset"].unique().tolist() == list(RECORDINGS)
    (tmp_path / "points" / "ucl2013.parquet").unlink()
    with pytest.raises(InputError, match="ucl2013.parquet"):
        read_zoo(tmp_path, Beside(**paths))


def test_scores_stand_beside_a_text_that_nobody_was_measured_on(tables, tmp_path):
    bits = {"smollm": 1.0, "smollm-0": 3.0, "minilm": 2.0, "glove": 2.5, "length": 9.0}
    losses = empty_table(TEXT_LOSSES).reindex(range(len(bits)))
    losses = losses.assign(model=list(bits), text="wiki", bits_per_byte=bits.values(), loss=1.0)
    relations = empty_table(RELATION_COLUMNS)
    files = text_files(tables, losses, relations)
    points = files["next_words/next_words.csv"]
    own = points[points["panel"] == "pereira2018"].set_index("model")
    # Controls and untrained twins are no models that learnt to predict.
    assert own["x"].to_dict() == {"smollm": 1.0, "minilm": 2.0, "glove": 2.5}
    assert own["y"]["smollm"] == pytest.approx(0.9)
    figure = files["next_words/next_words.png"].figure
    figure.draw_without_rendering()
    assert not clipped(figure)
    r = np.corrcoef([-1, -2, -2.5], [0.9, 0.6, 0.4])[0, 1]
    assert f"r = {r:.3f}" in figure.axes[0].get_title()
    assert figure.axes[0].get_xlabel() == "bits per byte of wiki"
    written = ["next_words/next_words.csv", "next_words/relations.csv"]
    assert list(text_files(tables, losses[3:3], relations)) == written
    assert len(text_files(tables, losses, relations)) == 3


def test_published_tasks_stand_beside_next_word_prediction(tables):
    relations = empty_table(RELATION_COLUMNS).reindex(range(2))
    relations = relations.assign(
        metric="pereira2018", benchmark=["next word", "glue, as published"], statistic="pearson",
        value=[0.5, 0.1], low=[0.2, -0.4], high=[0.8, 0.6], n=9,
    )  # fmt: skip
    files = text_files(tables, empty_table(TEXT_LOSSES), relations)
    figure = files["next_words/relations.png"].figure
    figure.draw_without_rendering()
    assert not clipped(figure)
    told = {one.get_text().split("\n")[0]: one.get_fontweight() for one in figure.axes[0].texts}
    assert told == {"0.500 (9)": "bold", "0.100 (9)": "normal"}
    assert "next_words/next_words.png" not in files


def test_more_recordings_than_fit_side_by_side_stand_below_each_other():
    recordings = {f"story-{at}": ((f"region_{at}",), 0.4, 8, True) for at in range(8)}
    tables = made_zoo(models=["smollm"], recordings=recordings)
    models = model_scores(tables["scores"], tables["words"])
    figure = benchmark_dots(models, "title")
    figure.draw_without_rendering()
    assert len(figure.axes) == 8
    assert not clipped(figure)
    assert not overlaps(figure.axes)


def test_untrained_twins_alone_are_hollow_as_the_legend_says():
    made = made_zoo(models=["minilm", "minilm-0", "length"], recordings=ONE)
    figure = benchmark_dots(model_scores(made["scores"], made["words"]), "title")
    ax, key = figure.axes[0], figure.legends[0]
    marks = [
        (line.get_color(), line.get_markerfacecolor())
        for line in ax.lines
        if line.get_marker() == "o"
    ]
    keyed = {text.get_text(): one for text, one in zip(key.texts, key.legend_handles, strict=True)}
    named = ("trained", "untrained twin", "control")
    expected = {(keyed[name].get_color(), keyed[name].get_markerfacecolor()) for name in named}
    assert set(marks) == expected
    assert [face == "white" for _, face in marks].count(True) == 1


def test_the_command_writes_pictures_tables_and_the_index(tmp_path):
    for name, table in made_zoo(models=["minilm", "minilm-0"], recordings=ONE).items():
        write_table(tmp_path / f"{name}.parquet", table)
    words = ["language", "--tables", str(tmp_path), "--out", str(tmp_path / "plots" / "language")]
    done = CliRunner().invoke(main, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    out = tmp_path / "plots" / "language"
    drawn = {"benchmarks", "regions", "layers", "trained_untrained", "relations"}
    assert {path.stem for path in out.glob("*.png")} == drawn
    assert {path.stem for path in out.glob("*.csv")} == ALL
    entries = json.loads((out / "index.json").read_text(encoding="utf-8"))
    assert {entry["file"] for entry in entries} == {f"{name}.png" for name in drawn}
    for entry in entries:
        assert (out / entry["table"]).exists()
        assert entry["caption"].endswith(".")
        assert "{" not in entry["caption"]
    (tmp_path / "words.parquet").unlink()
    failed = CliRunner().invoke(main, words)
    assert failed.exit_code == 2
    assert failed.stderr.rstrip().endswith(
        "Run `dvc repro data/language/dvc.yaml:survey_language`."
    )


@pytest.fixture(scope="module")
def published(mirror):
    """The pictures of the published zoo."""
    return language_files(zoo_tables(read_scores_of_layers(mirror / NAME)), "schrimpf2021")


def told(files, name):
    """r in the titles of panels."""
    axes = files[f"schrimpf2021/{name}.png"].figure.axes
    titles = [ax.get_title().split("\n") for ax in axes if "\n" in ax.get_title()]
    return {head: float(re.match(r"r = (\S+)", line)[1]) for head, line in titles}


def test_titles_tell_the_published_relations(published):
    assert told(published, "next_word") == {
        "pereira2018": 0.554, "fedorenko2016": 0.194, "blank2014": 0.488,
        "futrell2018": 0.367, "neural": 0.457, "overall": 0.491,
    }  # fmt: skip
    logs = published["schrimpf2021/next_word.png"].figure.axes[4].get_title()
    assert logs.endswith("n = 42; of its log 0.618")
    pairs = told(published, "recordings")
    assert pairs["pereira2018 × fedorenko2016"] == 0.5
    assert pairs["pereira2018 × blank2014"] == 0.589
    assert pairs["fedorenko2016 × blank2014"] == 0.285
    assert pairs["futrell2018 × neural"] == 0.596
    assert told(published, "trained_untrained") == {
        "pereira2018": 0.697, "fedorenko2016": 0.367, "blank2014": 0.624,
        "futrell2018": 0.963, "neural": 0.735, "overall": 0.815,
    }  # fmt: skip
    table = published["schrimpf2021/relations.csv"].set_index(["recording", "quantity"])["r"]
    tasks = {"glue": 0.086, "glue-cola": 0.119, "glue-rte": 0.018, "glue-sst-2": -0.029}
    for task, r in tasks.items():
        assert table["neural", task] == pytest.approx(r, abs=5e-4)


def test_all_published_models_are_named(published):
    benchmarks = published["schrimpf2021/benchmarks.png"].figure
    names = [text.get_text() for text in benchmarks.axes[0].get_yticklabels()]
    assert len(set(names)) == 43
    benchmarks.draw_without_rendering()
    assert not overlaps(benchmarks.axes[:1])
    scatter = published["schrimpf2021/recordings.png"].figure
    listed = [text.get_text().split()[1] for text in scatter.legends[0].get_texts()]
    assert set(listed) == set(names)
    numbers = [text.get_text() for text in scatter.axes[0].texts]
    assert sorted(map(int, numbers)) == list(range(1, 44))
