"""Commands that are killed at random moments, and run again."""

import signal
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import numpy as np

from tests.chaos.campaign import Outcome, Whole
from tests.chaos.trial import Ended, run
from tests.chaos.verdicts import contents

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
# The stages whose commands are killed, by the names of their specimens.
KILLED = (
    "nsd",
    "netcdf",
    "text model",
    "image model",
    "encode",
    "decode",
    "align",
    "encode scene",
    "text",
    "classes",
)


def killed(whole: Whole, numbers: range, seed: int) -> Iterator[Outcome]:
    """Kill the command of a specimen, run it again, and hold its bytes against an undisturbed run.

    It is killed by any of three signals, the leader of its group alone or the whole group, at any
    moment of the time that it takes; what is left of the group is killed with it.
    """
    specimen = whole.specimen
    for number in numbers:
        rng = np.random.default_rng([seed, 1, crc32(specimen.name.encode()), number])
        folder = whole.renew()
        after = float(rng.uniform(0, 1.05 * whole.undisturbed.seconds))
        sign, group = SIGNALS[rng.integers(3)], bool(rng.integers(2))
        first = run(specimen.command, folder, seconds=specimen.seconds, kill=(after, sign, group))
        again = run(specimen.command, folder, seconds=specimen.seconds)
        what = f"{sign.name} of the {'group' if group else 'leader'} after {after:.2f} s"
        verdict = _verdict(first, again, whole, folder)
        if verdict == "silent":
            found = contents(folder, specimen.outputs, exact=True).items()
            what += f", {sorted({name for name, _ in found ^ whole.exact.items()})[:5]}"
        yield Outcome(f"kills: {specimen.name}", number, what, verdict, again)


def _verdict(first: Ended, again: Ended, whole: Whole, folder: Path) -> str:
    if first.code is None or again.code is None:
        return "hang"
    if again.code < 0:
        return "crash"
    if again.code > 0:
        return "traceback" if "Traceback" in again.said else "one line"
    same = contents(folder, whole.specimen.outputs, exact=True) == whole.exact
    return "equal" if same else "silent"
