"""The groups of a view as a plain table, for CSV and for spreadsheets."""

from __future__ import annotations

import csv
import io
from typing import Any

from tilexplorer.spreadsheet import MARK, runs


def neutral(value: object) -> object:
    """A cell that no spreadsheet will run. Numbers stay numbers."""
    return f"{MARK}{value}" if isinstance(value, str) and runs(value) else value


def as_csv(view: dict[str, Any]) -> str:
    """The view's main table as CSV: patients, groups, or the cohorts of the overview; nested parts are left to JSON."""
    rows = view.get("patients") or view.get("groups") or view.get("cohorts") or []
    flat = [{**row.get("key", {}), **{k: v for k, v in row.items() if not isinstance(v, (dict, list))}} for row in rows]
    names = list(dict.fromkeys(name for row in flat for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows([{name: neutral(value) for name, value in row.items()} for row in flat])
    return out.getvalue().rstrip("\n")
