"""The effect of infiltration in one set of patients, always within cohort, study and tumour type.

Four questions, one answer each: survival or response, infiltration as a number or the hottest level against the
coldest. Each takes the patients of one row of a forest plot and returns a ratio with the error of its logarithm, so
that the row says what the survival or the response page says of the same patients.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from tilexplorer.analysis.groups import Grouping, grouping, with_ids
from tilexplorer.analysis.rates import counted, responded, tally
from tilexplorer.analysis.synthesis_scale import Scale
from tilexplorer.analysis_table import quoted
from tilexplorer.queries import events, responses, rows
from tilexplorer.resolve import Resolved
from tilexplorer.scope import Scope
from tilexplorer.statistics.cox import level_hazard_ratios
from tilexplorer.statistics.logistic import logistic_regression
from tilexplorer.statistics.regression import cox_regression
from tilexplorer.statistics.results import Estimate, Status, not_estimable
from tilexplorer.statistics.stratified import mantel_haenszel
from tilexplorer.statistics.tables import EventTable
from tilexplorer.statistics.tables2x2 import odds_ratio
from tilexplorer.statistics.terms import Number

UNITS: Final = ("cohort", "study", "tumour", "therapy")
STRATA: Final = ("cohort", "study", "tumour")

# Hot against cold, by the rule that made the levels; the first pair of which both occur.
_CONTRASTS: Final = (("high", "low"), ("quartile 4", "quartile 1"), ("present", "absent"))

Effect = Callable[[pd.DataFrame], Estimate]


@dataclass(frozen=True, eq=False)
class Question:
    """Patients (or counts of them) and how the effect in any part of them is found.

    Attributes
    ----------
    frame : columns cohort, study, tumour, therapy (text), n, events (patients and events or responders of the row).
    effect : of a part of the frame.
    contrast : what is compared, in words.
    """

    frame: pd.DataFrame
    effect: Effect
    contrast: str


def question(resolved: Resolved, scope: Scope, scale: Scale | None) -> Question:
    """The question that the selection asks; `scale` for infiltration as a number, None for levels."""
    survival = resolved.selection.outcome == "survival"
    if scale is not None:
        return _numbers(resolved, scope, scale, survival=survival)
    return _level_survival(resolved, scope) if survival else _level_response(resolved, scope)


# Infiltration as a number ---------------------------------------------------------------------------------------------


def _numbers(resolved: Resolved, scope: Scope, scale: Scale, *, survival: bool) -> Question:
    columns = {name: f"a.{name}::VARCHAR" for name in STRATA} | {"therapy": "a.combination::VARCHAR", "value": "value"}
    endpoint = resolved.selection.endpoint
    if survival and scope.has_endpoint(endpoint):
        columns |= {"days": f"a.{quoted(endpoint + '_days')}", "event": f"a.{quoted(endpoint + '_event')}"}
    if not survival:
        columns |= {"response": "a.response::VARCHAR", "benefit": "a.benefit", "durable": "a.durable"}
    found = rows(scope, columns)
    found["x"] = scale.scores(found) if len(found) else pd.Series(dtype=float)
    found["n"] = 1
    if survival:
        found["event"] = found["event"].astype(float) if len(found) else pd.Series(dtype=float)
        return Question(found.assign(events=found["event"]), _cox, scale.words)
    found["responded"] = _responded(resolved, found)
    found = found.dropna(subset=["responded"])
    effect = _refusing(resolved, _logistic)
    return Question(found.assign(events=found["responded"]), effect, scale.words)


def _cox(part: pd.DataFrame) -> Estimate:
    model = cox_regression(part, "days", "event", [Number("x")], STRATA)
    return model.hazard_ratios["x"]


def _responded(resolved: Resolved, found: pd.DataFrame) -> pd.Series:
    """1 for a responder, 0 for none, NaN for who is not evaluable where only the evaluable count."""
    made = responded(found, resolved.selection.response).astype("Float64")
    return (made.fillna(0.0) if resolved.selection.population == "all" else made).astype(float)


def _logistic(part: pd.DataFrame) -> Estimate:
    """Odds ratio of the score, with an intercept for each stratum in which some responded and some did not."""
    codes = part.groupby(list(STRATA), observed=True)["responded"]
    mixed = part[(codes.transform("min") == 0) & (codes.transform("max") == 1)]
    name = "logistic regression"
    if mixed.empty:
        reason = "in no stratum did some patients respond and others not"
        return not_estimable(name, reason, n=len(part), events=int(part["responded"].sum()))
    strata = mixed.groupby(list(STRATA), observed=True).ngroup().to_numpy()
    dummies = [(strata == code).astype(float) for code in range(1, strata.max() + 1)]
    names = ["x", *(f"stratum {code}" for code in range(1, strata.max() + 1))]
    fit = logistic_regression(mixed["responded"].to_numpy(), np.column_stack([mixed["x"], *dummies]), names)
    if not fit.shown:
        return replace(not_estimable(name, fit.reason, n=fit.n, events=fit.events), status=fit.status)
    return fit.odds_ratios["x"]


# Levels ---------------------------------------------------------------------------------------------------------------


def _named(counts: pd.DataFrame) -> pd.DataFrame:
    named = with_ids(counts, ("level", "therapy"))
    named = named.rename(columns={f"stratum_{name}": name for name in STRATA} | {"g2_id": "therapy"})
    return named.assign(**{name: named[name].astype(str) for name in UNITS})


def _contrast(levels: Grouping) -> tuple[str, str]:
    """The hot and the cold level that are compared; empty where there are not two."""
    there = levels.labels
    pairs = [pair for pair in _CONTRASTS if set(pair) <= set(there)]
    if pairs:
        return pairs[0]
    return (there[-1], there[0]) if len(there) > 1 else ("", "")


def _level_survival(resolved: Resolved, scope: Scope) -> Question:
    counts = _named(events(scope, ("level", "therapy"), resolved.selection.endpoint))
    counts["n"] = counts["events"] + counts["censored"]
    levels = grouping(resolved, "level", counts["g1"], counts["n"])
    hot, cold = _contrast(levels)
    return Question(counts, lambda part: _level_hazard(part, levels, hot, cold), f"{hot} v {cold}")


def _level_hazard(part: pd.DataFrame, levels: Grouping, hot: str, cold: str) -> Estimate:
    table = EventTable.from_counts(
        part["days"].to_numpy(dtype=np.int64),
        part["events"].to_numpy(dtype=np.int64),
        part["censored"].to_numpy(dtype=np.int64),
        group=part["g1_id"].map({g.id: code for code, g in enumerate(levels.groups)}).to_numpy(dtype=np.int64),
        stratum=part.groupby(list(STRATA), observed=True).ngroup().to_numpy(dtype=np.int64),
        groups=levels.labels,
        strata=[str(code) for code in range(part.groupby(list(STRATA), observed=True).ngroups)],
    ).nonempty()
    absent = [name for name in (hot, cold) if name not in table.groups]
    if not hot or absent:
        reason = f"nobody is {' or '.join(absent)}" if hot else "fewer than two levels"
        return not_estimable("Cox", reason, n=table.n, events=table.n_events)
    return level_hazard_ratios(table, cold).hazard_ratios[hot]


def _level_response(resolved: Resolved, scope: Scope) -> Question:
    counts = _named(responses(scope, ("level", "therapy")))
    counts = counts[_judged(resolved, counts)]
    levels = grouping(resolved, "level", counts["g1"], counts["n"])
    hot, cold = _contrast(levels)
    ids = tuple(levels.group(name).id for name in (hot, cold) if name)
    effect = _refusing(resolved, lambda part: _level_odds(resolved, part, ids))
    counts = counts[counts["g1_id"].isin(ids)] if ids else counts
    return Question(counts.assign(events=_responders(resolved, counts)), effect, f"{hot} v {cold}")


def _judged(resolved: Resolved, counts: pd.DataFrame) -> pd.Series:
    """Whether a row counts in the denominator."""
    if resolved.selection.population == "all":
        return pd.Series(data=True, index=counts.index)
    return responded(counts, resolved.selection.response).notna()


def _responders(resolved: Resolved, counts: pd.DataFrame) -> pd.Series:
    return counts["n"].where(responded(counts, resolved.selection.response).fillna(False).astype(bool), 0)


def _level_odds(resolved: Resolved, part: pd.DataFrame, ids: Sequence[str]) -> Estimate:
    """Odds ratio of the hot against the cold level: crude in one stratum, else Mantel-Haenszel over the strata."""
    if len(ids) < 2:
        return not_estimable("odds ratio", "fewer than two levels", n=int(part["n"].sum()))
    tables = [_two_by_two(resolved, stratum, ids) for _, stratum in part.groupby(list(STRATA), observed=True)]
    if len(tables) > 1:
        return mantel_haenszel(np.array(tables)).odds_ratio
    (a, b), (c, d) = tables[0]
    found = odds_ratio(a, b, c, d)
    if found.shown and not math.isfinite(found.std_error):  # a zero cell: exact limits to show, Haldane's error to pool
        found = replace(found, std_error=odds_ratio(a, b, c, d, "haldane").std_error)
    return found


def _two_by_two(resolved: Resolved, stratum: pd.DataFrame, ids: Sequence[str]) -> list[list[int]]:
    selection = resolved.selection
    cells = [counted(tally(stratum[stratum["g1_id"] == i]), selection.response, selection.population) for i in ids]
    return [[x, n - x] for x, n in cells]


def _refusing(resolved: Resolved, effect: Effect) -> Effect:
    """The effect, unless the records of these patients cannot form the chosen rate."""

    def checked(part: pd.DataFrame) -> Estimate:
        reason = tally(part).why_not(resolved.selection.response)
        if reason:
            return not_estimable("odds ratio", reason, n=int(part["n"].sum()))
        return effect(part)

    return checked


def poolable(effect: Estimate) -> bool:
    """Whether an effect has a finite logarithm and error and may be printed."""
    usable = effect.value > 0 and math.isfinite(effect.value) and effect.std_error > 0
    return effect.status in (Status.OK, Status.WARNING) and usable and math.isfinite(effect.std_error)
