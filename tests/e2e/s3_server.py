"""A real S3 server (SeaweedFS) with one bucket, that can be killed and started again."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

BUCKET, KEY, SECRET = "concord", "reader", "a secret of sixteen or more"
_given: set[int] = set()


class S3Server:
    """A server whose content lies in a folder.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ports = {name: _free_port() for name in ("s3", "master", "volume", "filer")}
        self._process: subprocess.Popen[bytes] | None = None
        identity = {
            "name": KEY,
            "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._ports['s3']}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        folder = self.folder
        command = [
            str(Path(sys.executable).parent / "weed"), f"-logdir={folder}", "mini",
            f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
            f"-s3.config={folder / 's3.json'}", f"-bucket={BUCKET}", "-master.telemetry=false",
            "-admin.ui=false", "-webdav=false", "-s3.port.iceberg=0", "-s3.port.lance=0",
            *(f"-{name}.port={port}" for name, port in self._ports.items()),
        ]  # fmt: skip
        with (folder / "weed.log").open("a") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        self._wait()

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _wait(self) -> None:
        for _ in range(300):
            if self._process is None or self._process.poll() is not None:
                break
            try:
                urllib.request.urlopen(self.address, timeout=1)
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)
            else:
                return
        log = (self.folder / "weed.log").read_text()[-2000:]
        raise RuntimeError(f"the S3 server did not start:\n{log}")


def _free_port() -> int:
    """A port that is free, and below those that the server derives by adding 10,000."""
    for port in range(20000 + os.getpid() % 20000, 50000):
        with socket.socket() as probe, socket.socket() as derived:
            try:
                probe.bind(("127.0.0.1", port))
                derived.bind(("127.0.0.1", port + 10000))
            except OSError:
                continue
        if port not in _given:
            _given.add(port)
            return port
    raise OSError("no free port")
