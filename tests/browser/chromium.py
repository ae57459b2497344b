"""Where a Chromium comes from: the PATH, else Debian's where the user is root, else Playwright's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Final, Literal

from playwright.sync_api import Browser, Playwright
from playwright.sync_api import Error as PlaywrightError

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NONE: Final = "NOT RUN: no Chromium on the PATH, from Debian or from Playwright; the page was not tried in a browser"
ARGUMENTS: Final = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
PATIENCE_SECONDS: Final = 600

Which = Callable[[str], str | None]
Source = Literal["path", "debian", "playwright"]


def launched(playwright: Playwright) -> Browser | None:
    """A running Chromium, or None where none can be had."""
    for source in sources(shutil.which, _is_root()):
        if source == "debian" and not _from_debian():
            continue
        if source == "playwright" and not _from_playwright():
            continue
        path = None if source == "playwright" else on_path(shutil.which)
        if path is None and source != "playwright":
            continue
        try:
            return playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        except PlaywrightError:
            continue
    return None


def sources(which: Which, root: bool) -> tuple[Source, ...]:
    """Where to look, in this order: what is there, else Debian's where it may be installed, else Playwright's."""
    if on_path(which):
        return ("path", "playwright")
    return ("debian", "playwright") if root and which("apt-get") else ("playwright",)


def on_path(which: Which) -> str | None:
    """The first Chromium of the PATH."""
    return next((found for name in NAMES if (found := which(name))), None)


def missing_is(environment: Mapping[str, str]) -> Literal["failure", "skip"]:
    """What a Chromium that cannot be had means: a failure where CI=true, else a loud skip."""
    return "failure" if environment.get("CI") == "true" else "skip"


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _from_debian() -> bool:
    return _ran("apt-get", "update", "-q") and _ran("apt-get", "install", "-y", "-q", "chromium")


def _from_playwright() -> bool:
    return _ran(sys.executable, "-m", "playwright", "install", "chromium")


def _ran(*command: str) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
