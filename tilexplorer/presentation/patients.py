"""The patients view as figures and tables."""

from __future__ import annotations

import pandas as pd

from tilexplorer import formatting
from tilexplorer.analysis import outcome_words
from tilexplorer.analysis.like import AGE_YEARS, AT_MONTHS, alive_of
from tilexplorer.analysis.patients import Patients
from tilexplorer.analysis.profile import Profile
from tilexplorer.analysis.rates import own_flag
from tilexplorer.figures import placement, swimmer
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.placement import Placed
from tilexplorer.figures.swimmer import Swimmer
from tilexplorer.presentation.look import Look
from tilexplorer.response_source import BENEFIT
from tilexplorer.statistics.results import Estimate


def swimmer_figure(found: Patients, look: Look) -> Drawn:
    """A lane for each patient of an even choice, longest first."""
    lanes = [
        Swimmer(
            follow_up=float(row["follow_up"]),
            died=bool(row["died"]),
            response="" if pd.isna(row["response"]) else str(row["response"]),
            progression=None if pd.isna(row["progression"]) else float(row["progression"]),
            biopsies=tuple(float(day) for day in row["biopsies"]),
        )
        for row in found.lanes.to_dict("records")
    ]
    return swimmer.draw(
        lanes,
        theme=look.theme,
        title="",
        total=found.drawable,
        stamp=look.stamp,
        width=look.width,
        simulated=found.context.simulated,
    )


def placement_figure(found: Patients, look: Look) -> Drawn:
    """The patient's numbers in the distribution of the cohort."""
    rows = [
        Placed(place.label, f"{place.value} {place.unit}".strip(), place.percentile, place.n)
        for place in found.profile.places
        if place.percentile == place.percentile
    ]
    return placement.draw(
        rows, theme=look.theme, title="", stamp=look.stamp, width=look.width, simulated=found.context.simulated
    )


def facts(person: Profile) -> pd.DataFrame:
    """What is recorded of the patient."""
    return pd.DataFrame(
        [{"Field": name[:1].upper() + name[1:], "Recorded": value} for name, value in person.facts if value]
    )


def timeline(person: Profile) -> pd.DataFrame:
    """Samples and outcomes in the order of time; what has no date comes first."""
    rows: list[dict[str, object]] = [
        {
            "day": sample["days"],
            "What": f"{sample['tissue']} sample, {str(sample['timepoint']).replace('_', ' ')}",
            "Details": "; ".join(str(part) for part in (sample["site"], sample["values"]) if part),
        }
        for sample in person.samples
    ]
    for outcome in person.outcomes:
        state = "event" if outcome["event"] else "censored"
        details = "; ".join(
            str(part) for part in (outcome["means"], f"from {outcome['t0']}" if outcome["t0"] else "") if part
        )
        rows.append({"day": outcome["days"], "What": f"{outcome['words']}: {state}", "Details": details})
    rows.sort(key=lambda row: (row["day"] is not None, row["day"] or 0))
    for row in rows:
        day = row.pop("day")
        row["Day"] = "no date" if day is None else formatting.count(day)  # type: ignore[arg-type]
    return pd.DataFrame(rows, columns=["Day", "What", "Details"])


def categories(person: Profile) -> pd.DataFrame:
    """Measures that are categories, with how many of the cohort share the patient's."""
    return pd.DataFrame(
        [
            {"Measure": p.label, "Category": p.value, "Same category": formatting.rate(p.same, p.n), "Assay": p.assay}
            for p in person.places
            if p.percentile != p.percentile
        ],
        columns=["Measure", "Category", "Same category", "Assay"],
    )


def like_table(found: Patients) -> pd.DataFrame:
    """What was observed in such patients, with limits."""
    asked = found.like
    words, rate = found.endpoint_words, found.context.selection.response
    responded = formatting.rate(asked.responders, asked.denominator) if asked.denominator else asked.rate.reason
    recorded = ", ".join(f"{name} {n}" for name, n in _categories(found))
    people = f"{formatting.out_of(alive_of(asked), asked.with_outcome)} (estimated)"
    return pd.DataFrame(
        [
            {"Observed": "patients", "Number": formatting.count(asked.n), "95% limits": ""},
            {
                "Observed": f"{outcome_words.responded(rate)} ({recorded})",
                "Number": responded,
                "95% limits": _percent_limits(asked.rate),
            },
            {
                "Observed": f"{words}: without the event at {AT_MONTHS} months (Kaplan-Meier)",
                "Number": people if asked.survival.shown else asked.survival.reason,
                "95% limits": _percent_limits(asked.survival),
            },
            {
                "Observed": f"{words}: median [months]; {asked.events} events in {asked.with_outcome}",
                "Number": formatting.months(asked.median.value, formatting.NOT_REACHED)
                if asked.median.shown
                else asked.median.reason,
                "95% limits": f"{formatting.months(asked.median.lower)} to {formatting.months(asked.median.upper)}"
                if asked.median.shown
                else "",
            },
        ]
    )  # fmt: skip


def _categories(found: Patients) -> list[tuple[str, int]]:
    tally = found.like.tally
    if tally is None:
        return []
    own = found.context.selection.response == BENEFIT
    held = own_flag(tally) if own else tally.categories
    return [(name or "not recorded", n) for name, n in held.items() if n]


def _percent_limits(estimate: Estimate) -> str:
    if not estimate.shown:
        return estimate.reason
    return f"{formatting.percent(estimate.lower).removesuffix('%')} to {formatting.percent(estimate.upper)}"


def method(found: Patients) -> list[str]:
    """How the page was made, a line each."""
    return [
        "The table holds the patients that pass the filters of the sidebar, in the order of cohort and patient; "
        "identifiers are those that the source published.",
        "A value is the patient's last one before treatment that has the measure; its level is that of the rule above.",
        "A percentile is the share of the same cohort's measured patients of the same tumour type with a lower value, "
        "half of the equal ones counted (mid-rank).",
        "Patients like this one: those that pass the filters, in the level that the entered value has under the rule "
        f"of their own cohort, study and tumour type, and within {AGE_YEARS:g} years of the entered age. The stratum "
        "is never widened over tumour types or treatments, and treatments are never ranked.",
        f"Response with {found.context.selection.rate_interval} limits; {found.endpoint_words} by Kaplan-Meier with "
        f"{found.context.selection.interval} limits.",
        *([found.profile.clock] if found.profile.clock else []),
    ]
