"""Infiltration by PD-L1, TMB or MSI: the four groups that every tumour board asks for, as curves and as rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import pandas as pd

from tilexplorer.analysis.groups import Group, Grouping, id_of
from tilexplorer.analysis.missing import Missing, missing
from tilexplorer.analysis.model_fit import added, fit_model
from tilexplorer.analysis.response import Response, grouped_response
from tilexplorer.analysis.row_outcome import Rows, need_outcome, outcome_rows
from tilexplorer.analysis.survival import Survival, grouped_survival
from tilexplorer.infiltration import RECORDED
from tilexplorer.queries import events, responses
from tilexplorer.resolve import PDL1_SCORES, Resolved, resolve
from tilexplorer.scope import Scope
from tilexplorer.selection import BY
from tilexplorer.statistics.results import Test, no_test
from tilexplorer.statistics.small import interaction_cell
from tilexplorer.statistics.terms import Category, Product
from tilexplorer.store import Store

MARKERS: Final = ("pdl1", "tmb", "msi")
HOT: Final = ("inflamed", "high", "present")
COLD: Final = ("desert", "excluded", "low", "absent")
NEGATIVE: Final = ("IC0", "TC0", "<1%", "<1", "low", "MSS")
_WORDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {"pdl1": ("PD-L1 negative", "PD-L1 positive"), "tmb": ("TMB low", "TMB high"), "msi": ("MSS", "MSI-H")}
)
_INTERACTION: Final = "likelihood ratio test of infiltration x marker"


@dataclass(frozen=True)
class Quadrants:
    """The four groups of infiltration by a marker.

    Attributes
    ----------
    marker : pdl1, tmb or msi. rule : how both are split, in words.
    survival, response : the view's result for these groups, the one that the selection's outcome asks for.
    interaction : whether the association of infiltration differs between the two halves of the marker.
    """

    marker: str
    rule: str
    survival: Survival | None
    response: Response | None
    interaction: Test


def quadrants(store: Store, asked: Resolved) -> Quadrants | Missing:
    """Compute the four groups; `other` of the selection names the marker, else the first that is recorded."""
    rule = asked.selection.rule if asked.rule.name in (RECORDED, "cut") and len(asked.rule.fixed) < 2 else "median"
    resolved = resolve(store, asked.selection.only(rule=rule, by=("level",), reference=""))
    wanted = (asked.selection.other,) if asked.selection.other in MARKERS else MARKERS
    for marker in wanted:
        found = _quadrants(resolved, marker)
        if found is not None:
            return found
    return _lacking(store, wanted[0])


def _quadrants(resolved: Resolved, marker: str) -> Quadrants | None:
    by = ("level", marker)
    survival = resolved.selection.outcome == "survival"
    scope = _scope(resolved, marker)
    counts = events(scope, by, resolved.selection.endpoint) if survival else responses(scope, by)
    named = _named(counts, marker)
    first = _grouping(named, marker)
    if len(first.groups) < 2:
        return None
    halves = "first class v higher" if marker == "pdl1" else "median split" if marker == "tmb" else "as recorded"
    cold = "inflamed v not" if resolved.rule.name == RECORDED else resolved.rule.words
    rule = f"infiltration: {cold}; {BY[marker]}: {halves}"
    return Quadrants(
        marker,
        rule,
        grouped_survival(resolved, scope, first, named) if survival else None,
        grouped_response(resolved, scope, first, named) if not survival else None,
        _interaction(resolved, marker),
    )


def _scope(resolved: Resolved, marker: str) -> Scope:
    scope = Scope(resolved)
    scope.need_groups(("level", marker))
    need_outcome(scope)
    return scope


def _named(counts: pd.DataFrame, marker: str) -> pd.DataFrame:
    """The counts with the quadrant of each row as `g1_id`; levels that are neither hot nor cold are left out."""
    levels = [id_of("level", value) for value in counts["g1"].astype(object)]
    made = counts.assign(level_id=levels, marker_id=[_half(str(value), marker) for value in counts["g2"]])
    made = made[made["level_id"].isin((*HOT, *COLD))]
    hot = made["level_id"].isin(HOT).map({True: "hot", False: "cold"})
    return made.assign(g1_id=hot + "/" + made["marker_id"].astype(str))


def _half(value: str, marker: str) -> str:
    """Which of the marker's two words a value falls under."""
    bare = value
    for score in PDL1_SCORES.values():
        if score and value.startswith(("TC ", "TPS ", "CPS ")):
            bare = value.split(" ", 1)[1]
    return _WORDS[marker][0 if bare in NEGATIVE else 1]


def _grouping(named: pd.DataFrame, marker: str) -> Grouping:
    """The four groups, cold first; those without patients are left out."""
    levels = set(named["level_id"])
    words = ("not inflamed", "inflamed") if "inflamed" in levels or "desert" in levels else ("low", "high")
    present = set(named["g1_id"])
    groups = [
        Group("quadrant", f"{half}/{value}", f"{word}, {value}")
        for half, word in zip(("cold", "hot"), words, strict=True)
        for value in _WORDS[marker]
        if f"{half}/{value}" in present
    ]
    return Grouping("quadrant", tuple(groups), ordered=False)


def _interaction(resolved: Resolved, marker: str) -> Test:
    scope = _scope(resolved, marker)
    rows = outcome_rows(scope, {"level": "level", "marker": f"({scope.group(marker)})::VARCHAR"})
    if rows.why_not or rows.frame.empty:
        return no_test(_INTERACTION, rows.why_not or "nobody is left")
    levels = [id_of("level", value) for value in rows.frame["level"].astype(object)]
    frame = rows.frame.assign(
        infiltration=["hot" if level in HOT else "cold" for level in levels],
        marker=[_half(value, marker) for value in rows.frame["marker"]],
    )
    made = Rows(frame, rows.outcome, rows.words)
    small = _too_small(made, marker)
    if small:
        return no_test(_INTERACTION, small, n=len(frame), events=made.events).suppressed(small)
    infiltration, second = Category("infiltration", ("cold", "hot")), Category("marker", _WORDS[marker])
    full = fit_model(made, [infiltration, second, Product(infiltration, second)])
    test = added(full, fit_model(made, [infiltration, second]))
    return Test(test.statistic, test.df, test.p_value, _INTERACTION, test.n, test.events, test.status, test.reason)


def _too_small(rows: Rows, marker: str) -> str:
    """Why the interaction may not be tested: the first cell with too few patients or events."""
    name = "event" if rows.outcome == "survival" else "responder"
    for level in ("cold", "hot"):
        for half in _WORDS[marker]:
            cell = rows.frame[(rows.frame["infiltration"] == level) & (rows.frame["marker"] == half)]
            verdict = interaction_cell(len(cell), int(cell[name].sum()))
            if not verdict.shown:
                return f"{'infiltrated' if level == 'hot' else 'not infiltrated'}, {half}: {verdict.reason}"
    return ""


def _lacking(store: Store, marker: str) -> Missing:
    """The marker is not recorded here: the cohorts that have it."""
    measures = {"pdl1": tuple(PDL1_SCORES), "tmb": ("tmb",)}.get(marker, ())
    frame = store.table("measure")
    cohorts = [str(c) for c in frame.loc[frame["measure"].isin(measures), "cohort"].unique()]
    if marker == "msi":
        cohorts = [str(c) for c in store.frame("SELECT DISTINCT cohort FROM analysis WHERE msi IS NOT NULL")["cohort"]]
    what = f"{BY[marker]} beside infiltration and outcome"
    return missing(store, what, sorted(cohorts), other=marker)
