"""Table 1: who the patients of each infiltration level are, with what is missing and how old the biopsies were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from tilexplorer.analysis.groups import Grouping, id_of, label_of
from tilexplorer.queries import counts, quartiles
from tilexplorer.resolve import options
from tilexplorer.scope import Scope

# Fields of the table and the words for them, in the order in which a paper gives them.
FIELDS: Final[dict[str, str]] = {
    "sex": "Sex",
    "ecog": "ECOG",
    "tumour": "Tumour type",
    "study": "Study",
    "therapy": "Therapy class",
    "line": "Line of treatment",
    "prior_io": "Prior immunotherapy",
    "msi": "Microsatellite status",
    "pdl1": "PD-L1",
    "sample_age": "Age of the biopsy",
    "site": "Biopsy site",
}
_ORDERED: Final = ("ecog", "line", "prior_io", "pdl1", "sample_age", "sex", "msi")
MOST_CATEGORIES: Final = 8
OTHER: Final = "all others"
MISSING: Final = "not recorded"


@dataclass(frozen=True)
class Row:
    """A row of the table: a variable's category, the count of each level and of all, and each level's share base."""

    variable: str
    category: str
    cells: tuple[int, ...]
    total: int
    text: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableOne:
    """The table: its column sizes and rows, in patients; `text` holds a row's words where it has no counts."""

    sizes: tuple[int, ...]
    total: int
    rows: tuple[Row, ...]


def table_one(scope: Scope, levels: Grouping) -> TableOne:
    """Count the patients of each level by each field; a field that nobody has is left out."""
    if not levels.groups:
        return TableOne((), 0, ())
    sizes = _sizes(scope, levels)
    rows = _age(scope, levels)
    for field, words in FIELDS.items():
        rows += _field(scope, levels, field, words)
    return TableOne(sizes, sum(sizes), tuple(rows))


def _sizes(scope: Scope, levels: Grouping) -> tuple[int, ...]:
    found = counts(scope, {"g1": "level"})
    found["id"] = [id_of("level", value) for value in found["g1"].astype(object)]
    return tuple(int(found.loc[found["id"] == group.id, "n"].sum()) for group in levels.groups)


def _age(scope: Scope, levels: Grouping) -> list[Row]:
    found = quartiles(scope, "a.age", "level")
    if not found["n"].sum():
        return []
    found["id"] = [id_of("level", value) for value in found["g1"].astype(object)]
    by_id = found.set_index("id")
    text = tuple(_quartile_text(by_id, group.id) for group in levels.groups)
    missing = tuple(int(by_id["missing"].get(group.id, 0)) for group in levels.groups)
    rows = [Row("Age [years]", "median (quartiles)", (), 0, text)]
    if sum(missing):
        rows.append(Row("Age [years]", MISSING, missing, sum(missing)))
    return rows


def _quartile_text(by_id: pd.DataFrame, level: str) -> str:
    if level not in by_id.index or not by_id["n"][level]:
        return "–"
    q1, middle, q3 = (float(by_id[name][level]) for name in ("q1", "median", "q3"))
    return f"{middle:.0f} ({q1:.0f} to {q3:.0f})"


def _field(scope: Scope, levels: Grouping, field: str, words: str) -> list[Row]:
    found = counts(scope, {"g1": "level", "value": f"({scope.group(field)})::VARCHAR"})
    if found["value"].isna().all() or len(found["value"].unique()) == 1:
        return []
    found["id"] = [id_of("level", value) for value in found["g1"].astype(object)]
    totals = found.dropna(subset=["value"]).groupby("value")["n"].sum().sort_values(ascending=False)
    top = list(totals.index[:MOST_CATEGORIES])
    category = found["value"].where(found["value"].isin(top), OTHER).where(found["value"].notna(), MISSING)
    order = [v for v in options(scope.resolved.store, field) if v in top] if field in _ORDERED else top
    rows = []
    for name in (*order, OTHER, MISSING):
        part = found[category == name]
        if part.empty:
            continue
        cells = tuple(int(part.loc[part["id"] == group.id, "n"].sum()) for group in levels.groups)
        plain = field in _ORDERED or name in (OTHER, MISSING)
        rows.append(Row(words, name if plain else label_of(scope.resolved, field, name), cells, sum(cells)))
    return rows
