"""The canonical tables: what every importer delivers and every generation stores.

One `Table` per canonical table, one `Column` per field, with type, unit and meaning. The DuckDB definitions, the
checks on imported frames and the data dictionary are all made from these values, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import pandas as pd

# Part of every generation's id: raise it when the meaning or the shape of a table changes.
SCHEMA_VERSION: Final = 1

# pandas types by the type a column has in the store. Nullable types keep integers and flags exact.
PANDAS_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {"VARCHAR": "string", "INTEGER": "Int64", "DOUBLE": "Float64", "BOOLEAN": "boolean"}
)


@dataclass(frozen=True, slots=True)
class Column:
    """A field of a canonical table: its name, its type in the store, and what it means, with the unit."""

    name: str
    type: str
    meaning: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A canonical table: its columns and the columns that identify a row."""

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in the order of the dictionary."""
        return tuple(column.name for column in self.columns)

    def empty(self) -> pd.DataFrame:
        """A frame without rows, with this table's columns and types."""
        return pd.DataFrame({c.name: pd.Series(dtype=PANDAS_TYPES[c.type]) for c in self.columns})

    def conform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame with exactly this table's columns, in order and with its types; absent columns become empty."""
        unknown = set(frame.columns) - set(self.names)
        if unknown:
            raise ValueError(f"table {self.name} has no column {', '.join(sorted(unknown))}")
        full = frame.reindex(columns=list(self.names))
        return full.astype({c.name: PANDAS_TYPES[c.type] for c in self.columns}).reset_index(drop=True)


def with_rows(frame: pd.DataFrame, table: Table, rows: list[dict[str, object]]) -> pd.DataFrame:
    """The frame of a table with further rows below."""
    if not rows:
        return frame
    more = table.conform(pd.DataFrame(rows))
    return pd.concat([table.conform(frame), more], ignore_index=True) if len(frame) else more


def _text(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name, "VARCHAR", meaning, required)


def _flag(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name, "BOOLEAN", meaning, required)


def _whole(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name, "INTEGER", meaning, required)


def _number(name: str, meaning: str) -> Column:
    return Column(name, "DOUBLE", meaning)


_COHORT = _text("cohort", "id of the cohort", required=True)
_PATIENT = _text("patient", "id of the patient within the cohort, as the source published it", required=True)
_COURSE = _whole("course", "number of the patient's course of treatment, from 1", required=True)

