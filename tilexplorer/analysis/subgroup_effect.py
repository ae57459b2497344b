"""The effect of infiltration or of therapy in a set of patients, and whether it differs between subgroups.

The whole selection and every subgroup are asked the same question by the same functions as the survival and response
views, so that the first row of a forest is the number of those pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from tilexplorer.analysis.continuous import effect_of
from tilexplorer.analysis.row_outcome import STRATUM, Rows, indicators
from tilexplorer.statistics import small
from tilexplorer.statistics.cox import level_hazard_ratios
from tilexplorer.statistics.logistic import LogisticFit, likelihood_ratio, logistic_regression
from tilexplorer.statistics.proportions import rate_difference
from tilexplorer.statistics.regression import cox_regression
from tilexplorer.statistics.results import Estimate, Test, no_test, not_estimable
from tilexplorer.statistics.small import SHOW_ALL
from tilexplorer.statistics.stratified import mantel_haenszel
from tilexplorer.statistics.tables import EventTable
from tilexplorer.statistics.tables2x2 import odds_ratio
from tilexplorer.statistics.terms import Category, Number, Product, Term, design_of

EXPOSURE = "exposure"
INTERACTION = "likelihood ratio test of the interaction"


@dataclass(frozen=True, slots=True)
class Question:
    """What the effect is of.

    Attributes
    ----------
    kind : "continuous", "levels" or "therapy". outcome : "survival" or "response".
    unit : of a continuous effect, "per doubling".
    levels : the groups in order for the other kinds; the effect is `target` against `reference`.
    """

    kind: Literal["continuous", "levels", "therapy"]
    outcome: Literal["survival", "response"]
    unit: str = ""
    levels: tuple[str, ...] = ()
    target: str = ""
    reference: str = ""

    @property
    def contrast(self) -> str:
        """The effect in words: "per doubling", "high v low"."""
        return self.unit if self.kind == "continuous" else f"{self.target} v {self.reference}"

    @property
    def scale(self) -> str:
        """Hazard ratio or odds ratio."""
        return "hazard ratio" if self.outcome == "survival" else "odds ratio"


@dataclass(frozen=True, slots=True)
class Effect:
    """A ratio, and for response between groups the difference of the rates; n and events (responders) behind them."""

    n: int
    events: int
    ratio: Estimate
    difference: Estimate | None = None


def effect(rows: Rows, frame: pd.DataFrame, question: Question) -> Effect:
    """The effect in `frame`, some of the patients of `rows`, which has the column `exposure`."""
    column = "event" if question.outcome == "survival" else "responder"
    n, events = len(frame), int(frame[column].sum())
    if rows.why_not:
        return Effect(n, events, not_estimable(question.scale, rows.why_not, n=n, events=events))
    if n == 0:
        return Effect(0, 0, not_estimable(question.scale, "no patients"))
    few = small.hazard_ratio(events, 1)
    if question.outcome == "survival" and not few.shown:  # before a fit that so few could only fail with other words
        return Effect(n, events, Estimate(method=question.scale, n=n, events=events).suppressed(few.reason))
    if question.kind == "continuous":
        inside = frame if frame is rows.frame or question.outcome == "survival" else _informative(frame)
        found = effect_of(replace(rows, frame=inside), inside[EXPOSURE].to_numpy(dtype=float), question.unit)
        return Effect(n, events, found.ratio)
    if question.outcome == "survival":
        return Effect(n, events, _hazard_ratio(frame, question))
    return Effect(n, events, *_odds_ratio(frame, question))


def event_table(frame: pd.DataFrame, levels: Sequence[str]) -> EventTable:
    """Patients with time, event, exposure and stratum as counts, in the order of the levels."""
    strata = tuple(dict.fromkeys(frame[STRATUM]))
    happened = frame["event"].to_numpy(dtype=np.int64)
    return EventTable.from_counts(
        frame["time"].to_numpy(dtype=np.int64),
        happened,
        1 - happened,
        group=frame[EXPOSURE].map({level: i for i, level in enumerate(levels)}).to_numpy(dtype=np.int64),
        stratum=frame[STRATUM].map({name: i for i, name in enumerate(strata)}).to_numpy(dtype=np.int64),
        groups=tuple(levels),
        strata=strata,
    ).nonempty()


def _hazard_ratio(frame: pd.DataFrame, question: Question) -> Estimate:
    table = event_table(frame, question.levels)
    for label in (question.target, question.reference):
        if label not in table.groups:
            return not_estimable("Cox", f"no patients: {label}", n=table.n, events=table.n_events)
    return level_hazard_ratios(table, question.reference).hazard_ratios[question.target]


def _odds_ratio(frame: pd.DataFrame, question: Question) -> tuple[Estimate, Estimate | None]:
    """Sample odds ratio and Newcombe's difference; with several strata those of Mantel and Haenszel."""
    pair = frame[frame[EXPOSURE].isin((question.target, question.reference))]
    cells = [_cells(part, question) for _, part in pair.groupby(STRATUM, sort=False, observed=True)]
    if not cells:
        return not_estimable("odds ratio", "no patients"), None
    if len(cells) > 1:
        found = mantel_haenszel(np.array(cells))
        return _sized(found.odds_ratio, pair), _sized(found.risk_difference, pair)
    (a, b), (c, d) = cells[0]
    return _sized(odds_ratio(a, b, c, d), pair), rate_difference(a, a + b, c, c + d)


