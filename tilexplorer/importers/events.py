"""Tables of events: the steps that make regimens, days since treatment and best responses of them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.importers.event_steps import Bands, Best, Difference, GatherRegimen, Lowest
from tilexplorer.importers.mapping import Rule
from tilexplorer.importers.regimens import regimen_id
from tilexplorer.importers.rules import numbers, whole
from tilexplorer.importers.strict import nearest
from tilexplorer.importers.tables import Data, Lookup, apply
from tilexplorer.importers.text import number_text


@apply.register
def _gather(step: GatherRegimen, data: Data, lookup: Lookup) -> Data:  # noqa: ARG001 - the steps share one signature
    agents = _agents(step, data)
    given = pd.DataFrame(
        {
            "patient": data.column(step.patient),
            "agent": agents,
            "start": whole(data, Rule(column=step.start, required=True), "first day").astype("int64"),
            "stop": whole(data, Rule(column=step.stop), "last day"),
        }
    ).dropna(subset=["patient", "agent"])
    given["stop"] = given["stop"].fillna(given["start"]).astype("int64")
    first = _first_immunotherapy(given)
    together = given.merge(first, on="patient")
    begun = together["start"] == together["begins"]
    overlaps = (together["start"] < together["ends"]) & (together["stop"] > together["begins"])
    together = together[begun | overlaps]
    names = together.groupby("patient")["agent"].agg(regimen_id)
    rows = data.frame.loc[first["row"]].reset_index(drop=True)
    made = {
        step.column: names.reindex(first["patient"]).to_numpy(),
        step.begins: first["begins"].to_numpy(),
        step.ends: first["ends"].to_numpy(),
    }
    columns = {name: pd.Series(values).astype("string") for name, values in made.items() if name}
    return replace(data, frame=rows.assign(**columns))


def _agents(step: GatherRegimen, data: Data) -> pd.Series:
    """The vocabulary's name of each row's agent; NA where the map leaves it out or none is recorded."""
    raw = data.column(step.agent)
    known = vocabulary.therapies()
    table: dict[str, str | None] = {}
    for word in raw.dropna().unique():
        name = step.map.get(word, word)
        found = known.get(vocabulary.fold(name)) if name else None
        if name and found is None:
            mend = f'{nearest(word, known)} Say what it is, or leave it out: map = {{"{word}" = "..."}}'
            raise data.fault(step.agent, raw == word, "names no therapy of the vocabulary", mend)
        table[word] = found.name if found else None
    return raw.map(table).astype("string")


def _first_immunotherapy(given: pd.DataFrame) -> pd.DataFrame:
    """For each patient the first day of immunotherapy, the last day of what began then, and the row in the table."""
    therapies = {name: vocabulary.therapy(name) for name in given["agent"].unique()}
    immune = [n for n, t in therapies.items() if t.role == "treatment" and vocabulary.is_immunotherapy(t.classes)]
    doses = given[given["agent"].isin(immune)]
    begins = doses.groupby("patient", sort=False)["start"].transform("min")
    earliest = doses[doses["start"] == begins].assign(row=lambda rows: rows.index)
    grouped = earliest.groupby("patient", sort=False)
    return grouped.agg(begins=("start", "min"), ends=("stop", "max"), row=("row", "min")).reset_index()


@apply.register
def _difference(step: Difference, data: Data, lookup: Lookup) -> Data:  # noqa: ARG001
    minuend, subtrahend = (_numbers(data, name) for name in (step.end, step.start))
    made = (minuend - subtrahend).map(number_text, na_action="ignore").astype("string")
    return replace(data, frame=data.frame.assign(**{step.column: made}))


@apply.register
def _bands(step: Bands, data: Data, lookup: Lookup) -> Data:  # noqa: ARG001
    edges = [float("-inf"), *step.cuts, float("inf")]
    number = _numbers(data, step.source).astype("float64")
    band = pd.cut(number, edges, labels=False)
    made = band.map(dict(enumerate(step.words))).astype("string")
    return replace(data, frame=data.frame.assign(**{step.column: made}))


@apply.register
def _best(step: Best, data: Data, lookup: Lookup) -> Data:  # noqa: ARG001
    words = data.column(step.column)
    rank = words.map({word: place for place, word in enumerate(step.order)})
    unknown = words.notna() & rank.isna()
    if unknown.any():
        mend = f"add it, or leave the rows out with a keep step ({', '.join(step.order)})"
        raise data.fault(step.column, unknown, "has no place in the order of the best step", mend)
    return _lowest_of(data, step.by, rank)


@apply.register
def _lowest(step: Lowest, data: Data, lookup: Lookup) -> Data:  # noqa: ARG001
    return _lowest_of(data, step.by, _numbers(data, step.column))


def _numbers(data: Data, column: str) -> pd.Series:
    return numbers(data, Rule(column=column), "number")[0]


def _lowest_of(data: Data, by: str, rank: pd.Series) -> Data:
    """The row of each group with the lowest rank; rows without a group or a rank are left out."""
    ordered = pd.DataFrame({"by": data.column(by), "rank": rank.astype("float64")}).dropna()
    kept = ordered.sort_values("rank", kind="stable").drop_duplicates("by").index
    return data.rows(pd.Series(data.frame.index.isin(kept)))
