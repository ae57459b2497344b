"""The groups of a view as a plain table, for CSV and for spreadsheets."""

from __future__ import annotations

import csv
import io
from typing import Any

# A cell that begins with one of these is a formula to a spreadsheet; a quote in front makes it text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def neutral(value: object) -> object:
    """A cell that no spreadsheet will run. Numbers stay numbers."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


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
