import pandas as pd
import pytest

from stages.replicate.published_targets import judge_all, replication_table
from stages.replicate.training_claim import DIGITISED, TARGETS, derive_training


@pytest.fixture
def curves(at_source, mirror):
    return at_source("brainalign-training") | {DIGITISED: mirror / DIGITISED}


def rows_of(files):
    rows = judge_all("brainalign-training", TARGETS, derive_training(files))
    return replication_table(list(rows)).set_index("quantity")


def test_precedes_is_of_eleven_points_and_of_accuracy_alone(curves):
    rows = rows_of(curves)
    assert rows.loc["steps that both series have", "ours"] == 11
    printed = rows[rows.index.str.endswith("alignment ~ LAMBADA accuracy")]
    assert len(printed) == 6
    assert printed["verdict"].eq("matches").all()
    claim = rows.loc["sizes in which alignment precedes log-perplexity"]
    assert (claim["published"], claim["ours"], claim["verdict"]) == (6, 0, "does not recompute")
    assert "lags" in claim["note"]
    assert rows["verdict"].eq("does not recompute").sum() == 1
    steps = rows[~rows["shown"]]
    assert len(steps) == 72
    assert steps["verdict"].isin(["matches", "within"]).all()


def test_curves_that_are_a_checkpoint_later_recompute_less(curves, tmp_path):
    late = tmp_path / "late.tsv"
    table = pd.read_csv(curves[DIGITISED], sep="\t", dtype={"size": str})
    later = table.groupby("size", sort=False)["alignment"].shift(1)
    table.assign(alignment=later.fillna(table["alignment"])).to_csv(late, sep="\t", index=False)
    rows = rows_of(curves | {DIGITISED: late})
    steps = rows[~rows["shown"] & rows.index.str.endswith(" alignment")]
    assert len(steps) == 24
    assert steps["verdict"].eq("does not recompute").all()
    printed = rows[rows.index.str.endswith("alignment ~ LAMBADA accuracy")]
    assert printed["verdict"].eq("does not recompute").all()


def test_without_the_curves_what_stands_on_them_needs_them(curves):
    rows = rows_of({name: path for name, path in curves.items() if name != DIGITISED})
    assert rows["verdict"].eq("needs").sum() == len(rows) - 1
    assert set(rows["needs"]) == {DIGITISED, ""}
    assert rows.loc["averaged weights of MixNets behind the raw ones, octaves", "ours"] > 1
