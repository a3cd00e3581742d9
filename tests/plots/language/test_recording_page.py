"""All recordings of words in one picture and one table: what stands where, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from stages.core.results.leaks import MARK
from stages.core.results.results import results_table
from stages.core.run.errors import InputError
from stages.plots.language import recording_scores
from stages.plots.language.recording_page import number, recording_files
from tests.plots.figures import clipped, overlaps
from tests.plots.language.made_zoo import made_zoo

MODELS = ["minilm", "minilm-0", "smollm", "length"]
TOLD = ("N400", "first_pass")
# What people reach of the average's score, and how many samples a recording has.
SHARES, SAMPLES = {"s1": 0.2, "s2": 0.5, "s3": 0.8}, {"pereira2018": 384, "ucl2013": 1487}
PEREIRA, N400 = ("pereira2018", "all"), ("ucl2013", "N400")


@pytest.fixture
def given(monkeypatch):
    """Scores, the results that they are of, and published numbers; two regions are told of."""
    monkeypatch.setattr(recording_scores, "SHOWN", {"ucl2013": TOLD})
    recordings = {
        "pereira2018": (("language", "auditory", "visual"), 0.5, 3, False),
        "ucl2013": (("N400", "P600", "first_pass"), np.nan, np.nan, True),
    }
    zoo = made_zoo(models=MODELS, recordings=recordings)
    rows = []
    for row in zoo["scores"][zoo["scores"]["region"] != "all"].to_dict("records"):
        told = {"dataset": row["recording"], "n": SAMPLES[row["recording"]], "kind": "nested"}
        told |= {"region": row["region"], "model": row["model"], "metric": "r"}
        shares = SHARES if row["recording"] == "pereira2018" else {}
        for subject, share in {"group": 1.0, "mean": 9.0, **shares}.items():
            control = 99.0 if row["region"] in ("auditory", "visual") else 1.0
            score = control * share * row["score"]
            rows += [told | {"subject": subject, "score": score}]
            rows += [told | {"subject": subject, "score": 9.0, "metric": "r2"}]
            rows += [told | {"subject": subject, "score": 9.0, "kind": "hidden"}]
    replications = pd.DataFrame(
        [("ucl2013", "GPT-2 XL ~ N400", -0.285, -0.2849), ("ucl2013", "words", 1726, 1726)],
        columns=["source", "quantity", "published", "ours"],
    )
    return [zoo["scores"], zoo["words"], results_table(rows), replications]


def cells(page):
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines()]
    return {row[0]: row[1:] for row in rows}


def test_the_table_has_scores_what_is_beyond_and_what_was_published(given):
    page = cells(recording_files(*given)["recordings/recordings.md"])
    assert page[""] == ["pereira2018, all", "ucl2013, N400", "ucl2013, first pass"]
    assert page["samples, people"] == ["384, 3", "1487, –", "1487, –"]
    assert page["nuisance variables alone"] == [".05"] * 3
    # Half of what a model is worth, and of that half again; the third region .6 of the first.
    assert page["`minilm`"] == [".30 / .15", ".30 / .15", ".18 / .09"]
    assert page["surprisal of `smollm`, no fit"] == ["–", ".27 / .09", ".27 / .09"]
    assert page["ceiling of one person"] == [".25", "–", "–"]
    assert page["published: surprisal of GPT-2 XL, no fit"] == ["–", "-.285", "–"]
    assert page["ours, from its data: surprisal of GPT-2 XL, no fit"] == ["–", "-.285", "–"]


def test_shuffled_folds_are_told_of_every_recording(given):
    scores, words, encoded, replications = given
    scores = scores.assign(recording=scores["recording"] + MARK)
    encoded = encoded.assign(split="held-out shuffled")
    page = cells(recording_files(scores, words, encoded, replications)["recordings/recordings.md"])
    told = ["pereira2018 (SHUFFLED FOLDS), all", "ucl2013 (SHUFFLED FOLDS), N400"]
    assert page[""] == [*told, "ucl2013 (SHUFFLED FOLDS), first pass"]
    assert page["samples, people"] == ["384, 3", "1487, –", "1487, –"]


def test_the_picture_shows_every_model_and_person_and_how_far_people_spread(given):
    files = recording_files(*given)
    figure = files["recordings/recordings.png"].figure
    figure.draw_without_rendering()
    assert not clipped(figure)
    assert not overlaps(figure.axes)
    title = figure.get_suptitle().replace("\n", " ")
    assert title == (
        "Held-out r of 2 models, 1 untrained twin and 1 control on 2 recordings of words"
    )
    pereira, n400, _ = figure.axes
    # The best is smollm, of .45: .09, .225 and .36 of single people.
    assert pereira.get_title() == "pereira2018\nall\nn = 384, 3 people\npeople 0.23 ± 0.14"
    assert n400.get_title() == "ucl2013\nN400\nn = 1487\nmeans of people alone"
    rows = [label.get_text() for label in pereira.get_yticklabels()]
    assert rows == MODELS
    dots = {
        rows[int(line.get_ydata()[0])]: (line.get_xdata()[0], line.get_markerfacecolor())
        for line in n400.lines
        if line.get_marker() == "o" and len(line.get_xdata()) == 1
    }
    assert {name: round(x, 3) for name, (x, _) in dots.items()} == {
        "minilm": 0.3, "minilm-0": 0.1, "smollm": 0.45, "length": 0.05
    }  # fmt: skip
    assert [name for name, (_, face) in dots.items() if face == "white"] == ["minilm-0"]
    assert [key.get_text() for key in figure.legends[0].get_texts()][:3] == [
        "average of people", "untrained twin", "control"
    ]  # fmt: skip
    assert -0.285 in [line.get_xdata()[0] for line in n400.lines if line.get_linestyle() == ":"]
    people = files["recordings/people.csv"]
    assert set(people["subject"]) == set(SHARES)
    own = people[people["model"] == "minilm"].set_index("subject")["score"]
    assert own.to_dict() == pytest.approx({one: 0.3 * share for one, share in SHARES.items()})


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("region", "region that is not there in scores, ucl2013: got first_pass"),
        ("results", "score without results in ucl2013, N400, minilm"),
        ("published", "published number that is not there in ucl2013, GPT-2 XL ~ N400"),
    ],
)
def test_what_is_missing_is_named(given, wrong, said):
    scores, words, results, replications = given
    if wrong == "region":
        scores = scores[scores["region"] != "first_pass"]
    elif wrong == "results":
        results = results[results["dataset"] != "ucl2013"]
    else:
        replications = replications[replications["quantity"] == "words"]
    with pytest.raises(InputError, match=said):
        recording_files(scores, words, results, replications)


def test_correlations_are_written_without_the_zero_before_the_point():
    assert [number(value) for value in (0.5, -0.254, 1.0, -1.0, np.nan)] == [
        ".50", "-.25", "1.00", "-1.00", "–"
    ]  # fmt: skip
