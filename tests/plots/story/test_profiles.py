import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, rankdata

from stages.core.results.results import results_table
from stages.plots.kit.hemispheres import MEANS
from stages.plots.story.profiles import contrast_table, features_table, mean_kappa, similarity_table
from tests.plots.shapes import PLACE


def pick(results, **where):
    """Rows of one subject that have these values."""
    chosen = np.ones(len(results), dtype=bool)
    for name, value in where.items():
        chosen &= (results[name] == value).to_numpy()
    return results[chosen]


@pytest.mark.parametrize(("subjects", "shown"), [(("s1", "group"), "group"), (("s2",), "s2")])
def test_every_similarity_is_that_of_the_shown_subject(profiled, subjects, shown):
    results = profiled(subjects=subjects)
    table = similarity_table(results)
    assert len(table) == 3 * 5 * (4 + 3)
    for row in table.itertuples():
        place = {"subject": shown, "family": row.family, "region": row.region}
        (one,) = pick(
            results, **place, layer=row.layer, kind=row.kind, metric="spearman"
        ).itertuples()
        low, high = norm.interval(0.95, one.null_mean, one.null_sd)
        expected = (one.score, low, high, one.ceiling, float(one.q < 0.05))
        found = (row.score, row.null_low, row.null_high, row.ceiling, row.significant)
        assert found == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("similar", "particular", "preferred"), [(0.01, 0.01, 1), (0.06, 0.01, 0), (0.01, 0.06, 0)]
)
def test_the_preferred_layer_is_the_highest_of_its_kind_if_both_are_significant(
    profiled, similar, particular, preferred
):
    results = profiled(regions=("B_L", "A_R", "LATL"))
    results.loc[results["metric"] == "spearman", "q"] = similar
    results.loc[results["metric"] == "spearman_preference", "q"] = particular
    table = similarity_table(results)
    for _, rows in table.groupby(["family", "region", "kind"]):
        first = rows.iloc[0]
        place = {name: first[name] for name in ("family", "region", "kind")}
        known = pick(results, **place, subject="group", metric="spearman_preference")
        best = rows.loc[rows["preferred"] == 1, "layer"].tolist()
        known = known.sort_values("score")["layer"].tolist()
        assert best == ([] if first["region"] in MEANS else known[-1:] * preferred)


def test_no_layer_is_preferred_where_there_is_one_or_one_region(profiled):
    table = similarity_table(profiled(blocks=1).assign(q=0.01))
    preferred = table.groupby("kind")["preferred"].sum()
    assert preferred["hidden"] == 3 * 3
    assert preferred["attention"] == 0
    assert similarity_table(profiled(regions=("B_L",)).assign(q=0.01))["preferred"].sum() == 0


def test_regions_are_in_blocks_and_layers_in_the_order_of_the_model(profiled, layers):
    table = similarity_table(profiled(blocks=11))
    names = ["A_L", "B_L", "A_R", "left hemisphere", "right hemisphere"]
    for _, rows in table.groupby("family"):
        assert list(rows["region"].unique()) == names
    for _, rows in table.groupby(["family", "region"]):
        assert list(rows["layer"]) == list(layers(11, controls=()))


def test_layers_are_averaged_over_regions_and_regions_over_hidden_layers(profiled):
    results = profiled()
    shown = pick(results, subject="group", metric="spearman")
    table = contrast_table(results)
    assert len(table) == 2 * (4 + 3) + 2 * 5
    for row in table.itertuples():
        one = pick(shown, **{row.by: row.name}, kind=row.kind, family=row.family)
        if row.by == "layer":
            one = one[~one["region"].isin(MEANS)]
        assert len(one) == (3 if row.by == "layer" else 4)
        low, high = norm.interval(0.95, one["null_mean"].mean(), one["null_sd"].mean())
        expected = (one["score"].mean(), low, high, (one["q"] < 0.05).mean())
        found = (row.score, row.null_low, row.null_high, row.significant)
        assert found == pytest.approx(expected, abs=1e-4)


