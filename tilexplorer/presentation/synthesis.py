"""The view across cohorts as figures and tables."""

from __future__ import annotations

import math

import pandas as pd

from tilexplorer import formatting
from tilexplorer.analysis.synthesis import Across, Pool, Row, Subgroups
from tilexplorer.analysis.synthesis_effects import poolable
from tilexplorer.analysis.synthesis_sentence import events_word, ratio
from tilexplorer.figures import forest
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.forest import ForestRow
from tilexplorer.presentation.look import Look
from tilexplorer.statistics.results import Estimate

MOST_LINES = 40


def cohorts_figure(found: Across, look: Look) -> Drawn:
    """A line for each cohort, then what they say together, where a further one is expected, and the one-stage model."""
    whole = found.whole
    lines = [_line(row, row.label) for row in whole.rows]
    if whole.pooled.shown:
        together = "Random effects" if whole.k >= 3 else "Common effect"
        lines.append(_total(together, whole.pooled))
    if whole.prediction.shown:
        lines.append(_prediction(whole))
    if whole.k > 1 and found.one_stage.shown:
        lines.append(_total("All patients in one stratified model", found.one_stage))
    return _draw(found, lines, look)


def subgroup_figure(found: Across, part: Subgroups, look: Look) -> Drawn:
    """The same by tumour type or therapy, with the test between the groups once."""
    p = part.between.p_value if part.between.shown else None
    lines = [ForestRow(f"By {part.words}", kind="head", interaction_p=p)]
    for group in part.pools:
        lines += _group(found, group)
    return _draw(found, lines[:MOST_LINES], look)


def _group(found: Across, group: Pool) -> list[ForestRow]:
    several = len(found.whole.rows) > 1
    if len(group.rows) == 1:
        row = group.rows[0]
        return [_line(row, f"{group.label}, {row.label}" if several else group.label)]
    total = [_total(f"{group.label}, together", group.pooled)] if group.pooled.shown else []
    return [ForestRow(group.label, kind="head"), *(_line(row, row.label) for row in group.rows), *total]


def _line(row: Row, label: str) -> ForestRow:
    effect = row.effect
    if not poolable(effect):
        return ForestRow(label, row.n, row.events, reason=_short(effect.reason))
    weight = row.weight if math.isfinite(row.weight) else 1 / effect.std_error**2
    return ForestRow(label, row.n, row.events, effect.value, effect.lower, effect.upper, weight)


def _short(reason: str) -> str:
    """The reason without what stands in brackets: the table has it whole."""
    return reason.split(" (")[0] or formatting.NOT_ESTIMABLE


def _total(label: str, effect: Estimate) -> ForestRow:
    return ForestRow(label, effect.n, effect.events, effect.value, effect.lower, effect.upper, 1.0, "total")


def _prediction(whole: Pool) -> ForestRow:
    effect = whole.prediction
    label = "Expected in a further cohort"
    return ForestRow(label, effect.n, effect.events, effect.value, effect.lower, effect.upper, 1.0, "prediction")


def _draw(found: Across, lines: list[ForestRow], look: Look) -> Drawn:
    return forest.draw(
        lines,
        theme=look.theme,
        title="",
        favours=favours(found),
        stamp=look.stamp,
        width=look.width,
        simulated=found.context.simulated,
        measure=f"{found.ratio_words.capitalize()} {found.effect_words}",
    )


def favours(found: Across) -> tuple[str, str]:
    """What lies left and right of no effect."""
    if found.ratio_words == "hazard ratio":
        return "longer with more infiltration", "shorter with more infiltration"
    return "fewer with more infiltration", "more with more infiltration"


def cohorts_table(found: Across) -> pd.DataFrame:
    """A row for each cohort, with its measure and its weight."""
    return pd.DataFrame(
        [
            {
                "Cohort": row.label,
                "Measure": found.measures.get(row.cohort, ""),
                "Patients": row.n,
                events_word(found).capitalize(): row.events,
                f"{found.ratio_words.capitalize()} {found.effect_words}": _effect(row.effect),
                "p": formatting.p_value(row.effect.p_value) if row.effect.shown else formatting.MISSING,
                "Weight": f"{row.weight:.0f}%" if math.isfinite(row.weight) else formatting.MISSING,
                "Remark": row.effect.reason if row.effect.shown else "",
            }
            for row in found.whole.rows
        ]
    )


def _effect(effect: Estimate) -> str:
    return ratio(effect) if effect.shown else effect.reason


