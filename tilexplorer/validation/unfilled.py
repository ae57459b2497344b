"""What a mapping reads and no row holds: a measure without a value, an endpoint without a patient."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tilexplorer.importers.build import file_of, patients_file
from tilexplorer.importers.faults import WARNING, Fault, of_file
from tilexplorer.importers.mapping import Mapped

_MEND = "look at the column, at the missing tokens and at where = {...}"


def faults(mapped: Mapped, endpoints: Collection[str], measures: Collection[str]) -> Iterator[Fault]:
    """A warning for each endpoint and each measure that is read, but is not among those of which there is a row."""
    for endpoint in mapped.endpoints:
        if endpoint.id not in endpoints:
            file, problem = patients_file(mapped).name, f"no patient has both time and status of {endpoint.id}"
            yield of_file("outcome.none", file, problem, _MEND, endpoint.time, severity=WARNING)
    for measure, (file, column) in _read(mapped).items():
        if measure not in measures:
            yield of_file("value.none", file, f"no sample has a value of {measure}", _MEND, column, severity=WARNING)


def _read(mapped: Mapped) -> dict[str, tuple[str, str]]:
    """File and column of each measure that is read, of the first where several hold it."""
    found: dict[str, tuple[str, str]] = {}
    for block in mapped.samples:
        for measure, rule in block.measured.items():
            found.setdefault(measure, (file_of(mapped, block.table).name, next(iter(rule.sources), "")))
    return found
