"""Disks that are full, and folders that may not be written to."""

import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import numpy as np

from tests.chaos.campaign import Outcome, Whole
from tests.chaos.trial import Ended, run
from tests.chaos.verdicts import contents, judge


def may_mount(place: Path) -> bool:
    """Whether file systems can be mounted here: by root, where nothing forbids it."""
    if os.geteuid():
        return False
    place.mkdir(parents=True, exist_ok=True)
    if not _mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)):
        return False
    _unmount(place)
    return True


def _mount(*words: str) -> bool:
    return subprocess.run(["mount", *words], capture_output=True, check=False).returncode == 0


def _unmount(place: Path) -> None:
    subprocess.run(["umount", "--lazy", str(place)], capture_output=True, check=True)


def limited(whole: Whole, numbers: range, seed: int) -> Iterator[Outcome]:
    """Let no file grow beyond a few bytes, as a full disk does; then run again without."""
    specimen = whole.specimen
    for number in numbers:
        rng = np.random.default_rng([seed, 2, crc32(specimen.name.encode()), number])
        folder = whole.renew()
        most = int(10 ** rng.uniform(2, 5))
        limits = {resource.RLIMIT_FSIZE: most}
        ended = run(specimen.command, folder, seconds=specimen.seconds, limits=limits)
        yield _outcome("limits", whole, number, (f"no file above {most} bytes", ended))


def on_small_disks(whole: Whole, numbers: range, seed: int) -> Iterator[Outcome]:
    """Run on a disk with few kilobytes of room, or on one that may only be read."""
    specimen = whole.specimen
    size = sum(_blocks(path) for path in whole.folder.rglob("*"))
    for number in numbers:
        rng = np.random.default_rng([seed, 3, crc32(specimen.name.encode()), number])
        closed = rng.random() < 0.25
        room = 10**9 if closed else int(10 ** rng.uniform(3.6, 6))
        shutil.rmtree(whole.trial, ignore_errors=True)
        whole.trial.mkdir()
        _mount("-t", "tmpfs", "-o", f"size={size + room}", "tmpfs", str(whole.trial))
        try:
            shutil.copytree(whole.folder, whole.trial, dirs_exist_ok=True)
            if closed:
                _mount("-o", "remount,ro", str(whole.trial))
            ended = run(specimen.command, whole.trial, seconds=specimen.seconds)
            what = "a disk that is only read" if closed else f"{room} bytes of room"
            yield _outcome("disks", whole, number, (what, ended))
        finally:
            _unmount(whole.trial)


def _blocks(path: Path) -> int:
    """Room that a file or folder takes, in pages."""
    return 4096 * (1 + -(-path.stat().st_size // 4096))


def _outcome(kind: str, whole: Whole, number: int, found: tuple[str, Ended]) -> Outcome:
    what, ended = found
    folder, outputs = whole.trial, whole.specimen.outputs
    same = ended.code == 0 and contents(folder, outputs, exact=True) == whole.exact
    verdict = judge(ended, same=same, may_differ=False)
    left = [path for name in outputs for path in (folder / name).rglob("*.partial")]
    if left and verdict == "one line":
        what = f"{what}, which leaves {left[0].name}"
        verdict = "silent"
    return Outcome(f"{kind}: {whole.specimen.name}", number, what, verdict, ended)
