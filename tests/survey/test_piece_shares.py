import numpy as np
import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.survey.piece_shares import piece_shares

PLACE = {"model": "m", "modality": "vision", "metric": "r", "subject": "s"}


def chosen(*rows):
    return pd.DataFrame(rows, columns=["region", "layer", "score"]).assign(**PLACE)


def without(*rows, fitted=0.5):
    table = pd.DataFrame(rows, columns=["region", "layer", "piece", "score"])
    return table.assign(**PLACE, fitted=fitted).drop(columns="modality")


PIECES = without(
    *[("A", "l1", piece, score) for piece, score in enumerate((0.3, 0.5, 0.4))],
    *[("B", "l2", piece, score) for piece, score in enumerate((0.2, 0.2, 0.5))],
    *[("A", "l2", piece, 9.0) for piece in range(3)],
)  # fmt: skip


def test_shares_are_those_of_the_formula_and_average_to_the_score():
    found = piece_shares(chosen(("A", "l1", 0.45), ("B", "l2", 0.3)), PIECES)
    table = found["m", "vision"]
    assert list(table.index) == [("r", "A", "s"), ("r", "B", "s")]
    assert list(table.columns) == [0, 1, 2]
    wider = (1 + 2 * 0.5) ** 0.5
    expected = [0.45 + wider * 2 * (0.4 - one) for one in (0.3, 0.5, 0.4)]
    np.testing.assert_allclose(table.iloc[0], expected)
    np.testing.assert_allclose(table.mean(axis=1), [0.45, 0.3])


def test_several_targets_of_a_place_are_averaged():
    rows = chosen(("A", "l1", 0.4), ("A", "l1", 0.6)).assign(target=["v0", "v1"])
    left = pd.concat([PIECES.query("region == 'A'").assign(target=name) for name in ("v0", "v1")])
    left.loc[left["target"].eq("v1"), "score"] += 0.2
    (row,) = piece_shares(rows, left.assign(fitted=0.0))["m", "vision"].to_numpy()
    np.testing.assert_allclose(row, [0.5 + 2 * (0.5 - one) for one in (0.4, 0.6, 0.5)])


def test_models_and_modalities_are_apart_and_other_metrics_left_out():
    both = pd.concat([chosen(("A", "l1", 0.45)), chosen(("A", "l1", 0.2)).assign(model="n")])
    left = pd.concat([PIECES, PIECES.assign(model="n")])
    assert list(piece_shares(both, left)) == [("m", "vision"), ("n", "vision")]
    assert piece_shares(both.assign(metric="q"), left) == {}
    some = pd.concat([both, both.assign(metric="q")])
    assert len(piece_shares(some, left)["m", "vision"]) == 1


def test_a_score_without_its_pieces_is_named():
    rows = chosen(("A", "l1", 0.45), ("B", "l2", 0.3))
    for left in (PIECES.iloc[1:], PIECES.query("region == 'A'"), PIECES.query("region == 'B'")):
        with pytest.raises(InputError, match="score without pieces is missing .*expected one for"):
            piece_shares(rows, left)


def test_rows_and_pieces_keep_their_order_and_places_their_number_of_targets():
    """In no order of the alphabet, with two targets in one region and one in the other."""
    rows = chosen(("B", "l1", 0.4), ("A", "l1", 0.4), ("B", "l1", 0.6))
    rows = rows.assign(target=["v0", "v0", "v1"])
    scores = {("B", 5): 0.4, ("A", 5): 0.1, ("B", 3): 0.2, ("A", 3): 0.3}
    left = without(*((region, "l1", piece, one) for (region, piece), one in scores.items()))
    left = pd.concat([left.assign(target=name, fitted=0.0) for name in ("v0", "v1")])
    both, pieces = (pd.concat([one.assign(model="z"), one]) for one in (rows, left))
    found = piece_shares(both, pieces)
    assert list(found) == [("z", "vision"), ("m", "vision")]
    for table in found.values():
        assert list(table.index) == [("r", "B", "s"), ("r", "A", "s")]
        assert list(table.columns) == [5, 3]
        np.testing.assert_allclose(table, [[0.5 - 0.1, 0.5 + 0.1], [0.4 + 0.1, 0.4 - 0.1]])


def test_a_piece_without_which_nothing_has_a_score_is_not_forgotten():
    lost = PIECES.assign(score=PIECES["score"].mask(PIECES["piece"].eq(1)))
    table = piece_shares(chosen(("A", "l1", 0.45), ("B", "l2", 0.3)), lost)["m", "vision"]
    assert list(table.columns) == [0, 1, 2]
    assert table.isna().all(axis=None)


def test_of_a_single_piece_too_a_score_without_it_is_asked_for():
    only = PIECES[PIECES["piece"].eq(0) & PIECES["region"].eq("A")]
    with pytest.raises(InputError, match="in m, vision, r, B, s: expected one for each piece"):
        piece_shares(chosen(("A", "l1", 0.45), ("B", "l2", 0.3)), only)