def test_the_null_of_an_average_is_wide_enough(rng):
    """Simulated nulls: the band holds 95 % where they are shared, and more where they are not."""
    shared = rng.normal(0, 0.1, (2000, 1))
    for draws, held in ((np.repeat(shared, 6, axis=1), 0.95), (rng.normal(0, 0.1, (2000, 6)), 1)):
        rows = [
            {"subject": "s", "family": "syntax", "region": f"R{i}_L", "layer": "layer_00"}
            | {"kind": "hidden", "metric": "spearman", "score": 0.0, "q": 1.0}
            | {"null_mean": column.mean(), "null_sd": column.std()}
            for i, column in enumerate(draws.T)
        ]
        low, high = contrast_table(results_table(rows)).loc[0, ["null_low", "null_high"]]
        means = draws.mean(axis=1)
        assert ((low < means) & (means < high)).mean() == pytest.approx(held, abs=0.01)


@pytest.mark.parametrize(
    ("families", "shown"),
    [
        (("all", "semantics", "syntax", "discourse"), {"syntax", "discourse"}),
        (("all", "semantics", "syntax"), {"syntax"}),
        (("all", "semantics", "visual"), {"semantics", "visual"}),
        (("all",), {"all"}),
    ],
)
def test_discourse_and_syntax_or_else_what_there_is(profiled, families, shown):
    assert set(contrast_table(profiled(families=families))["family"]) == shown


def test_features_are_averaged_over_regions_and_hidden_layers(decoded, probed):
    results = decoded()
    table = features_table(results, probed)
    shared = sorted(set(results["target"]) & set(probed["target"]))
    assert sorted(table["feature"]) == shared
    for row in table.itertuples():
        brain = pick(results, subject="group", metric="r", target=row.feature)
        model = pick(probed, kind="hidden", metric="r", target=row.feature)
        assert (len(brain), len(model)) == (3, 4)
        found = (row.decoded, row.probed, row.regions_found, row.layers_found)
        means = (brain["score"].mean(), model["score"].mean())
        shares = ((brain["q"] < 0.05).mean(), (model["q"] < 0.05).mean())
        assert found == pytest.approx(means + shares, abs=1e-4)
        assert row.best_region == brain.sort_values("score")["region"].iloc[-1]
        assert row.best_layer == model.sort_values("score")["layer"].iloc[-1]
    ranks = rankdata(table["decoded"]) - rankdata(table["probed"])
    np.testing.assert_allclose(table["rank_difference"], ranks / len(table), atol=1e-4)
    families = dict(zip(table["feature"], table["family"], strict=True))
    assert families["Verbs/run"] == "discourse"
    assert families["Word_Num/length"] == "syntax"


def study(brain, model):
    """Results of one region and one layer with these scores."""
    rows = [
        [
            {"subject": "s", "metric": "r", "target": f"X/{i}", "score": score, "q": 0.5} | label
            for i, score in enumerate(scores)
        ]
        for scores, label in (
            (brain, {"region": "A_L", "kind": "frem"}),
            (model, {"layer": "layer_00", "kind": "hidden"}),
        )
    ]
    return features_table(*map(results_table, rows))


def test_ranks_agree_entirely_or_not_at_all(rng):
    scores = np.sort(rng.normal(size=10))
    assert (study(scores, scores**3)["rank_difference"] == 0).all()
    opposed = study(scores, -scores)["rank_difference"]
    np.testing.assert_allclose(opposed, np.linspace(-0.9, 0.9, 10), atol=1e-4)


def test_a_feature_that_regions_alone_carry_stands_out(rng):
    model = rng.uniform(0.2, 0.3, 20)
    brain = model + rng.normal(0, 0.001, 20)
    model[7] = 0.0
    brain[7] = 0.5
    assert study(brain, model)["rank_difference"].idxmax() == 7


def test_kappa_is_averaged_over_regions_and_hidden_layers(profiled):
    results = profiled()
    chosen = pick(results, subject="group", metric="kappa", family="all", kind="hidden")
    chosen = chosen[~chosen["region"].isin(MEANS)]
    assert len(chosen) == 3 * 4
    assert mean_kappa(results) == (chosen["score"].mean(), chosen["null_mean"].mean())


def test_without_results_tables_are_empty_with_their_columns(profiled, decoded, probed):
    none = results_table([])
    results = profiled()
    assert not results.duplicated(PLACE).any()
    for make, full in (
        (similarity_table, similarity_table(results)),
        (contrast_table, contrast_table(results)),
        (lambda empty: features_table(empty, probed), features_table(decoded(), probed)),
    ):
        empty = make(none)
        assert len(empty) == 0
        assert list(empty) == list(full)
        assert isinstance(empty, pd.DataFrame)