TABLES: Final[tuple[Table, ...]] = (
    Table(
        "cohort",
        "A data set with one source and one citation.",
        ("cohort",),
        (
            _COHORT,
            _text("title", "name shown on pages", required=True),
            _text("citation", "how to cite the source"),
            _text("doi", "digital object identifier of the citation"),
            _text("licence", "licence of the source files, as found"),
            _text("source", "public addresses of the source files, one a line"),
            _flag("simulated", "made by the simulation recipe, no real patient", required=True),
            _flag("immunotherapy", "patients were treated with immunotherapy; false for natural history"),
            _text("default_measure", "measure that is shown first"),
            _text("population", "who the patients in the file are, and whether intention to treat may be said"),
            _text("note", "what a reader must know before using the cohort, one caution a line"),
        ),
    ),
    Table(
        "study",
        "A trial or series within a cohort. Cuts, comparators and interactions stay within a study.",
        ("cohort", "study"),
        (
            _COHORT,
            _text("study", "id of the study", required=True),
            _text("title", "name shown on pages", required=True),
            _text("registry", "trial registry number"),
            _text("phase", "phase of the trial"),
            _text("setting", "neoadjuvant, adjuvant or advanced"),
            _flag("randomised", "arms were assigned at random"),
            _flag("concurrent_arms", "has a comparator arm treated in the same period"),
            _text("criteria", "response criteria, e.g. RECIST 1.1"),
            _flag("confirmed", "responses had to be confirmed by a second scan"),
            _text("durable_benefit", "the study's own definition of durable benefit"),
        ),
    ),
    Table(
        "endpoint",
        "An endpoint card: what a time-to-event endpoint means in one cohort.",
        ("cohort", "endpoint"),
        (
            _COHORT,
            _text("endpoint", "id of the endpoint, e.g. os", required=True),
            _text("t0", "where the clock starts"),
            _text("event", "what counts as the event"),
            _text("source_unit", "unit of time in the source file"),
            _text("note", "caution that belongs to this endpoint"),
        ),
    ),
    Table(
        "patient",
        "A person, counted once within a cohort.",
        ("cohort", "patient"),
        (_COHORT, _PATIENT, _text("sex", "female or male")),
    ),
    Table(
        "course",
        "One patient's one line of treatment: the unit of analysis.",
        ("cohort", "patient", "course"),
        (
            _COHORT,
            _PATIENT,
            _COURSE,
            _text("study", "id of the study within the cohort", required=True),
            _text("tumour", "OncoTree code", required=True),
            _text("regimen", "id of the regimen", required=True),
            _text("arm", "name of the arm in the source"),
            _whole("line", "line of systemic treatment in the setting, from 1"),
            _flag("prior_io", "had immunotherapy before this course"),
            _number("age", "age at the start of the course [years]"),
            _whole("ecog", "ECOG performance status at the start of the course"),
            _text("msi", "microsatellite status: MSI-H or MSS"),
            _text("response", "best overall response category: CR PR SD PD NE CRPR SDPD"),
            _text("benefit", "the source's own responder flag: benefit or no benefit"),
            _flag("durable", "durable benefit by the study's own definition"),
            _number("shrinkage", "best change of the sum of target lesions [%]; negative is shrinkage"),
        ),
    ),
    Table(
        "outcome",
        "A time to event or censoring.",
        ("cohort", "patient", "course", "endpoint"),
        (
            _COHORT,
            _PATIENT,
            _COURSE,
            _text("endpoint", "id of the endpoint", required=True),
            _whole("days", "time from t0 [days]", required=True),
            _flag("event", "whether the event happened at that time; false means censored", required=True),
        ),
    ),
    Table(
        "regimen",
        "A set of drugs or interventions given as one treatment.",
        ("regimen",),
        (
            _text("regimen", "id: the components' names joined by ' + '", required=True),
            _text("combination", "its treatment classes joined by ' + '", required=True),
            _flag("immunotherapy", "contains at least one immunotherapy class", required=True),
        ),
    ),
    Table(
        "component",
        "A drug or an intervention of a regimen; a bispecific has a row for each of its classes.",
        ("regimen", "component", "class"),
        (
            _text("regimen", "id of the regimen", required=True),
            _text("component", "name of the drug or intervention", required=True),
            _text("class", "therapy class", required=True),
            _text("role", "treatment, conditioning or support", required=True),
        ),
    ),
    Table(
        "sample",
        "A biopsy or a blood draw.",
        ("cohort", "patient", "sample"),
        (
            _COHORT,
            _PATIENT,
            _text("sample", "id of the sample", required=True),
            _text("timepoint", "baseline, on_treatment, post_treatment or unknown", required=True),
            _whole("days", "day of the sample, from the start of the course [days]; negative is before"),
            _text("sample_age", "fresh, under 1 year, 1 to 2 years, over 2 years, or unknown"),
            _text("tissue", "tumour or blood", required=True),
            _text("site", "organ or site of the biopsy"),
            _text("origin", "primary or metastasis"),
            _flag("lymph_node", "taken from a lymph node"),
            _text("lesion", "id of the lesion within the patient"),
            _flag("lesion_treated", "the lesion was treated locally"),
        ),
    ),
    Table(
        "measure",
        "What was measured in a cohort, by which assay and in which unit.",
        ("cohort", "measure"),
        (
            _COHORT,
            _text("measure", "id of the measure: quantity and compartment", required=True),
            _text("assay", "how it was measured"),
            _text("unit", "unit of the stored numbers"),
            _text("kind", "number or category", required=True),
            _text("levels", "categories in order, joined by '|'; empty for a number"),
            _flag("comparable", "values may be pooled with other cohorts' values"),
            _text("note", "caution that belongs to this measure"),
        ),
    ),
    Table(
        "value",
        "One measured value of one sample.",
        ("cohort", "patient", "sample", "measure"),
        (
            _COHORT,
            _PATIENT,
            _text("sample", "id of the sample", required=True),
            _text("measure", "id of the measure", required=True),
            _number("number", "the value, for a number"),
            _text("category", "the value, for a category"),
            _text("limit", "'>' or '<' where the source gives only a bound"),
        ),
    ),
    Table(
        "exclusion",
        "Source rows that did not become patients or values, counted by reason.",
        ("cohort", "what", "reason"),
        (
            _COHORT,
            _text("what", "patient, sample, value, outcome, or row of the source", required=True),
            _text("reason", "why they were left out", required=True),
            _whole("n", "how many", required=True),
        ),
    ),
    Table(
        "overlap",
        "The same people in two cohorts: the other cohort's copy is preferred over this one.",
        ("cohort", "patient", "preferred"),
        (
            _COHORT,
            _text("patient", "id of the patient; empty: every patient of the cohort", required=True),
            _text("preferred", "cohort whose copy is kept when both are chosen", required=True),
        ),
    ),
)

BY_NAME: Final[Mapping[str, Table]] = MappingProxyType({table.name: table for table in TABLES})


@dataclass(frozen=True)
class Canonical:
    """The canonical tables of one or more cohorts: a frame for each table, with exactly its columns and types."""

    frames: Mapping[str, pd.DataFrame]

    @classmethod
    def of(cls, frames: Mapping[str, pd.DataFrame]) -> Canonical:
        """Conform every frame to its table; tables not given are empty."""
        unknown = set(frames) - set(BY_NAME)
        if unknown:
            raise ValueError(f"no canonical table is called {', '.join(sorted(unknown))}")
        return cls({t.name: t.conform(frames[t.name]) if t.name in frames else t.empty() for t in TABLES})

    def __getitem__(self, table: str) -> pd.DataFrame:
        return self.frames[table]

    @property
    def cohorts(self) -> tuple[str, ...]:
        """Ids of the cohorts in it, in the order of their rows."""
        return tuple(self["cohort"]["cohort"])


def merge(parts: list[Canonical]) -> Canonical:
    """Several cohorts' tables as one; regimens and components that several share are kept once."""
    frames: dict[str, pd.DataFrame] = {}
    for table in TABLES:
        rows = [part[table.name] for part in parts if len(part[table.name])]
        joined = pd.concat(rows, ignore_index=True) if rows else table.empty()
        shared = table.name in ("regimen", "component")
        frames[table.name] = joined.drop_duplicates(list(table.key), ignore_index=True) if shared else joined
    return Canonical.of(frames)
