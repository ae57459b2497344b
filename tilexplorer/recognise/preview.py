"""What a mapping would count: patients, events, medians, response, values; and what about that is hard to believe.

Made by the import's own `build` and the pages' own statistics, so that the preview shows what the pages will show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.errors import TilExplorerError
from tilexplorer.importers import build
from tilexplorer.importers.faults import Reading
from tilexplorer.importers.mapping import Mapped
from tilexplorer.importers.pseudonyms import Pseudonyms
from tilexplorer.recognise.plausibility import warnings
from tilexplorer.schema import Canonical
from tilexplorer.statistics.kaplan_meier import kaplan_meier
from tilexplorer.statistics.proportions import rate
from tilexplorer.statistics.quantiles import median
from tilexplorer.statistics.results import Estimate
from tilexplorer.statistics.tables import EventTable

RESPONDERS = ("CR", "PR", "CRPR")


@dataclass(frozen=True, slots=True)
class EndpointCount:
    """An endpoint: patients with time and status, events, and the Kaplan-Meier median with its limits [days]."""

    endpoint: str
    n: int
    events: int
    median: Estimate


@dataclass(frozen=True, slots=True)
class MeasureCount:
    """A measure at a timepoint: samples with a value, median and range of numbers, samples of each level."""

    measure: str
    timepoint: str
    tissue: str
    n: int
    median: float | None = None
    lowest: float | None = None
    highest: float | None = None
    levels: tuple[tuple[str, int], ...] = ()
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be counted; with an error nothing would be, and it says which cell to mend.

    `classes` are the therapy classes of each regimen, `outcomes` the canonical table of times and events.
    """

    patients: int = 0
    excluded: tuple[tuple[str, str, int], ...] = ()
    endpoints: tuple[EndpointCount, ...] = ()
    responses: tuple[tuple[str, int], ...] = ()
    response_rate: Estimate | None = None
    measures: tuple[MeasureCount, ...] = ()
    tumours: tuple[tuple[str, int], ...] = ()
    studies: tuple[tuple[str, int], ...] = ()
    regimens: tuple[tuple[str, int], ...] = ()
    classes: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    error: str = ""
    outcomes: pd.DataFrame = field(default_factory=pd.DataFrame, compare=False, repr=False)


def preview(mapped: Mapped, frames: Mapping[str, pd.DataFrame], pseudonyms: Pseudonyms | None = None) -> Preview:
    """What an import by this mapping would count. A fault in the data is no exception here, but the preview's `error`.

    Parameters
    ----------
    mapped
        The mapping, from `Draft.mapped` or a TOML file.
    frames
        For each of its files, the frame of text that a reader gave.
    pseudonyms
        What replaces the ids of rules with pseudonym = true.
    """
    try:
        tables = build(mapped, frames, Reading(pseudonyms))
    except TilExplorerError as fault:
        return Preview(error=str(fault))
    course = tables["course"]
    return Preview(
        patients=len(course),
        excluded=_excluded(tables["exclusion"]),
        endpoints=tuple(_endpoint(tables, name) for name in vocabulary.ENDPOINTS if _has(tables, name)),
        responses=_counted(course["response"], vocabulary.RESPONSES),
        response_rate=_rate(course["response"]),
        measures=_measures(tables),
        tumours=_counted(course["tumour"], tuple(vocabulary.tumours())),
        studies=_counted(course["study"], tuple(course["study"].value_counts().index)),
        classes=dict(zip(tables["regimen"]["regimen"], tables["regimen"]["combination"], strict=True)),
        regimens=_counted(course["regimen"], tuple(course["regimen"].value_counts().index)),
        warnings=warnings(tables),
        outcomes=tables["outcome"],
    )


def _excluded(table: pd.DataFrame) -> tuple[tuple[str, str, int], ...]:
    return tuple(
        (str(what), str(reason), int(n))
        for what, reason, n in zip(table["what"], table["reason"], table["n"], strict=True)
    )


def _has(tables: Canonical, endpoint: str) -> bool:
    return bool((tables["outcome"]["endpoint"] == endpoint).any())


def _endpoint(tables: Canonical, name: str) -> EndpointCount:
    rows = tables["outcome"][tables["outcome"]["endpoint"] == name]
    table = EventTable.from_rows(rows["days"].to_numpy("int64"), rows["event"].to_numpy("int64"))
    return EndpointCount(name, table.n, table.n_events, median(kaplan_meier(table)))


def _counted(column: pd.Series, words: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    """How many rows have each word, in the order of the words; then how many have none."""
    counts = column.value_counts()
    found = [(word, int(counts[word])) for word in words if word in counts.index]
    empty = int(column.isna().sum())
    return tuple([*found, ("not recorded", empty)] if empty and found else found)


def _rate(response: pd.Series) -> Estimate | None:
    """The objective response rate of all patients, as the pages count: not evaluable or not recorded is no response."""
    if not response.notna().any():
        return None
    return rate(int(response.isin(list(RESPONDERS)).fillna(False).sum()), len(response))


def _measures(tables: Canonical) -> tuple[MeasureCount, ...]:
    if tables["value"].empty:
        return ()
    samples = tables["sample"][["patient", "sample", "timepoint", "tissue"]]
    values = tables["value"].merge(samples, on=["patient", "sample"], how="left")
    order = {name: place for place, name in enumerate(vocabulary.measures())}
    times = {name: place for place, name in enumerate(vocabulary.TIMEPOINTS)}
    groups = [(key, rows) for key, rows in values.groupby(["measure", "timepoint", "tissue"], sort=False)]
    groups.sort(key=lambda item: (order[str(item[0][0])], times[str(item[0][1])], str(item[0][2])))
    units = dict(zip(tables["measure"]["measure"], tables["measure"]["unit"].fillna(""), strict=True))
    return tuple(replace(_measure(str(m), str(t), str(s), rows), unit=units[m]) for (m, t, s), rows in groups)


def _measure(measure: str, timepoint: str, tissue: str, rows: pd.DataFrame) -> MeasureCount:
    numbers = rows["number"].dropna().astype(float)
    if numbers.empty:
        levels = _counted(rows["category"], vocabulary.measures()[measure].levels)
        return MeasureCount(measure, timepoint, tissue, len(rows), levels=levels)
    return MeasureCount(
        measure, timepoint, tissue, len(rows), float(numbers.median()), float(numbers.min()), float(numbers.max())
    )
