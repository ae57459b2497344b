"""Across cohorts: the same question in every cohort, and what the cohorts say together.

Each cohort answers within its own study and tumour type; the answers, not the patients, are put together: random
effects by REML with modified Hartung-Knapp limits from three cohorts, a prediction interval, I2 and tau2. Beside it the
one-stage model on all patients, stratified by cohort, study and tumour type, and the answer without each cohort.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.analysis.benefit_instead import benefit_instead
from tilexplorer.analysis.context import Context, describe
from tilexplorer.analysis.groups import label_of
from tilexplorer.analysis.lacking_outcome import lacking
from tilexplorer.analysis.missing import Missing
from tilexplorer.analysis.power import Possible
from tilexplorer.analysis.survival import clock_cautions
from tilexplorer.analysis.synthesis_effects import Question, poolable, question
from tilexplorer.analysis.synthesis_scale import Scale, scale_of
from tilexplorer.queries import emptied_cohorts
from tilexplorer.resolve import Resolved, resolve
from tilexplorer.scope import Scope
from tilexplorer.selection import BY, Selection
from tilexplorer.statistics import power
from tilexplorer.statistics.results import Estimate, Test, no_test
from tilexplorer.statistics.synthesis import Synthesis, pool, synthesise
from tilexplorer.store import Store

FIELDS: Final = ("tumour", "therapy")
BETWEEN: Final = "Cochran's Q between groups"
NOT_ONE_STUDY: Final = "therapy by infiltration is tested only within one study with concurrent arms"
FROM_THERAPY: Final = (
    "an effect of therapy is asked within one study, not across cohorts: the effect of infiltration is shown"
)


@dataclass(frozen=True)
class Row:
    """One line of a forest plot: the patients of one cohort, or of one cohort within a tumour type or a therapy.

    `effect` is a ratio whose `std_error` is that of its logarithm; `weight` its share of the pooled effect [percent],
    NaN where it is not pooled.
    """

    key: str
    label: str
    cohort: str
    n: int
    events: int
    effect: Estimate
    weight: float = math.nan


@dataclass(frozen=True)
class Pool:
    """Lines and what they say together: estimates as ratios; tau2, I2 and the tests as they are."""

    key: str
    label: str
    rows: tuple[Row, ...]
    pooled: Estimate
    common: Estimate
    prediction: Estimate
    tau2: Estimate
    i2: Estimate
    q: Test
    egger: Test

    @property
    def k(self) -> int:
        """How many lines were pooled."""
        return sum(poolable(row.effect) for row in self.rows)


@dataclass(frozen=True)
class Subgroups:
    """Forests by a field: a pool for each of its values, and the test whether they differ."""

    field: str
    words: str
    pools: tuple[Pool, ...]
    between: Test


@dataclass(frozen=True)
class LeftOut:
    """A cohort that adds nothing, and why."""

    cohort: str
    label: str
    reason: str


@dataclass(frozen=True)
class Across:
    """The view of several cohorts.

    Attributes
    ----------
    ratio_words : "hazard ratio" or "odds ratio". outcome_words : of what. effect_words : per what, or between what.
    without : the pooled effect without each cohort in turn.
    one_stage : one model of all patients, stratified; with response by level Mantel-Haenszel.
    lacking : what none of the chosen cohorts has, and which have it.
    power : the smallest pooled ratio that these cohorts could have shown, as far as they disagree.
    """

    context: Context
    ratio_words: str
    outcome_words: str
    effect_words: str
    measures: dict[str, str]
    whole: Pool
    without: tuple[tuple[str, Estimate], ...]
    one_stage: Estimate
    subgroups: tuple[Subgroups, ...]
    left_out: tuple[LeftOut, ...]
    lacking: tuple[Missing, ...]
    power: tuple[Possible, ...]


def synthesis(store: Store, selection: Selection) -> Across:
    """Compute the view: `outcome` survival or response, `effect` continuous or levels."""
    resolved = resolve(store, selection)
    scale = _scale(resolved)
    scope = synthesis_scope(resolved, levels=scale is None)
    asked = question(resolved, scope, scale)
    whole = _pool("all", "All cohorts", _rows(resolved, asked, asked.frame, "cohort"))
    context = _with_bystanders(_context(resolved, scope, scale), int(asked.frame["n"].sum()))
    return Across(
        context=context,
        ratio_words="hazard ratio" if resolved.selection.outcome == "survival" else "odds ratio",
        outcome_words=_outcome_words(resolved.selection),
        effect_words=asked.contrast,
        measures=_measures(resolved),
        whole=whole,
        without=tuple(_without(whole)),
        one_stage=asked.effect(asked.frame) if len(asked.frame) else whole.pooled,
        subgroups=tuple(_subgroups(resolved, asked, field) for field in FIELDS),
        left_out=tuple(_left_out(resolved, scope, whole)),
        lacking=_lacking(resolved) if context.empty else (),
        power=_power(resolved, asked, whole),
    )


def _power(resolved: Resolved, asked: Question, whole: Pool) -> tuple[Possible, ...]:
    if whole.k < 2:
        return ()
    df = whole.k - 1 if whole.k > 2 else math.inf  # two cohorts are put together by a z test
    scale = "hazard ratio" if resolved.selection.outcome == "survival" else "odds ratio"
    pooled = whole.pooled
    found = power.pooled_ratio(pooled.std_error, df, pooled.n, pooled.events, scale)
    return (Possible(f"{asked.contrast}, {whole.k} cohorts together", "", found),)


def _scale(resolved: Resolved) -> Scale | None:
    """How infiltration becomes a number; None for levels, which a category has only."""
    if resolved.selection.effect == "levels" or resolved.kind == "category":
        return None
    return scale_of(resolved)


def synthesis_scope(resolved: Resolved, *, levels: bool) -> Scope:
    """The patients of the view: measured, with the outcome."""
    scope = Scope(resolved)
    scope.need_measure(level=levels)
    if resolved.selection.outcome == "survival":
        scope.need_outcome(resolved.selection.endpoint)
    else:
        scope.need_response(resolved.selection.response)
    return scope


def _outcome_words(selection: Selection) -> str:
    if selection.outcome == "survival":
        return vocabulary.ENDPOINTS.get(selection.endpoint, selection.endpoint)
    return vocabulary.RESPONSE_RATES[selection.response]


def _lacking(resolved: Resolved) -> tuple[Missing, ...]:
    return (*(benefit_instead(resolved) if resolved.selection.outcome == "response" else ()), *lacking(resolved))


def _context(resolved: Resolved, scope: Scope, scale: Scale | None) -> Context:
    clocks = clock_cautions(resolved) if resolved.selection.outcome == "survival" else []
    problem = FROM_THERAPY if resolved.selection.effect == "therapy" else ""
    category = resolved.kind == "category" and resolved.selection.effect == "continuous"
    note = ("a phenotype has no number: the hottest level is compared with the coldest",) if category else ()
    found = describe(resolved, scope, *clocks, problem)
    if scale is not None:
        return replace(found, rule=scale.rule, notes=resolved.notes)
    return replace(found, notes=(*found.notes, *note))


def _with_bystanders(context: Context, compared: int) -> Context:
    """Say how many of the selection are in no line of the forest."""
    if compared == context.n:
        return context
    words = (
        f"{context.n - compared} of {context.n} patients are in no line: their level lies between the two that are "
        "compared, or they were not evaluable"
    )
    return replace(context, warnings=(*context.warnings, words))


def _measures(resolved: Resolved) -> dict[str, str]:
    """By cohort: the measure and its assay, in words."""
    frame = resolved.store.table("measure").fillna({"assay": ""})
    words = {}
    for cohort, measure in resolved.measure_of.items():
        known = vocabulary.measures().get(measure)
        assay = frame.loc[(frame["cohort"] == cohort) & (frame["measure"] == measure), "assay"].iloc[0]
        words[cohort] = f"{known.label if known else measure}{f' ({assay})' if assay else ''}"
    return words


# Rows and pools -------------------------------------------------------------------------------------------------------


def _rows(resolved: Resolved, asked: Question, part: pd.DataFrame, field: str, prefix: str = "") -> list[Row]:
    """A line for each value of a field, with most events first."""
    rows = [
        Row(
            key=str(value),
            label=prefix + label_of(resolved, field, value),
            cohort=str(value),
            n=int(lines["n"].sum()),
            events=int(lines["events"].sum()),
            effect=asked.effect(lines),
        )
        for value, lines in part.groupby(field, observed=True, sort=True)
    ]
    return sorted(rows, key=lambda row: (-row.events, row.label))


def _pool(key: str, label: str, rows: Sequence[Row]) -> Pool:
    used = [row for row in rows if poolable(row.effect)]
    found = _synthesise(used)
    weights = dict(zip((row.key for row in used), found.weights, strict=False))
    n, events = sum(row.n for row in used), sum(row.events for row in used)
    return Pool(
        key=key,
        label=label,
        rows=tuple(replace(row, weight=weights.get(row.key, math.nan)) for row in rows),
        pooled=_ratio(found.estimate, n, events),
        common=_ratio(found.common, n, events),
        prediction=_ratio(found.prediction, n, events),
        tau2=found.tau2,
        i2=found.i2,
        q=found.q,
        egger=found.egger,
    )


def _synthesise(rows: Sequence[Row]) -> Synthesis:
    return synthesise([math.log(row.effect.value) for row in rows], [row.effect.std_error**2 for row in rows])


def _ratio(log: Estimate, n: int, events: int) -> Estimate:
    """An estimate on the logarithmic scale as a ratio, with the patients behind it."""
    made = replace(log, n=n, events=events)
    if not math.isfinite(log.value):
        return made
    return replace(made, value=math.exp(log.value), lower=math.exp(log.lower), upper=math.exp(log.upper))


def _without(whole: Pool) -> list[tuple[str, Estimate]]:
    """The pooled effect without each cohort in turn, from three cohorts on."""
    used = [row for row in whole.rows if poolable(row.effect)]
    if len(used) < 3:
        return []
    return [(row.label, _pool("", "", [other for other in used if other is not row]).pooled) for row in used]


def _subgroups(resolved: Resolved, asked: Question, field: str) -> Subgroups:
    """Forests by tumour type or therapy: within each value a line for each cohort."""
    pools = [
        _pool(str(value), label_of(resolved, field, value), _rows(resolved, asked, part, "cohort"))
        for value, part in asked.frame.groupby(field, observed=True, sort=True)
    ]
    pools.sort(key=lambda found: (-sum(row.events for row in found.rows), found.label))
    between = no_test(BETWEEN, NOT_ONE_STUDY, n=len(pools)) if field == "therapy" else _between(pools)
    return Subgroups(field, BY[field], tuple(pools), between)


def _between(pools: Sequence[Pool]) -> Test:
    """Whether the common effects of the groups differ: Cochran's Q between them, df groups - 1."""
    logs, variances = [], []
    for found in pools:
        used = [row for row in found.rows if poolable(row.effect)]
        if used:
            common = pool([math.log(row.effect.value) for row in used], [row.effect.std_error**2 for row in used], "FE")
            logs.append(common.estimate)
            variances.append(common.std_error**2)
    if len(logs) < 2:
        return no_test(BETWEEN, "fewer than two groups with an estimate", n=len(logs))
    return replace(pool(np.array(logs), np.array(variances), "FE").q, method=BETWEEN)


def _left_out(resolved: Resolved, scope: Scope, whole: Pool) -> list[LeftOut]:
    """Every chosen cohort that adds nothing, by name."""
    found = [LeftOut(cohort, resolved.title(cohort), reason) for cohort, reason in resolved.left_out]
    emptied = emptied_cohorts(scope)
    found += [LeftOut(c, resolved.title(c), _copy_of(resolved, c) or reason) for c, reason in emptied.items()]
    for row in whole.rows:
        if not poolable(row.effect):
            reason = row.effect.reason or "no standard error"
            found.append(LeftOut(row.cohort, row.label, f"{row.n} patients, {row.events} events: {reason}"))
    return found


def _copy_of(resolved: Resolved, cohort: str) -> str:
    """Which chosen cohort holds the same patients as this one; "" where none does."""
    overlap = resolved.store.table("overlap")
    same = overlap[(overlap["cohort"] == cohort) & overlap["preferred"].isin(resolved.cohorts)]["preferred"]
    if same.empty:
        return ""
    return f"same patients as {' and '.join(resolved.title(str(c)) for c in sorted(same.unique()))}: counted there"
