"""A family with planted onsets, from scores to tables: everything planted is found."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from stages.core.names.vocabulary import ALIGNMENT, EVERYWHERE
from stages.core.run.errors import InputError
from stages.core.run.tables import write_table
from stages.core.stats.run_intervals import over_runs
from stages.trajectory.curves.curve_names import CURVE
from stages.trajectory.curves.layer_choice import INNER_FOLDS, ITSELF, OTHER_SEEDS, OTHER_SUBJECTS
from stages.trajectory.curves.piece_curves import piece_curves
from stages.trajectory.curves.run_curves import alignment_curves, performance_curves
from stages.trajectory.family_tables import performance_of, read_scores
from stages.trajectory.leads.cross_tables import CROSS
from stages.trajectory.leads.lead_tables import RUN_LEADS
from stages.trajectory.leads.mean_lead_tables import LEADS, verdict_of
from stages.trajectory.onsets.onset_tables import Asked
from stages.trajectory.onsets.onset_times import Ends
from stages.trajectory.onsets.order_tables import ORDER
from stages.trajectory.planted.family_truth import FamilyTruth
from stages.trajectory.rises.stimulus_intervals import shares_by_place
from stages.trajectory.trajectory_tables import TABLES, summarise, trajectory_tables
from tests.columns_page import known_tables
from tests.trajectory.planted_scores import (
    LAYERS,
    REGIONS,
    STEPS,
    TOKENS,
    planted_pieces,
    planted_scores,
    write_family,
)

ASKED = Asked((0.25, 0.5, 0.75), Ends(3, 3), 1, 100, 0)
# All layers follow the regions, and so are half there, on average, when the middle one is.
HALVES = pd.DataFrame(dict.fromkeys(LAYERS, [REGIONS["middle"] + np.log2(TOKENS)] * 4))
TRUTH = {"planted": FamilyTruth(HALVES, list(REGIONS), 1.0)}


def curves_of(scores, performance, metrics=("r_partial", "r")):
    performance = performance.rename(columns={"family": "of"})
    both = [alignment_curves(scores, metrics, 3), performance_curves(performance)]
    return pd.concat(both, ignore_index=True)


@pytest.fixture(scope="module")
def tables():
    """Four seeds, alignment an octave ahead in the middle region."""
    return trajectory_tables(curves_of(*planted_scores(4, 1.0)), ASKED, TRUTH, {}, {})


def test_curves_are_raw_over_the_ceiling_and_above_step_0(tables):
    curves = tables["curves"]
    assert list(curves) == CURVE
    chosen = curves[curves["layer"].eq("chosen") & curves["region"].eq("late")]
    assert set(chosen["choice"]) == {OTHER_SEEDS}
    assert len(chosen) == 4 * len(STEPS)
    last = chosen[chosen["step"].eq(STEPS[-1]) & chosen["seed"].eq(2)].iloc[0]
    start = chosen[chosen["step"].eq(0) & chosen["seed"].eq(2)].iloc[0]
    assert last["value"] == pytest.approx(0.35, abs=0.04)  # layer_01, the best
    assert last["relative"] == pytest.approx(last["value"] / 0.6)
    assert last["gain"] == pytest.approx(last["value"] - start["value"])
    whole = curves[curves["layer"].eq("chosen") & curves["region"].eq(EVERYWHERE)]
    at = whole[whole["step"].eq(64) & whole["seed"].eq(0)].iloc[0]
    parts = curves[curves["layer"].eq("chosen") & curves["step"].eq(64) & curves["seed"].eq(0)]
    parts = parts[parts["region"].isin(REGIONS)]
    assert at["value"] == pytest.approx(parts["value"].mean())


def test_planted_onsets_are_found_with_an_interval(tables):
    onsets = tables["onsets"]
    half = onsets[onsets["share"].eq(0.5) & onsets["layer"].eq("chosen")].set_index("region")
    for region, expected in REGIONS.items():
        row = half.loc[region]
        assert row["low"] < row["octave"] < row["high"]
        assert row["octave"] == pytest.approx(expected + np.log2(TOKENS), abs=0.4)
        assert (row["n_runs"], row["n_left_out"]) == (4, 0)


def test_planted_leads_are_found_whatever_the_scale(tables):
    leads = tables["leads"]
    half = leads[leads["share"].eq(0.5) & leads["over"].eq("runs")]
    for measure in ("heldout_loss", "heldout_accuracy"):
        own = half[half["measure"].eq(measure)].set_index("region")
        for region, expected in (("early", 2), ("middle", 1), ("late", 0)):
            row = own.loc[region]
            assert row["lead"] == pytest.approx(expected, abs=0.15)
            assert row["low"] < expected + 0.1
            assert row["high"] > expected - 0.1
            if expected:
                assert (row["verdict"], row["p_exchanged"]) == ("precedes", 1 / 16)
                assert abs(row["null_mean"]) < 0.1 < row["lead"] / row["null_sd"]


@pytest.mark.parametrize(
    ("lead", "verdict"), [(1.0, "precedes"), (-1.0, "follows"), (0.0, "undecided")]
)
def test_verdicts(lead, verdict):
    values = lead + np.array([-0.3, 0.2, 0.1, 0.0])
    assert verdict_of(over_runs(values, np.full(4, ""))) == verdict
    assert verdict_of(over_runs(values[:1], np.full(1, ""))) == "not tested"


def test_the_planted_order_of_regions_is_recovered(tables):
    order = tables["order"]
    places = order[order["axis"].eq("region") & order["place"].ne("")].set_index("place")
    assert places["rank"].to_dict() == {"early": 1, "middle": 2, "late": 3}
    truth = order[order["axis"].eq("region") & order["against"].eq("truth")].iloc[0]
    assert truth["rho"] == pytest.approx(1)
    depth = order[order["axis"].eq("layer") & order["against"].eq("depth")].iloc[0]
    assert depth["n_runs"] == 4


def test_columns_are_those_of_the_dictionary(tables):
    for name, table in tables.items():
        assert list(table) == known_tables()[f"trajectory_{name}"][2], name


def test_bands_are_those_of_the_runs(tables):
    band, curves = tables["bands"], tables["curves"]
    at = {"step": 64, "layer": "chosen", "region": "late"}
    for quantity in ("value", "relative", "gain"):
        own = band[band["quantity"].eq(quantity)]
        single = curves
        for name, value in at.items():
            own, single = own[own[name].eq(value)], single[single[name].eq(value)]
        values = single.loc[single["subject"].eq("group"), quantity]
        row = own.iloc[0]
        assert (len(own), row["n_runs"]) == (1, 4)
        assert row["mean"] == pytest.approx(values.mean())
        reach = t.ppf(0.975, 3) * values.std() / 2
        assert row["high"] - row["mean"] == pytest.approx(reach)


def test_areas_are_averaged_over_their_networks():
    scores, performance = planted_scores(2, 1.0)
    areas = scores["region"].map({"early": "V1", "middle": "V2", "late": "7m"})
    curves = curves_of(scores.assign(region=areas), performance)
    tables = trajectory_tables(curves, ASKED, {}, {}, {})
    curves, order = tables["curves"], tables["order"]
    at = curves[curves["layer"].eq("chosen") & curves["step"].eq(64) & curves["seed"].eq(0)]
    value = at.set_index("region")["value"]
    assert value["VIS"] == pytest.approx((value["V1"] + value["V2"]) / 2)
    assert value["DMN"] == value["7m"]
    assert value["all"] == pytest.approx((value["V1"] + value["V2"] + value["7m"]) / 3)
    networks = order[order["axis"].eq("network") & order["place"].ne("")].set_index("place")
    assert networks["rank"].to_dict() == {"DMN": 2, "VIS": 1}
    regions = order[order["axis"].eq("region") & order["place"].ne("")]
    assert sorted(regions["place"]) == ["7m", "V1", "V2"]
    other = curves_of(scores.assign(region=areas, dataset="bids"), performance)
    assert set(other["region"]) == {"", "all", "7m", "V1", "V2"}


def test_metrics_are_flat_and_finite(tables):
    assert list(tables) == list(TABLES)
    said = summarise(tables, TRUTH)["planted"]
    assert said["runs"] == 4
    assert 0.2 < said["rise_low"] < said["rise"] < said["rise_high"] < 0.4
    assert said["alignment"] == "rises: 4"
    assert said["lead_heldout_loss_verdict"] == "precedes"
    assert said["lead_heldout_loss"] == pytest.approx(1, abs=0.2)
    assert said["order_region_truth"] == 1
    assert said["planted_lead"] == 1
    assert said["onset_delay"] == pytest.approx(0, abs=0.4)  # seeds differ by .3 in pace
    assert all(isinstance(value, str) or np.isfinite(value) for value in said.values())


@pytest.mark.parametrize("order", [1, -1])
def test_leads_that_are_told_are_those_of_all_regions_at_half(tables, order):
    leads = tables["leads"].copy()
    told = leads["region"].eq("all") & leads["share"].eq(0.5) & leads["size"].eq("")
    leads.loc[~told, ["lead", "low", "high", "p"]] = 99.0
    assert (~told).any()
    assert summarise({**tables, "leads": leads[::order]}, TRUTH) == summarise(tables, TRUTH)


def test_the_summary_says_what_a_family_gains_beyond_its_control():
    parts = [planted_scores(3, 1.0, of=of, rise=r) for of, r in (("shuffled", 0.1), ("read", 0.3))]
    scores, performance = (
        pd.concat(tables, ignore_index=True) for tables in zip(*parts, strict=True)
    )
    controls = {"read": "shuffled", "shuffled": ""}
    tables = trajectory_tables(curves_of(scores, performance), ASKED, {}, controls, {})
    said = summarise(tables, {})
    assert list(said) == ["shuffled", "read"]  # in their own order
    assert said["read"]["beyond_control"] == pytest.approx(0.2, abs=0.02)
    assert said["read"]["control_rise"] == pytest.approx(0.1, abs=0.02)
    assert 0.15 < said["read"]["beyond_control_low"] < said["read"]["beyond_control_high"] < 0.25
    assert said["read"]["beyond_control_verdict"] == "beyond its control"
    assert (said["read"]["control"], said["read"]["beyond_control_runs"]) == ("shuffled", 3)
    assert not [name for name in said["shuffled"] if "control" in name]


def test_one_seed_has_a_lead_but_no_interval():
    scores, performance = planted_scores(1, 1.0)
    nested = scores[scores["layer"].eq("layer_01")].assign(kind="nested")
    scores = pd.concat([scores, nested], ignore_index=True)
    tables = trajectory_tables(curves_of(scores, performance), ASKED, {}, {}, {})
    leads = tables["leads"]
    row = leads[leads["region"].eq("middle") & leads["share"].eq(0.5)].iloc[0]
    assert row["lead"] == pytest.approx(1, abs=0.2)
    assert np.isnan([row["low"], row["high"], row["p"]]).all()
    assert (row["n_runs"], row["verdict"]) == (1, "not tested")
    assert row["reason"] == "one run: no interval over runs"
    chosen = tables["curves"]["layer"].eq("chosen")
    assert set(tables["curves"].loc[chosen, "choice"]) == {INNER_FOLDS}
    assert set(tables["cross"]["reason"]) == {"no size has 4 runs"}


def test_a_family_that_learns_nothing_has_no_lead():
    tables = trajectory_tables(curves_of(*planted_scores(3, 0.0, rise=0.0)), ASKED, {}, {}, {})
    leads = tables["leads"]
    assert leads["lead"].isna().all()
    assert leads["reason"].str.contains("alignment: ").all()
    assert summarise(tables, {})["planted"]["lead_heldout_loss_runs"] == 0


def test_a_loss_that_grows_is_not_said_to_fall():
    scores, performance = planted_scores(2, 1.0)
    lost = performance["measure"].eq("heldout_loss")
    performance.loc[lost, "value"] *= -1
    leads = trajectory_tables(curves_of(scores, performance), ASKED, {}, {}, {})["leads"]
    reasons = leads[leads["measure"].eq("heldout_loss")]["reason"]
    assert reasons.eq("no run has a value; heldout_loss: gets worse").all()


def test_families_without_performance_keep_their_onsets():
    scores, performance = planted_scores(2, 1.0)
    tables = trajectory_tables(curves_of(scores, performance.iloc[:0]), ASKED, {}, {}, {})
    for name, columns in (("run_leads", RUN_LEADS), ("leads", LEADS), ("cross", CROSS)):
        assert tables[name].empty
        assert list(tables[name]) == list(columns)
    assert list(tables["order"]) == list(ORDER)
    assert summarise(tables, {})["planted"]["alignment"] == "rises: 2"


def test_few_checkpoints_are_told():
    scores, performance = planted_scores(2, 1.0)
    few = curves_of(
        scores[scores["step"].isin(STEPS[:5])], performance[performance["step"].isin(STEPS[:5])]
    )
    tables = trajectory_tables(few, ASKED, {}, {}, {})
    assert set(tables["run_onsets"]["reason"]) == {"too few checkpoints"}
    assert set(tables["leads"]["n_runs"]) == {0}
    assert summarise(tables, {})["planted"]["alignment"] == "too few checkpoints: 2"


def test_subjects_are_resampled_too_and_choose_layers_for_each_other():
    people = ("s1", "s2", "s3")
    scores, performance = planted_scores(3, 1.0, subjects=people)
    leads = trajectory_tables(curves_of(scores, performance), ASKED, {}, {}, {})["leads"]
    both = leads[leads["over"].eq("runs and subjects") & leads["share"].eq(0.5)]
    assert both["lead"].notna().all()
    row = both[both["region"].eq("middle")].iloc[0]
    assert row["low"] < 1 < row["high"]
    alone = curves_of(*planted_scores(1, 1.0, subjects=people))
    assert set(alone.loc[alone["layer"].eq("chosen"), "choice"]) == {OTHER_SUBJECTS}
    single = curves_of(*planted_scores(1, 1.0, subjects=("s1",)))
    assert set(single.loc[single["layer"].eq("chosen"), "choice"]) == {ITSELF}


def test_layers_are_chosen_on_other_seeds_only():
    scores, _ = planted_scores(2, 1.0, noise=0.0)
    odd = scores["seed"].eq(0) & scores["layer"].eq("layer_00")
    scores.loc[odd, "score"] += 1.0  # best in seed 0 itself, not in the other seed
    curves = alignment_curves(scores, ("r", "r_partial"), 3)
    chosen = curves[curves["layer"].eq("chosen")].set_index(["seed", "step"])
    assert chosen.loc[(0, STEPS[-1]), "value"].max() < 0.4
    assert chosen.loc[(1, STEPS[-1]), "value"].max() < 0.2


def test_shares_without_the_half_are_refused():
    with pytest.raises(InputError, match="half missing in params.yaml: trajectory.shares"):
        Asked((0.1,), Ends(3, 3), 1, 100, 0)


def test_wrong_families_are_refused(tmp_path):
    scores, performance = planted_scores(2, 1.0)
    with pytest.raises(InputError, match="no family"):
        read_scores(tmp_path, tmp_path, ["read"])
    with pytest.raises(InputError, match="metric missing"):
        alignment_curves(scores, ("cka_linear",), 3)
    twice = pd.concat([scores, scores.iloc[:1]], ignore_index=True)
    write_family(tmp_path, "planted", twice, performance)
    with pytest.raises(InputError, match="two values of one kind"):
        read_scores(tmp_path / "scores", tmp_path / "activations", ["planted"])


def test_members_that_were_set_aside_are_left_out(tmp_path):
    scores, performance = planted_scores(2, 1.0)
    write_family(tmp_path, "planted", scores, performance)
    path = tmp_path / "activations" / "planted" / "members.parquet"
    members = pd.read_parquet(path)
    members.loc[members["member"].eq("planted-0-8"), "set_aside"] = "same weights as step 16"
    members.loc[members["member"].eq("planted-1-4"), "error"] = "no weights"
    write_table(path, members)
    for table in (
        read_scores(tmp_path / "scores", tmp_path / "activations", ["planted"]),
        performance_of(tmp_path / "activations", ["planted"]),
    ):
        assert not {(0, 8), (1, 4)} & set(zip(table["seed"], table["step"], strict=True))
        assert len(table[["seed", "step"]].drop_duplicates()) == 2 * len(STEPS) - 2


def test_shuffled_folds_are_told_in_every_table_and_number():
    scores, performance = planted_scores(3, 1.0)
    leaking = scores.assign(split="held-out shuffled", target="")
    curves = curves_of(leaking, performance)
    pieces = shares_by_place(
        piece_curves(leaking, planted_pieces(leaking), ("r_partial",), ASKED.ends.plateau)
    )
    made = trajectory_tables(curves, ASKED, TRUTH, {}, pieces)
    name = "r_partial (SHUFFLED FOLDS)"
    for table in (made[one] for one in TABLES if len(made[one])):
        aligned = table[table["side"] == ALIGNMENT] if "side" in table else table
        assert set(aligned["metric" if "metric" in table else "measure"]) == {name}
    assert made["rises"]["over"].eq("stimuli").any()
    assert made["leads"]["over"].eq("stimuli").any()
    assert summarise(made, TRUTH)["planted"]["alignment"] == "rises: 3 (SHUFFLED FOLDS)"
