"""The thresholds view as figures and tables."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from tilexplorer import formatting
from tilexplorer.analysis import outcome_words
from tilexplorer.analysis.cut_rules import RuleEffect
from tilexplorer.analysis.thresholds import Thresholds, on_unit
from tilexplorer.analysis.two_measures import TwoMeasures
from tilexplorer.figures import agreement, effect_curve, forest
from tilexplorer.figures import roc as roc_figure
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.effect_curve import CurveAlong
from tilexplorer.figures.forest import ForestRow
from tilexplorer.presentation.look import Look
from tilexplorer.response_source import BENEFIT
from tilexplorer.statistics.results import Estimate, Test


def ratio_name(found: Thresholds) -> str:
    """What the view's ratio is called."""
    return "Hazard ratio" if found.outcome == "survival" else "Odds ratio"


def curve_figure(found: Thresholds, look: Look) -> Drawn | None:
    """The spline along the measure, or None where there is none."""
    constant = found.scale.constant if found.log_axis else None
    marks = _marks(found)
    if found.spline is not None and len(found.spline.x):
        s = found.spline
        value, lower, upper = (np.exp(y) for y in (s.log_hr, s.lower, s.upper))
        hover = [
            _hover(found, x, formatting.ratio_interval(*v)) for x, *v in zip(s.x, value, lower, upper, strict=True)
        ]
        name = f"Hazard ratio of {found.outcome_words} against the median ({_at(found, s.reference)})"
        view = CurveAlong(
            s.x, value, lower, upper, found.x, constant, name, found.axis, hover, marks=marks,
            summary=_ends(hover) + f" {_spline_words(found)}",
        )  # fmt: skip
    elif found.curve is not None and len(found.curve.x):
        c = found.curve
        triples = zip(c.x, c.probability, c.lower, c.upper, strict=True)
        hover = [_hover(found, x, formatting.percent_interval(*v)) for x, *v in triples]
        name = f"{found.outcome_words[:1].upper()}{found.outcome_words[1:]}"
        view = CurveAlong(
            c.x, c.probability, c.lower, c.upper, found.x, constant, name, found.axis, hover, share=True, marks=marks,
            summary=_ends(hover) + f" {_spline_words(found)}",
        )  # fmt: skip
    else:
        return None
    return effect_curve.draw(
        view, theme=look.theme, title="", stamp=look.stamp, width=look.width, simulated=found.context.simulated
    )


def _marks(found: Thresholds) -> tuple[tuple[float, str], ...]:
    """The chosen cuts as lines on the axis."""
    if found.cut is None or found.axis.endswith("[SD]"):
        return ()
    cuts = [float(text) for text in found.cut.rule.removeprefix("cut:").split(",")]
    if found.log_axis:
        constant = found.scale.constant
        cuts = [math.log2(cut + constant) for cut in cuts if cut + constant > 0]
    return tuple((place, f"cut {formatting.measured(on_unit(found, place))}") for place in cuts)


def _at(found: Thresholds, place: float) -> str:
    return formatting.measured(on_unit(found, place))


def _hover(found: Thresholds, place: float, text: str) -> str:
    return f"{_at(found, place)}<br>{text}"


