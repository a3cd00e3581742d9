"""Metrics are few, rounded, finite, and what the tables say."""

import json

import numpy as np
import pandas as pd
import pytest

from stages.core.params.schema import Survey
from stages.survey.scene.summary import (
    count_flags,
    region_means,
    sum_flags,
    summarise,
    summarise_models,
)
from tests.survey.planted import (
    REGIONS,
    SUBJECTS,
    model,
    place,
    placeless,
    results,
    rows,
    surveyed,
    zoo,
)

PARAMS = Survey(metric="cka_linear", bins=4, neighbours=5, seed=0)


@pytest.fixture
def tables(rng, tmp_path):
    models = [*zoo("net", "word"), model("clip", "hf:clip"), model("noise", error="broke")]
    table = rows(models, SUBJECTS, REGIONS)
    aligned = results(table, rng.normal(0.1, 0.05, len(table)), null_mean=0.02, p=0.01)
    for one in aligned.values():
        one["ceiling"] = np.where(one["region"] == "V1", 0.8, np.nan)
    return surveyed(models, aligned, place(), PARAMS, tmp_path)


def flags_of(tables):
    """Counts of two parts of the models, added up."""
    control = tables["control"]
    return sum_flags([count_flags(control[control["model"] == name]) for name in
                      control["model"].unique()])  # fmt: skip


def scalars(tree):
    return [
        leaf for one in tree.values() for leaf in (scalars(one) if isinstance(one, dict) else [one])
    ]


def test_scores_are_averaged_over_subjects(tables):
    means = tables["means"]
    cells = tables["best"].groupby(["model", "modality", "metric", "region"], sort=False)
    assert len(means) == len(cells) == 4 * 3 * len(REGIONS)
    for row, (key, cell) in zip(means.to_dict("records"), cells, strict=True):
        assert tuple(row[name] for name in ("model", "modality", "metric", "region")) == key
        assert row["best_layer"] == cell["layer"].mode()[0]
        assert row["score"] == pytest.approx(cell["score"].mean(), abs=1e-15)
        assert row["null"] == pytest.approx(cell["null_mean"].mean())
        assert row["q"] == cell["q"].median()
        ceiling = 0.8 if row["region"] == "V1" else np.nan
        assert row["ceiling"] == pytest.approx(ceiling, nan_ok=True)


def test_means_have_no_ceiling_that_is_of_some_people_alone(tables):
    best = tables["best"]
    best.loc[best["subject"] == SUBJECTS[0], "ceiling"] = np.nan
    assert region_means(best)["ceiling"].isna().all()


def test_means_say_how_the_p_behind_their_q_were_found(tables):
    best = tables["best"].assign(null_kind="closed")
    best.loc[best["metric"] != "cka_linear", "null_kind"] = "drawn"
    best.loc[(best["subject"] == SUBJECTS[0]) & (best["region"] == "V4"), "null_kind"] = "closed"
    means = region_means(best).set_index(["metric", "region"])["null_kind"]
    assert set(means["cka_linear"]) == {"closed"}
    others = means.drop("cka_linear").groupby("region").agg(set)
    assert others["V4"] == {"both"}
    assert others["V1"] == {"drawn"}


def test_an_average_of_people_stands_for_them(tables):
    best = tables["best"][tables["best"]["region"] != "V4"]
    group = best[best["subject"] == SUBJECTS[0]].assign(subject="group", score=7.0)
    both = pd.concat([best[best["region"] != "V1"], best[best["region"] == "V1"], group])
    found = region_means(both[(both["subject"] != "group") | (both["region"] == "V1")])
    assert set(found.loc[found["region"] == "V1", "score"]) == {7.0}
    assert (found.loc[found["region"] != "V1", "score"] < 1).all()


