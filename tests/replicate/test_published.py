import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, pearsonr, spearmanr

from stages.core.results.benchmarks import read_benchmarks
from stages.core.run.errors import InputError
from stages.replicate.partial import check_partial, partial_correlation, stand_ins
from stages.replicate.published import (
    check_claims,
    check_published,
    fisher_interval,
    read_published,
)
from tests.replicate.raw_rows import raw_table

TABLE = "brainalign/figures/statistic/correlation_36.csv"


@pytest.fixture
def entries(files):
    return read_published(files[TABLE])


@pytest.fixture
def altered(files, tmp_path):
    """Change the published table, then check it."""

    def alter(change):
        path = tmp_path / "altered.csv"
        path.write_text(change(files[TABLE].read_text()))
        return raw_table(check_published(read_published(path)))

    return alter


def row(table, modality, benchmark, statistic):
    chosen = table[
        (table["modality"] == modality)
        & (table["benchmark"] == benchmark)
        & (table["statistic"] == statistic)
    ]
    assert len(chosen) == 1
    return chosen.iloc[0]


def test_interval_is_scipys(rng):
    x, y = rng.normal(size=(2, 40)) + rng.normal(size=40)
    expected = pearsonr(x, y).confidence_interval()
    assert fisher_interval(pearsonr(x, y)[0], 40, "pearson") == pytest.approx(tuple(expected))
    rank = spearmanr(x, y)[0]
    low, high = fisher_interval(rank, 40, "spearman")
    wide, narrow = np.arctanh([high, rank]) - np.arctanh([rank, low])
    assert wide == pytest.approx(narrow)
    assert wide == pytest.approx(1.959964 * np.sqrt((1 + rank**2 / 2) / 37))
    assert fisher_interval(1.0, 40, "pearson") == (1.0, 1.0)


def test_what_follows_from_the_published_table(entries):
    table = raw_table(check_published(entries))
    assert len(table) == 22 * 2 * 5
    verdicts = table.groupby("statistic")["verdict"]
    assert verdicts.get_group("pearson_q").eq("matches").all()
    assert verdicts.get_group("spearman_q").eq("matches").all()
    wrong = table[table["verdict"].eq("does not recompute") & table["statistic"].str.endswith("_p")]
    assert set(wrong["benchmark"]) == {"Average"}
    assert not verdicts.get_group("pearson_low").eq("does not recompute").any()
    assert not verdicts.get_group("pearson_high").eq("does not recompute").any()
    assert table.loc[table["statistic"].eq("pearson_low"), "verdict"].eq("").sum() == 2
    above = table["statistic"].eq("spearman_high") & table["published"].gt(1)
    assert above.sum() == 7
    assert table.loc[above, "verdict"].eq("does not recompute").all()
    spearman = table[table["statistic"].isin(["spearman_low", "spearman_high"])]
    assert spearman["note"].str.startswith("as published: r ± 1.96").all()


def test_no_correlation_is_passed_off_as_ours(entries):
    table = raw_table(check_published(entries))
    plain = table[table["statistic"].isin(["pearson", "spearman"])]
    others = plain[plain["benchmark"] != "score"]
    assert others["verdict"].eq("needs").all()
    assert others["value"].isna().all()
    assert others["needs"].str.contains("_all.parquet").all()


def test_q_is_over_all_tests_of_the_table(entries):
    table = raw_table(check_published(entries))
    ours = false_discovery_control([entry.p.value for entry in entries])
    found = table[table["statistic"].isin(["pearson_q", "spearman_q"])]["value"]
    assert found.to_numpy() == pytest.approx(ours)
    halves = [entry for entry in entries if entry.statistic == "pearson"]
    alone = false_discovery_control([entry.p.value for entry in halves])
    apart = [abs(q - e.q.value) > 2 * e.q.half for q, e in zip(alone, halves, strict=True)]
    assert np.mean(apart) > 0.5


@pytest.mark.parametrize(
    ("old", "new", "statistic"),
    [
        ("[0.59, 0.88]", "[0.62, 0.88]", "pearson_low"),
        ("[0.59, 0.88]", "[0.59, 0.91]", "pearson_high"),
        ("<3.5e-08,<4.1e-08", "<9.5e-08,<4.1e-08", "pearson_p"),
        ("<3.5e-08,<4.1e-08", "<3.5e-08,<4.9e-08", "pearson_q"),
        ("<1.3e-08,<1.6e-08", "<1.3e-07,<1.6e-08", "spearman_p"),
    ],
)
def test_a_wrong_number_is_found(altered, old, new, statistic):
    def change(text):
        assert text.count(old) == 1
        return text.replace(old, new)

    assert row(altered(str), "language", "IFEval", statistic)["verdict"] == "matches"
    assert row(altered(change), "language", "IFEval", statistic)["verdict"] == "does not recompute"


def test_column_missing(altered):
    with pytest.raises(InputError, match="column missing"):
        altered(lambda text: text.replace("FDR p-value", "q"))


def test_claims(entries):
    table = raw_table(check_claims(entries))
    found = {
        (one["statistic"], one["modality"]): (one["published"], one["value"], one["verdict"])
        for _, one in table.iterrows()
    }
    assert found == {
        ("pearson_abstract", "language"): (0.89, 0.89, "matches"),
        ("pearson_abstract", "vision"): (0.53, 0.53, "matches"),
        ("pearson_readme", "language"): (0.89, 0.89, "matches"),
        ("pearson_readme", "vision"): (0.56, 0.55, "does not recompute"),
    }


def test_size_as_published(entries):
    table = raw_table(check_published(entries))
    assert row(table, "language", "#Params (B)", "pearson")["published"] == 0.91
    assert row(table, "vision", "#Params (M)", "pearson")["published"] == 0.45


def test_partial_correlation_is_that_of_residuals(rng):
    z = rng.normal(size=50)
    x, y = z + rng.normal(size=(2, 50))
    slopes = [np.polyfit(z, one, 1) for one in (x, y)]
    left = [one - np.polyval(slope, z) for one, slope in zip((x, y), slopes, strict=True)]
    r = partial_correlation(*(pearsonr(a, b)[0] for a, b in ((x, y), (x, z), (y, z))))
    assert r == pytest.approx(pearsonr(*left)[0])


@pytest.mark.parametrize("three", [(0.9, 0.9, -0.9), (0.5, 1.0, 0.5)])
def test_correlations_that_no_three_quantities_have(three):
    assert np.isnan(partial_correlation(*three))


def test_partial_of_the_published_table(entries, files):
    """In vision, rank correlations with performance all but vanish given size."""
    benchmarks = read_benchmarks(files)
    table = raw_table(check_partial(entries, benchmarks))
    imagenet = pd.read_csv(
        files["brainalign/code/feature_extraction/vision/data/results-imagenet.csv"], thousands=","
    )
    r = spearmanr(imagenet["top1"], imagenet["param_count"])[0]
    found = row(table, "vision", "imagenet", "partial_spearman")
    assert found["value"] == pytest.approx((0.47 - 0.52 * r) / np.sqrt((1 - 0.52**2) * (1 - r * r)))
    vision = table[table["modality"] == "vision"]
    assert vision.loc[vision["statistic"] == "partial_spearman", "value"].max() < 0.12
    assert vision.loc[vision["statistic"] == "partial_pearson", "value"].min() > 0.2
    assert vision["verdict"].eq("").all()
    language = table[table["modality"] == "language"]
    assert language[["low", "high"]].isna().all(axis=None)
    assert stand_ins(benchmarks)["key"].nunique() == 596 + 28
