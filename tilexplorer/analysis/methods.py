"""Methods and sources: every statistic, rule, word and cohort of the store, read from where it is defined.

Nothing here is written a second time: statistics come from the docstrings of the code, thresholds from their values,
words from the vocabulary and the schema, cohorts from the store.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Final

import pandas as pd

from tilexplorer import schema, vocabulary
from tilexplorer.analysis.cards import card
from tilexplorer.analysis.context import Context, describe
from tilexplorer.analysis.patients import by_cohort
from tilexplorer.analysis.rates import NOT_RECORDED, RULES
from tilexplorer.infiltration import RULE_WORDS, SMALLEST_MEDIAN, SMALLEST_TERTILE
from tilexplorer.resolve import Resolved, resolve
from tilexplorer.response_source import BENEFIT, DURABLE
from tilexplorer.scope import Scope
from tilexplorer.selection import Selection
from tilexplorer.statistics import small
from tilexplorer.store import Store

STATISTICS: Final = Path(small.__file__).resolve().parent

# Modules that compute nothing a page prints: shapes of results, bookkeeping, checks.
PLUMBING: Final = frozenset({"__init__", "results", "labels", "tables", "cause_table", "terms"})

LIMITS: Final = (
    "Thresholds and assays are not standardised: a density, a share and a signature score are different things, and "
    "the same word, high, means something else in each cohort. Levels are made within cohort, study and tumour type.",
    "Association is not causation. These patients were mostly not assigned to treatments at random, and infiltration "
    "never is: what goes with it may be what matters.",
    "A marker that goes with better survival under treatment may be prognostic, predictive or both. Only a comparator "
    "within one study and a test of interaction can tell, and few of the cohorts have one.",
    "Public cohorts hold the patients whose tissue was good enough and whose data were released. They are not all "
    "patients of the trials, and trial patients are not all patients.",
    "Most tissue called baseline is archival. A biopsy is a small part of one lesion at one time.",
    "Many comparisons can be made here; some are unlikely by chance alone and still chance. A p-value found by looking "
    "around is a question, not an answer.",
    "This is no advice for one patient and no medical device. What was observed in similar patients is not what will "
    "happen to anybody.",
    "Simulated cohorts show how the program works. They are no evidence about any treatment.",
)


@dataclass(frozen=True, slots=True)
class Function:
    """A public function: its name, the first sentence of its docstring, and the rest of it."""

    name: str
    summary: str
    details: str


@dataclass(frozen=True, slots=True)
class Method:
    """A module of statistics: what it is about, and what it computes."""

    name: str
    summary: str
    details: str
    functions: tuple[Function, ...]


@dataclass(frozen=True)
class Methods:
    """Methods and sources of a store.

    Attributes
    ----------
    context : of the selection's filters, so that the page has its count, its generation and its sources.
    by_cohort : id, title and number of patients of each cohort.
    statistics : every method, by module. tables : the other parts, by title: plain tables.
    """

    context: Context
    by_cohort: tuple[tuple[str, str, int], ...]
    limits: tuple[str, ...]
    statistics: tuple[Method, ...]
    tables: Mapping[str, pd.DataFrame]


def methods(store: Store, selection: Selection) -> Methods:
    """What the program computes and by which rules, and where the selection's patients come from."""
    resolved = resolve(store, selection)
    scope = Scope(resolved)
    return Methods(
        context=describe(resolved, scope),
        by_cohort=by_cohort(resolved, scope),
        limits=LIMITS,
        statistics=statistics(),
        tables={
            "Small numbers": _thresholds(),
            "Levels of infiltration": _rules(),
            "Response rates": _rates(),
            "Endpoints": _endpoints(resolved),
            "Measures": _measures(resolved),
            "Left out when the files were read": _exclusions(resolved),
            "Therapies": _therapies(),
            "Tumour types": _tumours(resolved),
            "Data dictionary": _dictionary(),
        },
    )


@cache
def statistics() -> tuple[Method, ...]:
    """Every module of statistics with a public function, read from its source without importing it."""
    read = [_read(path) for path in sorted(STATISTICS.glob("*.py")) if path.stem not in PLUMBING]
    return tuple(method for method in read if method.functions)


def _read(path: Path) -> Method:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    summary, details = split(ast.get_docstring(tree) or "")
    functions = [
        Function(node.name, *split(ast.get_docstring(node) or ""))
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]
    return Method(path.stem, summary, details, tuple(functions))


