"""The survival view as figures and tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tilexplorer import formatting
from tilexplorer.analysis.survival import MILESTONES, GroupSurvival, Panel, Survival
from tilexplorer.figures import kaplan_meier
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.risk_table import Rows
from tilexplorer.presentation import cells
from tilexplorer.presentation.curves import curve_view, risk_view
from tilexplorer.presentation.look import Look
from tilexplorer.statistics.results import Estimate, Test
from tilexplorer.timescale import DAYS_PER_MONTH

MOST_CURVES = 8  # of one figure: more hues cannot be told apart


def drawn_groups(panel: Panel) -> list[GroupSurvival]:
    """The groups of a panel that have a curve, at most as many as there are colours."""
    return [group for group in panel.groups if group.shown][:MOST_CURVES]


def figure(
    found: Survival,
    panel: Panel,
    look: Look,
    *,
    rows: Rows = "full",
    longest: float | None = None,
) -> Drawn:
    """Kaplan-Meier curves of one panel over their table."""
    groups = drawn_groups(panel)
    labels = [group.group.label for group in groups]
    return kaplan_meier.draw(
        [curve_view(g.group.label, g.curve, g.median, g.tail_from, g.events) for g in groups],
        risk_view(panel.risk, labels),
        theme=look.theme,
        title=panel.group.label if panel.group else "",
        stamp=look.stamp,
        width=look.width,
        simulated=found.context.simulated,
        endpoint=found.endpoint_words[:1].upper() + found.endpoint_words[1:],
        rows=rows,
        domain=domain(found),
        longest_days=longest,
    )


def domain(found: Survival) -> list[str]:
    """Every colour key of the view, so that panels agree."""
    return list(dict.fromkeys(group.group.label for panel in found.panels for group in panel.groups))


def longest(found: Survival) -> float:
    """The longest follow-up of any curve [days]: small multiples share one axis."""
    return max((float(g.curve.last_time) for panel in found.panels for g in drawn_groups(panel)), default=1.0)


def summary(found: Survival) -> pd.DataFrame:
    """A row for each curve: n, events, median, restricted mean, hazard ratio, follow-up."""
    rows = [_row(found, panel, group) for panel in found.panels for group in panel.groups]
    return pd.DataFrame(rows)


def _row(found: Survival, panel: Panel, group: GroupSurvival) -> dict[str, object]:
    label = group.group.label
    row: dict[str, object] = {"Panel": panel.group.label} if panel.group else {}
    return row | {
        "Group": label,
        "n": group.n,
        "Events": group.events,
        "Median [months]": cells.median(group.median),
        f"Restricted mean to {formatting.months(found.tau)} months": _months(group.rmst),
        f"Difference from {panel.reference} [months]": _difference(panel, label),
        f"Hazard ratio v {panel.reference}": _hazard_ratio(panel, label),
        "p (hazard ratio)": _p(panel, label),
        "Median follow-up [months]": cells.median(group.follow_up),
    }


def _months(estimate: Estimate) -> str:
    if not estimate.shown:
        return estimate.reason
    values = (formatting.months(v) for v in (estimate.value, estimate.lower, estimate.upper))
    return formatting.interval(*values)


def _difference(panel: Panel, label: str) -> str:
    if label == panel.reference:
        return "reference"
    estimate = panel.rmst_differences[label]
    if not estimate.shown:
        return estimate.reason
    values = (formatting.signed_months(v) for v in (estimate.value, estimate.lower, estimate.upper))
    return formatting.interval(*values)


def _hazard_ratio(panel: Panel, label: str) -> str:
    if label == panel.reference:
        return "reference"
    if panel.cox is None:
        return formatting.NOT_ESTIMABLE
    estimate = panel.cox.hazard_ratios[label]
    return f"{cells.ratio(estimate)} (Firth)" if estimate.shown and panel.cox.firth else cells.ratio(estimate)


def _p(panel: Panel, label: str) -> str:
    if label == panel.reference or panel.cox is None:
        return ""
    estimate = panel.cox.hazard_ratios[label]
    return formatting.p_value(estimate.p_value) if estimate.shown else ""


def milestones(found: Survival) -> pd.DataFrame:
    """Survival at 6, 12 and 24 months with limits, a row for each curve."""
    rows = []
    for panel in found.panels:
        for group in panel.groups:
            row: dict[str, object] = {"Panel": panel.group.label} if panel.group else {}
            row["Group"] = group.group.label
            for months in MILESTONES:
                row[f"{months} months"] = _survival_at(group.milestones[months], group.n)
            rows.append(row)
    return pd.DataFrame(rows)


def _survival_at(estimate: Estimate, n: int) -> str:
    if not estimate.shown:
        return estimate.reason
    return formatting.percent_interval(estimate.value, estimate.lower, estimate.upper, n)


def tests(found: Survival) -> pd.DataFrame:
    """Every test of the view: k-sample, unstratified, trend, each pair."""
    rows: list[dict[str, object]] = []
    for panel in found.panels:
        where: dict[str, object] = {"Panel": panel.group.label} if panel.group else {}
        rows.append(where | _test("all groups", panel.logrank))
        if panel.unstratified is not None:
            rows.append(where | _test("all groups, strata ignored", panel.unstratified))
        if panel.trend.shown:
            rows.append(where | _test("trend over the levels", panel.trend))
        for pair in panel.pairwise:
            made = _test(f"{pair.first} v {pair.second}", pair.test)
            if pair.test.shown:
                made["p adjusted (Holm)"] = formatting.p_value(pair.adjusted_p)
            rows.append(where | made)
    return pd.DataFrame(rows).fillna("")


def _test(name: str, test: Test) -> dict[str, object]:
    if not test.shown:
        return {"Comparison": name, "Method": test.method, "p": test.reason}
    strata = f", {test.strata} strata" if test.strata > 1 else ""
    return {
        "Comparison": name,
        "Method": f"{test.method}{strata}",
        "Statistic": f"{test.statistic:.2f}",
        "df": f"{test.df:.0f}",
        "p": formatting.p_value(test.p_value),
        "p adjusted (Holm)": "",
    }


def risk_frame(panel: Panel) -> pd.DataFrame:
    """The table under the curves as rows: group, months, at risk, censored and events so far."""
    risk = panel.risk
    return pd.DataFrame(
        {
            "Group": np.repeat(risk.groups, len(risk.times)),
            "Months": np.tile(np.round(risk.times / DAYS_PER_MONTH, 1), len(risk.groups)),
            "At risk": risk.at_risk.ravel(),
            "Censored": risk.censored.ravel(),
            "Events": risk.events.ravel(),
        }
    )


def method(found: Survival) -> list[str]:
    """How the numbers were made, a line each."""
    interval = found.context.selection.interval
    strata = max((len(panel.strata) for panel in found.panels), default=1)
    return [
        f"Kaplan-Meier curves with pointwise {interval} 95% limits (Greenwood's variance); medians with "
        "Brookmeyer-Crowley limits from the same interval. NR: not reached. NE: not estimable.",
        "A curve turns grey where fewer than min(10, max(3, n/4)) patients are at risk.",
        "Log-rank test with hypergeometric variance"
        + (f", stratified by cohort, study and tumour type ({strata} strata)." if strata > 1 else ".")
        + " Pairs are adjusted by Holm's method.",
        "Hazard ratios from a Cox model of the groups with Efron's ties and Wald limits"
        + (", stratified as the test." if strata > 1 else ".")
        + " A group without events is estimated by Firth's penalised likelihood and marked.",
        f"Restricted mean survival to {formatting.months(found.tau)} months (variance of Uno 2014); the horizon is the "
        "largest round number of months that every group of ten or more was followed for, unless chosen.",
        "Smallest hazard ratio that could have been shown: Schoenfeld 1983, 80% power at two-sided 0.05, from the "
        "patients and events of the two groups; it does not depend on what was observed.",
        f"Median follow-up {cells.median(found.follow_up)} months, by reverse Kaplan-Meier. Months are days / 30.4375.",
    ]
