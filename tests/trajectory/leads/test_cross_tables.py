import numpy as np
import pandas as pd
import pytest

from stages.trajectory.curves.curve_names import CURVE
from stages.trajectory.leads.cross_prediction import cross_predict
from stages.trajectory.leads.cross_tables import CROSS, cross_table
from stages.trajectory.onsets.onset_tables import Asked
from stages.trajectory.onsets.onset_times import Ends

DIRECTIONS = ("alignment to performance", "performance to alignment")
ASKED = Asked((0.5,), Ends(2, 2), 1, 24, 0)


def curves(values, *, side, measure, size="", weights="", **changed):
    """Curves of runs, shape (n_runs, n_steps)."""
    rows = [
        {"seed": seed, "step": step, "seen": 64.0 * step, "value": value}
        for (seed, step), value in np.ndenumerate(values)
    ]
    place = {"layer": "chosen", "region": "A", "subject": "mean"}
    if side == "performance":
        place = dict.fromkeys(place, "")
    told = {"of": "f", "size": size, "weights": weights, "side": side, "measure": measure}
    told["choice"] = ""
    missing = dict.fromkeys(("relative", "gain", "null_mean", "null_sd"), np.nan)
    return pd.DataFrame(rows).assign(**told | missing | place | changed)[CURVE]


@pytest.fixture
def sides(rng):
    """Alignment of four runs, and accuracy that follows it by a step."""
    aligned = rng.normal(size=(4, 6))
    done = np.c_[rng.normal(size=4), aligned[:, :-1]] + 0.3 * rng.normal(size=(4, 6))
    return aligned, done


def told(table):
    return table.set_index("direction")[["r", "p", "n_runs", "n_pairs", "reason"]]


def test_both_directions_and_losses_turned(sides):
    aligned, done = sides
    one = curves(aligned, side="alignment", measure="r")
    parts = [one.sample(frac=1, random_state=0)]
    parts += [curves(done, side="performance", measure="accuracy")]
    parts += [curves(-3 * done, side="performance", measure="heldout_loss")]
    table = cross_table(pd.concat(parts), ASKED)
    assert list(table) == list(CROSS)
    assert len(table) == 4
    for measure in ("accuracy", "heldout_loss"):
        found = told(table[table["measure"].eq(measure)])
        pairs = (aligned, done), (done, aligned)
        forth, back = (cross_predict([pair], 1, 24, 0) for pair in pairs)
        for direction, cross in zip(DIRECTIONS, (forth, back), strict=True):
            row = found.loc[direction]
            assert (row["r"], row["p"]) == pytest.approx((cross.r, cross.p))
            assert (row["n_runs"], row["n_pairs"]) == (4, 5)
        assert found.loc[DIRECTIONS[0], "r"] > 0.5


def test_only_chosen_layers_of_all_people_and_the_same_weights_are_compared(sides):
    aligned, done = sides
    done = curves(done, side="performance", measure="accuracy")
    for changed in ({"layer": "layer_00"}, {"subject": "x"}, {"of": "g"}):
        one = curves(aligned, side="alignment", measure="r", **changed)
        assert cross_table(pd.concat([one, done]), ASKED).empty
    raw = curves(aligned, side="alignment", measure="r", weights="raw")
    assert cross_table(pd.concat([raw, done]), ASKED).empty


def test_only_what_all_runs_of_both_have_is_compared(sides):
    """Seeds that one side lacks, and steps that one seed lacks, are left out."""
    aligned, done = sides
    more = np.vstack([aligned, aligned[:1]])
    one = curves(more, side="alignment", measure="r")
    other = curves(done, side="performance", measure="accuracy")
    other = other[~(other["seed"].eq(1) & other["step"].eq(3))]
    row = told(cross_table(pd.concat([one, other]), ASKED)).iloc[0]
    kept = [0, 1, 2, 4, 5]
    expected = cross_predict([(aligned[:, kept], done[:, kept])], 1, 24, 0)
    assert (row["r"], row["p"]) == pytest.approx((expected.r, expected.p))
    assert (row["n_runs"], row["n_pairs"]) == (4, 4)


def test_sizes_are_pooled_and_what_has_no_partner_is_told(sides):
    aligned, done = sides
    parts = [
        curves(values, side=side, measure=measure, size=size)
        for size in ("a", "b")
        for values, side, measure in ((aligned, "alignment", "r"), (done, "performance", "acc"))
    ]
    row = told(cross_table(pd.concat(parts), ASKED)).iloc[0]
    assert (row["n_runs"], row["n_pairs"]) == (8, 10)
    apart = told(cross_table(pd.concat([parts[0], parts[3]]), ASKED)).iloc[0]
    assert (apart["n_runs"], apart["n_pairs"], apart["reason"]) == (0, 0, "no size has 4 runs")
    assert np.isnan([apart["r"], apart["p"]]).all()
