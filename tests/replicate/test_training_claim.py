import pandas as pd
import pytest

from stages.core.names.vocabulary import ALIGNMENT
from stages.core.results.training_scores import ACCURACY, LOSS
from stages.core.run.errors import InputError
from stages.replicate.published_targets import judge_all, replication_table
from stages.replicate.training_claim import (
    DIGITISED,
    TARGETS,
    _correlations,
    _factors,
    _leads,
    _steps,
    derive_training,
)
from tests.replicate.published_steps import STEPS


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


def test_targets_are_the_published_numbers_and_how_near_ours_has_to_be():
    """Steps within half a per cent, counts exactly, leads of which nothing was printed."""
    told = {target.quantity: target for target in TARGETS}
    assert len(told) == len(TARGETS) == 6 + 3 + 2 * 4 * 2 + 2 + 2 + 1 + 72
    steps = [target for target in TARGETS if ", step at " in target.quantity]
    assert len(steps) == 72
    assert all(one.tolerance == pytest.approx(int(one.published) / 200) for one in steps)
    assert [target.quantity for target in TARGETS if not target.shown] == [
        target.quantity for target in steps
    ]
    measures = ("alignment", "log-perplexity", "accuracy")
    assert {one.quantity: int(one.published) for one in steps} == {
        f"{size}, step at {share}% of the rise of {measure}": step
        for size, rows in STEPS.items()
        for share, row in zip((10, 25, 50, 75), rows, strict=True)
        for measure, step in zip(measures, row, strict=True)
    }
    before = "sizes in which alignment is before log-perplexity, at "
    counts = [told[f"{before}{share}%"].published for share in (10, 25, 50, 75)]
    assert counts == ["0", "6", "6", "5"]
    accuracy = "sizes in which alignment is before accuracy, at "
    counts = [told[f"{accuracy}{share}%"] for share in (10, 25, 50, 75)]
    assert [one.published for one in counts] == ["6", "6", "6", "5"]
    exact = [
        *counts,
        told["steps that both series have"],
        told["last of them, % of training"],
        told["of them with an accuracy above 0, most of six sizes"],
        told["log-perplexity behind alignment at half, least factor"],
        told["log-perplexity behind alignment at half, greatest factor"],
    ]
    assert {(one.tolerance, one.basis) for one in exact} == {(0.0, "recomputed")}
    assert [one.published for one in exact[4:]] == ["11", ".7", "1", "1.0", "1.6"]
    assert told["lead over accuracy at 25%, octaves"].published == ""
    assert told["70m, alignment ~ LAMBADA accuracy"].published == "0.83"


def test_leads_and_the_claim_are_told_from_their_rows():
    rows = [
        {"measure": measure, "share": share, "n_runs": 6, "earlier": k, "lead": k / 8}
        | {"low": -k, "high": 2 * k}
        for measure in ("accuracy", "loss")
        for k, share in enumerate((0.1, 0.5), start=2 if measure == "loss" else 5)
    ]
    found = _leads(pd.DataFrame(rows).replace({"loss": LOSS, "accuracy": ACCURACY}), "said")
    assert found["sizes in which alignment is before log-perplexity, at 50%"].value == 3
    assert found["lead over accuracy at 10%, octaves"].value == 5 / 8
    lead = found["lead over log-perplexity at 10%, octaves"]
    assert (lead.value, lead.low, lead.high, lead.n) == (0.25, -2, 4, 6)
    claims = {
        name: one for name, one in found.items() if name.startswith("sizes in which alignment p")
    }
    assert {name: (one.value, one.n) for name, one in claims.items()} == {
        "sizes in which alignment precedes accuracy": (5, 6),
        "sizes in which alignment precedes log-perplexity": (2, 6),
    }
    assert {one.note for one in claims.values()} == {"at a tenth of the rise; said"}


def test_steps_factors_and_correlations_are_told_from_their_rows():
    times = pd.DataFrame(
        [
            {"size": size, "measure": measure, "share": share, "first": first * (1 + share)}
            for size, own in (
                ("70m", (100, 160, 50)),
                ("1b", (200, 240, 10)),
                ("2.8b", (90, 81, 1)),
            )
            for measure, first in zip((ALIGNMENT, LOSS, ACCURACY), own, strict=True)
            for share in (0.25, 0.5)
        ]
    )
    steps = _steps(times)
    assert len(steps) == 18
    assert steps["1b, step at 25% of the rise of log-perplexity"].value == 300
    factors = {name: (one.value, one.n) for name, one in _factors(times).items()}
    assert factors == {
        "log-perplexity behind alignment at half, least factor": (pytest.approx(0.9), 3),
        "log-perplexity behind alignment at half, greatest factor": (pytest.approx(1.6), 3),
    }
    claimed = pd.DataFrame(
        {"size": ["70m", "1b"], "value": [0.5, 0.7], "n": [10, 11], "last_step": [715, 1430.0]}
    ).assign(nonzero=[2, 1])
    found = {name: (one.value, one.n) for name, one in _correlations(claimed).items()}
    assert found == {
        "70m, alignment ~ LAMBADA accuracy": (0.5, 10),
        "1b, alignment ~ LAMBADA accuracy": (0.7, 11),
        "steps that both series have": (11, 11),
        "last of them, % of training": (pytest.approx(1.0), 11),
        "of them with an accuracy above 0, most of six sizes": (2, 11),
    }


def test_the_table_of_mixnets_has_to_be_listed():
    with pytest.raises(
        InputError, match=r"file not listed in sources.json: expected .*results.csv"
    ):
        derive_training({})
