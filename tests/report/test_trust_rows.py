import json

import pandas as pd
import pytest

from stages.core.names.vocabulary import GROUP
from stages.report.trust_rows import read_told, scene_limits

WHERE = {"dataset": "made", "metric": "cka_linear", "split": "all", "ceiling_kind": "between"}


def test_ceilings_are_averaged_over_people_and_nothing_else():
    rows = [("V1", "s1", 0.2), ("V1", "s2", 0.4), ("V2", "s1", 0.9), ("V1", GROUP, 0.7)]
    table = pd.DataFrame(rows, columns=["region", "subject", "score"]).assign(**WHERE)
    limits = scene_limits(table)
    assert list(limits) == [
        "dataset", "region", "metric", "split", "ceiling_kind", "ceiling", "people"
    ]  # fmt: skip
    found = limits.set_index("region")[["ceiling", "people"]]
    assert found.loc["V1"].to_list() == pytest.approx([0.3, 2])
    assert found.loc["V2"].to_list() == [0.9, 1]


@pytest.mark.parametrize("told", [{}, {"limits": ["one", "two"], "n": 3, "next": ["three"]}])
def test_sentences_are_read_with_their_topic(tmp_path, told):
    (tmp_path / "told.json").write_text(json.dumps(told))
    table = read_told(tmp_path / "told.json")
    assert list(table) == ["topic", "line"]
    expected = [("limits", "one"), ("limits", "two"), ("next", "three")] if told else []
    assert list(table.itertuples(index=False, name=None)) == expected
