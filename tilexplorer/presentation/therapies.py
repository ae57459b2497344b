"""The view of therapy combinations as figures and tables."""

from __future__ import annotations

import pandas as pd

from tilexplorer import formatting
from tilexplorer.analysis import outcome_words
from tilexplorer.analysis.components import Versus
from tilexplorer.analysis.therapies import Outcome, Therapies
from tilexplorer.figures import heatmap, upset
from tilexplorer.figures.drawn import Drawn
from tilexplorer.presentation import cells
from tilexplorer.presentation.look import Look
from tilexplorer.scope import ALL_LEVELS
from tilexplorer.statistics.results import Estimate
from tilexplorer.timescale import DAYS_PER_MONTH
from tilexplorer.vocabulary import measures

MOST_ROWS = 30


def components_figure(found: Therapies, look: Look) -> Drawn:
    """Which classes make which combination, with patients and rate."""
    return upset.draw(
        [
            upset.Combination(c.id, frozenset(c.classes), c.n, _rate_words(c.overall))
            for c in found.combinations[:MOST_ROWS]
        ],
        found.components,
        theme=look.theme,
        title="",
        stamp=look.stamp,
        width=look.width,
        simulated=found.context.simulated,
        measure=found.rate_words,
    )


def _rate_words(outcome: Outcome) -> str:
    return formatting.rate(outcome.responders, outcome.denominator) if outcome.denominator else ""


def levels_figure(found: Therapies, look: Look) -> Drawn | None:
    """The rate of each combination in each level, or None where no level is known."""
    shown = [c for c in found.combinations[:MOST_ROWS] if any(one.denominator for one in c.levels)]
    levels = _levels(found)
    if not shown or not levels:
        return None
    cells = {
        (c.id, one.level): heatmap.Cell(responders=one.responders, n=one.denominator)
        for c in shown
        for one in c.levels
        if one.denominator
    }
    return heatmap.draw(
        cells,
        [c.id for c in shown],
        levels,
        theme=look.theme,
        title="",
        stamp=look.stamp,
        width=look.width,
        simulated=found.context.simulated,
        measure=found.rate_words.capitalize(),
        of=outcome_words.of_patients(found.context.selection.response),
    )


def _levels(found: Therapies) -> list[str]:
    """Every level that occurs, cold to hot."""
    there = {one.level for c in found.combinations for one in c.levels}
    recorded = measures().get(found.context.selection.measure)
    order = [*ALL_LEVELS, *(recorded.levels if recorded else ())]
    return [*(name for name in order if name in there), *sorted(there.difference(order))]


def combinations_table(found: Therapies) -> pd.DataFrame:
    """A row for each combination: where it was given, to how many, and what came of it."""
    return pd.DataFrame(
        [
            {
                "Therapy": c.id,
                "Patients": c.n,
                **_outcome_cells(found, c.overall),
                "Tumour types": ", ".join(c.tumours),
                "Cohorts": ", ".join(c.cohorts),
                "Regimens": "; ".join(c.regimens),
            }
            for c in found.combinations
        ]
    )


def levels_table(found: Therapies) -> pd.DataFrame:
    """A row for each combination and level."""
    return pd.DataFrame(
        [
            {"Therapy": c.id, "Level": one.level, **_outcome_cells(found, one)}
            for c in found.combinations
            for one in c.levels
        ]
    )


def _outcome_cells(found: Therapies, outcome: Outcome) -> dict[str, object]:
    responders = outcome_words.responders(found.context.selection.response).capitalize()
    return {
        responders: formatting.out_of(outcome.responders, outcome.denominator) if outcome.denominator else "",
        found.rate_words.capitalize(): _rate(outcome),
        "Events": f"{outcome.events}/{outcome.n_survival}" if outcome.n_survival else "",
        f"Median {found.endpoint_words} [months]": cells.median(outcome.median),
    }


def _rate(outcome: Outcome) -> str:
    rate = outcome.rate
    if not rate.shown:
        return rate.reason
    return formatting.percent_interval(rate.value, rate.lower, rate.upper, outcome.denominator)


def versus_table(found: Therapies) -> pd.DataFrame:
    """Each combination against its components, and where the two were compared."""
    return pd.DataFrame([_versus_row(found, v) for v in found.versus])


def _versus_row(found: Therapies, versus: Versus) -> dict[str, object]:
    rates = [formatting.rate(x, n) if n else "" for x, n in zip(versus.responders, versus.n, strict=True)]
    return {
        "Combination": versus.combination,
        "Against": f"{versus.component} alone",
        "Compared": versus.basis,
        "Tumour types": ", ".join(versus.tumours),
        "Combination, rate": rates[0],
        "Alone, rate": rates[1],
        "Difference": _difference(versus.difference),
        f"Hazard ratio, {found.endpoint_words}": _ratio(versus.hazard_ratio),
    }


def _difference(found: Estimate) -> str:
    if not found.shown:
        return found.reason
    return formatting.interval(*(formatting.signed_percent(100 * v) for v in (found.value, found.lower, found.upper)))


def _ratio(found: Estimate) -> str:
    return formatting.ratio_interval(found.value, found.lower, found.upper) if found.shown else found.reason


def method(found: Therapies) -> list[str]:
    """How the numbers were made, a line each."""
    response, survival = found.level_flow
    return [
        f"A therapy is the set of classes of a regimen's treatments; conditioning and support do not count. "
        f"{found.rate_words.capitalize()} and median {found.endpoint_words} are those of the response and the survival "
        "page, for all patients and by infiltration level.",
        f"By level: {formatting.count(response.remaining)} patients have a level and a response, "
        f"{formatting.count(survival.remaining)} a level and a time. Cuts lie within cohort, study and tumour type.",
        "A combination is compared with each of its classes that was given alone, in the closest place where both were "
        "given: within one study, else within one cohort, else across cohorts; always within tumour type. Difference "
        "of rates: Newcombe, or Mantel-Haenszel (Sato) over several places; hazard ratio: Cox stratified by place.",
        "No p-value is given: where nobody was randomised between the two, a difference need not be due to treatment.",
        f"Medians in months of {DAYS_PER_MONTH} days; NR: not reached.",
    ]
