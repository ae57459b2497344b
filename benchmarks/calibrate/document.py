"""docs/calibration.md for people, data/calibration.json for the dashboard's cautions."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final

from benchmarks.calibrate.finding import LARGEST_MISS, SMALLEST_MISS, Finding
from benchmarks.calibrate.plan import SEED
from benchmarks.calibrate.trials import MEDIAN, MILESTONE, RATIO, SIZES, TAU

ROOT: Final = Path(__file__).resolve().parents[2]
DOCUMENT: Final = ROOT / "docs" / "calibration.md"
TABLE: Final = ROOT / "data" / "calibration.json"

NAMES: Final = {
    "km-log-log": "Kaplan-Meier at t, log-log interval",
    "km-log": "Kaplan-Meier at t, log interval",
    "km-plain": "Kaplan-Meier at t, plain interval",
    "median": "median, Brookmeyer-Crowley (log-log)",
    "rmst": "restricted mean",
    "rmst-difference": "difference of restricted means",
    "survival-difference": "difference of survival at t",
    "hazard-ratio": "hazard ratio (Cox, Wald; Firth where a level has no event)",
    "hazard-ratio-doubling": "hazard ratio per doubling of the density (Cox on rows, Wald)",
    "clopper-pearson": "response rate, Clopper-Pearson",
    "wilson": "response rate, Wilson",
    "newcombe": "difference of rates, Newcombe",
    "miettinen-nurminen": "difference of rates, Miettinen-Nurminen",
    "odds-ratio": "odds ratio (Woolf; mid-p where a cell is zero)",
    "hodges-lehmann": "Hodges-Lehmann shift",
    "hodges-lehmann-change": "Hodges-Lehmann change of pairs",
    "log-rank": "log-rank, three groups",
    "log-rank-trend": "log-rank for trend, three groups",
    "cox-wald": "Cox Wald test, three groups",
    "cox-lr": "Cox likelihood ratio test, three groups",
    "cox-score": "Cox score test, three groups",
    "ph": "test of proportional hazards, three groups",
    "association": "chi-square, or Fisher below 5 expected",
    "cochran-armitage": "Cochran-Armitage trend, three groups",
    "mann-whitney": "Mann-Whitney",
    "signed-rank": "Wilcoxon signed-rank",
    "selected-cut-1994": "best cut, p after Lausen 1994 (printed)",
    "selected-cut-1992": "best cut, p after Lausen 1992",
    "selected-cut-naive": "best cut, naive log-rank p (never printed)",
}


def text(findings: Sequence[Finding], share: float) -> str:
    """The document; share: of the plan's trials."""
    largest = max(finding.error for finding in findings)
    parts = [
        "# Calibration: do intervals hold 95%, and tests 5%?",
        "",
        f"Made by `{_command(share)}` (seed {SEED}). n is the "
        "size of the smallest group. Survival times are exponential with a control median of "
        f"{MEDIAN:g} days and, with an effect, a hazard ratio of {RATIO:g}; t is {MILESTONE:g} days and the "
        f"horizon of restricted means {TAU:g} days. Light censoring leaves about a tenth censored, heavy about half; "
        "monthly ties round every time up to 30 days. Numbers that the dashboard suppresses at a size are not counted; "
        "where fewer than 99% of the trials give a number, the share that does is in brackets. Trials of each size: "
        f"{_trials(findings)}.",
        "",
        f"Monte Carlo standard errors are printed (the largest is {100 * largest:.2f} points); rates are computed "
        "exactly over all tables, averaged over true rates, with the worst in brackets. **Bold**: more than "
        f"{100 * LARGEST_MISS:g}% wrong answers beyond two standard errors (Bradley's stringent criterion, Br J Math "
        f"Stat Psychol 1978;31:144); *italic*: fewer than {100 * SMALLEST_MISS:g}%, conservative. The dashboard warns "
        "where a method is bold (`tilexplorer/statistics/calibration_notes.py`).",
        "",
        "## What fails its nominal level",
        "",
        *_failures(findings),
        "",
        "## Coverage of 95% intervals [%]",
        "",
        *_table([f for f in findings if f.kind == "coverage" and f.n]),
        "",
        "## Level of tests at 5% [%]",
        "",
        *_table([f for f in findings if f.kind == "level"]),
        "",
        "## The simulated cohorts: coverage of their stored truth [%]",
        "",
        "Arms of 20 to 240 patients, other draws of the recipe than the demonstration's; the truth is that of each "
        "view's own estimand in two million patients.",
        "",
        "| method | coverage | intervals |",
        "|---|---|---|",
        *(f"| {NAMES[f.method]} | {_cell(f)} | {round(f.trials * f.printed):,} |" for f in findings if not f.n),
        "",
    ]
    return "\n".join(parts)


