"""Compare every number of the gold answers (R's) with ours, and say which were not compared and why.

A case is a folder with `answers.json`, `input.csv` and sometimes `aggregated.csv`; its kind picks the claims module.
A claim pairs one leaf of the answers with our value. A leaf that nobody claims is a failure, so that an answer can
only be left out in words. Group names, numbers of cases and times are read from the answers, never known here.
"""

from __future__ import annotations

import csv
import importlib
import importlib.util
import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from tests.shared import ROOT

# What section 9 of the statistical specification allows, absolute or relative.
EXACT = 0.0
TIGHT = 1e-10
FITTED = 1e-8
FITTED_BIG = 1e-7  # R's own summation error at 100,000 rows
PENALISED = 1e-6
LOOSE = 1e-3

BIG = 50_000  # rows from which R's summation error shows


@dataclass(frozen=True)
class Compared:
    """One leaf of the answers and our value for it; numbers, strings, or nested lists of either.

    key : path of the leaf, joined by "/"; statistic : the line of the table; tolerance : one for all values of the
    leaf, or one each; source : which input ours came from.
    """

    key: str
    ours: Any
    gold: Any
    statistic: str
    tolerance: float | tuple[float, ...] = TIGHT
    source: str = "rows"


@dataclass(frozen=True)
class NotCompared:
    """A leaf, or every leaf below a path, that is not compared, with the reason."""

    key: str
    statistic: str
    reason: str


Claim = Compared | NotCompared


@dataclass(frozen=True)
class Case:
    """One folder of answers."""

    name: str
    kind: str
    folder: Path
    what: str = ""

    @cached_property
    def answers(self) -> dict[str, Any]:
        """The answers, as parsed."""
        parsed: dict[str, Any] = json.loads((self.folder / "answers.json").read_text(encoding="utf-8"))
        return parsed

    @cached_property
    def input(self) -> dict[str, list[str]]:
        """The columns of the rows, as text; made by the recipe where they are not stored."""
        stored = self.folder / "input.csv"
        return _columns((stored if stored.exists() else self._generated()).read_text(encoding="utf-8"))

    @cached_property
    def aggregated(self) -> dict[str, list[str]] | None:
        """The columns of the aggregated table, or None."""
        stored = self.folder / "aggregated.csv"
        return _columns(stored.read_text(encoding="utf-8")) if stored.exists() else None

    def _generated(self) -> Path:
        """Rows that are too many to store, from the generator beside the cases."""
        recipe = re.search(r"gen_big\.py (\d+) (\d+)", self.what)
        if recipe is None:
            raise FileNotFoundError(f"{self.name} has neither input.csv nor a recipe for it")
        target = Path(os.environ["TILEXPLORER_GOLD_TEMP"]) / f"{self.name}.csv"
        if not target.exists():
            generator = self.folder.parent / "gen_big.py"
            subprocess.run([sys.executable, str(generator), *recipe.groups(), str(target)], check=True, timeout=300)
        return target

    def gold(self, key: str) -> Any:
        """The answer at a path; None where there is none."""
        value: Any = self.answers
        for part in key.split("/"):
            if isinstance(value, dict):
                value = value.get(part)
            elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
                value = value[int(part)]
            else:
                return None
        return value


def _columns(text: str) -> dict[str, list[str]]:
    header, *rows = list(csv.reader(text.splitlines()))
    return {name: [row[index] for row in rows] for index, name in enumerate(header)}


def number(text: str) -> float:
    """A cell as a number; R's NA is NaN."""
    return math.nan if text in ("NA", "NaN", "") else float(text)


