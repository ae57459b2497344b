"""The wide table that queries scan: a row per course, made from the canonical tables inside DuckDB.

Categories become ENUM types in the vocabulary's order, each numeric measure a DOUBLE column and each recorded category
an ENUM column, all at baseline: the patient's last sample before treatment that has the measure. Levels are not
stored; `level_rule` holds the cuts, so that a new cut needs no new generation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import duckdb
import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.infiltration import PROBABILITIES, QUANTILE_RULES, cuts

# Text columns of the wide table that become ENUM types, with the vocabulary's order where it has one.
ORDERS: Final[dict[str, Sequence[str]]] = {
    "cohort": (),
    "study": (),
    "tumour": (),
    "regimen": (),
    "combination": (),
    "setting": vocabulary.SETTINGS,
    "sex": vocabulary.SEXES,
    "msi": vocabulary.MSI,
    "response": vocabulary.RESPONSES,
    "sample_age": vocabulary.SAMPLE_AGES,
    "site": (),
    "origin": (),
}


_LEVEL_RULE: Final[dict[str, str]] = {
    "cohort": "cohort_t",
    "study": "study_t",
    "tumour": "tumour_t",
    "measure": "VARCHAR",
    "rule": "VARCHAR",
    "scheme": "VARCHAR",
    "cut1": "DOUBLE",
    "cut2": "DOUBLE",
    "cut3": "DOUBLE",
    "n": "INTEGER",
    "reason": "VARCHAR",
}


def quoted(name: str) -> str:
    """An identifier for SQL. Only names from the schema, the vocabulary or the store itself come here."""
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def measure_column(measure: str) -> str:
    """Name of a measure's column in the wide table."""
    return f"m_{measure}"


def enum_type(column: str) -> str:
    """Name of the ENUM type of a text column of the wide table."""
    return f"{column}_t"


def build(connection: duckdb.DuckDBPyConnection, report: Callable[[int, int], None] | None = None) -> None:
    """Make `analysis` and `level_rule` from the canonical tables of this database.

    `report` is told how many of the steps are done, and how many there are.
    """
    steps = (_baseline_values, _baseline_samples, _outcomes, _courses, _analysis, _level_rules)
    for number, step in enumerate(steps, 1):
        step(connection)
        if report:
            report(number, len(steps))
    for scratch in ("baseline_value", "baseline_sample", "outcome_wide", "course_wide"):
        connection.execute(f"DROP TABLE {scratch}")


def _baseline_values(connection: duckdb.DuckDBPyConnection) -> None:
    """The value of each measure from the last sample before treatment that has it; ties go to the first sample id."""
    connection.execute(
        """
        CREATE TEMP TABLE baseline_value AS
        SELECT v.cohort, v.patient, v.measure, v.number, v.category, v.sample
        FROM value v JOIN sample s USING (cohort, patient, sample)
        WHERE s.timepoint = 'baseline' AND coalesce(v.number::VARCHAR, v.category) IS NOT NULL
        QUALIFY row_number() OVER (
            PARTITION BY v.cohort, v.patient, v.measure ORDER BY s.days DESC NULLS LAST, v.sample) = 1
        """
    )


def _baseline_samples(connection: duckdb.DuckDBPyConnection) -> None:
    """The biopsy that describes a patient: the one with the default measure, else the last before treatment."""
    connection.execute(
        """
        CREATE TEMP TABLE baseline_sample AS
        SELECT s.cohort, s.patient, s.sample_age, s.days AS biopsy_days, s.site, s.origin, s.lymph_node
        FROM sample s
        JOIN cohort c USING (cohort)
        LEFT JOIN baseline_value b
          ON b.cohort = s.cohort AND b.patient = s.patient AND b.sample = s.sample AND b.measure = c.default_measure
        WHERE s.timepoint = 'baseline' AND s.tissue = 'tumour'
        QUALIFY row_number() OVER (
            PARTITION BY s.cohort, s.patient
            ORDER BY (b.sample IS NOT NULL) DESC, s.days DESC NULLS LAST, s.sample) = 1
        """
    )


def _outcomes(connection: duckdb.DuckDBPyConnection) -> None:
    endpoints = _distinct(connection, "SELECT DISTINCT endpoint FROM outcome", tuple(vocabulary.ENDPOINTS))
    columns = "".join(
        f", max(days) FILTER (endpoint = {_literal(e)}) AS {quoted(e + '_days')}"
        f", bool_or(event) FILTER (endpoint = {_literal(e)}) AS {quoted(e + '_event')}"
        for e in endpoints
    )
    connection.execute(
        f"CREATE TEMP TABLE outcome_wide AS SELECT cohort, patient, course{columns} FROM outcome GROUP BY ALL"
    )


