"""Rows of relations, with q over their families; and their headlines."""

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from stages.core.results.relations import RELATION_COLUMNS
from stages.relate.relation_rows import relations_table
from stages.relate.summary import summarise


def rows():
    made = []
    for source in ("x", "y"):
        for statistic in ("pearson", "spearman", "other"):
            for k, modality in enumerate(("language", "vision", "vision")):
                row = {"source": source, "statistic": statistic, "modality": modality}
                row |= {"benchmark": f"b{k}", "value": k / 3, "low": -1, "high": 1}
                made.append(
                    row | ({"p": 0.01 * len(made) + 0.001} if k < 2 or source == "x" else {})
                )
    return made


def test_q_is_over_each_source_and_statistic():
    found = relations_table(iter(rows()))
    assert list(found)[: len(RELATION_COLUMNS)] == list(RELATION_COLUMNS)
    for (source, statistic), own in found[found["p"].notna()].groupby(["source", "statistic"]):
        np.testing.assert_allclose(own["q"], false_discovery_control(own["p"]))
        name = f"benchmarks × modalities; source={source}, statistic={statistic}"
        assert set(own["q_family"]) == {name}
    assert found.loc[found["p"].isna(), "q"].isna().all()
    for name, kind in RELATION_COLUMNS.items():
        assert kind == "text" or found[name].dtype == float
        if kind == "text" and name not in rows()[0] and name != "q_family":
            assert (found[name] == "").all()


def test_headlines_are_those_with_p_of_known_statistics():
    table = relations_table(rows())
    table.loc[0, "value"] = 0.123456
    found = summarise(table[table["source"] == "y"], 7)
    assert (found["models"], found["rows"]) == (7, 9)
    assert set(found["vision"]) == {"b1"}
    assert set(found["language"]["b0"]) == {"pearson", "spearman"}
    row = table[(table["source"] == "y") & (table["statistic"] == "pearson")].iloc[1]
    told = {"value": 0.3333, "low": -1.0, "high": 1.0, "q": round(row["q"], 4)}
    assert found["vision"]["b1"]["pearson"] == told


def test_without_rows_there_are_none():
    table = relations_table([])
    assert len(table) == 0
    assert summarise(table, 3) == {"models": 3, "rows": 0}
    assert isinstance(table, pd.DataFrame)
