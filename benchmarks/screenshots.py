"""Make the README's pictures: `make screenshots`.

The app is started on a store of its own that holds the simulated cohorts only, so that anybody can make the same
pictures, and is looked at in a headless Chromium (Playwright's own, or the one that the machine has).
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Final

from playwright.sync_api import Browser, Playwright, sync_playwright

ROOT: Final = Path(__file__).resolve().parent.parent
OUT: Final = ROOT / "docs" / "screenshots"
SIZE: Final = {"width": 1440, "height": 1000}
PATIENCE_SECONDS: Final = 120.0
DRAWN: Final = "() => document.querySelectorAll('.js-plotly-plot .main-svg').length > 0"

# What each picture shows: the address behind the server's name.
SHOTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "survival": "survival?cohort=sim-uro&measure=immune_phenotype&endpoint=os&by=level",
        "response": "response?cohort=sim-uro&measure=immune_phenotype&response=orr&by=level",
        "overview": "overview",
    }
)


def main() -> int:
    """Take every picture and say where each was put."""
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="screenshots-") as folder:
        _publish(Path(folder))
        with _server(Path(folder)) as address, sync_playwright() as playwright:
            browser = _browser(playwright)
            for name, path in SHOTS.items():
                print(shoot(browser, f"{address}/{path}", OUT / f"{name}.png").relative_to(ROOT))
            browser.close()
    return 0


def _publish(folder: Path) -> None:
    """A store of the simulated cohorts, by the command that a visitor would use."""
    command = [sys.executable, "-m", "tilexplorer", "simulate", "--store", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """The app on a free port, until the block ends; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TILEXPLORER_STORE": str(folder)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(f"{address}/ready", process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    """Until the server says that it is ready; TimeoutError or RuntimeError where it never does."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with code {process.returncode} before it was ready")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.5)
    raise TimeoutError(f"the server was not ready within {PATIENCE_SECONDS:.0f} seconds")


def _browser(playwright: Playwright) -> Browser:
    """Playwright's Chromium where it was installed, else the machine's."""
    own = Path(playwright.chromium.executable_path)
    found = None if own.exists() else shutil.which("chromium") or shutil.which("google-chrome")
    # Chromium refuses its sandbox to the administrator, as whom containers usually run.
    administrator = hasattr(os, "geteuid") and os.geteuid() == 0
    return playwright.chromium.launch(executable_path=found, args=["--no-sandbox"] if administrator else [])


def shoot(browser: Browser, address: str, file: Path) -> Path:
    """One page in the light theme at 1440 x 1000 pixels."""
    context = browser.new_context(viewport=SIZE, color_scheme="light")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector(".til-quiet", timeout=PATIENCE_SECONDS * 1000)
    page.wait_for_function(DRAWN, timeout=PATIENCE_SECONDS * 1000)
    page.wait_for_timeout(2000)  # figures settle to the width of their column
    page.screenshot(path=file)
    context.close()
    return file


if __name__ == "__main__":
    sys.exit(main())
