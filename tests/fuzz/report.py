"""Every reader fuzzed in a process of its own, and the page of what was seen."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

from tests.fuzz.engine import LONGEST, MEGABYTES, SECONDS
from tests.shared import ROOT

PAGE: Final = ROOT / "docs" / "fuzzing.md"
_STAT: Final = re.compile(r"stat::(\w+):\s+(\d+)")
_FAULT: Final = re.compile(r"^(?:\w*Error|\w*Exception|==\d+== ?ERROR.*|ERROR: libFuzzer.*).*$", re.MULTILINE)

_INTRODUCTION: Final = """# What readers do with bytes that nobody meant

`make fuzz` writes this page. Every reader starts from small valid files of its format, which are changed at random and
kept where they reach code that was not reached before (atheris, coverage-guided, a fixed seed). For any bytes a reader
gives a table or ends with one message of this program. Anything else is a fault: another error, more than {seconds}
seconds for one input, more than {megabytes:,} MB of memory, a crash of the interpreter. Inputs have up to {longest:,}
bytes. `make test` feeds the same readers with changed bytes by hypothesis, and with hostile files that have a name:
bombs, a million columns, two gigabytes, entities, pictures.

| reader | inputs | seconds | peak memory [MB] | faults |
|---|--:|--:|--:|---|
"""

_LIMITS: Final = """
`zip` and `tar` unpack archives, `study` reads cBioPortal's meta files, `bundle` what `export` wrote, `mapping` TOML,
`sniff` finds out the format of a file and recognises its columns. Memory includes the interpreter with its libraries,
the fuzzer and its corpus.

## What is read at most

| of | limit | why |
|---|---|---|
| a file that is read whole | {bytes:,} bytes | its text stays below 1 GiB; what is imported in batches may be larger |
| a packed R file, a workbook | {unpacked:,} bytes when unpacked | a bomb packs a thousand times |
| a table that is read whole | {cells:,} cells, {unpacked:,} characters | 20,000 genes of 500 samples |
| a table | {columns:,} columns | said before any row is read |
| a line of text | {line:,} characters | a file without line ends is no table |
| a workbook | {rows:,} rows, {wide:,} cells in a row, {elements:,} texts and rows, no entities | as spreadsheets |
| a mapping | {mapping:,} bytes | |

Archives have limits of their own (tilexplorer/importers/archive.py), and so do bundles (bundle_members.py).

## What is trusted

A mapping is trusted as its author is: a regular expression in it is run as it is written, and one that backtracks
without end, such as `(a+)+$`, holds the import up. A mapping of unknown origin should be read before it is used, as a
script would be. Only its author waits: an import runs in a process of its own and nothing is published before its end.

A Feather file whose compressed columns unpack to more than the memory is not foreseen: Arrow does not say how large
they are before they are unpacked. The number of its cells and characters is limited after that.
"""


@dataclass(frozen=True)
class Row:
    """What was seen of one reader; `fault` is the first line of the fault that ended its run, or empty."""

    reader: str
    inputs: int
    seconds: float
    megabytes: int
    fault: str


def measured(reader: str, runs: int, seed: int) -> Row:
    """Fuzz one reader in a process of its own."""
    command = [sys.executable, "-m", "tests.fuzz", reader, "--runs", str(runs), "--seed", str(seed)]
    start = time.monotonic()
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    stats = {name: int(value) for name, value in _STAT.findall(ran.stderr)}
    found = _FAULT.search(ran.stdout + ran.stderr)
    fault = "" if not ran.returncode else found.group(0) if found else f"ended with {ran.returncode}"
    row = Row(
        reader,
        stats.get("number_of_executed_units", 0),
        time.monotonic() - start,
        stats.get("peak_rss_mb", 0),
        fault,
    )
    print(_line(row), flush=True)
    return row


def write(rows: Sequence[Row]) -> None:
    """Write the page; ends with exit code 1 where a fault was found."""
    PAGE.write_text(page(rows), encoding="utf-8")
    if any(row.fault for row in rows):
        sys.exit(f"faults were found: see {PAGE.relative_to(ROOT)}; the inputs lie in fuzz-*")


def page(rows: Sequence[Row]) -> str:
    """The page as Markdown."""
    from tilexplorer.importers import excel_guard, limits, mapping_file, text

    head = _INTRODUCTION.format(seconds=SECONDS, megabytes=MEGABYTES, longest=LONGEST)
    tail = _LIMITS.format(
        bytes=limits.MAX_BYTES,
        unpacked=limits.MAX_UNPACKED,
        cells=limits.MAX_CELLS,
        columns=text.MAX_COLUMNS,
        line=limits.LONGEST_LINE,
        rows=excel_guard.LAST_ROW,
        wide=excel_guard.LAST_COLUMN,
        elements=excel_guard.MAX_ELEMENTS,
        mapping=mapping_file.MAX_BYTES,
    )
    total = sum(row.inputs for row in rows)
    used = ", ".join(f"{name} {version(name)}" for name in ("atheris", "pyarrow", "openpyxl", "rdata"))
    told = f"\n{total:,} inputs in all, one process at a time. Python {platform.python_version()}, {used}.\n"
    return head + "".join(f"{_line(row)}\n" for row in rows) + told + tail


def _line(row: Row) -> str:
    return f"| {row.reader} | {row.inputs:,} | {row.seconds:.0f} | {row.megabytes:,} | {row.fault or 'none'} |"
