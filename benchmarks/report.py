"""docs/benchmarks.md from what was measured."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Final

from benchmarks.package import Measured
from benchmarks.pages import Pages
from benchmarks.redraw import Redraw
from benchmarks.timing import Ratio

PATH: Final = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
PACKAGES: Final = ("duckdb", "pandas", "numpy", "lifelines", "streamlit", "plotly")

PAGES: Final = """
## Every page after a filter change

From a click on another level rule to the redrawn page in Chromium, the median of three rules that were not asked for
before, against the same on the almost empty page.

"""

HEAD: Final = """# Benchmarks

This file is made by `make bench` (`python -m benchmarks`); do not edit it. Every speed is a ratio of two ways that ran
in turn in one process on one machine, because a ratio travels and seconds do not. The seconds beside it are of this
machine only and promise nothing about another.

"""

PACKAGE: Final = """## The survival view against pandas and lifelines

One call of the survival view on simulated patients by tertile of CD8 density within study and tumour type: queries,
exclusions, Kaplan-Meier curves with limits, medians with limits, median follow-up, numbers at risk, survival at
milestones, restricted means, log-rank, pairwise tests, hazard ratios stratified by study and tumour type.

The other way starts from a pandas table that lies in memory already and does the same with lifelines. It is let off
some of the work: its tests are unstratified (lifelines has no stratified log-rank test), its restricted means come
without a variance (the one on offer is not the squared standard error), and it makes no trend test, no check of
proportional hazards and no flow of exclusions.

"""

AGGREGATES: Final = """
## The two aggregates alone

Every number of the views follows from two queries: events by stratum, level and day, and responses by stratum, level
and category. Against the same counts by pandas `groupby`, levels included, from a table in memory.

"""

MEMORY: Final = """
## Peak memory

Each way in a process of its own. `libraries` is a process that loads the libraries of both and opens the store.

"""

REDRAW: Final = """
## The survival page in a browser

Chromium, the server on the same machine, the simulated cohorts. An almost empty page (a heading and one control, no
data) is what Streamlit and the browser cost by themselves.

"""


def machine() -> str:
    """The machine and the versions, in one paragraph."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    memory = f", {_memory_gb():.0f} GB of memory" if hasattr(os, "sysconf") else ""
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d}: {platform.system()} on {platform.machine()}, {os.cpu_count()} cores"
        f"{memory}, Python {sys.version.split()[0]}, {versions}.\n\n"
    )


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _durations(*seconds: float) -> list[str]:
    return [_duration(value) for value in seconds]


def _ratio(found: Ratio) -> str:
    return f"**{found.ratio:.1f}** ({found.lowest:.1f} to {found.highest:.1f}, {found.repeats} runs)"


def _table(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rows = [header, ["---"] * len(header), *lines]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def text(measured: Sequence[Measured], redraw: Redraw | str, pages: Pages | str) -> str:
    """The whole document. Where the browser could not be measured, `redraw` says why."""
    package = _table(
        ("patients", "analysed", "times faster", "survival view", "pandas + lifelines"),
        [
            (f"{m.patients:,}", f"{m.analysed:,}", _ratio(m.package), *_durations(m.package.ours, m.package.theirs))
            for m in measured
        ],
    )
    aggregates = _table(
        ("patients", "events: times faster", "responses: times faster"),
        [(f"{m.patients:,}", _ratio(m.events), _ratio(m.responses)) for m in measured],
    )
    memory = _table(
        ("patients", "libraries", "survival view", "pandas + lifelines"),
        [(f"{m.patients:,}", *(f"{m.memory[way]:.0f} MB" for way in ("nothing", "ours", "theirs"))) for m in measured],
    )
    store = HEAD + machine() + PACKAGE + package + AGGREGATES + aggregates + MEMORY + memory
    return store + REDRAW + _redraw(redraw) + PAGES + _pages(pages)


def _pages(found: Pages | str) -> str:
    if isinstance(found, str):
        return f"Not measured: {found}.\n"
    rows = [(each.page.replace("_", " "), f"**{each.ratio:.1f}**", f"{each.seconds:.1f} s") for each in found.pages]
    return f"Drawn from {found.store}.\n\n" + _table(("page", "times the empty page", "seconds here"), rows)


def _redraw(found: Redraw | str) -> str:
    if isinstance(found, str):
        return f"Not measured: {found}.\n"
    lines = [
        ("opened cold", f"**{found.open_ratio:.1f}**", *_durations(found.open_page, found.open_empty)),
        ("one choice changed", f"**{found.redraw_ratio:.1f}**", *_durations(found.redraw_page, found.redraw_empty)),
    ]
    return _table(("", "times the empty page", "survival page", "empty page"), lines)