def test_models_are_summed_up_by_metric(tables):
    found = summarise_models(tables["means"])
    assert list(found) == ["net", "word", "clip.vision", "clip.language"]
    assert set(found["word"]) == {"cka_linear", "cka_linear_biased", "mutual_knn_10"}
    means = tables["means"].query("model == 'net' and metric == 'cka_linear'")
    best = means.loc[means["score"].idxmax()]
    assert found["net"]["cka_linear"] == {
        "regions": len(REGIONS),
        "score": round(means["score"].mean(), 4),
        "null": 0.02,
        "significant": 1.0,
        "best_region": best["region"],
        "best_score": round(best["score"], 4),
        "best_layer": best["best_layer"],
        "ceiling": 0.8,
    }
    without = summarise_models(tables["means"].assign(ceiling=np.nan))
    assert "ceiling" not in without["net"]["cka_linear"]


def test_the_survey_is_summed_up(tables):
    found = summarise(tables, flags_of(tables), "cka_linear")
    json.dumps(found, allow_nan=False)
    assert (found["models"], found["failed"]) == (4, 1)
    names = {"net", "word", "clip.vision", "clip.language"}
    assert set(found["gradient"]) == set(found["consistency"]) == names
    row = tables["gradient"].query(
        "model == 'net' and metric == 'cka_linear' and subject == 'mean' "
        "and quantity == 'best_depth'"
    )
    assert found["gradient"]["net"]["best_depth"] == round(row["spearman"].item(), 4)
    assert found["gradient"]["net"]["best_depth_p"] == round(row["p"].item(), 4)
    pairs = tables["consistency"].query("model == 'word' and metric == 'cka_linear'")
    assert found["consistency"]["word"] == round(pairs["r"].mean(), 4)
    contrast = tables["contrast"].query("metric == 'cka_linear' and network == 'VIS'")
    visual = found["contrast"]["VIS"]
    mean = contrast.query("subject == 'mean'")["difference"].mean()
    assert visual["difference"] == round(mean, 4)
    people = contrast.query("subject != 'mean'").groupby("subject")["difference"].mean()
    assert (visual["regions"], visual["subjects"]) == (5, 3)
    assert visual["subjects_positive"] == (people > 0).sum()
    shares = tables["control"].query("split == 'test'").groupby("metric")["flagged"].mean()
    assert found["flagged"] == {
        metric: {"models": round(share, 4)} for metric, share in shares.items()
    }
    assert all(np.isfinite(one) for one in scalars(found))


def test_what_cannot_be_asked_is_left_empty(rng, tmp_path):
    models = zoo("net")
    table = rows(models, ["BE", "KO", "group"], ["human_IT"], splits=("all",))
    made = surveyed(
        models,
        results(table, rng.normal(size=len(table))),
        placeless(dict.fromkeys(["BE", "KO", "group"], "human_IT")),
        PARAMS,
        tmp_path,
    )
    found = summarise(made, flags_of(made), "cka_linear")
    assert found["gradient"] == found["consistency"] == found["contrast"] == {}
    assert summarise_models(made["means"])["net"]["cka_linear"]["regions"] == 1


def told(columns, *values):
    return pd.DataFrame([dict(zip(columns.split(), one, strict=True)) for one in values])