def together_table(found: Across) -> pd.DataFrame:
    """The ways of putting the cohorts together, and how far they agree."""
    whole = found.whole
    rows = [
        ("Random effects" if whole.k >= 3 else "Common effect of two", whole.pooled, _effect(whole.pooled)),
        ("Common (fixed) effect", whole.common, _effect(whole.common)),
        ("All patients in one stratified model", found.one_stage, _effect(found.one_stage)),
        ("Expected in a further cohort", whole.prediction, _prediction_text(whole.prediction)),
        ("I2", whole.i2, _plain(whole.i2, "{:.0f}%")),
        ("tau2 of the log ratio", whole.tau2, _plain(whole.tau2, "{:.3f}")),
    ]
    made: list[dict[str, object]] = [
        {
            "What": name,
            "Estimate": text,
            "p": formatting.p_value(e.p_value) if math.isfinite(e.p_value) else "",
            "Method": e.method + (f"; {e.reason}" if e.reason and e.shown else ""),
        }
        for name, e, text in rows
    ]
    for name, test in (("The cohorts agree (Q)", whole.q), ("Small cohorts differ (Egger)", whole.egger)):
        shown = f"{test.statistic:.2f}, df {test.df:.0f}" if test.shown else test.reason
        p = formatting.p_value(test.p_value) if test.shown else ""
        made.append({"What": name, "Estimate": shown, "p": p, "Method": test.method})
    return pd.DataFrame(made)


def _prediction_text(effect: Estimate) -> str:
    if not effect.shown:
        return effect.reason
    return f"{formatting.ratio(effect.lower)} to {formatting.ratio(effect.upper)}"


def _plain(effect: Estimate, form: str) -> str:
    if not effect.shown:
        return effect.reason
    return formatting.interval(*(form.format(value) for value in (effect.value, effect.lower, effect.upper)))


def without_table(found: Across) -> pd.DataFrame:
    """The pooled effect without each cohort in turn."""
    return pd.DataFrame(
        [
            {"Without": name, "Together": ratio(effect), "p": formatting.p_value(effect.p_value)}
            for name, effect in found.without
        ]
    )


def subgroup_table(found: Across, part: Subgroups) -> pd.DataFrame:
    """A row for each cohort within each group, and the group's pooled effect."""
    head = part.words.capitalize()
    rows: list[dict[str, object]] = []
    for group in part.pools:
        for row in group.rows:
            rows.append(_subgroup_row(found, {head: group.label, "Cohort": row.label}, row.n, row.events, row.effect))
        if len(group.rows) > 1:
            n, events = group.pooled.n, group.pooled.events
            rows.append(_subgroup_row(found, {head: group.label, "Cohort": "together"}, n, events, group.pooled))
    return pd.DataFrame(rows)


def _subgroup_row(found: Across, names: dict[str, object], n: int, events: int, effect: Estimate) -> dict[str, object]:
    return {
        **names,
        "Patients": n,
        events_word(found).capitalize(): events,
        f"{found.ratio_words.capitalize()} {found.effect_words}": _effect(effect),
    }


def left_out_table(found: Across) -> pd.DataFrame:
    """Cohorts that add nothing, each with the reason."""
    return pd.DataFrame([{"Cohort": out.label, "Why it is not in it": out.reason} for out in found.left_out])


def method(found: Across) -> list[str]:
    """How the numbers were made, a line each."""
    survival = found.ratio_words == "hazard ratio"
    model = (
        "Each cohort: Cox regression with Efron ties, stratified by study and tumour type; Wald limits."
        if survival
        else "Each cohort: odds ratio within study and tumour type (levels: Woolf in one stratum, Mantel-Haenszel in "
        "several; a number: logistic regression with an intercept for each stratum in which some responded)."
    )
    one = (
        "One-stage: one model of all patients, stratified by cohort, study and tumour type. It takes the effect to be "
        "the same in every cohort."
    )
    return [
        f"{found.outcome_words.capitalize()}: {found.ratio_words} {found.effect_words}. {found.context.rule}.",
        model,
        "Together, from three cohorts: random effects, tau2 by REML, limits by Hartung-Knapp, never narrower than the "
        "z limits (modified). Two cohorts: their common effect. I2 and tau2 with Q-profile limits; prediction interval "
        "with t, k - 2 degrees of freedom; trusted from five cohorts.",
        one,
        "By tumour type: Cochran's Q between the groups' common effects (the interaction p). Between therapies nothing "
        "is tested: they were given in different studies, and no difference between them follows from these lines.",
        "A cohort with fewer than ten events is left out and named. Patients who are in two cohorts count once.",
    ]