def _cells(part: pd.DataFrame, question: Question) -> list[list[int]]:
    groups = [part.loc[part[EXPOSURE] == label, "responder"] for label in (question.target, question.reference)]
    return [[int(group.sum()), int(len(group) - group.sum())] for group in groups]


def _sized(found: Estimate, pair: pd.DataFrame) -> Estimate:
    """A small subgroup's ratio is not printed: ten patients, five in each group and five of either outcome carry it."""
    responders = int(pair["responder"].sum())
    rarer, fewest = min(responders, len(pair) - responders), int(pair[EXPOSURE].value_counts().min())
    if not found.shown or (small.interaction_cell(len(pair), rarer).shown and small.rate(fewest).shown):
        return found
    return found.suppressed(
        f"{len(pair)} patients ({fewest} in the smaller group), {rarer} of the rarer outcome: too few"
    )


def _informative(frame: pd.DataFrame) -> pd.DataFrame:
    """Patients of strata with both outcomes: the others say nothing about any effect, and their term is infinite."""
    found: pd.DataFrame = frame[frame.groupby(STRATUM)["responder"].transform("nunique") > 1]
    return found


# Interaction ----------------------------------------------------------------------------------------------------------


def interaction(frame: pd.DataFrame, question: Question, column: str, labels: Sequence[str]) -> tuple[Test, list[str]]:
    """Whether the effect differs between the groups of `column`, and the cells left out with the reason.

    One model: effect, subgroup and their product, in strata of cohort, study and tumour type. A term that the strata
    or other terms already hold (a tumour type within strata of tumour type) adds no coefficient.
    """
    inside, kept, left_out = _large_enough(frame, question, column, labels)
    if len(kept) < 2:
        return no_test(INTERACTION, "fewer than two subgroups are large enough to compare", n=len(frame)), left_out
    if question.outcome == "response":
        inside = _informative(inside)
    model = _Model.of(inside, question, Category(column, tuple(kept)))
    if not model.crossed:
        return no_test(INTERACTION, "the subgroups do not share a level or arm", n=len(inside)), left_out
    if question.outcome == "survival":
        return model.cox_test(), left_out
    return model.logistic_test(), left_out


