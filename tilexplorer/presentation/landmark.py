"""Survival after a landmark, by whether the measure had risen: curves and a table."""

from __future__ import annotations

import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.analysis.on_treatment import OnTreatment, PairPanel
from tilexplorer.figures import kaplan_meier
from tilexplorer.figures.drawn import Drawn
from tilexplorer.presentation import cells
from tilexplorer.presentation.curves import curve_view, risk_view
from tilexplorer.presentation.look import Look


def figure(found: OnTreatment, panel: PairPanel, look: Look) -> Drawn | None:
    """Both curves of one cohort from the landmark on; None where a group is too small to be drawn."""
    after = panel.landmark
    if after.risk is None or not after.groups or not all(group.shown for group in after.groups):
        return None
    labels = [group.label for group in after.groups]
    words = vocabulary.ENDPOINTS.get(after.endpoint, after.endpoint)
    return kaplan_meier.draw(
        [curve_view(g.label, g.curve, g.median, g.tail_from, g.events) for g in after.groups],
        risk_view(after.risk, labels),
        theme=look.theme,
        title=f"{panel.title}: {panel.label}",
        stamp=look.stamp,
        width=look.width,
        simulated=found.context.simulated,
        endpoint=words[:1].upper() + words[1:],
        time_origin=f"day {after.days:.0f}, the landmark",
        rows="at_risk",
        domain=labels,
    )


def table(found: OnTreatment) -> pd.DataFrame:
    """Survival from the landmark by whether the measure rose before it."""
    rows = []
    for panel in found.panels:
        after = panel.landmark
        for group in after.groups:
            row: dict[str, object] = {"Cohort": panel.title} if len(found.panels) > 1 else {}
            row |= {
                "Before the landmark": group.label,
                "Landmark [days]": f"{after.days:.0f}" + ("" if after.recorded else " (assumed)"),
                "n": group.n,
                "Events": group.events,
                "Median from the landmark [months]": cells.median(group.median),
                "Hazard ratio of a rise": cells.ratio(after.hazard_ratio) if group.label == "rise" else "reference",
                "p (log-rank)": cells.p_value(after.logrank),
                "Left out at the landmark": after.excluded,
            }
            rows.append(row)
    return pd.DataFrame(rows)
