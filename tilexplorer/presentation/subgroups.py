"""The subgroups view as figures and tables."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from tilexplorer import formatting, vocabulary
from tilexplorer.analysis.context import Context
from tilexplorer.analysis.predictive import Interplay, StudyArms
from tilexplorer.analysis.subgroup_effect import Effect, Question
from tilexplorer.analysis.subgroups import OLD, Subgroups, Variable
from tilexplorer.figures import along, forest
from tilexplorer.figures.along import AlongView
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.forest import ForestRow
from tilexplorer.presentation.look import Look
from tilexplorer.statistics.results import Estimate


def ratio_name(question: Question) -> str:
    """Hazard ratio or odds ratio, as a title."""
    return capital(question.scale)


def forest_figure(found: Subgroups, look: Look) -> Drawn:
    """Every subgroup, the whole selection first."""
    lines = [_line("All patients", found.overall, "total")]
    for variable in found.variables:
        p = variable.interaction.p_value if variable.interaction.shown else None
        lines.append(ForestRow(capital(variable.words), kind="head", interaction_p=p))
        lines += [_line(_short(row.group.label, variable), row.effect, "subgroup") for row in variable.rows]
    return forest.draw(
        lines,
        theme=look.theme,
        title="",
        favours=favours(found),
        stamp=look.stamp,
        width=look.width,
        simulated=found.context.simulated,
        measure=ratio_name(found.question),
    )


def _short(label: str, variable: Variable) -> str:
    """A row's name without its variable's, which stands above it."""
    return label.removeprefix(f"{variable.words}: ")


def _line(label: str, effect: Effect, kind: str) -> ForestRow:
    ratio = effect.ratio
    return ForestRow(
        label,
        effect.n,
        effect.events,
        ratio.value,
        ratio.lower,
        ratio.upper,
        weight=1 / ratio.std_error**2 if ratio.std_error > 0 else 1.0,
        kind="total" if kind == "total" else "subgroup",
        reason="" if ratio.shown else brief(ratio.reason),
    )


def brief(reason: str) -> str:
    """A reason that fits a figure's rim; the table has all of it."""
    return reason if len(reason) <= 34 else "not shown: see the table"


def favours(found: Subgroups) -> tuple[str, str]:
    """What lies left and right of no effect."""
    question = found.question
    better, worse = (
        ("longer survival", "shorter survival")
        if question.outcome == "survival"
        else ("more responses", "fewer responses")
    )
    if question.kind == "continuous":
        name = "with more infiltration"
        left, right = (f"{better} {name}", f"{worse} {name}")
    else:
        left, right = (f"{better}: {question.target}", f"{better}: {question.reference}")
    return (left, right) if question.outcome == "survival" else (right, left)


def table(found: Subgroups) -> pd.DataFrame:
    """A row for each subgroup, with the interaction p of its variable and the reason where a number is missing."""
    rows = [_row("All patients", "", found.overall, found, "")]
    for variable in found.variables:
        test = variable.interaction
        p = formatting.p_value(test.p_value) if test.shown else test.reason
        rows += [_row(capital(variable.words), row.group.label, row.effect, found, p) for row in variable.rows]
    return pd.DataFrame(rows)


def _row(variable: str, label: str, effect: Effect, found: Subgroups, p: str) -> dict[str, object]:
    question = found.question
    events = "Events" if question.outcome == "survival" else "Responders"
    row: dict[str, object] = {"Variable": variable, "Subgroup": label, "n": effect.n, events: effect.events}
    row[f"{ratio_name(question)}, {question.contrast}"] = ratio_text(effect.ratio)
    if found.overall.difference is not None:
        row["Difference in rate"] = _difference(effect.difference)
    row["Interaction p"] = p
    row["Caution"] = effect.ratio.reason if effect.ratio.shown else ""
    return row


def ratio_text(ratio: Estimate) -> str:
    """A ratio with its limits, or why there is none."""
    return formatting.ratio_interval(ratio.value, ratio.lower, ratio.upper) if ratio.shown else ratio.reason


def _difference(found: Estimate | None) -> str:
    if found is None or not found.shown:
        return found.reason if found is not None else formatting.NOT_ESTIMABLE
    values = (formatting.signed_percent(100 * v) for v in (found.value, found.lower, found.upper))
    return formatting.interval(*values)


def not_compared(found: Subgroups) -> pd.DataFrame:
    """Per variable: who is in no row, and which rows are in no interaction test."""
    return pd.DataFrame(
        [
            {
                "Variable": capital(v.words),
                "Not recorded": v.not_recorded,
                "Left out of the interaction": "; ".join(v.left_out),
                "Smaller rows not shown": v.hidden,
            }
            for v in found.variables
            if v.not_recorded or v.left_out or v.hidden
        ]
    )


# Prognostic or predictive ---------------------------------------------------------------------------------------------


