"""Which rows each case of encoded images judges, and what is run for each kind of order."""

from itertools import product
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from stages.calibrate import scene_cases as module
from stages.calibrate.observed import Case
from stages.calibrate.scene_cases import BLOCKS, CHOSEN, SINGLE, of_scene, one_recording
from stages.calibrate.simulated_images import ALONE, GROUP, GROUPED, SIZES, STIMULI, TIMED
from stages.calibrate.simulated_scenes import DRIFT, RELIABLE, SKEWED, WHITE

# Of an average of three repeats.
CLEAR = RELIABLE / (RELIABLE + (1 - RELIABLE) / 3)


def table():
    kinds = [WHITE, SKEWED, DRIFT, *(f"{size:g}" for size in SIZES)]
    regions = [f"{kind}/{layer}" for kind in kinds for layer in "ab"]
    rows = list(product(["hidden", "nested"], regions, "ab"))
    found = pd.DataFrame(rows, columns=["kind", "region", "layer"])
    numbers = np.random.default_rng(0).random((2, len(rows)))
    right = [f"0:{region}" for _, region, _ in rows]
    return found.assign(p=numbers[0], ceiling=numbers[1], right=right), rows


@pytest.mark.parametrize("situation", [ALONE, GROUPED, TIMED])
@pytest.mark.parametrize("method", ["ours", SINGLE])
def test_what_is_judged_of_encoded_images(monkeypatch, situation, method):
    monkeypatch.setattr(
        module, "of_results", lambda rows, case, column="p": (case, column, rows.index.tolist())
    )
    monkeypatch.setattr(
        module, "observed", lambda values, case, *sides: (case, *map(list, (values, *sides)))
    )
    made, rows = table()
    expected = []
    for kind in (WHITE, SKEWED, DRIFT) if situation == ALONE else (WHITE,):
        named = f"{situation}, {kind}" if situation == ALONE else situation
        of = [at for at, row in enumerate(rows) if row[0] == "hidden" and row[1][:-2] == kind]
        expected.append((Case("encode_scene", "r", named, "120", method), "p", of))
        if method == "ours" and kind == WHITE:
            of = [at for at, row in enumerate(rows) if row[0] == "nested" and row[1][:-2] == kind]
            p, right = made["p"][of].tolist(), made["right"][of].tolist()
            expected.append((Case("encode_scene", CHOSEN, named, "120"), p, right, right))
    own = {
        size: [rows.index(("hidden", f"{size:g}/{layer}", layer)) for layer in "ab"]
        for size in SIZES
    }
    for size in SIZES if situation == ALONE else ():
        case = ("encode_scene", "r", f"{size:.0%} of signal planted", "120", "ours")
        expected.append((Case(*case, asks="power"), "p", own[size]))
        truth = round((size * CLEAR) ** 0.5, 3)
        expected.append((Case(*case, asks="recovery", truth=truth), "score", own[size]))
    for size in SIZES if (situation, method) == (TIMED, "ours") else ():
        named = f"{TIMED}, {size:.0%} of signal planted"
        expected.append((Case("encode_scene", "r", named, "120", asks="power"), "p", own[size]))
    found = list(of_scene(made, situation, "120", method))
    if situation == ALONE:
        bias, values, *sides = found.pop()
        assert (bias.test, bias.asks, bias.truth) == ("ncsnr of r, bias", "recovery", 0)
        np.testing.assert_allclose(values, made["ceiling"][own[SIZES[-1]]] - CLEAR**0.5)
        assert sides == [made["right"][own[SIZES[-1]]].tolist()] * 2
    assert found == expected


@pytest.mark.parametrize(
    ("situation", "apart", "ways", "place"),
    [
        (ALONE, False, {"ours": ("encode scene", "rows", 1)}, 0),
        (
            GROUPED,
            True,
            {
                "ours": ("encode scene", "rows", 1),
                BLOCKS: ("encode scene, none alike", "blocks", GROUP),
                SINGLE: ("encode scene, none alike", "rows", 1),
            },
            300,
        ),
        (
            TIMED,
            False,
            {
                "ours": ("encode scene", "shifts", 8),
                SINGLE: ("encode scene, none alike", "rows", 1),
            },
            400,
        ),
        (
            TIMED,
            True,
            {
                "ours": ("encode scene", "shifts", 2),
                SINGLE: ("encode scene, none alike", "rows", 1),
            },
            500,
        ),
    ],
)
def test_what_is_run_for_images_in_every_kind_of_order(monkeypatch, situation, apart, ways, place):
    asked, judged = [], []

    def run_stages(runs, study):
        asked.extend(runs)
        return [pd.DataFrame({"layer": ["x"], "region": ["y"]}) for _ in runs]

    def of_scene(table, *told):
        judged.append((table["left"].item(), table["right"].item(), *told))
        return iter(())

    monkeypatch.setattr(module, "run_stages", run_stages)
    monkeypatch.setattr(module, "of_scene", of_scene)
    study = SimpleNamespace(settings=SimpleNamespace(seed=5, targets=9, draws=39))
    list(one_recording(study, situation, 3, apart=apart))
    layout = f"{STIMULI} images, {'30 kept apart' if apart else 'five parts'}"
    assert judged == [("3:x", "3:y", situation, layout, method) for method in ways]
    seed = 5 + 9000 + place + 3
    for run, (stage, permute, block) in zip(asked, ways.values(), strict=True):
        assert run.stage == stage
        assert run.write.keywords == {
            "situation": situation, "regions": 4, "seed": seed, "apart": apart,
        }  # fmt: skip
        assert run.changes == {
            "encode_scene": {
                "min_voxels": 1, "draws": 39, "seed": seed, "targets": "region",
                "permute": permute, "block": block,
            },
            "folds": {"blocks": 5},
        }  # fmt: skip


def test_all_situations_are_simulated_in_parts_and_apart(monkeypatch):
    told = []
    monkeypatch.setattr(
        module, "one_recording", lambda study, *told_of, apart: [told.append((*told_of, apart))]
    )
    list(module.scene_cases(SimpleNamespace(settings=SimpleNamespace(recordings=2))))
    situations = (ALONE, GROUPED, TIMED)
    assert told == [
        (one, k, apart) for one in situations for apart in (False, True) for k in (0, 1)
    ]
