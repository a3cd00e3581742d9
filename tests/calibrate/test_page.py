"""The page has every kind of case, each with seeds of its own, stage after stage."""

from types import SimpleNamespace

import pandas as pd

from stages.calibrate import page
from stages.calibrate.observed import Case, observed

OF_STUDY = (
    "story_cases", "image_cases", "scene_cases", "repeat_cases", "area_cases", "ceiling_cases",
    "order_cases", "pair_cases", "part_cases", "scene_pair_cases", "image_interval_cases",
)  # fmt: skip
OF_SEED = ("map_cases", "family_cases", "interval_cases", "seed_cases")


def test_cases_of_a_stage_stand_together_in_the_order_of_their_first(monkeypatch):
    told = []

    def kept(name):
        stage = ("align", "encode")[len(name) % 2]

        def cases(*given):
            told.append((name, *given))
            return [observed([0.5, 0.01], Case(stage, name, "s"))]

        return cases

    for name in (*OF_STUDY, *OF_SEED):
        monkeypatch.setattr(page, name, kept(name))
    monkeypatch.setattr(page, "progress", lambda parts, name: list(parts))
    monkeypatch.setattr(page, "rates", lambda table: table)
    study = SimpleNamespace(settings=SimpleNamespace(simulations=9, seed=5))
    found = page.calibration_page(study)
    assert told == [
        *((name, study) for name in OF_STUDY),
        ("map_cases", 9, 3005),
        ("family_cases", 9, 4005),
        ("interval_cases", 9, 5005),
        ("seed_cases", 9, 10_005),
    ]
    names = [name for name, *_ in told]
    first = len(names[0]) % 2
    expected = [name for way in (first, 1 - first) for name in names if len(name) % 2 == way]
    assert found["test"].tolist() == [name for name in expected for _ in range(2)]
    assert found["value"].tolist() == [0.0, 1.0] * len(names)
    assert list(found) == list(pd.DataFrame(observed([0.5], Case("a", "b", "c"))))
