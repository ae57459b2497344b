"""The same patients under several rules: group sizes and the effect of high against low, side by side.

Each row is what the survival or the response view shows for that rule, so that no number can differ between them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import pandas as pd

from tilexplorer.analysis.continuous import ContinuousEffect, effect_of
from tilexplorer.analysis.named_cuts import named_cut, published_for
from tilexplorer.analysis.response import ResponsePanel, response
from tilexplorer.analysis.row_outcome import Rows, need_outcome, outcome_rows
from tilexplorer.analysis.survival import Panel, survival
from tilexplorer.infiltration import QUANTILE_RULES, RULE_WORDS
from tilexplorer.resolve import Resolved, resolve
from tilexplorer.scope import ALL_LEVELS, Scope
from tilexplorer.selection import Selection
from tilexplorer.statistics.results import Estimate, Test, no_test, not_estimable
from tilexplorer.store import Store

LOWEST_QUARTER: Final = "quartile 1"
HIGHEST_QUARTER: Final = "quartile 4"

# Where a stratum is too small for the rule it has a median split, whose halves stand in the middle of the quarters that
# they hold; beside tertiles they cannot be told from the outer thirds and stand at the ends.
STEPS: Final[Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        "quartile": {"absent": 0.5, "low": 0.5, "quartile 1": 0, "quartile 2": 1, "quartile 3": 2, "quartile 4": 3,
                     "high": 2.5, "present": 2.5},
        "tertile": {"absent": 0, "low": 0, "intermediate": 1, "high": 2, "present": 2},
    }
)  # fmt: skip


@dataclass(frozen=True)
class RuleGroup:
    """A level under a rule: patients, and events or responders."""

    label: str
    n: int
    events: int


@dataclass(frozen=True)
class RuleEffect:
    """What a rule gives.

    Attributes
    ----------
    rule : as a query names it. name, source : in words; the paper of a published cut.
    effect : highest level against the lowest: hazard ratio or odds ratio.
    difference : of the response rates; None for survival. test : between all levels.
    per_step : the levels scored 0, 1, 2 ...: one ratio per step; None where there are two.
    """

    rule: str
    name: str
    source: str
    groups: tuple[RuleGroup, ...]
    effect: Estimate
    difference: Estimate | None
    test: Test
    per_step: ContinuousEffect | None

    @property
    def n(self) -> int:
        """Patients with a level under the rule."""
        return sum(group.n for group in self.groups)


def rule_effects(store: Store, resolved: Resolved) -> tuple[RuleEffect, ...]:
    """Published cuts, then median, tertiles and quartiles, then the chosen cut."""
    base = resolved.selection.only(by=("level",), reference=LOWEST_QUARTER)
    published = published_for(set(resolved.measure_of.values()))
    found = [_effect(store, base.only(rule=cut.rule), f"published: {cut.name}", cut.source) for cut in published]
    found += [_effect(store, base.only(rule=rule), RULE_WORDS[rule].split(" within")[0], "") for rule in QUANTILE_RULES]
    chosen = named_cut(resolved.selection)
    if chosen is not None:
        name = f"{resolved.rule.words}: {chosen.words}"
        found.append(_effect(store, base, name, ""))
    return tuple(found)


def _effect(store: Store, selection: Selection, name: str, source: str) -> RuleEffect:
    if selection.outcome == "survival":
        panels: Sequence[Panel] = survival(store, selection).panels
        made = _survival(panels[0]) if panels else None
    else:
        shown: Sequence[ResponsePanel] = response(store, selection).panels
        made = _response(shown[0]) if shown else None
    if made is None:
        reason = "nobody has a level under this rule"
        return RuleEffect(
            selection.rule, name, source, (), not_estimable("", reason), None, no_test("", reason), None
        )  # fmt: skip
    groups, effect, difference, test = made
    per_step = _per_step(store, selection) if len(groups) > 2 else None
    return RuleEffect(selection.rule, name, source, groups, effect, difference, test, per_step)


_Made = tuple[tuple[RuleGroup, ...], Estimate, Estimate | None, Test]


def _survival(panel: Panel) -> _Made:
    groups = tuple(RuleGroup(g.group.label, g.n, g.events) for g in panel.groups)
    missing = not_estimable("Cox", "only one group", n=sum(g.n for g in groups))
    effect = panel.cox.hazard_ratios.get(_highest(groups), missing) if panel.cox else missing
    return groups, effect, None, panel.logrank


def _highest(groups: Sequence[RuleGroup]) -> str:
    """The level that is compared with the lowest; beside median splits of small strata still the highest quarter."""
    labels = [group.label for group in groups]
    return HIGHEST_QUARTER if HIGHEST_QUARTER in labels else labels[-1]


def _response(panel: ResponsePanel) -> _Made:
    groups = tuple(RuleGroup(g.group.label, g.denominator, g.responders) for g in panel.groups)
    last = next((c for c in panel.comparisons if c.group.label == _highest(groups)), None)
    if last is None:
        reason = next((g.rate.reason for g in panel.groups if g.rate.reason), "only one group")
        return groups, not_estimable("odds ratio", reason), not_estimable("difference", reason), panel.association
    return groups, last.odds_ratio, last.difference, panel.association


def _per_step(store: Store, selection: Selection) -> ContinuousEffect:
    """Levels scored by their place in the rule."""
    resolved = resolve(store, selection)
    scope = Scope(resolved)
    scope.need_measure()
    need_outcome(scope)
    rows = outcome_rows(scope, {"level": "level"})
    kept = rows.frame[rows.frame.get("responder", pd.Series(0.0, index=rows.frame.index)).notna()]
    scores = STEPS[selection.rule] if selection.rule in STEPS else STEPS["tertile"]
    score = kept["level"].map({ALL_LEVELS.index(name): step for name, step in scores.items()}).to_numpy(dtype=float)
    return effect_of(Rows(kept, rows.outcome, rows.words, rows.why_not), score, "per level")
