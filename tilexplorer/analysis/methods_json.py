"""Methods and sources as JSON."""

from __future__ import annotations

from dataclasses import asdict

from tilexplorer import formatting
from tilexplorer.analysis.as_json import Json, context
from tilexplorer.analysis.methods import Methods
from tilexplorer.analysis.sentences import Sentence


def methods_sentence(found: Methods) -> Sentence:
    """What the page lists."""
    functions = sum(len(method.functions) for method in found.statistics)
    cohorts = len(found.context.cohorts)
    text = (
        f"{formatting.count(functions)} functions in {len(found.statistics)} families of statistics, and "
        f"{formatting.count(found.context.chosen)} patients of {cohorts} cohort{'s' if cohorts != 1 else ''}, "
        "each with its source."
    )
    return Sentence(text, "Everything on this page is read from the program and the store that made the other pages.")


def to_json(found: Methods) -> Json:
    """Limits, statistics, tables and sources."""
    return {
        "view": "methods",
        **context(found.context),
        "sentence": methods_sentence(found).text,
        "groups": [{"key": {"cohort": cohort}, "label": title, "n": n} for cohort, title, n in found.by_cohort],
        "limits": list(found.limits),
        "statistics": [asdict(method) for method in found.statistics],
        "tables": {name: _records(table) for name, table in found.tables.items()},
        "sources": [asdict(source) for source in found.context.sources],
    }


def _records(table: object) -> list[Json]:
    rows = table.to_dict("records")  # type: ignore[attr-defined]
    return [{str(k): v.item() if hasattr(v, "item") else v for k, v in row.items()} for row in rows]
