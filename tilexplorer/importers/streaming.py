"""A cohort whose one large file is read batch by batch while its generation is built, in bounded memory.

This can be done where every row is a patient and every step and rule looks at one row only. What takes all rows at
once (a patient with two rows, times that are implausible in their unit) is judged when they are all there, and said
in the same words as for a small file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import duckdb
import numpy as np
import pandas as pd

from tilexplorer.importers import checks
from tilexplorer.importers.build import Tables, build, nobody, patients_file
from tilexplorer.importers.faults import Reading, Unfit, nowhere
from tilexplorer.importers.mapping import Endpoint, Mapped, Samples
from tilexplorer.importers.patients import source_columns
from tilexplorer.importers.pseudonyms import Pseudonyms
from tilexplorer.importers.rules import texts
from tilexplorer.importers.steps import Combine, DaysBetween, Derive, Drop, Keep, Repair
from tilexplorer.importers.tables import Data
from tilexplorer.importers.text import Batch
from tilexplorer.publishing.arriving import Part
from tilexplorer.schema import TABLES, Canonical

# Rows of a batch, and the size from which a file is read in batches [bytes].
BATCH_ROWS: Final = 50_000
LARGE: Final = 2 << 20

# Steps that look at one row at a time.
ROW_WISE: Final = (Repair, Derive, Combine, DaysBetween, Keep, Drop)

# Tables that grow with the patients; the others are cards and counts.
GROWING: Final = ("patient", "course", "outcome", "sample", "value")

# So many patients with several rows are looked up in the file again.
REPEATED: Final = 1000

Read = Callable[[int], Iterator[Batch]]


def is_row_wise(mapped: Mapped) -> bool:
    """Whether a batch of rows can be imported without knowing the others."""
    spec = mapped.patients
    table = mapped.tables.get(spec.table)
    steps = table.steps if table else ()
    return (
        len(mapped.files) == 1
        and spec.duplicates == "error"
        and all(isinstance(step, ROW_WISE) and getattr(step, "expect", None) is None for step in steps)
        and all(_of_own_row(mapped, block) for block in mapped.samples)
    )


def _of_own_row(mapped: Mapped, block: Samples) -> bool:
    """Whether a block's samples are those of the patient in the same row."""
    rules = [replace(rule, required=True, pseudonym=False) for rule in (block.patient, mapped.patients.id)]
    return rules[0] == rules[1] and block.table == mapped.patients.table


class InBatches(Reading):
    """Stops at the first error of a row, and judges the unit of times when all are there.

    Of the times only how often each number of days occurs is kept.
    """

    in_batches = True

    def __init__(self, pseudonyms: Pseudonyms | None = None) -> None:
        super().__init__(pseudonyms)
        self._days: dict[str, Counter[int]] = {}

    def timed(self, endpoint: Endpoint, data: Data, days: pd.Series) -> None:  # noqa: ARG002
        """Count the days."""
        found, times = np.unique(days.dropna().to_numpy(dtype=np.int64), return_counts=True)
        self._days.setdefault(endpoint.id, Counter()).update(dict(zip(found.tolist(), times.tolist(), strict=True)))

    def judge(self, mapped: Mapped, connection: duckdb.DuckDBPyConnection) -> None:  # noqa: ARG002
        """Judge what takes all rows; they are in the database."""
        for endpoint in mapped.endpoints:
            counted = self._days.get(endpoint.id, Counter())
            days = np.repeat(np.fromiter(counted.keys(), np.int64), np.fromiter(counted.values(), np.int64))
            checks.unit(self, nowhere(patients_file(mapped).name, endpoint.time), endpoint, pd.Series(days))


@dataclass(frozen=True)
class Streamed:
    """A cohort that gives its canonical rows in batches.

    Attributes
    ----------
    mapped
        A mapping that is row-wise.
    read
        Reads its file from the start, in batches of so many rows.
    size
        Rows of a batch.
    reading
        How faults are answered; by default the first one stops.
    """

    mapped: Mapped
    read: Read
    size: int = BATCH_ROWS
    reading: InBatches = field(default_factory=InBatches)

    @property
    def cohorts(self) -> tuple[str, ...]:
        """Id of its cohort."""
        return (self.mapped.cohort.id,)

    def parts(self) -> Iterator[Part]:
        """The growing tables batch by batch; cards and counts of all batches last."""
        cards: dict[str, pd.DataFrame] = {}
        total = 0
        for batch in self.read(self.size):
            made, total = self._made(batch.frame), batch.total
            cards = {t.name: _merged(t.name, t.key, cards, made) for t in TABLES if t.name not in GROWING}
            yield Part(Canonical.of({table: made[table] for table in GROWING}), batch.done, batch.total)
        yield Part(Canonical.of(cards), total, total)

    def _made(self, frame: pd.DataFrame) -> Canonical:
        """The tables of a batch; empty ones where errors were noted, so that those of other batches are noted, too."""
        name, file = next(iter(self.mapped.files.items()))
        try:
            return build(self.mapped, {name: frame}, self.reading)
        except Unfit:
            return Canonical.of({})
        finally:
            self.reading.files({name: file.name}, {name: frame})

    def check(self, connection: duckdb.DuckDBPyConnection) -> None:
        """InvalidData or Unfit where all rows together are not what they should be."""
        self.reading.complete()
        found = connection.execute("SELECT count(*) FROM patient WHERE cohort = $cohort", {"cohort": self.cohorts[0]})
        if not found.fetchall()[0][0]:
            raise nobody(patients_file(self.mapped).name)
        self._check_repeated(connection)
        self.reading.judge(self.mapped, connection)
        self.reading.complete()

    def _check_repeated(self, connection: duckdb.DuckDBPyConnection) -> None:
        found = connection.execute(
            "SELECT patient FROM patient WHERE cohort = $cohort GROUP BY patient HAVING count(*) > 1 "
            f"ORDER BY min(rowid) LIMIT {REPEATED}",
            {"cohort": self.cohorts[0]},
        ).fetchall()
        if found:
            # The database does not know rows of the file: it is read once more, for their numbers.
            data, ids = self._rows_of({str(patient) for (patient,) in found})
            checks.unrepeated(data, source_columns(self.mapped)[""], ids, "patient")

    def _rows_of(self, patients: set[str]) -> tuple[Data, pd.Series]:
        """The rows of certain patients, and the patient of each."""
        parts, ids = [], []
        for batch in self.read(self.size):
            data = self._table(batch.frame)
            here = texts(data, self.mapped.patients.id, "patient")
            chosen = here.isin(patients)
            parts.append(data.rows(chosen))
            ids.append(here[chosen])
        whole = pd.concat([part.frame for part in parts], ignore_index=True)
        return replace(parts[0], frame=whole), pd.concat(ids, ignore_index=True)

    def _table(self, frame: pd.DataFrame) -> Data:
        name = next(iter(self.mapped.files))
        return Tables(self.mapped, {name: frame}, self.reading)(self.mapped.patients.table)


def _merged(table: str, key: tuple[str, ...], known: Mapping[str, pd.DataFrame], made: Canonical) -> pd.DataFrame:
    """The rows of a small table so far: counts are added up, everything else is there once."""
    if table not in known:
        return made[table]
    both = pd.concat([known[table], made[table]], ignore_index=True)
    if table == "exclusion":
        return both.groupby(list(key), sort=False)["n"].sum().reset_index()
    return both.drop_duplicates(list(key), ignore_index=True)
