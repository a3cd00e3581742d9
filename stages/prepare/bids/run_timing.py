"""How long a scan takes, and to which moment of it a sample belongs.

BIDS counts onsets from the beginning of the first volume. Slice-timing correction moves a volume to
a moment within it, which its .json calls StartTime; without, the middle of its acquisition is the
best single value. Responses peak seconds later all the same: that is the model's to say.
"""

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stages.core.params.bids_section import Bids
from stages.core.run.errors import InputError
from stages.prepare.bids.find_runs import Run
from stages.prepare.series.run_series import header_tr

log = logging.getLogger("concord.prepare")

# Repetition times that differ less are one; the validator's tolerance.
CLOSE = 1e-3
# Seconds; a longer repetition time is one in milliseconds.
LONGEST = 60
# Of a repetition time: moments that differ less are one.
NEAR = 0.1


@dataclass(frozen=True)
class RunTiming:
    """When the volumes of a run were measured.

    Attributes
    ----------
    tr : float
        Seconds from volume to volume.
    start : float
        Seconds from the beginning of a volume to the moment to which it belongs.
    """

    tr: float
    start: float


def run_timing(run: Run, settings: Bids) -> RunTiming:
    """Find the timing of a run, from its .json, the dataset's, and the image.

    Raises
    ------
    InputError
        If they contradict each other, say nothing, or volumes are not equally far apart.
    """
    tr = _repetition_time(run, settings)
    if settings.slice_reference != "auto":
        return RunTiming(tr, settings.slice_reference)
    started = _seconds(run.about, "StartTime", run)
    if started is not None and _corrected(run):
        return RunTiming(tr, started)
    delays = [_seconds(about, "DelayTime", run) for about in (run.about, run.raw_about)]
    delay = next((one for one in delays if one is not None), 0.0)
    return RunTiming(tr, (tr - delay) / 2)


def _seconds(about: Mapping[str, Any], key: str, run: Run) -> float | None:
    """Read what a .json says of a time; None where it says nothing.

    Raises
    ------
    InputError
        If it is no finite number: a text of one would be passed over.
    """
    value = about.get(key)
    if value is None:
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value):
        where = f"the .json of {run.images[0]}, {key}"
        do = "Correct the file."
        raise InputError("not a number", where=where, expected="seconds", got=repr(value), do=do)
    return float(value)


def _corrected(run: Run) -> bool:
    """Whether slices were brought to one time, which they were unless it is denied."""
    value = run.about.get("SliceTimingCorrected", True)
    if not isinstance(value, bool):
        where = f"the .json of {run.images[0]}, SliceTimingCorrected"
        raise InputError("not true or false", where=where, got=repr(value), do="Correct the file.")
    return value


def _repetition_time(run: Run, settings: Bids) -> float:
    if settings.repetition_time != "auto":
        return settings.repetition_time
    where, do = run.images[0], "Correct the file, or set bids.repetition_time."
    if any("VolumeTiming" in about for about in (run.about, run.raw_about)):
        raise InputError("volumes that are not equally far apart", where=where, got="VolumeTiming")
    times = {
        "its .json": _seconds(run.about, "RepetitionTime", run),
        "the dataset's .json": _seconds(run.raw_about, "RepetitionTime", run),
        "the image": header_tr(run.image),
    }
    said = {name: time for name, time in times.items() if time is not None}
    if not said:
        raise InputError("no repetition time", where=where, do=do)
    (first, tr), *others = said.items()
    for name, other in others:
        if abs(other - tr) > CLOSE:
            raise InputError(
                "repetition times disagree",
                where=where,
                expected=f"{tr:g} s as in {first}",
                got=f"{other:g} s in {name}",
                do=do,
            )
    if not 0 < tr <= LONGEST:
        raise InputError(
            "no repetition time",
            where=where,
            expected=f"seconds, at most {LONGEST}",
            got=f"{tr:g} in {first}",
            do=do,
        )
    return tr


def agreed_timing(runs: Sequence[Run], timings: Sequence[RunTiming]) -> RunTiming:
    """Find the timing of all runs together, since they share their samples.

    Returns
    -------
    RunTiming
        That of the most runs, the first of them where as many have another.

    Raises
    ------
    InputError
        If runs differ by more than a millisecond in the first, a tenth of it in the second.
    """
    tr, starts = timings[0].tr, [timing.start for timing in timings]
    for run, timing in zip(runs, timings, strict=True):
        if abs(timing.tr - tr) > CLOSE:
            raise InputError(
                "runs of different repetition times",
                where=run.images[0],
                expected=f"{tr:g} s as in {runs[0].label}",
                got=f"{timing.tr:g} s",
                do="Leave runs out with bids.select or bids.tasks.",
            )
    start = max(starts, key=starts.count)
    for run, other in zip(runs, starts, strict=True):
        if abs(other - start) > NEAR * tr:
            raise InputError(
                "slices referred to different times",
                where=run.label,
                expected=f"{start:g} s after a volume begins, as in others",
                got=f"{other:g} s",
                do="Set bids.slice_reference.",
            )
    if not any("StartTime" in run.about for run in runs):
        log.info("no StartTime: samples are taken at %g s, the middle of a volume", start)
    return RunTiming(tr, start)
