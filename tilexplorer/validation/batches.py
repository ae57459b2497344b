"""The validation of a large file that is read in batches while its generation is built.

Every cell is looked at as in a small file. What is said of a column as a whole is judged over all rows where it is an
error, and within each batch where it is a warning: a second unit among measured values, progression without deaths.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import duckdb
import pandas as pd

from tilexplorer.importers.build import patients_file
from tilexplorer.importers.faults import ERROR, SHOWN, WARNING, Fault, Unfit, of_file
from tilexplorer.importers.mapping import Mapped, Rule, Samples
from tilexplorer.importers.pseudonyms import Pseudonyms
from tilexplorer.importers.streaming import InBatches
from tilexplorer.importers.tables import Data
from tilexplorer.validation import identifiers, patients, unfilled
from tilexplorer.validation.collecting import Collecting
from tilexplorer.validation.expectation import failures
from tilexplorer.validation.report import Report
from tilexplorer.validation.samples import of_several_patients

# A batch with fewer rows is the end of a file, too short to judge a column by.
ENOUGH: Final = 1000

_SAMPLES: Final = "SELECT count(*) AS n FROM sample WHERE cohort = $cohort"
_SHARED: Final = """
SELECT patient, sample FROM sample WHERE cohort = $cohort
QUALIFY count(*) OVER (PARTITION BY sample) > 1 ORDER BY rowid
"""


class CollectingInBatches(InBatches, Collecting):
    """Notes every fault of every batch, and stops when all are read."""

    def __init__(self, mapped: Mapped, pseudonyms: Pseudonyms | None = None, *, strict: bool = False) -> None:
        super().__init__(pseudonyms)
        self._accepted = {item.rule: item.reason for item in mapped.accept}
        self._strict = strict
        self._shown: dict[tuple[str, str], int] = {}

    @property
    def report(self) -> Report:
        """What was found so far, with what the mapping accepts."""
        return Report(self.notes.every()).declared(self._accepted)

    def take(self, fault: Fault) -> None:
        """Note a fault: as many cells one by one as in a file that is read whole, the others counted."""
        key = fault.rule, fault.origin.column
        shown = self._shown.get(key, 0)
        self._shown[key] = shown + len(fault.origin.rows)
        self.notes.take(fault, max(0, SHOWN - shown))

    def values(self, measure: str, data: Data, column: str, numbers: pd.Series) -> None:
        """Numbers of a measure: in one unit, within a batch that is large enough to say."""
        if len(numbers) >= ENOUGH:
            super().values(measure, data, column, numbers)

    def sampled(self, parts: object) -> None:
        """Nothing: the patients of a sample may be in another batch."""

    def _identified(self, data: Data, column: str, ids: pd.Series, what: str) -> None:
        """Nothing: which numbers are record numbers shows only in all of them."""

    def _unlike(self, data: Data, column: str, ids: pd.Series) -> None:
        """Nothing: the other patient may be in another batch."""

    def _counted(self, file: str, n: int, minimum: int) -> None:
        """Nothing: there are more batches."""

    def judge(self, mapped: Mapped, connection: duckdb.DuckDBPyConnection) -> None:
        """Judge what takes all rows, and stop where the report says so."""
        super().judge(mapped, connection)
        file = patients_file(mapped).name
        ids = _column(connection, mapped, "patient")
        if 0 < len(ids) < mapped.cohort.minimum_patients:
            self.take(patients.too_few(file, len(ids), mapped.cohort.minimum_patients))
        self._names(file, mapped.patients.id, ids, "patient")
        self._alike(file, mapped.patients.id, ids)
        for spec in mapped.samples:
            self._names(file, spec.sample, _of_block(spec, mapped, _column(connection, mapped, "sample")), "sample")
        self._shared(file, connection, mapped)
        for fault in unfilled.faults(mapped, _measured(connection, mapped)):
            self.take(fault)
        if self.report.blocks(strict=self._strict):
            raise Unfit("the file is refused; every finding says why")

    def _names(self, file: str, rule: Rule, ids: pd.Series, what: str) -> None:
        """Errors for ids that look like a person, of the column as a whole: none of them is shown."""
        if not rule.sources or rule.pseudonym:
            return
        for failure in failures(identifiers.expectations(what), ids.to_frame(what)):
            problem = f"{int(failure.bad.sum()):,} of {len(ids):,} ids: {failure.expectation.problem}"
            rows = failure.expectation.rule, file, problem, failure.expectation.mend, rule.sources[0]
            self.take(of_file(*rows, severity=ERROR))

    def _alike(self, file: str, rule: Rule, ids: pd.Series) -> None:
        """A warning for ids that are alike, of the column as a whole."""
        n = int(patients.alike(ids).sum()) if rule.sources and not rule.pseudonym else 0
        if n:
            problem = f"{n:,} of {len(ids):,} ids: {patients.ALIKE}"
            self.take(of_file("patient.alike", file, problem, patients.WRITE_ALIKE, rule.sources[0], severity=WARNING))

    def _shared(self, file: str, connection: duckdb.DuckDBPyConnection, mapped: Mapped) -> None:
        """An error for samples that several patients have."""
        all_of, keys = (connection.execute(sql, {"cohort": mapped.cohort.id}).df() for sql in (_SAMPLES, _SHARED))
        several = of_several_patients(keys, int(all_of["n"][0]))
        if several.any():
            samples = keys["sample"][several].nunique()
            first = str(keys["sample"][several].iloc[0])
            shown = identifiers.shortened(first) if identifiers.looks_like_a_person(first) else f"'{first}'"
            problem = f"ids of samples that belong to several patients: {samples:,}, the first is {shown}"
            self.take(of_file("sample.two_patients", file, problem, "make the id of both with a combine step"))


def _column(connection: duckdb.DuckDBPyConnection, mapped: Mapped, table: str) -> pd.Series:
    """The ids of a table, in the order of the file."""
    rows = connection.execute(
        f"SELECT {table} AS id FROM {table} WHERE cohort = $cohort ORDER BY rowid", {"cohort": mapped.cohort.id}
    ).df()
    return rows["id"].astype("string")


def _measured(connection: duckdb.DuckDBPyConnection, mapped: Mapped) -> set[str]:
    """The measures of which there is a value."""
    sql = "SELECT DISTINCT measure FROM value WHERE cohort = $cohort"
    return {str(name) for (name,) in connection.execute(sql, {"cohort": mapped.cohort.id}).fetchall()}


def _of_block(spec: Samples, mapped: Mapped, ids: pd.Series) -> pd.Series:
    """The ids that one block made, as they stand in the file."""
    others: Iterable[str] = (s.sample.prefix for s in mapped.samples if s.sample.prefix.startswith(spec.sample.prefix))
    longer = tuple(prefix for prefix in others if prefix != spec.sample.prefix)
    own = ids[ids.str.startswith(spec.sample.prefix) & ~ids.str.startswith(longer or ("\0",))]
    return own.str.removeprefix(spec.sample.prefix).reset_index(drop=True)
