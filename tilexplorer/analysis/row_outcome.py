"""The outcome of each patient as a regression takes it: a time with an event, or response as 1 and 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.analysis.rates import responded, tally
from tilexplorer.analysis_table import quoted
from tilexplorer.queries import STRATA, rows
from tilexplorer.scope import Scope

STRATUM = "stratum"


@dataclass(frozen=True, eq=False)
class Rows:
    """Patients with their outcome.

    Attributes
    ----------
    frame : a row per patient: time [days] and event, or responder (1, 0; NaN not evaluable), cohort, study, tumour,
        stratum, and the columns that were asked for.
    outcome : "survival" or "response". words : the endpoint or the rate.
    why_not : why the outcome cannot be formed from these records; "" where it can.
    """

    frame: pd.DataFrame
    outcome: str
    words: str
    why_not: str = ""

    @property
    def events(self) -> int:
        """Events, or responders."""
        return int(self.frame["event" if self.outcome == "survival" else "responder"].sum())

    @property
    def strata(self) -> tuple[str, ...]:
        """Cohort, study and tumour type of each baseline, where there are several."""
        return tuple(dict.fromkeys(self.frame[STRATUM]))


def need_outcome(scope: Scope) -> None:
    """Keep patients with the outcome that the selection looks at; the chosen population stays visible in the flow."""
    selection = scope.resolved.selection
    if selection.outcome == "survival":
        scope.need_outcome(selection.endpoint)
    else:
        scope.need_response(selection.response)
        if selection.population == "evaluable":
            scope.need_evaluable(selection.response)


def outcome_rows(scope: Scope, columns: Mapping[str, str]) -> Rows:
    """A row for each patient of the scope."""
    selection = scope.resolved.selection
    keys = {name: f"a.{name}::VARCHAR" for name in STRATA}
    if selection.outcome == "survival":
        return _times(scope, {**keys, **columns})
    found = rows(scope, {**keys, "response": "a.response::VARCHAR", "benefit": "a.benefit",
                         "durable": "a.durable", **columns})  # fmt: skip
    counted = tally(found.assign(n=1))
    found["responder"] = _responder(found, selection.response, selection.population)
    words = vocabulary.RESPONSE_RATES[selection.response]
    return Rows(_ordered(found), "response", words, counted.why_not(selection.response))


def _times(scope: Scope, columns: Mapping[str, str]) -> Rows:
    endpoint = scope.resolved.selection.endpoint
    words = vocabulary.ENDPOINTS.get(endpoint, endpoint)
    if not scope.has_endpoint(endpoint):
        names = [*columns, "time", "event", STRATUM]
        return Rows(pd.DataFrame({name: pd.Series(dtype="object") for name in names}), "survival", words)
    days, event = f"a.{quoted(endpoint + '_days')}", f"a.{quoted(endpoint + '_event')}::INTEGER"
    return Rows(_ordered(rows(scope, {**columns, "time": days, "event": event})), "survival", words)


def _ordered(found: pd.DataFrame) -> pd.DataFrame:
    """Rows in an order of their own, so that a seeded bootstrap draws the same patients whatever the engine does."""
    found[STRATUM] = found[list(STRATA)].astype(str).agg(" / ".join, axis=1) if len(found) else ""
    return found.sort_values(list(found.columns), ignore_index=True, na_position="last")


def _responder(found: pd.DataFrame, key: str, population: str) -> pd.Series:
    """1 for a responder, 0 for none; in "all" a patient who could not be judged counts as no response."""
    made = responded(found, key).astype("Float64")
    return (made.fillna(0.0) if population == "all" else made).astype(float)


def informative(rows: Rows) -> np.ndarray:
    """Patients of strata with both outcomes; in the others response is the same whatever the measure, shape (n,)."""
    spread = rows.frame.groupby(STRATUM)["responder"].transform("nunique")
    return spread.to_numpy() > 1


def indicators(strata: pd.Series) -> np.ndarray:
    """Indicator columns of all strata but the first, shape (n, s)."""
    names = tuple(dict.fromkeys(strata))
    return np.column_stack([np.zeros((len(strata), 0)), *[(strata == name).astype(float) for name in names[1:]]])
