"""What a bundle says about itself: the manifest for programs, and the data dictionary."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from tilexplorer import spreadsheet
from tilexplorer.bundles import FORMAT, FORMAT_VERSION, table_path
from tilexplorer.export.extract import Extract
from tilexplorer.export.tables import csv_bytes
from tilexplorer.schema import SCHEMA_VERSION, TABLES
from tilexplorer.vocabulary import VOCABULARY_VERSION


def manifest(extract: Extract, kind: str, members: Mapping[str, bytes]) -> bytes:
    """The manifest of a bundle with these members, as JSON. It holds no time and no name: it follows from the data."""
    told = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "schema_version": SCHEMA_VERSION,
        "vocabulary_version": VOCABULARY_VERSION,
        "generation": extract.generation,
        "query": extract.query,
        "partial": any(map(extract.partial, extract.tables.cohorts)),
        "simulated": extract.simulated,
        "tables_format": kind,
        "text_cells": spreadsheet.RULE,
        "cohorts": [_cohort(extract, row) for row in extract.tables["cohort"].to_dict("records")],
        "left_out": [{"cohort": cohort, "reason": reason} for cohort, reason in extract.left_out],
        "tables": {
            table.name: {"file": table_path(table, kind), "rows": len(extract.tables[table.name])} for table in TABLES
        },
        "members": {name: _fingerprint(content) for name, content in members.items()},
    }
    return (json.dumps(told, indent=2, ensure_ascii=False) + "\n").encode()


def _cohort(extract: Extract, row: Mapping[Any, Any]) -> dict[str, object]:
    """A cohort's card for the manifest: how to cite it, under which licence, how much of it is here."""
    cohort = row["cohort"]
    told = {key: None if pd.isna(row[key]) else row[key] for key in ("title", "citation", "doi", "licence")}
    return {
        "cohort": cohort,
        **told,
        "simulated": bool(row["simulated"]),
        "n": extract.counts[cohort],
        "of": extract.held[cohort],
        "partial": extract.partial(cohort),
    }


def _fingerprint(content: bytes) -> dict[str, object]:
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def dictionary() -> bytes:
    """The data dictionary as CSV: every column of every canonical table, made from the schema itself."""
    header = ("table", "column", "type", "key", "required", "meaning", "table_meaning")
    rows = [
        (t.name, c.name, c.type, _yes(c.name in t.key), _yes(c.required), spreadsheet.written(c.meaning), t.meaning)
        for t in TABLES
        for c in t.columns
    ]
    return csv_bytes(header, rows)


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"
