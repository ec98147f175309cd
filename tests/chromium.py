"""The browser of the browser tests: the system's Chromium, installed through apt where that is possible.

Never a download of a test tool's own. Without a browser the run says how to get one, and fails in CI.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
HOW = (
    "The browser tests need Chromium, and there is none. Install it (Debian and Ubuntu: sudo apt install chromium; "
    "macOS: brew install --cask chromium), or name one: CHROMIUM=/path/to/chromium make test"
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find() -> str | None:
    named = os.environ.get("CHROMIUM")
    found = [shutil.which(name) for name in ([named] if named else NAMES)]
    found += [path for path in APPLICATIONS if not named and Path(path).exists()]
    return next((path for path in found if path), None)


def install() -> None:
    """Through apt, where there is one and we may."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return
    print("Installing Chromium through apt (once)", flush=True)  # noqa: T201
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]):
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)


def main() -> int:
    if find() is None:
        install()
    if find() is not None:
        return 0
    print(HOW, file=sys.stderr)  # noqa: T201
    return 1 if os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main())
