"""Shares of pieces in curves, by naive loops over the formula of the jackknife."""

import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.trajectory.curves.piece_curves import PIECE, piece_curves

# Two areas of a network, one of another, and one of none.
REGIONS = ("7m", "45", "V1", "human_IT")
PIECES = 3
PLACE = ["of", "seed", "step", "subject", "region", "target"]


def made(rng, subjects=("s1", "s2"), split="all"):
    """Scores by two metrics of two families, and the same without each of three pieces.

    The last region is not there in every checkpoint.
    """
    rows = [
        {"of": of, "seed": seed, "step": step, "subject": subject, "region": region,
         "target": target, "metric": metric}
        for of in ("b", "a")
        for seed in (0, 1)
        for step in (0, 64)
        for subject in subjects
        for region in REGIONS
        for target in ("v0", "v1")
        for metric in ("r", "other")
        if (seed, step, region) != (1, 64, "human_IT")
    ]  # fmt: skip
    scores = pd.DataFrame(rows).assign(size="", weights="", kind="nested", split=split)
    scores["member"] = [f"{row.of}-{row.seed}-{row.step}" for row in scores.itertuples()]
    scores["layer"] = rng.choice(["layer_00", "layer_01"], len(scores))
    scores = scores.assign(
        seen=64 * scores["step"], dataset="nsd", score=rng.normal(size=len(scores))
    )
    left = [
        scores.assign(piece=piece, score=rng.normal(size=len(scores))) for piece in range(PIECES)
    ]
    fitted = rng.uniform(size=len(scores))
    return scores.assign(ceiling=1.0), pd.concat([one.assign(fitted=fitted) for one in left])


def naive(scores, left, subjects):
    """Mean shares by family, seed, step, region and piece."""
    found = {}
    for row in scores[scores["metric"].eq("r") & scores["subject"].isin(subjects)].to_dict(
        "records"
    ):
        same = left["metric"].eq("r")
        for name in PLACE:
            same &= left[name].eq(row[name])
        own = left[same].sort_values("piece")
        parts, fitted = own["score"].to_numpy(), own["fitted"].iloc[0]
        wider = np.sqrt(1 + (PIECES - 1) * fitted)
        for piece, part in enumerate(parts):
            share = row["score"] + wider * (PIECES - 1) * (parts.mean() - part)
            key = (row["of"], row["seed"], row["step"], row["region"], piece)
            found.setdefault(key, []).append(share)
    return {key: np.mean(shares) for key, shares in found.items()}


@pytest.mark.parametrize(
    ("subjects", "counted"), [(("s1", "s2"), ("s1", "s2")), (("s1", "group"), ("group",))]
)
def test_shares_are_means_over_targets_and_people_or_those_of_the_group(rng, subjects, counted):
    scores, left = made(rng, subjects)
    table = piece_curves(scores, left, ("absent", "r"), 1)
    assert list(table) == PIECE
    assert set(table["measure"]) == {"r"}
    assert table.index.tolist() == list(range(len(table)))
    for rows in (table, table[table["region"].eq("all")]):
        assert rows["of"].unique().tolist() == ["b", "a"]
    expected = naive(scores, left, counted)
    for of, seed, step, _, piece in list(expected):
        place = [expected[of, seed, step, region, piece] for region in REGIONS[:3]]
        wide = {"DMN": np.mean(place[:2]), "VIS": place[2], "all": np.mean(place)}
        expected |= {(of, seed, step, name, piece): value for name, value in wide.items()}
    found = table.set_index(["of", "seed", "step", "region", "piece"])["value"]
    assert len(found) == len(expected)
    assert found.to_dict() == pytest.approx(expected)


def test_what_lacks_one_piece_is_missing_and_so_are_means_with_it(rng):
    scores, left = made(rng, ("group",))
    lost = left["of"].eq("a") & left["seed"].eq(0) & left["step"].eq(0) & left["piece"].eq(1)
    lost &= left["region"].eq("7m") & left["target"].eq("v1")
    table = piece_curves(scores, left.assign(score=left["score"].mask(lost)), ("r",), 1)
    gone = table[table["value"].isna()]
    assert set(gone["region"]) == {"7m", "DMN", "all"}
    assert set(zip(gone["of"], gone["seed"], gone["step"], strict=True)) == {("a", 0, 0)}
    assert 1 in set(gone["piece"])


def test_shuffled_folds_are_told(rng):
    scores, left = made(rng, ("group",), split="shuffled folds")
    table = piece_curves(scores, left, ("r",), 1)
    assert set(table["measure"]) == {"r (SHUFFLED FOLDS)"}


def test_chosen_layers_without_their_pieces_are_counted(rng):
    scores, left = made(rng, ("group",))
    some = left[left["of"].ne("a") | left["region"].ne("7m")]
    where = (
        "in scores of a: expected one of each piece for every chosen layer, got none for 8 of 30"
    )
    with pytest.raises(InputError, match=where):
        piece_curves(scores, some, ("r",), 1)
    with pytest.raises(InputError, match="got none for 1 of 1"):
        piece_curves(scores.iloc[:1], left.iloc[:0], ("r",), 1)