def _ends(hover: list[str]) -> str:
    """The first, middle and last point in words."""
    places = [hover[0], hover[len(hover) // 2], hover[-1]]
    return "; ".join("at " + place.replace("<br>", ": ") for place in places) + "."


def _spline_words(found: Thresholds) -> str:
    fitted = found.spline or found.curve
    if fitted is None or not fitted.overall.shown:
        return ""
    return (
        f"Association {formatting.p_phrase(fitted.overall.p_value)}, "
        f"departure from a line {formatting.p_phrase(fitted.nonlinear.p_value)}."
    )


def curve_reason(found: Thresholds) -> str:
    """Why there is no curve; its tests where there is one."""
    fitted = found.spline or found.curve
    if fitted is None:
        return found.why_not
    return _spline_words(found) or f"No curve is drawn: {fitted.overall.reason}."


def rules_figure(found: Thresholds, look: Look) -> Drawn:
    """High against low under every rule, under the effect as a number."""
    continuous = found.continuous.ratio
    lines = [
        ForestRow(
            f"as a number, {found.continuous.unit}", found.n, found.events, continuous.value, continuous.lower,
            continuous.upper, kind="total", reason=continuous.reason,
        ),
        *(_forest_row(rule) for rule in found.rules),
    ]  # fmt: skip
    survival = found.outcome == "survival"
    favours = ("high lives longer", "low lives longer") if survival else ("low responds more", "high responds more")
    if found.context.selection.response == BENEFIT and not survival:
        favours = ("low benefits more", "high benefits more")
    if survival and found.outcome_words != "overall survival":
        favours = ("high does better", "low does better")
    return forest.draw(
        lines,
        theme=look.theme,
        title="",
        favours=favours,
        stamp=look.stamp,
        width=look.width,
        simulated=found.context.simulated,
        measure=ratio_name(found),
    )


def _forest_row(rule: RuleEffect) -> ForestRow:
    e = rule.effect
    events = sum(group.events for group in rule.groups)
    if not e.shown or math.isnan(e.value):
        return ForestRow(rule.name, rule.n, events, reason=e.reason)
    return ForestRow(rule.name, rule.n, events, e.value, e.lower, e.upper, weight=max(rule.n, 1))


def rules_table(found: Thresholds) -> pd.DataFrame:
    """A row for each rule: groups with their sizes, effect, test, effect per step."""
    what = outcome_words.counted(found.context.selection)
    rows: list[dict[str, object]] = [
        {
            "Rule": "as a number (before any cut)",
            "Groups": f"{formatting.count(found.n)} patients, {formatting.count(found.events)} {what}",
            f"{ratio_name(found)}, high v low": f"{ratio(found.continuous.ratio)} {found.continuous.unit}",
            "p": p_of(found.continuous.test, found.continuous.ratio),
        }
    ]
    rows += [_rule_row(found, rule, what) for rule in found.rules]
    return pd.DataFrame(rows).fillna("")


def _rule_row(found: Thresholds, rule: RuleEffect, what: str) -> dict[str, object]:
    groups = "; ".join(f"{g.label} {formatting.count(g.n)} ({formatting.count(g.events)} {what})" for g in rule.groups)
    row: dict[str, object] = {
        "Rule": rule.name,
        "Groups": groups or formatting.MISSING,
        f"{ratio_name(found)}, high v low": ratio(rule.effect),
        "p": p_of(rule.test),
    }
    if rule.difference is not None:
        d = rule.difference
        row["Difference of rates"] = (
            f"{100 * d.value:.0f} points ({100 * d.lower:.0f} to {100 * d.upper:.0f})".replace("-", formatting.MINUS)
            if d.shown and not math.isnan(d.value) else d.reason
        )  # fmt: skip
    if rule.per_step is not None:
        row["Per level"] = ratio(rule.per_step.ratio)
        row["p (per level)"] = p_of(rule.per_step.test, rule.per_step.ratio)
    if rule.source:
        row["Source"] = rule.source
    return row


def ratio(found: Estimate) -> str:
    """A ratio with limits, or why there is none."""
    if not found.shown or math.isnan(found.value):
        return found.reason
    return formatting.ratio_interval(found.value, found.lower, found.upper)


def p_of(test: Test, wald: Estimate | None = None) -> str:
    """A test's p, the Wald p where the likelihood gives none, else the reason."""
    if test.shown:
        return formatting.p_value(test.p_value)
    if wald is not None and wald.shown and not math.isnan(wald.p_value):
        return f"{formatting.p_value(wald.p_value)} (Wald)"
    return test.reason


def sweep_figure(found: Thresholds, look: Look) -> Drawn | None:
    """The effect at every cut."""
    points = [p for p in found.sweep if p.effect.shown and not math.isnan(p.effect.value)]
    if len(points) < 2:
        return None
    x, value, lower, upper = (
        np.array(column) for column in zip(*((p.cut, p.effect.value, p.effect.lower, p.effect.upper) for p in points),
                                           strict=True)
    )  # fmt: skip
    sizes = (f"low {formatting.count(p.low)}, high {formatting.count(p.high)}" for p in points)
    hover = [f"cut at {_at(found, p.cut)}: {n}<br>{ratio(p.effect)}" for p, n in zip(points, sizes, strict=True)]
    constant = found.scale.constant if found.log_axis else None
    view = CurveAlong(
        x, value, lower, upper, found.x, constant, f"{ratio_name(found)}, above against up to the cut",
        f"Cut of {found.axis}", hover, steps=True, marks=_marks(found), summary="; ".join([hover[0], hover[-1]]),
    )  # fmt: skip
    return effect_curve.draw(
        view, theme=look.theme, title="", stamp=look.stamp, width=look.width, simulated=found.context.simulated
    )


def sweep_table(found: Thresholds) -> pd.DataFrame:
    """A row for each cut of the sweep."""
    unit = found.axis
    rows = [
        {f"Cut: {unit}": _at(found, p.cut), "Up to the cut": p.low, "Above": p.high, ratio_name(found): ratio(p.effect)}
        for p in found.sweep
    ]
    return pd.DataFrame(rows)


def exploratory_lines(found: Thresholds) -> list[str]:
    """What the cut chosen by the outcome is worth, in sentences."""
    if found.exploratory is None:
        return []
    e = found.exploratory
    if not e.selected.test.shown:
        return [f"No cut was chosen by the outcome: {e.selected.test.reason}."]
    lines = [
        f"The cut that separates most is {_at(found, e.selected.cut)} (M = {e.selected.test.statistic:.2f}, corrected "
        f"{formatting.p_phrase(e.selected.test.p_value)} after Lausen 1994, "
        f"{formatting.p_phrase(e.selected.p_1992)} after Lausen 1992). No hazard ratio is given at this cut: it would "
        "be too far from 1."
    ]
    if e.stability is None or e.cross_validated is None:
        return [*lines, "Its stability is not computed for so many patients."]
    s, test = e.stability, e.cross_validated.test
    if s.reason:
        lines.append(f"Its stability is not shown: {s.reason}.")
    else:
        lines.append(
            f"In {s.resamples} bootstrap resamples (seed {s.seed}) 95% of the cuts lie between {_at(found, s.lower)} "
            f"and {_at(found, s.upper)}; {s.share_near:.0%} lie within 10 percentile points of the chosen one."
        )
    word = formatting.p_phrase(test.p_value) if test.shown else test.reason
    return [*lines, f"On patients who did not choose it (10-fold cross-validation, permutation): {word}."]


def roc_drawn(found: Thresholds, look: Look) -> Drawn | None:
    """The ROC curve where response is looked at."""
    if found.roc is None or not found.roc.points or not found.roc.auc.shown:
        return None
    points = found.roc.points[::-1]
    return roc_figure.draw(
        [p.sensitivity for p in points],
        [p.specificity for p in points],
        [f"above {_threshold(found, p.threshold)}: sensitivity {p.sensitivity:.0%}, specificity {p.specificity:.0%}"
         for p in points],
        theme=look.theme, title="", summary=roc_words(found), stamp=look.stamp, width=look.width,
        simulated=found.context.simulated,
    )  # fmt: skip


def _threshold(found: Thresholds, place: float) -> str:
    return _at(found, place) if math.isfinite(place) else "everything" if place > 0 else "nothing"


def roc_words(found: Thresholds) -> str:
    """The AUC in words."""
    if found.roc is None:
        return ""
    auc = found.roc.auc
    if not auc.shown:
        return f"No AUC is shown: {auc.reason}."
    value = formatting.ratio_interval(auc.value, auc.lower, auc.upper)
    return f"AUC {value}, DeLong; a higher value is taken to predict response"


def youden_words(found: Thresholds) -> str:
    """The threshold that looks best here, with its warning."""
    if found.roc is None or not found.roc.auc.shown or not found.roc.youden:
        return ""
    best = found.roc.youden[0]
    return (
        f"Sensitivity and specificity add up to most above {_threshold(found, best.threshold)} "
        f"({best.sensitivity:.0%} and {best.specificity:.0%}). This was chosen after looking and is optimistic."
    )


def compared_lines(found: TwoMeasures) -> list[str]:
    """How the two measures agree."""
    rho = found.correlation
    lines = [f"{formatting.count(found.n)} patients have both {found.first} and {found.second}."]
    if rho.shown:
        lines.append(f"Rank correlation (Spearman) {rho.value:.2f}.".replace("-", formatting.MINUS))
    if found.same_level is not None and found.same_level.shown:
        s = found.same_level
        lines.append(
            f"{formatting.percent_interval(s.value, s.lower, s.upper, s.n)} of {formatting.count(s.n)} are in the same "
            "level under both"
            + (f"; kappa {formatting.ratio_interval(found.kappa.value, found.kappa.lower, found.kappa.upper)}."
               if found.kappa is not None and found.kappa.shown else ".")
        )  # fmt: skip
    lines.append(agreement_words(found) if found.bland_altman else f"{found.no_units[:1].upper()}{found.no_units[1:]}.")
    return lines


def agreement_words(found: TwoMeasures) -> str:
    """Bland and Altman's numbers in words."""
    b = found.bland_altman
    if b is None or not b.mean.shown:
        return f"No limits of agreement: {b.mean.reason}." if b else ""
    mean, low, high = (formatting.measured(v) for v in (b.mean.value, b.low, b.high))
    what = "Geometric mean ratio" if b.ratio else f"Mean difference [{found.unit}]"
    return f"{what}, {found.second} over {found.first}: {mean}; 95% of patients between {low} and {high}."


def agreement_figure(found: TwoMeasures, look: Look, *, simulated: bool) -> Drawn | None:
    """Bland and Altman's plot, where both measures have one unit."""
    b = found.bland_altman
    if b is None or not b.mean.shown:
        return None
    lines = (b.low, b.mean.value, b.high)
    if b.ratio:
        lines = (math.log2(b.low), math.log2(b.mean.value), math.log2(b.high))
    return agreement.draw(
        b.middle, b.change, lines, ratio=b.ratio, unit=found.unit, theme=look.theme, title="",
        summary=agreement_words(found), stamp=look.stamp, width=look.width, simulated=simulated,
    )  # fmt: skip


def compared_table(found: TwoMeasures) -> pd.DataFrame:
    """Patients by both levels."""
    table = found.table.copy()
    table.columns = [f"{found.second}: {name}" for name in table.columns]
    return table.rename_axis(found.first).reset_index()


def method(found: Thresholds) -> list[str]:
    """How the numbers were made, a line each."""
    survival = found.outcome == "survival"
    strata = f" in {found.strata} strata of cohort, study and tumour type" if found.strata > 1 else ""
    model = (
        f"Cox model, Efron's ties, Wald limits{', stratified' + strata if strata else ''}" if survival
        else "logistic regression, Wald limits" + (f", adjusted for strata{strata}; a stratum in which all or none "
                                                   "responded says nothing and is left out" if strata else "")
    )  # fmt: skip
    lines = [
        f"As a number: {found.scale.rule}; {model}; p by likelihood ratio.",
        "Curve: restricted cubic spline with three knots below 100 events and four above, at Harrell's quantiles; "
        "pointwise 95% limits; drawn between the 2.5 and 97.5 percentiles of the patients.",
        "Rules: the numbers of the survival and response views for each rule. Quantiles are made within cohort, study "
        "and tumour type on all measured patients; a value equal to the cut is low. Per level: the levels scored in "
        "their order, one ratio for each step.",
        "Every cut between the 10th and the 90th percentile: the limits belong to each cut alone; reading off the best "
        "of them is not a test.",
        "Smallest ratio per unit that could have been shown, 80% power at two-sided 0.05, from the spread within "
        f"strata: {'Hsieh and Lavori 2000' if survival else 'Hsieh, Bloch and Larsen 1998'}.",
    ]
    if survival:
        lines.append(
            "The cut chosen by the outcome is exploratory: maximally selected log-rank statistic, p corrected for the "
            "choice (Lausen, Sauerbrei and Schumacher 1994; Lausen and Schumacher 1992); 500 bootstrap resamples; "
            "10-fold cross-validation with 500 permutations of the measure."
        )
    else:
        lines.append("ROC curve with DeLong's limits; apparent, not validated; the direction was fixed in advance.")
    lines.append(f"{found.comparisons} comparisons were made in this view; their p-values are not adjusted.")
    return lines
