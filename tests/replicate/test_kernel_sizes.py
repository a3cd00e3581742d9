import numpy as np
import pandas as pd
import pytest
from scipy.stats import zscore

from stages.core.run.errors import InputError
from stages.replicate.kernel_sizes import (
    best_bandwidths,
    check_changes,
    check_normalised,
    check_subjects,
    normalise,
    read_changes,
    read_scores,
    score_changes,
)
from tests.replicate.raw_rows import raw_table

FIGURES = "brainalign/figures"
BANDWIDTHS = (20, 28, 68)


@pytest.fixture
def scores(rng):
    """Two networks of three areas; `A` stands out most at bandwidth 28."""
    rows = [
        (
            f"cka_{width}",
            f"{network}{number}",
            network,
            f"S{subject}",
            rng.normal() + 5 * (network == "A" and width == 28),
        )
        for width in BANDWIDTHS
        for network in "AB"
        for number in range(3)
        for subject in range(4)
    ]
    columns = ["metric", "tgt_feature", "yeo7", "tgt_model", "score"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(normalized_score=normalise(table))


@pytest.fixture
def published(files):
    scores = read_scores(files[f"{FIGURES}/brain_regions/kernel_size/language.csv"])
    changes = read_changes(files[f"{FIGURES}/kernel_size/language/28_68_consistency.csv"])
    return scores, changes


def test_normalise_is_a_z_score_within_each_metric(scores):
    for _, rows in scores.groupby("metric"):
        assert normalise(scores)[rows.index].to_numpy() == pytest.approx(
            zscore(rows["score"].to_numpy(), ddof=1)
        )


def test_best_bandwidth_is_the_planted_one(scores):
    found = raw_table(best_bandwidths(scores)).set_index("benchmark")
    assert found.loc["A", "value"] == 28
    assert found.loc["A", "note"].startswith("mean normalised score 0.9")
    assert "end of the grid" in found.loc["B", "note"]


def test_changes_are_those_of_a_loop(scores):
    found = score_changes(scores)
    for area, rows in scores.groupby("tgt_feature"):
        wide = rows[rows["metric"] == "cka_68"].set_index("tgt_model")["score"]
        narrow = rows[rows["metric"] == "cka_28"].set_index("tgt_model")["score"]
        change = np.array([wide[name] - narrow[name] for name in wide.index])
        same = [np.sign(one) == np.sign(change.mean()) for one in change]
        expected = (change.mean(), change.std(), change.std() / abs(change.mean()), np.mean(same))
        columns = [f"raw_{name}" for name in ("mean", "std", "cv", "sign_consistency")]
        assert found.loc[area, columns].to_list() == pytest.approx(expected)


def test_changes_as_they_follow_match(scores):
    ours = score_changes(scores).reset_index()
    assert raw_table(check_changes(scores, ours))["verdict"].eq("matches").all()
    ours.loc[0, "raw_std"] += 1e-6
    table = raw_table(check_changes(scores, ours))
    wrong = table[table["verdict"] == "does not recompute"]
    assert wrong[["benchmark", "statistic"]].to_numpy().tolist() == [["A", "raw_std"]]


def test_other_areas(scores):
    ours = score_changes(scores).reset_index().iloc[1:]
    with pytest.raises(InputError, match="areas differ .* got A0"):
        list(check_changes(scores, ours))


def test_normalised_scores_are_those_published(scores, published):
    table = raw_table(check_normalised(published[0]))
    assert len(table) == 26
    assert table["verdict"].eq("matches").all()
    scores.loc[3, "normalized_score"] += 1e-3
    found = raw_table(check_normalised(scores)).set_index("metric")["verdict"]
    assert found.to_dict() == {
        "cka_20": "does not recompute",
        "cka_28": "matches",
        "cka_68": "matches",
    }


def test_published_bandwidths(published):
    found = raw_table(best_bandwidths(published[0])).set_index("benchmark")
    assert found["n"].sum() == 180
    expected = dict.fromkeys(found.index, 20.0) | {"Limbic": 84.0, "Ventral Attention": 100.0}
    assert found["value"].to_dict() == expected


def test_published_changes_are_near_but_not_those_of_the_published_scores(published):
    """Every area's is smaller than published, by 1 to 2 %; signs agree."""
    scores, changes = published
    table = raw_table(check_changes(scores, changes))
    verdicts = table.groupby("statistic")["verdict"].first()
    assert verdicts["raw_mean_change"] == "does not recompute"
    assert verdicts["raw_sign_consistency"] == "matches"
    ratio = score_changes(scores)["raw_mean"] / changes.set_index("tgt_feature")["raw_mean"]
    assert ratio.between(0.98, 0.99).all()
    raw = table[table["statistic"] == "raw_mean_change"]
    assert raw["note"].str.endswith("r over all 180 areas 1.00000").all()


@pytest.mark.parametrize(
    ("name", "modality"), [("lang_corr", "language"), ("vision_corr", "vision")]
)
def test_subjects(published, files, name, modality):
    matrix = pd.read_csv(files[f"{FIGURES}/statistic/{name}.csv"], index_col=0)
    table = raw_table(check_subjects(published[0], matrix, modality))
    theirs = table[table["statistic"] == "between_subjects"].set_index("benchmark")
    assert theirs["verdict"].eq("needs").all()
    assert theirs["value"].isna().all()
    assert theirs.loc["S01 ~ S07", "published"] == matrix.loc["S01", "S07"]
    ours = table[table["statistic"] == "between_subjects_areas"]
    assert len(ours) == (6 if modality == "language" else 0)
    assert ours["value"].between(0.85, 0.96).all()
