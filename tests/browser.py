"""A page in headless Chromium without a network, or a skip that says what is missing."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

SWITCHES = ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "dump-dom")
OPTIONS = (
    "virtual-time-budget=8000",
    "enable-logging=stderr",
    "host-resolver-rules=MAP * ~NOTFOUND",
)
Shown = tuple[str, list[str], set[str]]


def browser_in(folder: Path) -> Callable[[Path, str], Shown]:
    """Make what opens a page at a state: its elements, what the console said, what it asked for."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no browser here: install chromium")

    def run(page: Path, state: str) -> Shown:
        log = folder / "net.json"
        words = [*SWITCHES, *OPTIONS, f"user-data-dir={folder / 'profile'}", f"log-net-log={log}"]
        line = [browser, *(f"--{word}" for word in words), f"{page.as_uri()}#{state}"]
        shown = subprocess.run(line, capture_output=True, text=True, check=True, timeout=120)
        body = re.sub(r"<(script|style)\b.*?</\1>", "", shown.stdout, flags=re.DOTALL)
        console = [row for row in shown.stderr.splitlines() if "CONSOLE" in row]
        return body, console, asked_for(log.read_text())

    return run


def asked_for(log: str) -> set[str]:
    """Addresses that a page of a file asked for, and not the browser by itself."""
    events = [one.get("params", {}) for one in json.loads(log)["events"]]
    ours = [one for one in events if one.get("network_isolation_key", "").startswith("file:")]
    return {one["url"] for one in ours}