def test_the_numbers_of_a_survey_by_hand():
    """Of trained models, one metric and the mean over people; in the order of the tables."""
    made = {
        "models": told("model trained error", ("z", 1, ""), ("a", 1, "x"), ("u", 0, "y")),
        "gradient": told(
            "model modality metric subject quantity spearman p",
            *[
                (name, "", metric, who, "depth", value, 0.25)
                for name, value in (("z", 0.5), ("a", -0.5), ("u", 0.75))
                for metric, who in (("m", "mean"), ("m", "s1"), ("other", "mean"))
            ],
        ),
        "consistency": told(
            "model modality metric r",
            *[("z", "v", "m", 0.25), ("z", "v", "m", 0.5), ("z", "l", "m", 0.125)],
            *[("a", "v", "m", 0.0), ("u", "v", "m", 1.0), ("z", "v", "other", 1.0)],
        ),
        "contrast": told(
            "network subject region difference metric",
            *[("VIS", "s1", "V1", 0.0, "m"), ("VIS", "s2", "V1", 0.5, "m")],
            *[("VIS", "mean", "V1", 0.25, "m"), ("VIS", "mean", "V2", 0.5, "m")],
            *[("VIS", "group", "V1", 0.75, "m"), ("VIS", "s3", "V1", -0.5, "m")],
            *[("", "mean", "P", -0.25, "m"), ("", "s1", "P", -0.25, "m")],
        ),
    }
    made["models"]["trained"] = made["models"]["trained"].eq(1)
    flags = told("metric whose rows flagged", ("m", "models", 8, 2), ("m", "noise", 4, 3))
    found = summarise(made, flags, "m")
    assert found == {
        "models": 3,
        "failed": 2,
        "gradient": {"z": {"depth": 0.5, "depth_p": 0.25}, "a": {"depth": -0.5, "depth_p": 0.25}},
        "consistency": {"z.v": 0.375, "z.l": 0.125, "a": 0.0},
        "contrast": {
            "VIS": {"difference": 0.375, "regions": 2, "subjects": 3, "subjects_positive": 1},
            "none": {"difference": -0.25, "regions": 1, "subjects": 1, "subjects_positive": 0},
        },
        "flagged": {"m": {"noise": 0.75, "models": 0.25}},
    }
    for name, expected in (
        ("gradient", ["z", "a"]),
        ("consistency", ["z.v", "z.l", "a"]),
        ("contrast", ["VIS", "none"]),
    ):
        assert list(found[name]) == expected


def test_regions_count_below_five_in_a_hundred_and_the_first_of_equals_is_best():
    means = told(
        "model modality metric region score null ceiling q best_layer",
        *[
            ("z", "", "m", "B", 0.5, 0.0, 1.0, 0.05, "l2"),
            ("z", "", "m", "A", 0.5, 0.0, 1.0, 0.04, "l1"),
        ],
        *[
            ("a", "", "m", "A", 0.1, 0.0, 1.0, 0.9, "l1"),
            ("z", "", "k", "A", 0.1, 0.0, 1.0, 0.9, "l1"),
        ],
    )
    found = summarise_models(means)
    assert list(found) == ["z", "a"]
    assert list(found["z"]) == ["m", "k"]
    first = found["z"]["m"]
    assert (first["significant"], first["best_region"], first["best_layer"]) == (0.5, "B", "l2")


def test_flags_are_counted_of_scores_held_apart_and_noise_by_itself():
    control = told(
        "split modality metric flagged",
        *[
            ("test", "vision", "m", True),
            ("test", "noise", "m", True),
            ("train", "vision", "m", True),
        ],
        *[("test", "vision", "m", False), ("test", "language", "k", False)],
    )
    found = sum_flags([count_flags(control), count_flags(control.iloc[:2])])
    assert found.to_numpy().tolist() == [
        ["m", "models", 3, 2], ["m", "noise", 2, 2], ["k", "models", 1, 0],
    ]  # fmt: skip
    assert list(found) == ["metric", "whose", "rows", "flagged"]
    assert list(sum_flags([])) == list(found)


def test_of_layers_chosen_as_often_the_first_is_told():
    best = told(
        "model modality metric region subject layer score null_mean ceiling q null_kind",
        *[
            (name, "", "m", "B", who, layer, 0.1, 0.0, 1.0, 0.5, "closed")
            for name in ("z", "a")
            for who, layer in (("s1", "l3"), ("s2", "l1"), ("s3", "l3"), ("s4", "l1"), ("s5", "l0"))
        ],
    )
    found = region_means(best)
    assert found["model"].tolist() == ["z", "a"]
    assert found["best_layer"].tolist() == ["l1", "l1"]
    assert found["null_kind"].tolist() == ["closed", "closed"]
