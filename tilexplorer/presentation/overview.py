"""The overview as figures and tables."""

from __future__ import annotations

import pandas as pd

from tilexplorer import formatting
from tilexplorer.analysis.overview import CohortCard, MeasuredGroup, Overview
from tilexplorer.figures import flow
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.flow import FlowStep
from tilexplorer.presentation.look import Look


def flow_figure(found: Overview, look: Look) -> Drawn:
    """Who was chosen, who was left out and why, who remains."""
    context = found.context
    steps = [FlowStep("patients in the chosen cohorts", context.chosen, "selected")]
    steps += [FlowStep(reason, n, "excluded") for reason, n in context.excluded]
    steps.append(FlowStep("with a level, analysed", context.n, "analysed"))
    return flow.draw(steps, theme=look.theme, title="", stamp=look.stamp, width=look.width, simulated=context.simulated)


def cohorts(found: Overview) -> pd.DataFrame:
    """A row for each cohort of the store."""
    return pd.DataFrame([_cohort(card) for card in found.cards])


def _cohort(card: CohortCard) -> dict[str, object]:
    follow_up = card.follow_up
    return {
        "Cohort": card.title,
        "Data": "simulated" if card.simulated else "real",
        "Patients": card.patients,
        "Deaths": card.deaths,
        "Median follow-up [months]": formatting.months(follow_up.value) if follow_up.shown else follow_up.reason,
        "Tumour types": _first(card.tumours),
        "Regimens": _first(card.regimens),
        "Endpoints": ", ".join(card.endpoints),
        "Measures": _first(card.measures, 5),
        "Licence": card.licence,
        "Citation": card.citation,
    }


def _first(names: tuple[str, ...], most: int = 4) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def table_one(found: Overview) -> pd.DataFrame:
    """Table 1: counts and column percentages by level."""
    names = [
        f"{label} (n = {formatting.count(n)})" for label, n in zip(found.levels.labels, found.table.sizes, strict=True)
    ]
    rows = []
    for row in found.table.rows:
        cells = row.text or tuple(
            f"{formatting.count(x)} ({formatting.percent(x / n) if n else '–'})"
            for x, n in zip(row.cells, found.table.sizes, strict=True)
        )
        total = (
            "" if row.text else f"{formatting.count(row.total)} ({formatting.percent(row.total / found.table.total)})"
        )
        rows.append({"": row.variable, " ": row.category, **dict(zip(names, cells, strict=True)), "all": total})
    return pd.DataFrame(rows)


def measured(found: Overview) -> pd.DataFrame:
    """Patients with and without the measure side by side."""
    return pd.DataFrame([_measured(group) for group in found.measured])


def _measured(group: MeasuredGroup) -> dict[str, object]:
    response, median = group.response, group.median
    return {
        "Patients": group.label,
        "n": group.n,
        "Responders of evaluable": formatting.rate(group.responders, group.evaluable)
        if response.shown
        else response.reason,
        "Events": group.deaths,
        "Median of the endpoint [months]": formatting.median(median.value, median.lower, median.upper)
        if median.shown
        else median.reason,
    }
