"""Where a Chromium comes from: the PATH, else Debian's where the user is root, else Playwright's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import Final

from playwright.sync_api import Browser, Playwright
from playwright.sync_api import Error as PlaywrightError

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NONE: Final = "NOT RUN: no Chromium on the PATH, from Debian or from Playwright; the page was not tried in a browser"
ARGUMENTS: Final = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
PATIENCE_SECONDS: Final = 600


def launched(playwright: Playwright) -> Browser | None:
    """A running Chromium, or None where none can be had."""
    path = on_path() or (_from_debian() and on_path()) or None
    if path is None and not _from_playwright():
        return None
    try:
        return playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
    except PlaywrightError:
        return None


def on_path() -> str | None:
    """The first Chromium of the PATH."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def _from_debian() -> bool:
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    return _ran("apt-get", "update", "-q") and _ran("apt-get", "install", "-y", "-q", "chromium")


def _from_playwright() -> bool:
    return _ran(sys.executable, "-m", "playwright", "install", "chromium")


def _ran(*command: str) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