def split(docstring: str) -> tuple[str, str]:
    """The first paragraph of a docstring on one line, and the rest."""
    head, _, rest = docstring.partition("\n\n")
    return " ".join(head.split()), rest.strip()


def _thresholds() -> pd.DataFrame:
    rows = [(field.name.replace("_", " "), getattr(small.DEFAULT, field.name)) for field in fields(small.Thresholds)]
    return pd.DataFrame(rows, columns=["Printed only from", "Number"])


def _rules() -> pd.DataFrame:
    sizes = {
        "median": f"{SMALLEST_MEDIAN} measured patients",
        "tertile": f"{SMALLEST_TERTILE} measured patients; with fewer a median split",
        "quartile": f"{SMALLEST_TERTILE} measured patients; with fewer a median split",
    }
    rows = [(name, words, sizes.get(name, "any")) for name, words in RULE_WORDS.items()]
    rows.append(("cut:<x>,<y>", "a chosen cut in the measure's unit; a value equal to the cut is low", "any"))
    return pd.DataFrame(rows, columns=["Rule", "Meaning", "Needs"])


_OF_FLAGS: Final = {
    DURABLE: "durable benefit by the study's own definition",
    BENEFIT: "the source's own responder flag; no response by RECIST, never pooled with another rate",
}


def _rates() -> pd.DataFrame:
    rows = []
    for key, words in vocabulary.RESPONSE_RATES.items():
        rule = RULES.get(key)
        counted = " + ".join(rule.responders) if rule else _OF_FLAGS.get(key, NOT_RECORDED.get(key, ""))
        rows.append((key, words, counted, " or ".join(rule.open_with) if rule else ""))
    return pd.DataFrame(rows, columns=["Key", "Rate", "Counts as response", "Cannot be formed with"])


def _of_cohorts(resolved: Resolved, table: str) -> pd.DataFrame:
    frame = card(resolved.store, table)
    held = frame[frame["cohort"].isin(resolved.cohorts)].copy()
    held.insert(0, "Cohort", [resolved.title(str(cohort)) for cohort in held["cohort"]])
    return held.drop(columns="cohort").reset_index(drop=True)


def _endpoints(resolved: Resolved) -> pd.DataFrame:
    held = _of_cohorts(resolved, "endpoint")
    held["endpoint"] = [vocabulary.ENDPOINTS.get(str(e), str(e)) for e in held["endpoint"]]
    names = {"endpoint": "Endpoint", "t0": "Clock starts", "event": "Event", "source_unit": "Unit", "note": "Caution"}
    return held.rename(columns=names)


def _measures(resolved: Resolved) -> pd.DataFrame:
    held = _of_cohorts(resolved, "measure")
    known = vocabulary.measures()
    held["measure"] = [known[str(m)].label if str(m) in known else str(m) for m in held["measure"]]
    names = {"measure": "Measure", "assay": "Assay", "unit": "Unit", "note": "Caution"}
    return held[["Cohort", *names]].rename(columns=names)


def _exclusions(resolved: Resolved) -> pd.DataFrame:
    held = _of_cohorts(resolved, "exclusion")
    return held.rename(columns={"what": "What", "reason": "Reason", "n": "Number"})


def _therapies() -> pd.DataFrame:
    known = {t.name: t for t in vocabulary.therapies().values()}
    rows = [(t.name, " + ".join(t.classes), t.role, t.target) for _, t in sorted(known.items())]
    return pd.DataFrame(rows, columns=["Drug or intervention", "Class", "Role", "Target"])


def _tumours(resolved: Resolved) -> pd.DataFrame:
    used = resolved.store.frame(
        "SELECT tumour::VARCHAR AS code, count(*)::BIGINT AS n FROM analysis a"
        " WHERE list_contains($cohorts, a.cohort) GROUP BY 1 ORDER BY 1",
        {"cohorts": list(resolved.cohorts)},
    )
    known = vocabulary.tumours()
    used.insert(1, "name", [known[code].name if code in known else code for code in used["code"]])
    return used.rename(columns={"code": "OncoTree code", "name": "Tumour type", "n": "Patients"})


def _dictionary() -> pd.DataFrame:
    rows = [(table.name, c.name, c.type.lower(), c.meaning) for table in schema.TABLES for c in table.columns]
    return pd.DataFrame(rows, columns=["Table", "Field", "Type", "Meaning"])
