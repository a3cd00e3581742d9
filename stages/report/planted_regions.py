"""What simulated regions are known to follow, so that it stands beside what was found."""

from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel, TypeAdapter

from stages.core.run.files import lies_there, read_json
from stages.core.run.shapes import check_shape

NOTHING = "nothing"


class _Driver(BaseModel):
    driver: str
    model: str = ""
    layer: str = ""
    family: str = ""


class _Truth(BaseModel):
    model: str = ""
    regions: dict[str, _Driver]


def planted_regions(raw: Path, roll: pd.DataFrame, study: str) -> dict[str, dict[str, Any]]:
    """Read what was planted in every region.

    Parameters
    ----------
    raw : Path
        Folder of the raw recording; one without `truth.json` was measured.
    roll : DataFrame
        Models of the study: columns model and string.
    study : str

    Returns
    -------
    dict
        By region: model (as the study calls it; empty where it has no such model), layer, and what,
        for readers.

    Raises
    ------
    InputError
        If the file is unreadable or of another form.
    """
    path = raw / "truth.json"
    if not lies_there(path):
        return {}
    do = f"Run `dvc repro simulate_{study}`."
    truth = check_shape(read_json(path, do), TypeAdapter(_Truth), path, "wrong truth", do)
    names = {str(one["string"]): str(one["model"]) for one in roll.to_dict("records")}
    return {
        region: _planted(driver, driver.model or truth.model, names)
        for region, driver in truth.regions.items()
    }


def _planted(driver: _Driver, string: str, names: dict[str, str]) -> dict[str, Any]:
    if driver.layer:
        model = names.get(string, "")
        what = f"{driver.layer} of {model or string}"
        return {"model": model, "layer": driver.layer, "what": what}
    what = f"features of the type {driver.family}" if driver.family else NOTHING
    return {"model": "", "layer": "", "what": what}