def along_figure(found: Subgroups, study: StudyArms, asked: Interplay, look: Look) -> Drawn:
    """The ratio of therapy against comparator along the measure."""
    model = asked.model
    view = None
    log = not np.isnan(asked.constant)
    if model.along is not None:
        a = model.along
        x = 2.0**a.x - asked.constant if log else a.x
        values = asked.measured if log else np.empty(0)
        positive = x > 0 if log else np.ones(len(x), dtype=bool)
        view = AlongView(x[positive], a.ratio[positive], a.lower[positive], a.upper[positive], values)
    return along.draw(
        view,
        theme=look.theme,
        title=f"{capital(study.therapy)} v {study.comparator}, along {asked.measure}",
        axis=_axis(asked, log=log),
        measure=f"{ratio_name(found.question)} of therapy",
        favours=_therapy_favours(study, found.question),
        log=log,
        stamp=look.stamp,
        width=look.width,
        simulated=found.context.simulated,
    )


def _axis(asked: Interplay, *, log: bool) -> str:
    if not log:
        return f"{asked.measure}, {asked.unit.removeprefix('per ')}"
    known = next((m for m in vocabulary.measures().values() if m.label == asked.measure), None)
    unit = f" [{known.unit}]" if known is not None and known.unit else ""
    return f"{asked.measure}{unit}"


def _therapy_favours(study: StudyArms, question: Question) -> tuple[str, str]:
    sides = (f"favours {study.therapy}", f"favours {study.comparator}")
    return sides if question.outcome == "survival" else sides[::-1]


def panel_stamp(found: Subgroups, asked: Interplay) -> Context:
    """The context of the panel's figure: its own patients, measure and transformation."""
    return replace(found.context, n=asked.model.n, measure=asked.measure, rule=asked.formula)


def interactions(study: StudyArms, question: Question) -> pd.DataFrame:
    """A row for each way of asking: the ratio of ratios, its interval, the test."""
    rows = []
    for asked in study.asked:
        model = asked.model
        base: dict[str, object] = {"Infiltration": asked.name, "n": model.n, "Events": model.events}
        ratios: dict[str, Estimate | None] = dict(model.ratio_of_ratios) or {"": None}
        for level, ratio in ratios.items():
            row = dict(base)
            if level:
                row["Infiltration"] = f"{asked.name}: {level}"
            row[f"Ratio of {question.scale}s"] = ratio_text(ratio) if ratio is not None else model.test.reason
            row["Interaction p"] = formatting.p_value(model.test.p_value) if model.test.shown else model.test.reason
            row["Left out"] = "; ".join(model.left_out)
            rows.append(row)
    return pd.DataFrame(rows)


def within(study: StudyArms, question: Question) -> pd.DataFrame:
    """Therapy within each level and infiltration within each arm, from the same model; no p for a row."""
    column = ratio_name(question)
    rows: list[dict[str, object]] = []
    for asked in study.asked:
        for level, ratio in asked.model.therapy_within.items():
            rows.append(
                {
                    "Model": asked.name,
                    "Effect": f"{study.therapy} v {study.comparator}",
                    "Within": level,
                    column: ratio_text(ratio),
                }
            )
        for (arm, level), ratio in asked.model.infiltration_within.items():
            effect = f"{level} v {next(iter(asked.model.therapy_within))}" if level else f"infiltration, {asked.unit}"
            rows.append({"Model": asked.name, "Effect": effect, "Within": arm, column: ratio_text(ratio)})
    return pd.DataFrame(rows)


def method(found: Subgroups) -> list[str]:
    """How the numbers were made, a line each."""
    question = found.question
    survival = question.outcome == "survival"
    return [
        f"Effect: {question.contrast}; {found.rule}.",
        "Cox model with Efron's ties and Wald limits, stratified by cohort, study and tumour type; levels as on the "
        "survival page, a group without events by Firth's penalised likelihood."
        if survival
        else "Odds ratios with Woolf's limits and differences by Newcombe's method, within several strata by Mantel "
        "and Haenszel; a measure as a number by logistic regression with an indicator for each stratum.",
        "Each row is fitted on its own patients. The interaction is one likelihood ratio test for each variable; "
        "subgroups with fewer than 10 patients or 5 events in a cell do not enter it and are named. Where the "
        "subgroups are the strata (tumour type, cohort) they have baselines of their own.",
        f"No row has a p-value. Age is cut at {OLD} years. At most the largest rows of a variable are drawn.",
        "Prognostic or predictive: therapy, infiltration and their product in one model of one study with concurrent "
        "arms; the therapy along infiltration and infiltration within each arm are read from that model. c of "
        "log2(x + c) is 0 where every value is positive.",
        "Smallest effects that could have been shown, 80% power at two-sided 0.05: Schoenfeld 1983 (two groups), Hsieh "
        "and Lavori 2000 (per unit), Peterson and George 1993 (interaction), Fleiss 1981 (rates).",
    ]


def capital(text: str) -> str:
    """With a capital first letter."""
    return text[:1].upper() + text[1:]
