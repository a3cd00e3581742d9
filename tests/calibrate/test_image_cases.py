"""Which rows each case of aligned images judges, and what is run for each kind of order."""

from itertools import product
from types import SimpleNamespace

import pandas as pd
import pytest

from stages.calibrate import image_cases as module
from stages.calibrate.image_cases import FEW, SINGLE, align_cases, image_cases
from stages.calibrate.observed import Case
from stages.calibrate.simulated_images import ALONE, GROUP, GROUPED, SIZES, STIMULI, TIMED

METRICS = ["cka_linear", "mutual_knn_10", "other"]
LAYOUT = f"{STIMULI} images"


@pytest.fixture(autouse=True)
def told(monkeypatch):
    monkeypatch.setattr(
        module, "of_results", lambda rows, case, column="p": (case, rows.index.tolist())
    )


@pytest.mark.parametrize("situation", [ALONE, TIMED])
def test_false_positives_of_nothing_and_power_in_the_layer_that_is_planted(situation):
    regions = ["nothing/a", "nothing/b", *(f"{size:g}/{layer}" for size in SIZES for layer in "ab")]
    rows = list(product(["layer", "ceiling"], METRICS, "ab", regions))
    table = pd.DataFrame(rows, columns=["kind", "metric", "layer", "region"])
    found = list(align_cases(table, METRICS, situation, "way"))
    expected = []
    for metric in METRICS:
        nothing = [
            at
            for at, row in enumerate(rows)
            if row[:2] == ("layer", metric) and "nothing" in row[3]
        ]
        expected.append((Case("align", metric, situation, LAYOUT, "way"), nothing))
        if situation == ALONE and metric in FEW:
            for size in SIZES:
                own = [rows.index(("layer", metric, layer, f"{size:g}/{layer}")) for layer in "ab"]
                planted = f"{size:.0%} of variance planted"
                expected.append((Case("align", metric, planted, LAYOUT, asks="power"), own))
    assert found == expected


def test_images_are_permuted_as_they_may_be_and_as_if_they_stood_alone(monkeypatch):
    asked, judged = [], []

    def run_stages(runs, study):
        asked.append(runs)
        return [pd.DataFrame({"layer": ["x"], "region": ["y"]}) for _ in runs]

    def cases(table, metrics, situation, method):
        judged.append((situation, method, table["left"].item(), table["right"].item(), metrics))
        return iter(())

    monkeypatch.setattr(module, "run_stages", run_stages)
    monkeypatch.setattr(module, "align_cases", cases)
    settings = SimpleNamespace(recordings=2, seed=5, targets=4, draws=39)
    params = SimpleNamespace(align=SimpleNamespace(metrics=METRICS))
    list(image_cases(SimpleNamespace(settings=settings, params=params)))
    ways = {
        ALONE: [("rows", 1)], GROUPED: [("blocks", GROUP), ("rows", 1)],
        TIMED: [("shifts", 8), ("rows", 1)],
    }  # fmt: skip
    methods = {ALONE: ["ours"], GROUPED: ["ours", SINGLE], TIMED: ["ours", SINGLE]}
    assert judged == [
        (
            situation,
            method,
            f"{recording}:x",
            f"{recording}:y",
            METRICS if situation == ALONE else FEW,
        )
        for situation in ways
        for recording in range(2)
        for method in methods[situation]
    ]
    places = [
        (place, situation, recording)
        for place, situation in enumerate(ways)
        for recording in range(2)
    ]
    for runs, (place, situation, recording) in zip(asked, places, strict=True):
        seed = 5 + 2000 + 100 * place + recording
        metrics = METRICS if situation == ALONE else FEW
        for run, (permute, block) in zip(runs, ways[situation], strict=True):
            assert run.write.keywords == {"situation": situation, "regions": 4, "seed": seed}
            assert run.changes == {
                "align": {
                    "metrics": metrics, "compared": metrics[:1], "min_voxels": 1,
                    "permute": permute, "block": block, "seed": seed, "draws": 39,
                },
                "survey": {"metric": metrics[0]}, "trajectory": {"metric": metrics[0]},
            }  # fmt: skip
