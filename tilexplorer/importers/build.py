"""From frames of text to the canonical tables of one cohort."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import pandas as pd

import tilexplorer.importers.events
import tilexplorer.importers.pivoting
import tilexplorer.importers.scoring  # noqa: F401 - the three register their steps
from tilexplorer.errors import InvalidData, InvalidMapping
from tilexplorer.importers import cards, outcomes, patients, regimens, samples
from tilexplorer.importers.faults import STRICT, Reading
from tilexplorer.importers.mapping import File, Mapped
from tilexplorer.importers.mapping import Table as TableSpec
from tilexplorer.importers.tables import Data, Dropped, apply, from_file
from tilexplorer.schema import Canonical


class Tables:
    """The mapping's tables, each made once, when it is asked for; a file without a table is a table of its own."""

    def __init__(self, mapped: Mapped, frames: Mapping[str, pd.DataFrame], reading: Reading = STRICT) -> None:
        self._mapped = mapped
        self._reading = reading
        self._frames = frames
        self._made: dict[str, Data] = {}
        self._making: list[str] = []

    def __call__(self, name: str) -> Data:
        """The table of this name."""
        if name in self._making:
            raise InvalidMapping(f"the tables {' -> '.join([*self._making, name])} are joined in a circle")
        if name not in self._made:
            self._making.append(name)
            self._made[name] = self._make(name)
            self._making.pop()
        return self._made[name]

    def _make(self, name: str) -> Data:
        spec = self._mapped.tables.get(name) or TableSpec(file=name)
        file = self._mapped.files[spec.file]
        data = from_file(self._frames[spec.file], file.label, file.missing, self._reading)
        for step in spec.steps:
            data = apply(step, data, self)
        return data


def build(mapped: Mapped, frames: Mapping[str, pd.DataFrame], reading: Reading = STRICT) -> Canonical:
    """The canonical tables of one cohort.

    Parameters
    ----------
    mapped
        The mapping.
    frames
        For each of its files, the frame of text that a reader gave.
    reading
        How faults are answered, and the key of pseudonyms; by default an import that stops at the first. With one
        that reads in batches, the frames may hold some of the rows: what takes all of them is not judged here.

    Raises
    ------
    InvalidData
        Cells that the mapping cannot turn into canonical rows: file, row, column, value and how to mend it.
    """
    tables = Tables(mapped, frames, reading)
    source = tables(mapped.patients.table)
    people, repeated = patients.people(mapped, source)
    if people.empty and not reading.in_batches:
        raise nobody(source.labels[""])
    blocks = [tables(spec.table) for spec in mapped.samples]
    sample, value, unknown = samples.tables(mapped, blocks, people["patient"])
    reading.complete()
    measured = list(value["measure"].unique()) if len(value) else []
    regimen, component = regimens.tables(list(people["regimen"].unique()))
    dropped = [*source.dropped, *repeated, *unknown, *_of_samples(mapped, blocks)]
    dropped += [Dropped("outcome", reason, n) for reason, n in outcomes.incomplete(people, mapped.endpoints)]
    frames_of = {
        "cohort": cards.cohort(mapped),
        "study": cards.studies(mapped),
        "endpoint": cards.endpoints(mapped),
        "patient": people.reindex(columns=["patient", "sex"]),
        "course": people.reindex(columns=patients.COURSE),
        "outcome": outcomes.rows(people, mapped.endpoints),
        "sample": sample,
        "measure": cards.measures(mapped, measured, _notes(mapped, blocks)),
        "value": value,
        "exclusion": _exclusions(dropped),
        "overlap": cards.overlaps(mapped),
    }
    named = {name: _of_cohort(frame, mapped.cohort.id) for name, frame in frames_of.items() if len(frame)}
    return Canonical.of({**named, "regimen": regimen, "component": component})


def nobody(file: str) -> InvalidData:
    """The error for a file of which the steps leave no patient."""
    return InvalidData(f"{file}: no patient is left; check the keep and drop steps of the mapping")


def patients_file(mapped: Mapped) -> File:
    """The file that holds the patients."""
    return file_of(mapped, mapped.patients.table)


def file_of(mapped: Mapped, table: str) -> File:
    """The file that a table is made from, which is the table itself where it has no steps."""
    return mapped.files[mapped.tables[table].file if table in mapped.tables else table]


def _of_cohort(frame: pd.DataFrame, cohort: str) -> pd.DataFrame:
    return frame.assign(cohort=pd.Series(cohort, index=frame.index, dtype="string"))


def _of_samples(mapped: Mapped, blocks: Iterable[Data]) -> list[Dropped]:
    """What the steps of the sample tables left out; a table that several blocks share is counted once."""
    seen = {mapped.patients.table}
    found: list[Dropped] = []
    for spec, data in zip(mapped.samples, blocks, strict=True):
        if spec.table not in seen:
            found.extend(data.dropped)
            seen.add(spec.table)
    return found


def _notes(mapped: Mapped, blocks: Iterable[Data]) -> Mapping[str, str]:
    """How the steps of the sample tables made the measures that are read from them."""
    read = zip(mapped.samples, blocks, strict=True)
    return {measure: data.notes[measure] for spec, data in read for measure in spec.measured if measure in data.notes}


def _exclusions(dropped: Iterable[Dropped]) -> pd.DataFrame:
    counts: Counter[tuple[str, str]] = Counter()
    for item in dropped:
        counts[item.what, item.reason] += item.n
    return pd.DataFrame([{"what": what, "reason": reason, "n": n} for (what, reason), n in counts.items()])
