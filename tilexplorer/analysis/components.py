"""A combination against each of its single components, in the closest place where both were given.

Within one study where a study gave both, else within one cohort, else across cohorts within a tumour type; never
between tumour types. Each comparison carries the words for where it was made and whether anybody was randomised. It has
limits and no p-value: it is a description.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from tilexplorer.analysis.groups import with_ids
from tilexplorer.analysis.rates import counted, tally
from tilexplorer.analysis.response import response_scope
from tilexplorer.analysis.survival import survival_scope
from tilexplorer.queries import events, responses
from tilexplorer.resolve import Resolved, resolve
from tilexplorer.statistics.cox import level_hazard_ratios
from tilexplorer.statistics.proportions import rate_difference
from tilexplorer.statistics.results import Estimate, not_estimable
from tilexplorer.statistics.stratified import mantel_haenszel
from tilexplorer.statistics.tables import EventTable

# Where two therapies may be compared, from the closest outwards; tumour types are never mixed.
PLACES: Final = (("study", "tumour"), ("cohort", "tumour"), ("tumour",))
THERAPY: Final = ("therapy",)
NOWHERE: Final = "never given in one tumour type of this selection"


@dataclass(frozen=True)
class Versus:
    """A combination against one component.

    Attributes
    ----------
    basis : where, and whether randomised, in words. tumours : in which both were given.
    n, responders : (combination, component) behind the difference of rates.
    difference : of the rates, combination minus component. hazard_ratio : combination over component.
    """

    combination: str
    component: str
    basis: str
    randomised: bool
    tumours: tuple[str, ...]
    n: tuple[int, int]
    responders: tuple[int, int]
    difference: Estimate
    hazard_ratio: Estimate


def against_components(resolved: Resolved, combinations: Sequence[tuple[str, tuple[str, ...]]]) -> list[Versus]:
    """Every combination of several classes against each of its classes that was given alone."""
    alone = {name for name, classes in combinations if len(classes) == 1}
    pairs = [
        (name, single) for name, classes in combinations if len(classes) > 1 for single in classes if single in alone
    ]
    if not pairs:
        return []
    by_therapy = resolve(resolved.store, resolved.selection.only(by=THERAPY))
    answered = _named(responses(response_scope(by_therapy, THERAPY), THERAPY))
    followed = _named(events(survival_scope(by_therapy), THERAPY, by_therapy.selection.endpoint))
    return [_versus(by_therapy, name, single, answered, followed) for name, single in pairs]


def _named(counts: pd.DataFrame) -> pd.DataFrame:
    made = with_ids(counts, THERAPY).rename(columns={"g1_id": "therapy"})
    return made.rename(columns={f"stratum_{name}": name for name in ("cohort", "study", "tumour")})


def _versus(resolved: Resolved, name: str, single: str, answered: pd.DataFrame, followed: pd.DataFrame) -> Versus:
    place = next((keys for keys in PLACES if _shared(answered, followed, keys, name, single)), None)
    if place is None:
        nothing = not_estimable("comparison", NOWHERE)
        return Versus(name, single, NOWHERE, False, (), (0, 0), (0, 0), nothing, nothing)
    randomised = place[0] == "study" and _randomised(resolved, answered, followed, name, single)
    one, two = (_part(frame, place, name, single) for frame in (answered, followed))
    tables = _tables(resolved, one, place, name, single)
    totals = np.array(tables).reshape(-1, 2, 2).sum(axis=0) if tables else np.zeros((2, 2), dtype=int)
    tumours = dict.fromkeys([*one["tumour"].astype(str), *two["tumour"].astype(str)])
    return Versus(
        combination=name,
        component=single,
        basis=_basis(place[0], randomised=randomised),
        randomised=randomised,
        tumours=tuple(tumours),
        n=(int(totals[0].sum()), int(totals[1].sum())),
        responders=(int(totals[0, 0]), int(totals[1, 0])),
        difference=_difference(resolved, one, tables),
        hazard_ratio=_hazard_ratio(two, place, name, single),
    )


def _basis(place: str, *, randomised: bool) -> str:
    if place == "study":
        return "randomised within one study" if randomised else "within one study, not randomised"
    return "within one cohort, not randomised" if place == "cohort" else "across cohorts, not randomised"


def _keys(frame: pd.DataFrame, keys: Sequence[str], therapy: str) -> set[tuple[str, ...]]:
    rows = frame.loc[frame["therapy"] == therapy, ["cohort", "study", "tumour"]].astype(str).drop_duplicates()
    return set(rows[list(keys)].itertuples(index=False, name=None))


def _shared(
    answered: pd.DataFrame, followed: pd.DataFrame, keys: Sequence[str], name: str, single: str
) -> set[tuple[str, ...]]:
    """Where both therapies were given and an outcome is known."""
    found: set[tuple[str, ...]] = set()
    for frame in (answered, followed):
        found |= _keys(frame, keys, name) & _keys(frame, keys, single)
    return found


def _part(frame: pd.DataFrame, keys: Sequence[str], name: str, single: str) -> pd.DataFrame:
    """The rows of both therapies where both were given."""
    both = _keys(frame, keys, name) & _keys(frame, keys, single)
    places = list(frame[list(keys)].astype(str).itertuples(index=False, name=None))
    inside = pd.Series([place in both for place in places], index=frame.index, dtype=bool)
    return frame[inside & frame["therapy"].isin((name, single))]


def _randomised(resolved: Resolved, answered: pd.DataFrame, followed: pd.DataFrame, name: str, single: str) -> bool:
    studies = {key[0] for key in _shared(answered, followed, PLACES[0], name, single)}
    frame = resolved.store.table("study")
    held = frame[frame["study"].isin(studies)]
    return bool(len(held)) and bool(held["randomised"].fillna(False).astype(bool).all())


def _tables(
    resolved: Resolved, part: pd.DataFrame, keys: Sequence[str], name: str, single: str
) -> list[list[list[int]]]:
    """Responders and others of both therapies, a table for each place."""
    selection = resolved.selection
    tables = []
    for _, rows in part.groupby(list(keys), observed=True):
        cells = [
            counted(tally(rows[rows["therapy"] == t]), selection.response, selection.population) for t in (name, single)
        ]
        tables.append([[x, n - x] for x, n in cells])
    return tables


def _difference(resolved: Resolved, part: pd.DataFrame, tables: list[list[list[int]]]) -> Estimate:
    if not tables:
        return not_estimable("difference of rates", "response not recorded for both")
    reason = tally(part).why_not(resolved.selection.response)
    if reason:
        return not_estimable("difference of rates", reason)
    if len(tables) > 1:
        return mantel_haenszel(np.array(tables)).risk_difference
    (a, b), (c, d) = tables[0]
    return rate_difference(a, a + b, c, c + d)


def _hazard_ratio(part: pd.DataFrame, keys: Sequence[str], name: str, single: str) -> Estimate:
    if part.empty:
        return not_estimable("Cox", "time not recorded for both")
    table = EventTable.from_counts(
        part["days"].to_numpy(dtype=np.int64),
        part["events"].to_numpy(dtype=np.int64),
        part["censored"].to_numpy(dtype=np.int64),
        group=(part["therapy"] == name).to_numpy(dtype=np.int64),
        stratum=part.groupby(list(keys), observed=True).ngroup().to_numpy(dtype=np.int64),
        groups=(single, name),
        strata=[str(code) for code in range(part.groupby(list(keys), observed=True).ngroups)],
    )
    return level_hazard_ratios(table, single).hazard_ratios[name]