def _command(share: float) -> str:
    return "make calibrate" if share == 1 else f"python -m benchmarks.calibrate --share {share:g}"


def _trials(findings: Sequence[Finding]) -> str:
    """How many trials each size of the survival worlds had."""
    made = {f.n: f.trials for f in findings if f.method == "log-rank"}
    return ", ".join(f"{trials:,} at n = {n}" for n, trials in sorted(made.items()))


def _failures(findings: Iterable[Finding]) -> list[str]:
    failing = [f for f in findings if f.fails and f.method != "selected-cut-naive"]
    lines = [
        f"- {NAMES[f.method]}, n = {f.n or 'mixed'}, {f.world}: "
        f"{100 * f.value:.1f}% ± {100 * f.error:.1f} instead of {95 if f.kind == 'coverage' else 5}%"
        for f in failing
    ]
    return lines or ["Nothing that the dashboard prints."]


def _table(findings: Sequence[Finding]) -> list[str]:
    rows = dict.fromkeys((f.method, f.world) for f in sorted(findings, key=lambda f: list(NAMES).index(f.method)))
    found = {(f.method, f.world, f.n): f for f in findings}
    lines = [f"| method | world | {' | '.join(f'n = {n}' for n in SIZES)} |", "|---|---|" + "---|" * len(SIZES)]
    for method, world in rows:
        cells = (found.get((method, world, n)) for n in SIZES)
        lines.append(f"| {NAMES[method]} | {world} | {' | '.join(_cell(f) if f else 'not shown' for f in cells)} |")
    return lines


def _cell(finding: Finding) -> str:
    share = f"{100 * finding.value:.1f}"
    share = f"**{share}**" if finding.fails else f"*{share}*" if finding.conservative else share
    error = f" ± {100 * finding.error:.1f}" if finding.error else ""
    worst = "" if math.isnan(finding.worst) or finding.kind == "level" else f" (worst {100 * finding.worst:.1f})"
    printed = f" [{100 * finding.printed:.0f}%]" if finding.printed < 0.99 and finding.n else ""
    return share + error + worst + printed


def table(findings: Sequence[Finding], share: float) -> str:
    """Every finding, for the dashboard's cautions and for writing the document again; share: of the plan's trials."""
    rows = [asdict(finding) | {"fails": finding.fails} for finding in findings]
    rounded = [{key: _rounded(value) for key, value in row.items()} for row in rows]
    provenance = {"command": "python -m benchmarks.calibrate", "seed": SEED, "share": share}
    lines = ",\n".join("  " + json.dumps(row) for row in rounded)
    return f'{{\n "provenance": {json.dumps(provenance)},\n "findings": [\n{lines}\n ]\n}}\n'


def _rounded(value: object) -> object:
    """Five digits of a share; null where there is none."""
    if not isinstance(value, float):
        return value
    return None if math.isnan(value) else round(value, 5)


def read() -> tuple[list[Finding], float]:
    """The findings of the committed table, and the share of the plan's trials behind them."""
    found = json.loads(TABLE.read_text(encoding="utf-8"))
    return [_finding(row) for row in found["findings"]], found["provenance"]["share"]


def _finding(row: dict[str, Any]) -> Finding:
    known: dict[str, Any] = {field.name: row[field.name] for field in fields(Finding)}
    known["worst"] = math.nan if known["worst"] is None else known["worst"]
    return Finding(**known)
