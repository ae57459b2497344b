"""The on-treatment view as figures and tables."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from tilexplorer import formatting
from tilexplorer.analysis.on_treatment import OnTreatment, PairPanel
from tilexplorer.analysis.paired_change import Change, Turned
from tilexplorer.figures import pairs, rates
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.pairs import PairsView
from tilexplorer.figures.rates import RateView
from tilexplorer.presentation import cells
from tilexplorer.presentation.look import Look
from tilexplorer.selection import BY
from tilexplorer.statistics.results import Estimate, Test

MOST_GROUPS = 12


def drawn(changes: Sequence[Change]) -> list[Change]:
    """The groups whose pairs are drawn: a line is a patient, so never fewer than the rule for a curve asks for."""
    return [change for change in changes if change.shown]


def pair_figure(
    found: OnTreatment, panel: PairPanel, change: Change, look: Look, domain: Sequence[str], title: str = ""
) -> Drawn:
    """The pairs of one group, a line for each patient."""
    before, after = _centre(change.before, panel), _centre(change.after, panel)
    unit = f" [{panel.unit}]" if panel.unit else ""
    words = "geometric mean" if panel.scale.fold else "median"
    return pairs.draw(
        [PairsView(change.group.label, _colour(change.group.label), change.before, change.after, before, after)],
        theme=look.theme,
        title=title or change.group.label,
        measure=f"{panel.label}{unit}",
        stamp=look.stamp,
        width=look.width,
        simulated=found.context.simulated,
        log=panel.scale.fold,
        domain=domain,
        centre=words,
        axis_values=[float(v) for c in panel.groups for v in (*c.before, *c.after)],
    )


def _colour(label: str) -> str:
    """Response groups take the colours of their categories; everything else its own."""
    return {"CR/PR": "PR", "SD/PD": "SDPD", "not evaluable": "NE"}.get(label, label)


def _centre(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], panel: PairPanel) -> float:
    """Where the thick line stands: the geometric mean on a log axis (less the constant), else the median."""
    if not len(values):
        return math.nan
    if not panel.scale.fold:
        return float(np.median(values))
    return max(0.0, float(np.exp(np.log(values + panel.scale.constant).mean())) - panel.scale.constant)


def turned_figure(found: OnTreatment, panel: PairPanel, look: Look) -> Drawn | None:
    """Of the coldest tumours of each group, the share that had reached the hottest level on treatment."""
    known = [(c, c.turned) for c in (panel.total, *panel.groups) if c.turned is not None and c.turned.cold]
    if not known:
        return None
    return rates.draw(
        [_rate_view(change, turned) for change, turned in _distinct(known)],
        theme=look.theme,
        title=panel.title if len(found.panels) > 1 else "",
        stamp=look.stamp,
        width=look.width,
        simulated=found.context.simulated,
        measure="Cold before, hot on treatment",
        of="tumours that were cold before",
        domain=domain(found),
    )


def _distinct(known: list[tuple[Change, Turned]]) -> list[tuple[Change, Turned]]:
    """Without the line of all pairs where one group is all."""
    return known[1:] if len(known) == 2 and known[0][0].n == known[1][0].n else known


def _rate_view(change: Change, turned: Turned) -> RateView:
    share = turned.warmed
    return RateView(
        label=change.group.label,
        colour_key=change.group.label,
        responders=share.events,
        n=turned.cold,
        rate=share.value,
        lower=share.lower,
        upper=share.upper,
    )


def domain(found: OnTreatment) -> list[str]:
    """Every colour key of the view, so that panels agree."""
    return list(dict.fromkeys(c.group.label for panel in found.panels for c in panel.groups))


def summary(found: OnTreatment) -> pd.DataFrame:
    """A row for each group of each cohort, and one for all pairs."""
    rows = []
    for panel in found.panels:
        several = len(panel.groups) > 1
        rows += [_row(found, panel, change) for change in ([panel.total] if several else []) + list(panel.groups)]
    return pd.DataFrame(rows).fillna("")


def responses(found: OnTreatment) -> pd.DataFrame:
    """As `summary`, by best response."""
    return pd.DataFrame([_row(found, panel, c) for panel in found.panels for c in panel.responses]).fillna("")


def lesions(found: OnTreatment) -> pd.DataFrame:
    """As `summary`, locally treated and other lesions apart."""
    return pd.DataFrame([_row(found, panel, c) for panel in found.panels for c in panel.lesions]).fillna("")


def _row(found: OnTreatment, panel: PairPanel, change: Change) -> dict[str, object]:
    row: dict[str, object] = {"Cohort": panel.title} if len(found.panels) > 1 else {}
    row |= {
        "Group": change.group.label,
        "Pairs": change.n,
        "Patients": change.patients,
        "Median before": formatting.measured(change.median_before),
        "Median on treatment": formatting.measured(change.median_after),
        "Median change": _signed(change.change),
        ("Ratio (geometric mean)" if panel.scale.fold else "Mean change"): _size(change, panel),
        "p (signed rank)": cells.p_value(change.test),
    }
    if change.turned is not None:
        row["Cold turned hot"] = _share(change.turned.warmed)
        row["Hot turned cold"] = _share(change.turned.cooled)
    return row


def _share(share: Estimate) -> str:
    """x/n with the limits where there is a percentage."""
    if not share.n:
        return formatting.MISSING
    counts = formatting.out_of(share.events, share.n)
    if not share.shown:
        return counts
    return f"{counts}, {formatting.percent_interval(share.value, share.lower, share.upper, share.n)}"


def _signed(value: float) -> str:
    if math.isnan(value):
        return formatting.MISSING
    return f"+{formatting.measured(value)}" if value > 0 else formatting.measured(value)


def _size(change: Change, panel: PairPanel) -> str:
    size = change.size
    if not size.shown:
        return size.reason
    if panel.scale.fold:
        return formatting.ratio_interval(size.value, size.lower, size.upper)
    return formatting.interval(*(formatting.measured(v) for v in (size.value, size.lower, size.upper)))


def others(found: OnTreatment) -> pd.DataFrame:
    """Every other measure of the same patients, with q over the panel."""
    rows = []
    for panel in found.panels:
        for other in panel.others:
            row: dict[str, object] = {"Cohort": panel.title} if len(found.panels) > 1 else {}
            change = other.change
            rows.append(
                row
                | {
                    "Measure": other.label,
                    "Unit": other.unit,
                    "Pairs": change.n,
                    "Median before": formatting.measured(change.median_before),
                    "Median on treatment": formatting.measured(change.median_after),
                    "Median change": _signed(change.change),
                    "p (signed rank)": cells.p_value(change.test),
                    "q (BH)": formatting.p_value(other.q_value) if change.test.shown else "",
                }
            )
    return pd.DataFrame(rows)


def tests(found: OnTreatment) -> pd.DataFrame:
    """Whether groups changed differently, blood beside tissue, and survival from the landmark."""
    rows: list[dict[str, object]] = []
    for panel in found.panels:
        where: dict[str, object] = {"Cohort": panel.title} if len(found.panels) > 1 else {}
        rows.append(where | _test(f"change, by {BY[found.field]}", panel.between_groups))
        rows.append(where | _test("change, by best response", panel.between_responses))
        rows.append(where | _test("change, with continuity correction (R's default)", panel.total.corrected))
        for blood in panel.blood:
            rho = blood.correlation
            value = f"rho {rho.value:.2f}" if rho.shown else rho.reason
            p = formatting.p_value(rho.p_value) if rho.shown else ""
            name = f"change in blood with change in tissue ({blood.label})"
            rows.append(where | {"Question": name, "Method": rho.method, "n": rho.n, "Result": value, "p": p})
    return pd.DataFrame(rows).fillna("")


def _test(name: str, test: Test) -> dict[str, object]:
    result = f"{test.statistic:.2f}" if test.shown else test.reason
    p = formatting.p_value(test.p_value) if test.shown else ""
    note = f" ({test.reason})" if test.shown and test.reason else ""
    return {"Question": name, "Method": f"{test.method}{note}", "n": test.n, "Result": result, "p": p}


def method(found: OnTreatment) -> list[str]:
    """How the numbers were made, a line each."""
    constants = [
        f"{panel.label} ({panel.title}): {formatting.measured(panel.scale.constant)}"
        for panel in found.panels
        if panel.scale.constant
    ]
    added = f" Added before logarithms because of zeros: {'; '.join(constants)}." if constants else ""
    return [
        "A pair is the last sample before treatment and the first on treatment of one patient, in one measure and so in"
        " one compartment; of several lesions, the one that was biopsied before. Cohorts are never pooled.",
        "Wilcoxon's signed-rank test: unchanged pairs are dropped; exact below 50 pairs without ties, else the normal "
        "approximation with tie correction and without continuity correction (both are in the export). Densities and "
        f"counts are compared on the log scale. Ratio: paired t on the logarithm, transformed back.{added}",
        "Cold and hot are the lowest and the highest level of the rule, with the cuts of the values before treatment "
        "for both samples; limits are Clopper-Pearson. Hot that turned cold is shown beside it, since both happen by "
        "measurement error alone.",
        "Groups are compared by ranks of the change (Mann-Whitney for two, else Kruskal-Wallis; groups of five pairs or"
        " more). Other measures: q is adjusted over them (Benjamini-Hochberg).",
        "Survival starts at the landmark, the latest day of a second biopsy (91 days where days are not recorded); who "
        "had the event or was lost by then is left out and counted. Response is known only later than many biopsies: "
        "its relation to change is a description.",
    ]