def numbers(cells: Iterable[str]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A column as numbers."""
    return np.array([number(cell) for cell in cells])


def gold_folder() -> Path:
    """Where the cases are: env TILEXPLORER_GOLD, else the shared folder beside the repository."""
    return Path(os.environ.get("TILEXPLORER_GOLD", ROOT.parent / "shared" / "gold"))


def cases(folder: Path) -> list[Case]:
    """Every case of a folder; the manifest, where there is one, says what each is."""
    if not folder.is_dir():
        return []
    manifest = folder / "manifest.json"
    listed = json.loads(manifest.read_text(encoding="utf-8"))["cases"] if manifest.exists() else []
    what = {entry["case"]: (entry.get("kind", ""), entry.get("what", "")) for entry in listed}
    found = []
    for answers in sorted(folder.glob("*/answers.json")):
        name = answers.parent.name
        kind, text = what.get(name, ("", ""))
        kind = kind or json.loads(answers.read_text(encoding="utf-8")).get("kind", "")
        found.append(Case(name, kind, answers.parent, text))
    return found


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Paths and values of the leaves: scalars and (nested) lists of scalars; R's NULL is none."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from leaves(below, f"{path}/{key}" if path else key)
    elif isinstance(value, list) and any(isinstance(each, dict) for each in value):
        for index, below in enumerate(value):
            yield from leaves(below, f"{path}/{index}" if path else str(index))
    elif value is not None and value != []:
        yield path, value


# Which module claims which kind; a module that is not there leaves its kinds as failures.
MODULES = {
    "survival": "claims_survival",
    "competing": "claims_competing",
    "tdauc": "claims_tdauc",
    "landmark": "claims_landmark",
    "binary": "claims_response",
    "stratified2x2": "claims_response",
    "trend": "claims_response",
    "firthlogit": "claims_response",
    "roc": "claims_roc",
    "meta": "claims_meta",
    "rank": "claims_rank",
}


def claims_of(kind: str) -> Callable[[Case], Iterable[Claim]] | None:
    """The claims function of a kind, or None where nobody wrote it.

    A module that claims several kinds has a dict KINDS of functions by kind, any other a function `claims`.
    """
    name = f"tests.gold.{MODULES.get(kind, 'claims_' + kind)}"
    if importlib.util.find_spec(name) is None:
        return None
    module = importlib.import_module(name)
    by_kind: dict[str, Callable[[Case], Iterable[Claim]]] = getattr(module, "KINDS", {})
    return by_kind.get(kind) or getattr(module, "claims", None)


@dataclass
class Line:
    """One line of the table: a statistic of a kind."""

    values: int = 0
    largest_absolute: float = 0.0
    largest_relative: float = 0.0
    worst: str = ""
    not_compared: dict[str, int] = field(default_factory=dict)


@dataclass
class Report:
    """What came of one case or of many."""

    lines: dict[tuple[str, str], Line] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def line(self, kind: str, statistic: str) -> Line:
        """The line of a statistic, made where it is new."""
        return self.lines.setdefault((kind, statistic), Line())

    def add(self, other: Report) -> None:
        """Take in the report of another case."""
        self.failures.extend(other.failures)
        for key, line in other.lines.items():
            mine = self.lines.setdefault(key, Line())
            mine.values += line.values
            if line.largest_absolute > mine.largest_absolute:
                mine.largest_absolute, mine.worst = line.largest_absolute, line.worst
            mine.largest_relative = max(mine.largest_relative, line.largest_relative)
            for reason, count in line.not_compared.items():
                mine.not_compared[reason] = mine.not_compared.get(reason, 0) + count


# Leaves that only describe the case.
DESCRIPTION = {"case", "kind"}


def check(case: Case) -> Report:
    """Compare one case; every leaf must be claimed."""
    report = Report()
    claims = claims_of(case.kind)
    if claims is None:
        report.failures.append(f"{case.name}: no claims module for kind {case.kind!r}")
        return report
    keys = {key for key, _ in leaves(case.answers) if key not in DESCRIPTION}
    claimed: set[str] = set()
    for claim in claims(case):
        below = {key for key in keys if key == claim.key or key.startswith(claim.key + "/")}
        if isinstance(claim, NotCompared):
            reasons = report.line(case.kind, claim.statistic).not_compared
            reasons[claim.reason] = reasons.get(claim.reason, 0) + len(below)
            claimed |= below
        else:
            _compare(case, claim, report)
            claimed.add(claim.key)
    for key in sorted(keys - claimed):
        report.failures.append(f"{case.name}: nobody claims {key}")
    for key in sorted(claimed - keys):
        report.failures.append(f"{case.name}: {key} is claimed but is not in the answers")
    return report


def _compare(case: Case, claim: Compared, report: Report) -> None:
    line = report.line(case.kind, claim.statistic)
    ours, gold = _flat(claim.ours), _flat(claim.gold)
    where = f"{case.name}: {claim.key} ({claim.source})"
    if len(ours) != len(gold):
        report.failures.append(f"{where}: {len(ours)} values, gold has {len(gold)}")
        return
    for position, (mine, theirs) in enumerate(zip(ours, gold, strict=True)):
        line.values += 1
        absolute, relative = _difference(mine, theirs)
        allowed = claim.tolerance[position] if isinstance(claim.tolerance, tuple) else claim.tolerance
        if min(absolute, relative) > allowed:
            report.failures.append(f"{where}[{position}]: ours {mine!r}, gold {theirs!r}")
        elif absolute > line.largest_absolute:
            line.largest_absolute, line.worst = absolute, f"{case.name}/{claim.key}"
        if math.isfinite(relative):
            line.largest_relative = max(line.largest_relative, min(relative, absolute) if theirs == 0 else relative)


def _difference(mine: Any, theirs: Any) -> tuple[float, float]:
    """Absolute and relative difference; 0 for equal strings and for two undefined numbers."""
    if isinstance(mine, str) or isinstance(theirs, str):
        return (0.0, 0.0) if mine == theirs else (math.inf, math.inf)
    if math.isnan(mine) or math.isnan(theirs):
        return (0.0, 0.0) if math.isnan(mine) and math.isnan(theirs) else (math.inf, math.inf)
    if mine == theirs:
        return 0.0, 0.0
    absolute = abs(mine - theirs)
    return absolute, absolute / abs(theirs) if theirs != 0 else math.inf


UNDEFINED = {"NA": math.nan, "NaN": math.nan, "Inf": math.inf, "-Inf": -math.inf}


def _flat(value: Any) -> list[Any]:
    """Scalars of nested lists in order, with R's words for undefined numbers read as numbers."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [scalar for each in value for scalar in _flat(each)]
    if isinstance(value, str):
        return [UNDEFINED.get(value, value)]
    return [float(value)]


def table(report: Report) -> list[str]:
    """The report as lines of text."""
    width = max((len(statistic) for _, statistic in report.lines), default=0)
    head = f"{'kind':<14} {'statistic':<{width}} {'values':>8} {'max abs':>9} {'max rel':>9}  not compared"
    rows = [head, "-" * len(head)]
    for (kind, statistic), line in sorted(report.lines.items()):
        left_out = "; ".join(f"{count}: {reason}" for reason, count in sorted(line.not_compared.items()))
        rows.append(
            f"{kind:<14} {statistic:<{width}} {line.values:>8} {line.largest_absolute:>9.1e} "
            f"{line.largest_relative:>9.1e}  {left_out}"
        )
    compared = sum(line.values for line in report.lines.values())
    rows.append(f"{compared} values compared, {len(report.failures)} failures")
    return rows
