import pandas as pd

from stages.core.results.ladder import CLAIM, FAILS, HOLDS, NOT_ASKED, ladder_table
from stages.core.run.tables import write_table
from stages.ladder.other_ladders import in_other_data, other_ladders


def ladder(*rows):
    """Rungs of the claim that a model predicts A: dataset, rung, state and metric."""
    table = pd.DataFrame(rows, columns=["dataset", "rung", "state", "metric"])
    return table.assign(claim="predicts", model="a", other="", region="A")


CLAIMS = ladder(("here", "chance", HOLDS, "r"))[[*CLAIM, "metric"]]


def told(*rows):
    found = in_other_data(CLAIMS, ladder(*rows))
    return found[["state", "why"]].to_numpy().tolist()


def test_a_claim_holds_if_it_does_in_every_other_recording():
    both = [("x", "chance", HOLDS, "r"), ("w", "nuisance", HOLDS, "r")]
    assert told(*both) == [[HOLDS, "in w, x"]]
    twin = ("w", "untrained twin", FAILS, "r")
    assert told(*both, twin) == [[FAILS, "fails in w"]]
    assert told(*both, twin, ("v", "chance", FAILS, "r")) == [[FAILS, "fails in v, w"]]


def test_rungs_that_were_not_asked_and_other_rungs_and_metrics_do_not_count():
    assert told(("x", "chance", NOT_ASKED, "r")) == []
    assert told(("x", "other people", FAILS, "r")) == []
    assert told(("x", "chance", FAILS, "s")) == []
    rows = [("x", "chance", FAILS, "s"), ("x", "other seeds", FAILS, "r")]
    assert told(("x", "chance", HOLDS, "r"), *rows) == [[HOLDS, "in x"]]


def test_a_model_that_is_behind_elsewhere_does_not_surpass():
    def surpassing(model, other, dataset):
        row = ladder((dataset, "chance", HOLDS, "r"))
        return row.assign(claim="surpasses", model=model, other=other)

    claims = surpassing("a", "b", "here")[[*CLAIM, "metric"]]
    (found,) = in_other_data(claims, surpassing("b", "a", "x")).to_dict("records")
    assert (found["state"], found["model"]) == (FAILS, "a")
    both = pd.concat([surpassing("a", "b", "x"), surpassing("b", "a", "y")])
    (found,) = in_other_data(claims, both).to_dict("records")
    assert found["state"] == FAILS
    other = surpassing("a", "c", "x")
    assert in_other_data(claims, other).empty


def test_an_empty_folder_has_no_ladders(tmp_path):
    assert other_ladders(tmp_path, "here").empty


def test_ladders_of_other_recordings_are_read_below_each_other(tmp_path):
    for name, datasets in (("b", ["here", "x"]), ("a", ["y"])):
        tables = [ladder_table(CLAIMS.assign(dataset=one, modality=""), {}) for one in datasets]
        write_table(tmp_path / f"{name}.parquet", pd.concat(tables, ignore_index=True))
    found = other_ladders(tmp_path, "here")
    assert found["dataset"].drop_duplicates().tolist() == ["y", "x"]
    assert found.index.is_unique
    assert len(found) == 16
