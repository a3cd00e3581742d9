"""From the units of an assembly to the people who were measured."""

import numpy as np
import pandas as pd

from stages.core.recording.types import SAMPLE_COLUMNS, Recording, Subject
from stages.core.run.errors import InputError
from stages.core.run.files import sha256
from stages.prepare.assemblies.contents import check_told
from stages.prepare.assemblies.netcdf import Assembly
from stages.prepare.lexical import text_nuisance
from stages.prepare.subjects import check_subjects, drop_unusable
from stages.prepare.usable_targets import target_table


def people_of(
    assembly: Assembly, person: str, targets: pd.DataFrame, dataset: str
) -> list[Subject]:
    """Make a subject of all units of a person.

    Parameters
    ----------
    assembly : Assembly
    person : str
        Coordinate of the units that names who was measured.
    targets : DataFrame
        Columns `TARGET_COLUMNS`, a row per unit.
    dataset : str

    Raises
    ------
    InputError
        If a unit is nobody's, no unit was measured for a stimulus, or nobody has one that was for
        all.
    """
    check_told(assembly.units[person], assembly)
    _check_measured(assembly)
    names = assembly.units[person].map(plain)
    whole = np.zeros(len(assembly.measured))
    found = []
    for name in dict.fromkeys(names):
        columns = (names == name).to_numpy()
        own = targets[columns].reset_index(drop=True)
        values, own = drop_unusable(assembly.measured[:, columns], own, whole, name)
        found.append(Subject(name, np.ascontiguousarray(values, dtype=np.float32), own))
    return check_subjects(found, dataset)


def _check_measured(assembly: Assembly) -> None:
    """Raise `InputError` if a stimulus has no response: it alone would leave everybody out."""
    unmeasured = np.asarray(~np.isfinite(assembly.measured).any(axis=1))
    if unmeasured.any():
        row = int(unmeasured.argmax())
        raise InputError(
            "stimulus that nobody was measured on",
            where=assembly.path,
            got=f"{int(unmeasured.sum())} of {len(unmeasured)}, such as "
            f"{assembly.stimuli.iloc[row].to_dict()}",
            do="Leave them out of the file.",
        )


def plain(name: object) -> str:
    """Write a coordinate that may be a number or text, as one: 18, 18.0 and `18` alike."""
    text = str(name)
    return text.removesuffix(".0")


def regions_of(regions: "pd.Series[str]", ids: "pd.Series[str]") -> pd.DataFrame:
    """Make a table of targets, with the hemisphere where a region's name says it."""
    sides = ["L" if "_LH_" in name else "R" if "_RH_" in name else "" for name in regions]
    return target_table(list(ids), list(regions), sides)


def events(
    dataset: str,
    stimuli: pd.DataFrame,
    people: list[Subject],
    file: Assembly,
    together: "pd.Series[str] | None" = None,
) -> Recording:
    """Make a recording in which every stimulus that has a sample is one.

    Parameters
    ----------
    dataset : str
    stimuli : DataFrame
        Columns id, text, run and sample, in the order in which they are shown.
    people : list of Subject
    file : Assembly
    together : Series of str, optional
        By stimulus, what is left out together, where that is more than a run, such as a topic.
    """
    place = stimuli.groupby("run", sort=False).cumcount().astype(float)
    shown = stimuli.assign(onset=place, duration=1.0)
    shown = shown[["id", "text", "run", "onset", "duration", "sample"]]
    left_out = shown if together is None else shown.assign(run=together)
    samples = left_out.loc[left_out["sample"] != "", list(SAMPLE_COLUMNS)].reset_index(drop=True)
    return Recording(
        dataset=dataset,
        kind="events",
        tr=None,
        cleaning=None,
        stimuli=shown,
        samples=samples,
        subjects=people,
        nuisance=text_nuisance(shown),
        sources={file.path.name: sha256(file.path)},
    )
