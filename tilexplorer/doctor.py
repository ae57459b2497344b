"""`doctor`: is everything installed as pinned, and is the store sound?"""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path
from typing import Final

from tilexplorer import __version__
from tilexplorer.errors import TilExplorerError
from tilexplorer.publish import generations
from tilexplorer.store import Store, published

REQUIREMENTS: Final = Path(__file__).resolve().parent.parent / "requirements.txt"


def report(folder: Path) -> tuple[bool, list[str]]:
    """Whether all is well, and a line for everything that was looked at."""
    lines = [f"ok       TIL Explorer {__version__}, Python {sys.version.split()[0]}"]
    lines += _packages()
    lines += _store(folder)
    return not any(line.startswith("problem") for line in lines), lines


def _packages() -> list[str]:
    pins = [line.split("#")[0].strip() for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines()]
    return [_package(*pin.split("==")) for pin in pins if "==" in pin]


def _package(name: str, pinned: str) -> str:
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        return f"problem  {name} is not installed: pip install -r requirements.txt"
    if found != pinned:
        return f"problem  {name} is {found}, pinned {pinned}: pip install -r requirements.txt"
    return f"ok       {name} {found}"


def _store(folder: Path) -> list[str]:
    try:
        store = Store.at(folder, published(folder))
        patients = int(store.frame("SELECT count(*) AS n FROM analysis")["n"][0])
    except TilExplorerError as error:
        return [f"problem  {error}"]
    cohorts = ", ".join(store.table("cohort")["cohort"])
    others = len(generations(folder)) - 1
    return [
        f"ok       generation {store.generation}: {patients} patients, {others} other generations kept",
        f"ok       cohorts: {cohorts}",
    ]
