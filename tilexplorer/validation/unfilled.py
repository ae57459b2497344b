"""Measures that are read from chosen rows, and of which no row has a value: a `where` that fits none."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tilexplorer.importers.build import file_of
from tilexplorer.importers.faults import WARNING, Fault, of_file
from tilexplorer.importers.mapping import Mapped

_MEND = "look at the column and the values of where = {...}, which are compared as they are written"


def faults(mapped: Mapped, measures: Collection[str]) -> Iterator[Fault]:
    """A warning for each measure that is not among those of which there is a value.

    A column that is empty throughout is no fault: a template has one for every measure.
    """
    for measure, (file, column) in _chosen(mapped).items():
        if measure not in measures:
            problem = f"no row that where = {{...}} chooses has a value of {measure}"
            yield of_file("value.none", file, problem, _MEND, column, severity=WARNING)


def _chosen(mapped: Mapped) -> dict[str, tuple[str, str]]:
    """File and column of each measure that is read from chosen rows, of the first where several hold it."""
    found: dict[str, tuple[str, str]] = {}
    for block in mapped.samples:
        for measure, rule in block.measured.items():
            if block.where is not None or rule.where is not None:
                found.setdefault(measure, (file_of(mapped, block.table).name, next(iter(rule.sources), "")))
    return found
