import pytest

from stages.core.run.errors import InputError
from stages.replicate.brainalign import check_brainalign
from stages.replicate.published_targets import replication_table


@pytest.fixture
def rows(files):
    return replication_table(list(check_brainalign(files))).set_index("quantity")


def test_claims_and_counts_are_shown(rows):
    shown = rows[rows["shown"]]
    assert len(shown) == 24
    readme = shown.loc["vision ~ Average: pearson, as in the README"]
    assert (readme["published"], readme["ours"]) == (0.56, 0.55)
    assert readme["verdict"] == "does not recompute"
    abstract = shown.loc["vision ~ imagenet: pearson, as in the abstract"]
    assert (abstract["verdict"], abstract["n"]) == ("matches", 594)


def test_six_parietal_areas_are_elsewhere(rows):
    six = rows.loc["six parietal areas in the network of the surface atlas, of 6"]
    assert (six["published"], six["ours"], six["verdict"]) == (6, 0, "does not recompute")
    told = ("", ", on the left", ", on the right")
    found = [
        rows.loc[f"areas in the network of the surface atlas{of}, of 180", "ours"] for of in told
    ]
    assert found == [162, 150, 172]  # it is the table of the right hemisphere
    moved = rows[rows.index.str.endswith("six areas moved")]
    assert moved["n"].tolist() == [17 + 6, 31 - 6]
    assert moved["verdict"].eq("nothing published").all()


def test_the_counts_are_those_of_the_rows(rows):
    for statistic in ("pearson_p", "spearman_low", "spearman_q"):
        own = rows[~rows["shown"] & rows.index.str.endswith(f": {statistic}")]
        name = f"{statistic.replace('_', ' ')} that follow from the printed r, p and n"
        count = rows[rows.index.str.startswith(name)].iloc[0]
        assert count["ours"] == own["verdict"].eq("matches").sum()
        assert count["published"] == len(own)


def test_single_models_need_files_of_their_own(rows):
    needed = rows[rows["verdict"].eq("needs")]
    assert needed["ours"].isna().all()
    both = rows.loc["Combined (Standardized) ~ Combined: pearson", "needs"]
    assert "language_all.parquet and data/intermediate_results/vision_all.parquet" in both
    language = rows.loc["language ~ Average: pearson", "needs"]
    assert language == "data/intermediate_results/language_all.parquet"


def test_a_table_that_is_not_listed_is_named(files):
    name = "brainalign/figures/statistic/correlation_36.csv"
    with pytest.raises(InputError, match=f"file not listed .* expected {name}"):
        list(check_brainalign({key: path for key, path in files.items() if key != name}))
