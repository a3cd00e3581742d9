import numpy as np
import pandas as pd
import pytest

from stages.core.pictures.surfaces import STANDARD, Surface
from stages.plots.kit.picture import Picture
from stages.plots.kit.surface import standard_meshes
from stages.plots.scene.cortex_maps import cortex_files, cortex_values
from stages.plots.scene.selection import of_metric
from tests.parcellation import label_table, numbers
from tests.plots.survey_tables import PEOPLE, REGIONS, survey_of

METRIC = "cka_linear"
FEW = {
    "efficientnet": ("vision", "efficientnet", None),
    "efficientnet-untrained-0": ("vision", "efficientnet", 0),
    "resnet": ("vision", "resnet", None),
    "minilm": ("language", "minilm", None),
}


@pytest.fixture
def survey(rng):
    """Scores and choices that are drawn apart, so that one does not follow from the other."""
    made = of_metric(survey_of(rng, FEW), METRIC)
    made.best["score"] = rng.standard_normal(len(made.best))
    made.best["chosen_score"] = rng.standard_normal(len(made.best))
    return made


@pytest.fixture
def labels(rng):
    return label_table(numbers(rng, len(REGIONS)), REGIONS)


def naive(survey, modality, subject, region):
    """Score of the model that scores best on the data kept apart."""
    trained = set(survey.models.loc[survey.models["trained"], "model"])
    rows = [
        row
        for row in survey.best.to_dict("records")
        if (row["subject"], row["region"], row["modality"]) == (subject, region, modality)
        and row["model"] in trained
    ]
    return max(rows, key=lambda row: row["chosen_score"])["score"]


def test_values_are_those_of_the_model_chosen_on_other_data(survey):
    one, mean = cortex_values(survey, PEOPLE[0]), cortex_values(survey, "mean")
    for region in REGIONS:
        for modality in ("vision", "language"):
            expected = [naive(survey, modality, subject, region) for subject in PEOPLE]
            for values, wanted in ((one, expected[0]), (mean, np.mean(expected))):
                found = values[modality].set_index("region")["value"]
                assert found[region] == pytest.approx(wanted)
        for values in (one, mean):
            value = {kind: table.set_index("region")["value"] for kind, table in values.items()}
            difference = value["language"][region] - value["vision"][region]
            assert value["contrast"][region] == pytest.approx(difference)


def test_a_modality_without_a_trained_model_is_absent(rng):
    zoo = {"minilm": FEW["minilm"], "efficientnet-untrained-0": FEW["efficientnet-untrained-0"]}
    assert set(cortex_values(of_metric(survey_of(rng, zoo), METRIC), "mean")) == {"language"}
    none = {"efficientnet-untrained-0": FEW["efficientnet-untrained-0"]}
    assert cortex_values(of_metric(survey_of(rng, none), METRIC), "mean") == {}


def test_surfaces_are_pictures_and_pages(survey, labels):
    own = Surface(labels, standard_meshes())
    surfaces = {STANDARD: Surface(labels), PEOPLE[1]: own}
    files = cortex_files(survey, surfaces, "made", METRIC)
    names = {
        f"survey/cortex/{folder}{kind}.{ending}"
        for folder in ("", f"{PEOPLE[1]}/")
        for kind in ("vision", "language", "contrast")
        for ending in ("png", "html")
    }
    assert set(files) == names
    for name, made in files.items():
        assert isinstance(made, Picture if name.endswith("png") else str)
    mean, own = (files[f"survey/cortex/{of}vision.png"] for of in ("", f"{PEOPLE[1]}/"))
    assert f"made, {PEOPLE[1]}" in own.title
    assert own.caption.endswith(f"by {METRIC}, {PEOPLE[1]}.")
    assert mean.caption.endswith(f"by {METRIC}, mean over {len(PEOPLE)} subjects.")
    assert mean.table is None


def test_without_a_surface_there_is_a_flat_map_and_without_places_nothing(survey, rng):
    files = cortex_files(survey, {}, "made", METRIC)
    assert set(files) == {
        f"survey/cortex/{kind}.png" for kind in ("vision", "language", "contrast")
    }
    matrices = of_metric(survey_of(rng, FEW, rdm=True), METRIC)
    assert cortex_files(matrices, {}, "made", METRIC) == {}


def test_regions_that_the_surface_does_not_have_are_left_out(survey):
    other = pd.DataFrame({"hemisphere": ["left"], "vertex": [0], "region": ["nowhere"]})
    assert cortex_files(survey, {STANDARD: Surface(other)}, "made", METRIC) == {}
