"""An S3 server that is killed in the middle of a push and of a pull."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tests.chaos.campaign import Outcome
from tests.chaos.trial import Ended
from tests.chaos.verdicts import GOOD
from tests.e2e.s3_server import BUCKET, KEY, SECRET, S3Server

FILES, BYTES = 60, 1_000_000


def outages(place: Path, numbers: range, seed: int) -> Iterator[Outcome]:
    """Kill the server in the middle of a push and a pull, start it and do each again.

    What is pulled in the end must be what was there.
    """
    for number in numbers:
        rng = np.random.default_rng([seed, 4, number])
        folder = place / f"outage{number}"
        (folder / "s3").mkdir(parents=True)
        server = S3Server(folder / "s3")
        server.start()
        try:
            yield from _of_one(folder, server, rng, number)
        finally:
            server.kill()


def _of_one(
    folder: Path, server: S3Server, rng: np.random.Generator, number: int
) -> Iterator[Outcome]:
    here, there = folder / "here", folder / "there"
    (here / "data").mkdir(parents=True)
    for k in range(FILES):
        (here / "data" / f"{k}.bin").write_bytes(rng.bytes(BYTES))
    _git(here, "init", "--quiet")
    for words in (
        ("init", "--quiet"),
        ("remote", "add", "--default", "s3", f"s3://{BUCKET}/study{number}"),
        ("remote", "modify", "s3", "endpointurl", server.address),
        ("remote", "modify", "s3", "access_key_id", KEY),
        ("remote", "modify", "s3", "secret_access_key", SECRET),
        ("add", "--quiet", "data"),
    ):
        _must(_dvc(here, *words))
    _git(here, "add", "--all")
    _git(here, "commit", "--quiet", "--message", "Start")
    yield _cut("push", here, server, rng, number)
    _git(folder, "clone", "--quiet", str(here), str(there))
    cut = _cut("pull", there, server, rng, number)
    lost = cut.verdict in GOOD and _digests(there) != _digests(here)
    yield Outcome(cut.specimen, number, cut.what, "silent" if lost else cut.verdict, cut.ended)


def _cut(
    verb: str, folder: Path, server: S3Server, rng: np.random.Generator, number: int
) -> Outcome:
    """Kill the server while something is sent, start it again, and send the rest."""
    after = float(rng.uniform(1, 6))
    process = _start(folder, verb)
    time.sleep(after)
    server.kill()
    first = _end(process)
    server.start()
    again = _dvc(folder, verb)
    verdict = _verdict(first, again)
    ended = again if verdict == "traceback" and again.code else first
    return Outcome("outages", number, f"{verb} cut after {after:.1f} s", verdict, ended)


def _verdict(first: Ended, again: Ended) -> str:
    if first.code is None or again.code is None:
        return "hang"
    if again.code or "Traceback" in first.said + again.said:
        return "traceback"
    return "one line" if first.code else "equal"


def _environment(folder: Path) -> dict[str, str]:
    person = {"NAME": "Concord", "EMAIL": "concord@example.org"}
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "DVC_NO_ANALYTICS": "true",
        "DVC_SITE_CACHE_DIR": str(folder.parent / f"site-{folder.name}"),
        "AWS_REQUEST_CHECKSUM_CALCULATION": "WHEN_REQUIRED",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for role in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{role}_{key}": value for key, value in person.items()}
    return environment


def _start(folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        ["dvc", *words],
        cwd=folder,
        env=_environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _end(process: subprocess.Popen[str], seconds: float = 300) -> Ended:
    start = time.monotonic()
    try:
        said, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return Ended(None, "", seconds)
    return Ended(process.returncode, said, time.monotonic() - start)


def _dvc(folder: Path, *words: str) -> Ended:
    return _end(_start(folder, *words))


def _must(ended: Ended) -> None:
    if ended.code:
        raise RuntimeError(ended.said)


def _git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, env=_environment(folder), check=True)


def _digests(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (folder / "data").glob("*.bin")
    }
