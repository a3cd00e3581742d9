"""All cases of the calibration page."""

from collections.abc import Iterator

import pandas as pd

from stages.calibrate.area_cases import area_cases
from stages.calibrate.ceiling_cases import ceiling_cases
from stages.calibrate.family_cases import family_cases
from stages.calibrate.image_cases import image_cases
from stages.calibrate.image_interval_cases import image_interval_cases
from stages.calibrate.interval_cases import interval_cases
from stages.calibrate.map_cases import map_cases
from stages.calibrate.observed import OBSERVED
from stages.calibrate.order_cases import order_cases
from stages.calibrate.pair_cases import pair_cases
from stages.calibrate.part_cases import part_cases
from stages.calibrate.rates import rates
from stages.calibrate.repeat_cases import repeat_cases
from stages.calibrate.scene_cases import scene_cases
from stages.calibrate.scene_pair_cases import scene_pair_cases
from stages.calibrate.seed_cases import seed_cases
from stages.calibrate.stage_runs import Study
from stages.calibrate.story_cases import story_cases
from stages.core.run.progress import progress


def calibration_page(study: Study) -> pd.DataFrame:
    """Measure every case, and tabulate rates, intervals and verdicts.

    Parameters
    ----------
    study : Study

    Returns
    -------
    DataFrame
        Columns of `stages.core.results.calibrations`, one row per case.
    """
    found = pd.concat(progress(_observations(study), "calibrate"), ignore_index=True)
    order = found.groupby("stage", sort=False).ngroup()
    found = found.assign(order=order).sort_values("order", kind="stable")
    return rates(found[list(OBSERVED)])


def _observations(study: Study) -> Iterator[pd.DataFrame]:
    settings = study.settings
    yield from story_cases(study)
    yield from image_cases(study)
    yield from scene_cases(study)
    yield from repeat_cases(study)
    yield from area_cases(study)
    yield from ceiling_cases(study)
    yield from order_cases(study)
    yield from pair_cases(study)
    yield from part_cases(study)
    yield from scene_pair_cases(study)
    yield from image_interval_cases(study)
    yield from map_cases(settings.simulations, settings.seed + 3000)
    yield from family_cases(settings.simulations, settings.seed + 4000)
    yield from interval_cases(settings.simulations, settings.seed + 5000)
    yield from seed_cases(settings.simulations, settings.seed + 10_000)
