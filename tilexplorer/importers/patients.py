"""Patients and their courses: one row each, however many rows the source has for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.importers import checks, outcomes, regimens
from tilexplorer.importers.mapping import Mapped, Rule
from tilexplorer.importers.rules import flags, numbers, recorded, texts, whole
from tilexplorer.importers.tables import NUMBER, Data, Dropped
from tilexplorer.schema import BY_NAME

# The words that a field may hold; fields that are not here hold any text.
WORDS: Final = {
    "sex": vocabulary.SEXES,
    "msi": vocabulary.MSI,
    "response": vocabulary.RESPONSES,
    "benefit": vocabulary.BENEFIT,
}

COURSE: Final = ("patient", *BY_NAME["course"].names[2:])

Reader = Callable[[Data, Rule, str], pd.Series]


def _number(data: Data, rule: Rule, field: str) -> pd.Series:
    return numbers(data, rule, field)[0]


def _text(data: Data, rule: Rule, field: str) -> pd.Series:
    return texts(data, rule, field, WORDS.get(field, ()))


READ: Final[dict[str, Reader]] = {
    "sex": _text,
    "arm": _text,
    "msi": _text,
    "response": _text,
    "benefit": _text,
    "line": whole,
    "ecog": whole,
    "age": _number,
    "shrinkage": _number,
    "prior_io": flags,
    "durable": flags,
}


def people(mapped: Mapped, data: Data) -> tuple[pd.DataFrame, list[Dropped]]:
    """One row per patient: sex, the course's fields, and '<endpoint>.days' and '<endpoint>.event' columns.

    Parameters
    ----------
    mapped
        The mapping.
    data
        The table of patients.

    Returns
    -------
    tuple of pandas.DataFrame and list of Dropped
        The rows in the order of the source, and what was left out.

    Raises
    ------
    InvalidData
        A patient with several rows where none are allowed, rows that contradict each other, or unusable cells.
    """
    spec = mapped.patients
    rule = replace(spec.id, required=True)
    ids = texts(data, rule, "patient")
    data, ids = _named(data, ids)
    rows = pd.concat([_course(mapped, data), *(outcomes.columns(data, e) for e in mapped.endpoints)], axis=1)
    data.reading.courses(mapped, data, ids, rows)
    repeated = ids.duplicated()
    dropped: list[Dropped] = []
    if repeated.any():
        rows = _once(mapped, data, ids, rows)
        ids = ids[~repeated].reset_index(drop=True)
        if spec.duplicates == "identical outcome, keep first":
            reason = spec.duplicates_reason or "further row of the same patient, with the same outcome"
            dropped.append(Dropped("patient", reason, int(repeated.sum())))
    rows.insert(0, "patient", ids)
    rows.insert(1, "course", 1)
    return rows, dropped


def _named(data: Data, ids: pd.Series) -> tuple[Data, pd.Series]:
    """The rows that have an id; the others were answered, and nothing can be said of a patient without one."""
    if not ids.isna().any():
        return data, ids
    return data.rows(ids.notna()), ids[ids.notna()].reset_index(drop=True)


def _once(mapped: Mapped, data: Data, ids: pd.Series, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of each patient as one: rows have to agree, and a field is taken from the first that records it."""
    spec = mapped.patients
    columns = source_columns(mapped)
    if spec.duplicates == "error":
        checks.unrepeated(data, columns[""], ids, "patient")
    else:
        checks.agreeing(data, columns, ids, rows)
    return rows.groupby(ids, sort=False).first().reset_index(drop=True)


def source_columns(mapped: Mapped) -> dict[str, str]:
    """The source column of each field of the patients' rows, as far as there is one; '' is that of the id."""
    spec = mapped.patients
    rules = {"": spec.id, "study": spec.study, "tumour": spec.tumour, **{f: getattr(spec, f) for f in READ}}
    found = {field: rule.sources[0] for field, rule in rules.items() if rule is not None and rule.sources}
    for endpoint in mapped.endpoints:
        found |= {f"{endpoint.id}.days": endpoint.time, f"{endpoint.id}.event": endpoint.status}
    regimen = {"regimen": spec.regimen.column} if spec.regimen.column else {}
    return {"": NUMBER, **found, **regimen}


def _course(mapped: Mapped, data: Data) -> pd.DataFrame:
    spec = mapped.patients
    made = {
        "study": _study(mapped, data),
        "tumour": _required(data, spec.tumour, "tumour", tuple(vocabulary.tumours())),
        "regimen": regimens.column(data, spec.regimen),
    }
    for field, read in READ.items():
        rule = getattr(spec, field)
        if rule is not None:
            made[field] = read(data, rule, field)
    return pd.DataFrame(made, index=data.frame.index)


def _study(mapped: Mapped, data: Data) -> pd.Series:
    """The study of every row: by rule, or the only one, or the cohort itself."""
    known = studies(mapped)
    rule = mapped.patients.study or Rule(value=known[0])
    return _required(data, rule, "study", known)


def studies(mapped: Mapped) -> tuple[str, ...]:
    """Ids of the studies; a cohort without any is a study of its own."""
    return tuple(study.id for study in mapped.studies) or (mapped.cohort.id,)


def _required(data: Data, rule: Rule, field: str, allowed: tuple[str, ...]) -> pd.Series:
    made = texts(data, rule, field, allowed)
    if made.isna().any():
        missing = recorded(data, rule).isna()  # a word that cannot be used was answered already
        problem = f"gives no {field}, which every patient needs"
        data.refuse("cell.empty", rule.sources[0], missing & made.isna(), problem, "fill the cell")
    return made
