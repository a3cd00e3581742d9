"""q is that of all rows at once, although they are read group by group."""

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from stages.core.results.survey import TABLES
from stages.core.stats.multiple import adjust
from stages.survey.all_q import with_q
from stages.survey.all_scores import gather
from stages.survey.growing import groups_of, growing
from stages.survey.zoo_models import list_layers
from tests.survey.planted import DATASET, REGIONS, results, rows, zoo

OVER = "models × layers × regions × subjects"


def naive_q(p):
    """Benjamini & Hochberg (1995): the least p m / rank over all p that are no smaller."""
    m, order = len(p), np.argsort(p)
    q = np.empty(m)
    for at in range(m):
        q[order[at]] = min(1.0, *(p[order[k]] * m / (k + 1) for k in range(at, m)))
    return q


@pytest.fixture
def grown(rng, tmp_path):
    """Scores of three models, a group each, with some p missing; and the path of their table."""
    models = zoo("net", "word", "noise")
    table = rows(models, ["s1", "s2"], REGIONS[:3])
    p = np.where(rng.random(len(table)) < 0.1, np.nan, rng.uniform(size=len(table)) ** 3)
    aligned = results(table, 0.1, p=p)
    scores = [gather([one], list_layers(models), DATASET) for one in aligned.values()]
    with growing({"scores": tmp_path / "grown"}) as tables:
        for one in scores:
            tables["scores"].append(one)
    return pd.concat(scores, ignore_index=True), tmp_path / "grown" / "scores.parquet"


def test_q_is_over_models_layers_regions_and_subjects_of_a_metric_and_split(grown, tmp_path):
    _, path = grown
    with_q(path, tmp_path / "q.parquet", "layer", ("metric", "split"), OVER)
    found = pd.read_parquet(tmp_path / "q.parquet")
    layers = found[(found["kind"] == "layer") & found["p"].notna()]
    families = layers.groupby(["metric", "split"])
    assert len(families) == 6
    for (metric, split), family in families:
        np.testing.assert_allclose(family["q"], naive_q(family["p"].to_numpy()))
        assert set(family["q_family"]) == {f"{OVER}; metric={metric}, split={split}"}
    rest = found.drop(layers.index)
    assert rest["q"].isna().all()
    assert set(rest["q_family"]) == {""}
    assert pq.read_table(tmp_path / "q.parquet")["q"].null_count == len(rest)


@pytest.mark.parametrize("by", [("metric", "split"), ("metric",)])
def test_q_equals_that_of_the_whole_table_to_the_bit(grown, tmp_path, by):
    scores, path = grown
    with_q(path, tmp_path / "q.parquet", "layer", by, OVER)
    tested = adjust(scores[scores["kind"] == "layer"], by, OVER)
    scores.loc[tested.index, ["q", "q_family"]] = tested[["q", "q_family"]]
    found = pd.read_parquet(tmp_path / "q.parquet")
    pd.testing.assert_frame_equal(found, scores, check_exact=True)
    assert [len(group) for group in groups_of(tmp_path / "q.parquet")] == [
        (scores["model"] == name).sum() for name in ("net", "word", "noise")
    ]


def test_a_table_without_rows_stays_so(tmp_path):
    with growing({"best": tmp_path}):
        pass
    with_q(tmp_path / "best.parquet", tmp_path / "q.parquet", "nested", ("metric",), OVER)
    found = pd.read_parquet(tmp_path / "q.parquet")
    assert found.empty
    assert list(found) == list(TABLES["best"])
