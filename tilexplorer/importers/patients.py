"""Patients and their courses: one row each, however many rows the source has for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.importers import checks, outcomes, regimens
from tilexplorer.importers.mapping import Mapped, Patients, Rule
from tilexplorer.importers.rules import flags, numbers, texts, whole
from tilexplorer.importers.tables import Data, Dropped
from tilexplorer.schema import BY_NAME

# The words that a field may hold; fields that are not here hold any text.
WORDS: Final = {"sex": vocabulary.SEXES, "msi": vocabulary.MSI, "response": vocabulary.RESPONSES}

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
    rows = pd.concat([_course(mapped, data), *(outcomes.columns(data, e) for e in mapped.endpoints)], axis=1)
    repeated = ids.duplicated()
    dropped: list[Dropped] = []
    if repeated.any():
        rows = _once(spec, data, ids, rows)
        ids = ids[~repeated].reset_index(drop=True)
        if spec.duplicates == "identical outcome, keep first":
            reason = spec.duplicates_reason or "further row of the same patient, with the same outcome"
            dropped.append(Dropped("patient", reason, int(repeated.sum())))
    rows.insert(0, "patient", ids)
    rows.insert(1, "course", 1)
    return rows, dropped


def _once(spec: Patients, data: Data, ids: pd.Series, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of each patient as one: rows have to agree, and a field is taken from the first that records it."""
    column = spec.id.sources[0] if spec.id.sources else "#row"
    if spec.duplicates == "error":
        checks.unrepeated(data, column, ids, "patient")
    checks.agreeing(data, column, ids, rows)
    return rows.groupby(ids, sort=False).first().reset_index(drop=True)


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
    known = tuple(study.id for study in mapped.studies) or (mapped.cohort.id,)
    rule = mapped.patients.study or Rule(value=known[0])
    return _required(data, rule, "study", known)


def _required(data: Data, rule: Rule, field: str, allowed: tuple[str, ...]) -> pd.Series:
    made = texts(data, rule, field, allowed)
    if made.isna().any():
        raise data.fault(rule.sources[0], made.isna(), f"gives no {field}, which every patient needs", "fill the cell")
    return made
