"""The mapping of a cohort's wide files, in the language of docs/mapping.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.export import toml
from tilexplorer.importers.regimens import JOINT

_CARD: Final = ("title", "citation", "doi", "licence", "default_measure", "population")
_STUDY: Final = ("title", "registry", "phase", "setting", "randomised", "concurrent_arms", "criteria", "confirmed",
                 "durable_benefit")  # fmt: skip
_SAMPLE_RULES: Final = ("patient", "sample", "timepoint", "tissue", "days", "sample_age", "site", "origin",
                        "lymph_node", "lesion", "lesion_treated")  # fmt: skip
_PATIENT_RULES: Final = ("study", "arm", "sex", "line", "prior_io", "age", "ecog", "msi", "response", "benefit",
                         "durable", "shrinkage")  # fmt: skip

Cards = Mapping[str, pd.DataFrame]


def mapping_text(
    cards: Cards,
    name: str,
    patients: Sequence[str],
    samples: Sequence[str],
    marked: Mapping[str, Sequence[str]],
    preferred: str = "",
) -> str:
    """The mapping.

    Parameters
    ----------
    cards
        The cohort's rows of the tables cohort, study, endpoint, measure and overlap.
    name
        Id of the cohort that an import makes.
    patients, samples
        Column names of the two files.
    marked
        For each of the two files, the columns in which texts have an apostrophe in front.
    preferred
        The cohort of which this is a selection: its copy of the patients is preferred.
    """
    parts = [
        _head(cards["cohort"].iloc[0]),
        _cohort(cards["cohort"].iloc[0], name),
        *[_file(key) for key in ("patients", "samples")],
        *[_unmarked(key, columns) for key, columns in marked.items() if columns],
        *[toml.section("[[studies]]", {"id": row["study"], **_recorded(row, _STUDY)}) for row in _rows(cards["study"])],
        _patients(marked),
        *[_endpoint(cards["endpoint"], name.removesuffix("_days")) for name in patients if name.endswith("_days")],
        *[_measure(row) for row in _rows(cards["measure"])],
        _samples(cards["measure"], samples, marked),
        *_same_patients(cards["overlap"], preferred),
    ]
    return "\n".join(parts)


def _head(card: pd.Series) -> str:
    """Comments that say where the patients come from: a mapping has no other place for it."""
    lines = ["patients.csv and samples.csv may be edited and imported again with this mapping (docs/mapping.md)."]
    if pd.notna(card["source"]) and card["source"]:
        lines += ["They were made from:", *str(card["source"]).splitlines()]
    # TOML allows no control character in a comment.
    return "".join(f"# {''.join(c for c in line if c.isprintable())}\n" for line in lines)


def _cohort(card: pd.Series, name: str) -> str:
    notes = str(card["note"]).split("\n") if pd.notna(card["note"]) and card["note"] else None
    told = {"id": name, **_recorded(card, _CARD), "notes": notes}
    told |= {"simulated": bool(card["simulated"])} if card["simulated"] else {}
    told |= {"immunotherapy": False} if pd.notna(card["immunotherapy"]) and not card["immunotherapy"] else {}
    return toml.section("[cohort]", told)


def _file(key: str) -> str:
    # Only an empty cell is missing: a patient may be called NA.
    return toml.section(f"[files.{key}]", {"name": f"{key}.csv", "format": "csv", "missing": []})


def _table(key: str, marked: Mapping[str, Sequence[str]]) -> str:
    return f"{key}_read" if marked[key] else key


def _unmarked(key: str, columns: Sequence[str]) -> str:
    """A table whose texts have lost the apostrophe that keeps spreadsheets from running them."""
    steps = [{"do": "repair", "column": name, "pattern": "^'", "replace": ""} for name in columns]
    return toml.section(f"[tables.{key}_read]", {"file": key, "steps": steps})


def _patients(marked: Mapping[str, Sequence[str]]) -> str:
    rules: dict[str, object] = {"table": _table("patients", marked), "id": {"column": "patient"}}
    rules |= {"tumour": {"column": "tumour"}, "regimen": {"column": "regimen", "separator": JOINT}}
    return toml.section("[patients]", rules | {name: {"column": name} for name in _PATIENT_RULES})


def _endpoint(cards: pd.DataFrame, endpoint: str) -> str:
    found = cards[cards["endpoint"] == endpoint]
    card = found.iloc[0] if len(found) else pd.Series({"t0": None, "event": None, "note": None})
    told: dict[str, object] = {"id": endpoint, "time": f"{endpoint}_days", "unit": "days"}
    told |= {"status": f"{endpoint}_event", "event": ["1"], "censored": ["0"]}
    told |= _recorded(card, ("t0", "note")) | {"means": _recorded(card, ("event",)).get("event")}
    return toml.section("[[endpoints]]", told)


def _measure(row: Mapping[Any, Any]) -> str:
    levels = str(row["levels"]).split("|") if pd.notna(row["levels"]) and row["levels"] else None
    told = _recorded(row, ("assay", "unit", "note")) | {"levels": levels}
    told |= {"comparable": True} if pd.notna(row["comparable"]) and row["comparable"] else {}
    return toml.section(f"[measures.{toml.key(row['measure'])}]", told)


def _samples(measures: pd.DataFrame, columns: Sequence[str], marked: Mapping[str, Sequence[str]]) -> str:
    rules: dict[str, object] = {name: {"column": name} for name in _SAMPLE_RULES}
    block = toml.section("[[samples]]", {"table": _table("samples", marked), **rules})
    numbers = {name for name in measures["measure"] if vocabulary.measures()[name].kind == "number"}
    values = {
        name: {"column": name, "limits": True} if name in numbers else {"column": name}
        for name in columns
        if name in set(measures["measure"])
    }
    return block + toml.section("[samples.values]", values)


def _same_patients(overlap: pd.DataFrame, preferred: str) -> list[str]:
    told: list[dict[str, object]] = [{"preferred": preferred}] if preferred else []
    for other, rows in overlap.groupby("preferred", sort=True):
        named = sorted(patient for patient in rows["patient"] if patient)
        told.append({"preferred": other, "patients": named or None})
    return [toml.section("[[same_patients]]", values) for values in told]


def _rows(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    return frame.to_dict("records")


def _recorded(row: Mapping[Any, Any] | pd.Series, names: Sequence[str]) -> dict[str, object]:
    """The recorded ones of these fields."""
    found = {name: row[name] for name in names}
    return {name: bool(v) if isinstance(v, bool | np.bool_) else str(v) for name, v in found.items() if not pd.isna(v)}
