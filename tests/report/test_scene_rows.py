import pandas as pd
import pytest

from stages.core.run.errors import InputError
from stages.core.run.tables import write_table
from stages.report import scene_rows as module
from stages.report.packed_tables import embedded_all
from stages.report.page_file import json_in_html, make_page
from stages.report.scene_rows import metrics_held, models_held, order_of_models, read_scene
from tests.report.made_results import write_scene
from tests.report.many_models import METRICS, write_many


def test_models_are_means_over_areas_and_failed_ones_are_there(tmp_path, rng):
    survey = write_scene(tmp_path, rng)
    table = read_scene(tmp_path / "survey", "cka_linear")["scene_models"]
    means = survey.means
    for row in table[table["error"] == ""].to_dict("records"):
        here = means[
            (means["model"] == row["model"]) & (means["modality"] == row["modality"])
            & (means["metric"] == row["metric"])
        ]  # fmt: skip
        assert row["score"] == pytest.approx(here["score"].mean())
        assert row["found"] == (here["q"] < 0.05).sum()
        assert row["regions"] == len(here) == 3
    broken = table[table["model"] == "broken"]
    assert set(broken["metric"]) == set(survey.best["metric"])
    assert broken["score"].isna().all()


@pytest.mark.parametrize(
    ("first", "most", "told"),
    [("b", 5, "ba c"), ("b", 4, "bc a"), ("b", 1, "b ac"), ("a", 7, "abc "), ("x", 3, "xa bc")],
)
def test_metrics_are_held_in_their_order_while_they_fit(tmp_path, monkeypatch, first, most, told):
    """Three rows of a, two of b and two of c; the one that is asked for is always there."""
    write_table(tmp_path / "best.parquet", pd.DataFrame({"metric": list("aabbcca")}))
    monkeypatch.setattr(module, "MOST_PLACES", most)
    found = metrics_held(tmp_path / "best.parquet", first)
    assert [*map("".join, found)] == told.split(" ")


@pytest.mark.parametrize(("most", "held"), [(5, "ba"), (4, "b"), (3, "b"), (2, ""), (9, "badc")])
def test_the_best_models_are_held_while_their_layers_fit(tmp_path, monkeypatch, most, held):
    """Of layers by the metric, on images that chose none, b has three, a two, d one, c none."""
    rows = [(name, "r", "test", "layer") for name in "bababd"]
    rows += [("b", "s", "test", "layer"), ("b", "r", "train", "layer"), ("b", "r", "all", "best")]
    table = pd.DataFrame(rows, columns=["model", "metric", "split", "kind"])
    write_table(tmp_path / "scores.parquet", table)
    monkeypatch.setattr(module, "MOST_LAYERS", most)
    found = models_held(tmp_path / "scores.parquet", "r", list("badc"))
    assert found == list(held)


def test_models_are_in_the_order_of_their_means_and_of_equals_as_they_come():
    rows = [("c", 0.2), ("a", 0.9), ("c", 0.4), ("a", 0.1), ("b", 0.3), ("z", 0.3)]
    assert order_of_models(pd.DataFrame(rows, columns=["model", "score"])) == ["a", "c", "b", "z"]


@pytest.fixture
def many(tmp_path, rng):
    best = write_many(tmp_path, rng, models=12, areas=4, people=2, metrics=METRICS)
    return tmp_path / "survey", best


def test_everything_is_kept_where_it_fits(many):
    folder, best = many
    found = read_scene(folder, "rsa_pearson")
    assert len(found["places"]) == len(best)
    assert found["scene_left_out"].empty
    assert found["curves"].empty  # layers were scored by another metric


def test_other_metrics_and_worse_models_are_left_out_by_name(many, monkeypatch):
    folder, best = many
    monkeypatch.setattr(module, "MOST_PLACES", 150)
    monkeypatch.setattr(module, "MOST_LAYERS", 3 * 12 * 2 * 4)
    found = read_scene(folder, "cka_linear")
    assert set(found["places"]["metric"]) == {"cka_linear"}
    lines = list(found["scene_left_out"]["line"])
    assert lines[0] == "maps by rsa_pearson"
    assert lines[1].startswith("curves of all but the best")
    means = best[best["metric"] == "cka_linear"].groupby("model")["score"].mean()
    known = means[[f"model-{place:03}" for place in range(10)]]  # whose layers were scored
    assert set(found["curves"]["model"]) == set(known.nlargest(3).index)


def test_a_metric_that_was_not_computed_is_refused(many):
    with pytest.raises(InputError, match=r"no score in .*best.parquet: expected svcca"):
        read_scene(many[0], "svcca")


def test_a_page_of_500_models_180_areas_and_8_people_is_small(tmp_path, rng):
    """Maps of a fifth of the models, five times, and the rest of the page."""
    write_many(tmp_path, rng, models=100)
    found = read_scene(tmp_path / "survey", "cka_linear")
    found.pop("scene_limits")  # which become columns of the claims
    packed = embedded_all(found)
    assert packed["places"]["rows"] == 100 * 180 * 8
    maps = len(json_in_html(packed["places"]))
    rest = len(make_page({"tables": packed})) - maps
    assert 5 * maps + rest < 5e6
