from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata, spearmanr

from stages.replicate.partial import check_partial, partial_correlation, stand_ins


@pytest.mark.parametrize("ranked", [False, True])
def test_a_partial_correlation_is_that_of_what_regressions_leave(rng, ranked):
    x, y, z = rng.normal(size=(3, 50)) + 0.7 * rng.normal(size=50)
    x, y, z = (rankdata(one) if ranked else one for one in (x, y, z))
    left = [one - np.polyval(np.polyfit(z, one, 1), z) for one in (x, y)]
    xy, xz, yz = (np.corrcoef(*pair)[0, 1] for pair in ((x, y), (x, z), (y, z)))
    assert partial_correlation(xy, xz, yz) == pytest.approx(np.corrcoef(*left)[0, 1])


@pytest.mark.parametrize(
    ("given", "value"),
    [((0.3, 1.0, 0.2), np.nan), ((0.3, 0.2, -1.0), np.nan), ((0.9, 0.9, -0.9), np.nan),
     ((-0.9, 0.9, 0.9), np.nan), ((0.5, 0.0, 0.0), 0.5), ((1.0, 0.6, 0.6), 1.0)],
)  # fmt: skip
def test_three_that_cannot_be_correlated_so_have_none(given, value):
    assert partial_correlation(*given) == pytest.approx(value, nan_ok=True)


def test_models_with_a_size_stand_for_those_studied():
    rows = [
        ("vision", "a", "top1", 5.0), ("vision", "b", "top1", np.nan),
        ("language", "c", "elo", 7.0), ("language", "c", "mmlu", 7.0),
        ("language", "d", "mmlu", 7.0), ("language", "e", "elo", np.nan),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["modality", "key", "benchmark", "parameters"])
    assert stand_ins(table)["key"].tolist() == ["a", "c", "c"]


@pytest.mark.parametrize("known", ["top1", "#Params (M)"])
def test_without_either_correlation_nothing_is_partialled_out(known):
    entry = SimpleNamespace(modality="vision", statistic="pearson", benchmark=known)
    row = ("vision", "a", "top1", 5.0, 0.5)
    columns = ["modality", "key", "benchmark", "parameters", "value"]
    assert list(check_partial([entry], pd.DataFrame([row], columns=columns))) == []


def published(benchmark, modality, r, n=30):
    label = {"benchmark": benchmark, "modality": modality, "metric": "m", "n": n}
    return SimpleNamespace(
        **label, label=label, statistic="spearman", needs="a file",
        r=SimpleNamespace(value=r), r_ends=(r - 0.05, r + 0.05),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("modality", "size"), [("vision", "#Params (M)"), ("language", "#Params (B)")]
)
def test_size_is_partialled_out_by_ranks_of_the_models_that_stand_in(modality, size):
    table = pd.DataFrame(
        {"value": [1.0, 2.0, 4.0, 3.0, 50.0], "parameters": [1.0, 3.0, 2.0, 9.0, 10.0]}
    )
    table = table.assign(modality=modality, benchmark="elo", key=list("abcde"))
    entries = [published("elo", modality, 0.5), published(size, modality, 0.3)]
    (row,) = check_partial(entries, table)
    r = spearmanr(table["value"], table["parameters"])[0]
    value = (0.5 - 0.3 * r) / np.sqrt((1 - 0.09) * (1 - r * r))
    assert row["statistic"] == "partial_spearman"
    assert row["value"] == pytest.approx(value)
    ends = [partial_correlation(a, b, r) for a in (0.45, 0.55) for b in (0.25, 0.35)]
    assert row["note"].endswith(
        f"0.30 as published, elo ~ parameters {r:.3f} over 5 models; "
        f"rounding leaves {min(ends):.2f} to {max(ends):.2f}"
    )
    if modality == "language":
        assert "low" not in row
        return
    reach = 1.959964 * np.sqrt((1 + value**2 / 2) / (30 - 1 - 3))
    assert np.arctanh([row["low"], row["high"]]) == pytest.approx(
        np.arctanh(value) + np.array([-reach, reach])
    )


def test_what_cannot_be_correlated_so_needs_the_file():
    table = pd.DataFrame({"value": [1.0, 2.0, 3.0], "parameters": [1.0, 2.0, 3.0]})
    table = table.assign(modality="vision", benchmark="top1", key=list("abc"))
    entries = [published("top1", "vision", 0.5), published("#Params (M)", "vision", 0.3)]
    (row,) = check_partial(entries, table)
    assert (row["verdict"], row["needs"]) == ("needs", "a file")
    assert "value" not in row
