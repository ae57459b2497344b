"""A reading that notes every fault and goes on, and that looks at the parsed columns while they know their rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from tilexplorer.importers.faults import SHOWN, Fault, Origin, Reading, Unfit, of_file
from tilexplorer.importers.mapping import Mapped, Rule, Samples
from tilexplorer.importers.patients import source_columns
from tilexplorer.importers.placed import Part, take
from tilexplorer.importers.pseudonyms import Pseudonyms
from tilexplorer.importers.tables import NUMBER, Data
from tilexplorer.validation import identifiers, outcomes, patients, samples, spreadsheet, times, unread, values
from tilexplorer.validation.expectation import Expectation, Failure, failures
from tilexplorer.validation.notes import Notes


class Collecting(Reading):
    """Notes every fault; what a mapping reads is looked at with the schemas of each subject."""

    def __init__(self, pseudonyms: Pseudonyms | None = None, accepted: Iterable[str] = ()) -> None:
        super().__init__(pseudonyms)
        known = frozenset(rule for rule in accepted if rule.startswith(identifiers.PREFIX))
        self.notes = Notes(known_ids=known, pseudonymous=pseudonyms is not None)
        self._read: dict[str, set[str]] = {}

    def take(self, fault: Fault) -> None:
        """Note a fault."""
        self.notes.take(fault)

    def saw(self, file: str, column: str) -> None:
        """Remember that a column is read."""
        self._read.setdefault(file, set()).add(column)

    def complete(self) -> None:
        """Stop before tables are made of what is in error."""
        if self.notes.errors:
            raise Unfit("errors were noted")

    def courses(self, mapped: Mapped, data: Data, ids: pd.Series, rows: pd.DataFrame) -> None:
        """Patients: their ids, their own fields, their times and outcomes; each patient once."""
        columns = source_columns(mapped)
        self._hide(data, mapped.patients.id)
        once = ~ids.duplicated()
        frame = rows[once].assign(patient=ids[once]).reset_index(drop=True)
        source = data if once.all() else data.rows(once)
        if mapped.patients.id.sources:
            self._identified(source, columns[""], frame["patient"], "patient")
            self._unlike(source, columns[""], frame["patient"])
        self._look(source, columns, frame, (*patients.EXPECTATIONS, *outcomes.expectations(mapped.endpoints)))
        for endpoint in mapped.endpoints:
            days = frame[[f"{endpoint.id}.days"]].set_axis(["days"], axis=1)
            self._look(source, {"days": endpoint.time}, days, times.doubtful(endpoint))
        self._counted(data.labels[""], len(frame), mapped.cohort.minimum_patients)

    def samples(self, spec: Samples, data: Data, rows: pd.DataFrame) -> None:
        """Ids of samples."""
        self._hide(data, spec.patient)
        self._hide(data, spec.sample)
        if spec.patient.sources:
            self._identified(data, spec.patient.sources[0], rows["patient"], "patient")
        if spec.sample.sources:
            ids = rows["sample"].str.removeprefix(spec.sample.prefix) if spec.sample.prefix else rows["sample"]
            self._identified(data, spec.sample.sources[0], ids, "sample")

    def _identified(self, data: Data, column: str, ids: pd.Series, what: str) -> None:
        """Ids: none of them a person's name or number."""
        self._look(data, {what: column}, ids.to_frame(what), identifiers.expectations(what))

    def _unlike(self, data: Data, column: str, ids: pd.Series) -> None:
        """Ids of patients: none of them another one in other letters."""
        self._look(data, {"patient": column}, ids.to_frame("patient"), patients.distinct())

    def _counted(self, file: str, n: int, minimum: int) -> None:
        """How many patients there are."""
        if 0 < n < minimum:
            self.take(patients.too_few(file, n, minimum))

    def values(self, measure: str, data: Data, column: str, numbers: pd.Series) -> None:
        """Numbers of a measure: in one unit."""
        self._look(data, {"number": column}, numbers.to_frame("number"), values.doubtful(measure))

    def sampled(self, parts: Sequence[Part]) -> None:
        """Samples of all blocks: none from two patients."""
        if parts:
            keys = pd.concat([part.rows[["patient", "sample"]] for part in parts], ignore_index=True)
            several = samples.of_several_patients(keys)
            if several.any():
                take(self, parts, several, samples.of_two(keys))

    def files(self, labels: Mapping[str, str], frames: Mapping[str, pd.DataFrame]) -> None:
        """The files themselves: dates that a spreadsheet made, and unread columns that should not be there."""
        for name, frame in frames.items():
            read = [column for column in frame.columns if column in self._read.get(labels[name], ())]
            for fault in unread.faults(labels[name], frame, read):
                self.take(fault)
            for column in read:
                self._spreadsheet_dates(labels[name], str(column), frame[column])

    def _hide(self, data: Data, rule: Rule) -> None:
        """Show nothing of cells that are replaced by pseudonyms."""
        if rule.pseudonym:
            origins = [data.origin(name) for name in rule.sources]
            self.notes.hidden.update((origin.file, origin.column) for origin in origins)

    def _look(
        self, data: Data, columns: Mapping[str, str], frame: pd.DataFrame, expected: Iterable[Expectation]
    ) -> None:
        """Note what is not as expected, at the source cells of the parsed columns."""
        for failure in failures(tuple(expected), frame):
            column = columns.get(failure.expectation.column, NUMBER)
            origin, positions = data.origin(column), failure.bad.nonzero()[0]
            cells = data.column(column).iloc[positions]
            self.take(_fault(failure, origin, cells, _told(failure.expectation, frame, positions)))

    def _spreadsheet_dates(self, file: str, column: str, raw: pd.Series) -> None:
        cells = raw.mask(raw == "").reset_index(drop=True)
        origin = Origin(file, column, raw.index.to_numpy())
        for failure in failures(spreadsheet.expectations(column), cells.to_frame(column)):
            self.take(_fault(failure, origin, cells[failure.bad], ()))


def _told(expectation: Expectation, frame: pd.DataFrame, positions: np.ndarray) -> tuple[str, ...]:
    """The first rows' own words, where the expectation has any."""
    if expectation.told is None:
        return ()
    return tuple(expectation.told(frame.iloc[position]) for position in positions[:SHOWN])


def _fault(failure: Failure, origin: Origin, cells: pd.Series, details: tuple[str, ...]) -> Fault:
    """The fault of an expectation that failed, for its rows or for the column as a whole."""
    e = failure.expectation
    if failure.whole:
        return of_file(e.rule, origin.file, e.problem, e.mend, origin.column, severity=e.severity)
    return Fault(e.rule, origin.take(failure.bad.nonzero()[0]), cells, e.problem, e.mend, e.severity, details)
