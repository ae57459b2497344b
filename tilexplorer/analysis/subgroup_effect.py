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
    if question.kind == "continuous":
        found = effect_of(replace(rows, frame=frame), frame[EXPOSURE].to_numpy(dtype=float), question.unit)
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
    """The ratio of a small subgroup is not printed: fewer than ten patients, or fewer than five of either outcome."""
    responders = int(pair["responder"].sum())
    rarer = min(responders, len(pair) - responders)
    judged = small.interaction_cell(len(pair), rarer)
    if judged.shown or not found.shown:
        return found
    return found.suppressed(f"{len(pair)} patients, {rarer} of the rarer outcome: too few")


# Interaction ----------------------------------------------------------------------------------------------------------


def interaction(frame: pd.DataFrame, question: Question, column: str, labels: Sequence[str]) -> tuple[Test, list[str]]:
    """Whether the effect differs between the groups of `column`, and the groups left out with the reason.

    One model: effect, subgroup and their product, in strata of cohort, study and tumour type. Where the subgroups are
    those strata (tumour type, cohort), the strata take the place of the subgroup's own term.
    """
    kept, left_out = _large_enough(frame, question, column, labels)
    n = len(frame)
    if len(kept) < 2:
        return no_test(INTERACTION, "fewer than two subgroups are large enough to compare", n=n), left_out
    inside = frame[frame[column].isin(kept)]
    exposure = Number(EXPOSURE) if question.kind == "continuous" else Category(EXPOSURE, _present(inside, question))
    groups = Category(column, tuple(kept))
    product = Product(exposure, groups)
    if question.outcome == "survival":
        return _cox_test(inside, exposure, groups, product), left_out
    return _logistic_test(inside, exposure, groups, product), left_out


def _present(frame: pd.DataFrame, question: Question) -> tuple[str, ...]:
    there = set(frame[EXPOSURE])
    return tuple(level for level in question.levels if level in there)


def _large_enough(
    frame: pd.DataFrame, question: Question, column: str, labels: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Subgroups whose every cell (each level, each arm) reaches the threshold for an interaction."""
    kept, left_out = [], []
    cells: tuple[str, ...] = ("",) if question.kind == "continuous" else (question.reference, question.target)
    for label in labels:
        inside = frame[frame[column] == label]
        reason = ""
        for cell in cells:
            part = inside if not cell else inside[inside[EXPOSURE] == cell]
            judged = small.interaction_cell(len(part), _rarer(part, question.outcome))
            if not judged.shown and not reason:
                reason = f"{label}{', ' if cell else ''}{cell}: {judged.reason}"
        if reason:
            left_out.append(reason)
        else:
            kept.append(label)
    return kept, left_out


def _rarer(part: pd.DataFrame, outcome: str) -> int:
    """Events, or for response the rarer of its two outcomes."""
    if outcome == "survival":
        return int(part["event"].sum())
    responders = int(part["responder"].sum())
    return min(responders, len(part) - responders)


def _cox_test(frame: pd.DataFrame, exposure: Term, groups: Category, product: Product) -> Test:
    varies = _varies_within_strata(frame, groups)
    strata = [STRATUM] if varies else [STRATUM, groups.column]
    main: list[Term] = [exposure, groups] if varies else [exposure]
    full, reduced = (
        cox_regression(frame, "time", "event", terms, strata, thresholds=SHOW_ALL) for terms in ([*main, product], main)
    )
    if not (full.shown and reduced.shown):
        return no_test(INTERACTION, full.reason or reduced.reason, n=full.n, events=full.events)
    statistic = max(0.0, 2 * (full.loglik - reduced.loglik))
    df = len(full.names) - len(reduced.names)
    return Test(statistic, df, float(special.chdtrc(df, statistic)), INTERACTION, full.n, full.events)


def _varies_within_strata(frame: pd.DataFrame, groups: Category) -> bool:
    """Whether every subgroup can be compared with the others inside the strata."""
    design = pd.DataFrame(groups.design(frame), index=frame.index)
    centred = (design - design.groupby(frame[STRATUM]).transform("mean")).to_numpy(dtype=float)
    return bool(np.linalg.matrix_rank(centred, tol=1e-8) == len(groups.levels) - 1)


def _logistic_test(frame: pd.DataFrame, exposure: Term, groups: Category, product: Product) -> Test:
    # A stratum of one outcome only says nothing about any effect; its indicator would run to infinity.
    informative = frame.groupby(STRATUM)["responder"].transform("nunique") > 1
    inside = frame[informative]
    beside = indicators(inside[STRATUM])
    main: list[Term] = [exposure, groups] if len(inside) and _varies_within_strata(inside, groups) else [exposure]
    full, reduced = (_logistic(inside, terms, beside) for terms in ([*main, product], main))
    found = likelihood_ratio(full, reduced)
    return replace(found, method=INTERACTION)


def _logistic(frame: pd.DataFrame, terms: Sequence[Term], beside: NDArray[np.float64]) -> LogisticFit:
    design = np.column_stack([design_of(frame, terms)[0], beside])
    names = [f"x{i}" for i in range(design.shape[1])]
    return logistic_regression(frame["responder"].to_numpy(dtype=float), design, names, firth=False, guard=False)
