import pytest

from stages.core.run.errors import InputError
from stages.report import scene_rows as module
from stages.report.packed_tables import embedded_all
from stages.report.page_file import json_in_html, make_page
from stages.report.scene_rows import read_scene
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