def _courses(connection: duckdb.DuckDBPyConnection) -> None:
    """A row per course with everything but the measures, as text."""
    connection.execute(
        """
        CREATE TEMP TABLE course_wide AS
        WITH same AS (
            SELECT c.cohort, c.patient, c.course, list(DISTINCT o.preferred ORDER BY o.preferred) AS same_as
            FROM course c JOIN overlap o ON o.cohort = c.cohort AND (o.patient = '' OR o.patient = c.patient)
            GROUP BY ALL)
        SELECT c.cohort, c.study, c.patient, c.course, c.tumour, c.regimen, r.combination,
               NOT r.immunotherapy AS comparator, h.simulated, h.immunotherapy, s.setting, c.line, c.prior_io,
               c.age, p.sex, c.ecog, c.msi, c.response, c.benefit, c.durable, c.shrinkage,
               b.sample_age, b.biopsy_days, b.site, b.origin, b.lymph_node,
               coalesce(e.same_as, []) AS same_as
        FROM course c
        JOIN cohort h USING (cohort)
        JOIN study s USING (cohort, study)
        JOIN patient p USING (cohort, patient)
        JOIN regimen r USING (regimen)
        LEFT JOIN baseline_sample b USING (cohort, patient)
        LEFT JOIN same e USING (cohort, patient, course)
        """
    )


def _analysis(connection: duckdb.DuckDBPyConnection) -> None:
    numbers, categories = _measures(connection)
    for column, order in ORDERS.items():
        _create_enum(connection, column, f"SELECT DISTINCT {column} FROM course_wide", order)
    for measure in categories:
        levels = vocabulary.measures()[measure].levels if measure in vocabulary.measures() else ()
        sql = f"SELECT DISTINCT category FROM baseline_value WHERE measure = {_literal(measure)}"
        _create_enum(connection, measure_column(measure), sql, levels)
    casts = ", ".join(f"c.{column}::{enum_type(column)} AS {column}" for column in ORDERS)
    pivots = [f"max(number) FILTER (measure = {_literal(m)}) AS {quoted(measure_column(m))}" for m in numbers]
    pivots += [
        f"max(category) FILTER (measure = {_literal(m)})::{quoted(enum_type(measure_column(m)))} "
        f"AS {quoted(measure_column(m))}"
        for m in categories
    ]
    measured = ", ".join(["cohort", "patient", *pivots])
    connection.execute(
        f"""
        CREATE TABLE analysis AS
        WITH measured AS (SELECT {measured} FROM baseline_value GROUP BY cohort, patient)
        SELECT c.* REPLACE ({casts}), o.* EXCLUDE (cohort, patient, course), m.* EXCLUDE (cohort, patient)
        FROM course_wide c
        LEFT JOIN outcome_wide o USING (cohort, patient, course)
        LEFT JOIN measured m USING (cohort, patient)
        ORDER BY c.tumour, c.regimen, c.cohort, c.study, c.patient, c.course
        """
    )


def _measures(connection: duckdb.DuckDBPyConnection) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ids of the numeric and of the categorical measures in the store, in the vocabulary's order."""
    known = tuple(vocabulary.measures())
    numbers = _distinct(connection, "SELECT DISTINCT measure FROM measure WHERE kind = 'number'", known)
    categories = _distinct(connection, "SELECT DISTINCT measure FROM measure WHERE kind = 'category'", known)
    return numbers, categories


def _distinct(connection: duckdb.DuckDBPyConnection, sql: str, order: Sequence[str]) -> tuple[str, ...]:
    """The values of a one-column query: those of the given order first and in it, the others after, by name."""
    found = {str(row[0]) for row in connection.execute(sql).fetchall() if row[0] is not None}
    return (*(v for v in order if v in found), *sorted(found.difference(order)))


def _create_enum(connection: duckdb.DuckDBPyConnection, column: str, sql: str, order: Sequence[str]) -> None:
    """An ENUM type of the values that occur; a type needs at least one value."""
    values = _distinct(connection, sql, order) or ("",)
    listed = ", ".join(_literal(value) for value in values)
    connection.execute(f"CREATE TYPE {quoted(enum_type(column))} AS ENUM ({listed})")


def _level_rules(connection: duckdb.DuckDBPyConnection) -> None:
    """Cuts of every quantile rule for every numeric measure, within cohort x study x tumour type."""
    numbers, _ = _measures(connection)
    rows = [row for measure in numbers for row in _cuts_of(connection, measure)]
    frame = pd.DataFrame(rows, columns=list(_LEVEL_RULE)).astype(
        {"cut1": "Float64", "cut2": "Float64", "cut3": "Float64"}
    )
    connection.register("level_rule_rows", frame)
    typed = ", ".join(f"{name}::{kind} AS {name}" for name, kind in _LEVEL_RULE.items())
    connection.execute(f"CREATE TABLE level_rule AS SELECT {typed} FROM level_rule_rows ORDER BY ALL")
    connection.unregister("level_rule_rows")


def _cuts_of(connection: duckdb.DuckDBPyConnection, measure: str) -> list[tuple[object, ...]]:
    column = quoted(measure_column(measure))
    groups = connection.execute(
        f"""
        SELECT cohort::VARCHAR, study::VARCHAR, tumour::VARCHAR, quantile_cont({column}, {list(PROBABILITIES)}),
               min({column}), count({column})
        FROM analysis WHERE {column} IS NOT NULL GROUP BY ALL
        """
    ).fetchall()
    rows: list[tuple[object, ...]] = []
    for cohort, study, tumour, quantiles, smallest, n in groups:
        for rule in QUANTILE_RULES:
            made = cuts(rule, tuple(quantiles), smallest, n)
            padded = (*made.points, None, None, None)[:3]
            rows.append((cohort, study, tumour, measure, rule, made.scheme, *padded, n, made.reason))
    return rows