def _large_enough(
    frame: pd.DataFrame, question: Question, column: str, labels: Sequence[str]
) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Patients of the cells (level or arm within subgroup) that reach the threshold, and the subgroups that remain.

    A subgroup remains where both sides of the contrast do.
    """
    ends = (question.reference, question.target)
    cells = ("",) if question.kind == "continuous" else question.levels
    parts, kept, left_out = [], [], []
    for label in labels:
        inside = frame[frame[column] == label]
        judged = {cell: inside if not cell else inside[inside[EXPOSURE] == cell] for cell in cells}
        reasons = {
            cell: _too_small(part, question.outcome) for cell, part in judged.items() if len(part) or cell in ends
        }
        left_out += [f"{label}{', ' if cell else ''}{cell}: {why}" for cell, why in reasons.items() if why]
        if not any(reasons.get(cell) for cell in (cells if question.kind == "continuous" else ends)):
            kept.append(label)
            parts += [part for cell, part in judged.items() if len(part) and not reasons.get(cell)]
    return (pd.concat(parts) if parts else frame.iloc[:0]), kept, left_out


def _too_small(part: pd.DataFrame, outcome: str) -> str:
    judged = small.interaction_cell(len(part), _rarer(part, outcome))
    return "" if judged.shown else judged.reason


def _rarer(part: pd.DataFrame, outcome: str) -> int:
    """Events, or for response the rarer of its two outcomes."""
    if outcome == "survival":
        return int(part["event"].sum())
    responders = int(part["responder"].sum())
    return min(responders, len(part) - responders)


@dataclass(frozen=True, eq=False)
class _Model:
    """A design in which every column says something that strata and earlier columns do not: `main`, then `crossed`."""

    frame: pd.DataFrame
    main: tuple[str, ...]
    crossed: tuple[str, ...]

    @classmethod
    def of(cls, frame: pd.DataFrame, question: Question, groups: Category) -> _Model:
        """The columns of exposure, subgroup and product, as far as they are independent within the strata."""
        there = set(frame[EXPOSURE]) if question.kind != "continuous" else set()
        levels = tuple(level for level in question.levels if level in there)
        exposure: Term = Number(EXPOSURE) if question.kind == "continuous" else Category(EXPOSURE, levels)
        blocks = [design_of(frame, terms)[0] for terms in ([exposure, groups], [Product(exposure, groups)])]
        columns = np.column_stack(blocks)
        kept = _independent(columns, frame[STRATUM])
        names = [f"column {i}" for i in range(columns.shape[1])]
        made = pd.DataFrame(columns, columns=names, index=frame.index)
        outcome = [name for name in ("time", "event", "responder") if name in frame]
        size = blocks[0].shape[1]
        return cls(
            pd.concat([frame[[*outcome, STRATUM]], made], axis=1),
            tuple(names[i] for i in kept if i < size),
            tuple(names[i] for i in kept if i >= size),
        )

    def cox_test(self) -> Test:
        """Likelihood ratio of the crossed columns, stratified Cox."""
        full, reduced = (
            cox_regression(
                self.frame, "time", "event", [Number(name) for name in names], [STRATUM], thresholds=SHOW_ALL
            )
            for names in ((*self.main, *self.crossed), self.main)
        )
        if not (full.shown and reduced.shown):
            return no_test(INTERACTION, full.reason or reduced.reason, n=full.n, events=full.events)
        statistic, df = max(0.0, 2 * (full.loglik - reduced.loglik)), len(self.crossed)
        return Test(statistic, df, float(special.chdtrc(df, statistic)), INTERACTION, full.n, full.events)

    def logistic_test(self) -> Test:
        """Likelihood ratio of the crossed columns, logistic with an indicator for each stratum."""
        full, reduced = (self._logistic(names) for names in ((*self.main, *self.crossed), self.main))
        return replace(likelihood_ratio(full, reduced), method=INTERACTION)

    def _logistic(self, names: Sequence[str]) -> LogisticFit:
        beside = indicators(self.frame[STRATUM])
        design = np.column_stack([self.frame[list(names)].to_numpy(dtype=float), beside])
        labels = [f"x{i}" for i in range(design.shape[1])]
        y = self.frame["responder"].to_numpy(dtype=float)
        return logistic_regression(y, design, labels, firth=False, guard=False)


def _independent(columns: NDArray[np.float64], strata: pd.Series) -> list[int]:
    """Places of the columns, from left to right, that raise the rank within the strata."""
    made = pd.DataFrame(columns, index=strata.index)
    centred = (made - made.groupby(strata).transform("mean")).to_numpy(dtype=float)
    norms = np.sqrt((centred**2).sum(axis=0))
    basis = np.empty((len(centred), 0))
    kept = []
    for i in range(centred.shape[1]):
        if norms[i] < 1e-9:
            continue
        unit = centred[:, i] / norms[i]
        rest = unit - basis @ (basis.T @ unit)
        length = float(np.sqrt((rest**2).sum()))
        if length > 1e-7:
            kept.append(i)
            basis = np.column_stack([basis, rest / length])
    return kept
