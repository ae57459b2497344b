"""The microenvironment view as figures and tables."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from tilexplorer import formatting
from tilexplorer.analysis.measure_correlations import Correlations
from tilexplorer.analysis.measure_rows import CategoryRow, MeasureRow
from tilexplorer.analysis.measure_themes import theme_of
from tilexplorer.analysis.microenvironment import Microenvironment
from tilexplorer.analysis.two_regions import REGIONS, TwoRegions
from tilexplorer.figures import composition, correlations, distribution, regions
from tilexplorer.figures.composition import CompositionView
from tilexplorer.figures.distribution import DistributionView
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.regions import RegionView
from tilexplorer.presentation import cells
from tilexplorer.presentation.look import Look
from tilexplorer.selection import BY
from tilexplorer.statistics.results import Estimate

MOST_FIGURES = 12
MOST_MAPS = 4
# Reported for phenotypes that two readers assigned by eye in the OAK and IMpassion130 trials.
MANUAL_AGREEMENT = 0.74
_LOGGED = ("ratio", "count")


def figure_rows(found: Microenvironment) -> list[MeasureRow]:
    """The measures that are drawn: the one that was asked for in every cohort, else those furthest apart."""
    drawable = [row for row in found.rows if any(group.shown for group in row.groups)]
    asked = [row for row in drawable if row.measure == found.context.selection.other]
    if asked:
        return asked[:MOST_FIGURES]
    return sorted(drawable, key=lambda row: -row.strength)[:MOST_FIGURES]


def response_figure_rows(found: Microenvironment) -> list[MeasureRow]:
    """As `figure_rows`, by response: the four furthest apart."""
    drawable = [row for row in found.by_response if sum(group.shown for group in row.groups) > 1]
    asked = [row for row in drawable if row.measure == found.context.selection.other]
    return (asked or sorted(drawable, key=lambda row: -row.strength))[:4]


def distribution_figure(found: Microenvironment, row: MeasureRow, look: Look, domain: Sequence[str]) -> Drawn:
    """The values of one measure in the groups."""
    unit = f" [{row.unit}]" if row.unit and row.unit != "score" else ""
    return distribution.draw(
        [
            DistributionView(g.label, _colour(g.label), g.numbers, g.lower_quartile, g.median, g.upper_quartile)
            for g in row.groups
            if g.shown
        ],
        theme=look.theme,
        title=f"{row.label}{_in(found, row.cohort)}: {_words(row)}",
        measure=f"{row.label}{unit}",
        stamp=look.stamp,
        width=look.width,
        simulated=found.context.simulated,
        log=row.scale in _LOGGED,
        domain=domain,
    )


def _colour(label: str) -> str:
    """Response groups take the colours of PR and PD; everything else its own."""
    return {"CR/PR": "PR", "SD/PD": "PD"}.get(label, label)


def domain(found: Microenvironment) -> list[str]:
    """Every colour key of the groups, so that figures agree."""
    return list(found.levels.labels)


def _in(found: Microenvironment, cohort: str) -> str:
    return f", {_title(found, cohort)}" if len(found.context.cohorts) > 1 else ""


def _title(found: Microenvironment, cohort: str) -> str:
    return next((source.title for source in found.context.sources if source.cohort == cohort), cohort)


def _words(row: MeasureRow) -> str:
    """What a figure's title says of the test."""
    if not row.test.shown:
        return row.test.reason
    if math.isnan(row.q_value):
        return formatting.p_phrase(row.test.p_value)
    return f"{formatting.p_phrase(row.test.p_value)}, {formatting.p_phrase(row.q_value, 'q')}"


def correlation_figure(found: Microenvironment, one: Correlations, look: Look) -> Drawn:
    """The correlations of a cohort's measures."""
    return correlations.draw(
        one.labels,
        one.rho,
        one.n,
        theme=look.theme,
        title=one.title if len(found.correlations) > 1 else "",
        stamp=look.stamp,
        width=look.width,
        simulated=found.context.simulated,
    )


def region_figure(found: Microenvironment, one: TwoRegions, look: Look) -> Drawn:
    """Core against margin of a cohort."""
    views = []
    for name in REGIONS:
        here = [region == name for region in one.region]
        views.append(RegionView(name, one.centre[here], one.margin[here]))
    return regions.draw(
        views,
        theme=look.theme,
        title=one.title if len(found.regions) > 1 else "",
        unit="cells/mm2",
        cuts=one.cuts,
        stamp=look.stamp,
        width=look.width,
        simulated=found.context.simulated,
    )


def composition_figure(found: Microenvironment, look: Look) -> Drawn:
    """The levels of each tumour type."""
    parts = found.composition
    return composition.draw(
        [CompositionView(label, counts) for label, counts in zip(parts.labels, parts.counts, strict=True)],
        parts.levels,
        theme=look.theme,
        title="",
        stamp=look.stamp,
        width=look.width,
        simulated=found.context.simulated,
        measure=BY[found.field][:1].upper() + BY[found.field][1:],
        domain=domain(found),
    )


def summary(found: Microenvironment, rows: Sequence[MeasureRow]) -> pd.DataFrame:
    """A row for each measure: the groups' medians, the test, the effect, the shift."""
    return pd.DataFrame([_row(found, row) for row in rows]).fillna("")


def _row(found: Microenvironment, row: MeasureRow) -> dict[str, object]:
    made: dict[str, object] = {"Cohort": _title(found, row.cohort)} if len(found.context.cohorts) > 1 else {}
    unit = f" [{row.unit}]" if row.unit and row.unit != "score" else ""
    made |= {
        "Measure": f"{row.label}{unit}",
        "n": row.n,
        "p": cells.p_value(row.test),
        "q (BH)": formatting.p_value(row.q_value) if row.test.shown else "",
        "Effect size": f"{row.effect.value:.2f}" if row.effect.shown else "",
        "Shift, last less first group": _shift(row.shift),
    }
    for group in row.groups:
        made[f"Median, {group.label}"] = _median(group.n, group.median, group.lower_quartile, group.upper_quartile)
    made["Side"] = theme_of(row.measure)
    return made


def _median(n: int, median: float, lower: float, upper: float) -> str:
    if math.isnan(median):
        return f"n = {n}"
    return f"{formatting.interval(*map(formatting.measured, (median, lower, upper)))}, n = {n}"


def _shift(shift: Estimate) -> str:
    if not shift.shown:
        return ""
    return formatting.interval(*(formatting.measured(v) for v in (shift.value, shift.lower, shift.upper)))


def categories(found: Microenvironment) -> pd.DataFrame:
    """A row for each recorded category of each measure: patients of every group."""
    rows = []
    for row in found.categories:
        for place, category in enumerate(row.categories):
            rows.append(_category(found, row, place, category))
    return pd.DataFrame(rows).fillna("")


def _category(found: Microenvironment, row: CategoryRow, place: int, category: str) -> dict[str, object]:
    made: dict[str, object] = {"Cohort": _title(found, row.cohort)} if len(found.context.cohorts) > 1 else {}
    made |= {"Measure": row.label, "Category": category}
    for group, counts in zip(row.groups, row.counts, strict=True):
        made[group] = formatting.rate(int(counts[place]), int(counts.sum())) if counts.sum() else ""
    made["p"] = cells.p_value(row.test) if place == 0 else ""
    made["q (BH)"] = formatting.p_value(row.q_value) if place == 0 and row.test.shown else ""
    return made


def region_table(found: Microenvironment) -> pd.DataFrame:
    """Who falls where: region against recorded phenotype, and the two-region percentile."""
    rows: list[dict[str, object]] = []
    for one in found.regions:
        where: dict[str, object] = {"Cohort": one.title} if len(found.regions) > 1 else {}
        n = len(one.region)
        for i, region in enumerate(REGIONS):
            row = where | {"Region by the cuts": region, "Tumours": formatting.rate(one.counts[region], n)}
            if one.recorded is not None:
                row |= {f"Recorded {name}": int(one.recorded[i, j]) for j, name in enumerate(REGIONS)}
            rows.append(row)
    return pd.DataFrame(rows).fillna("")


def percentile_table(found: Microenvironment) -> pd.DataFrame:
    """Tumours by their two-region CD8 percentile."""
    return pd.DataFrame(
        [
            {"Cohort": one.title, "Two-region CD8 percentile": band, "Tumours": formatting.rate(n, len(one.region))}
            for one in found.regions
            for band, n in one.bands.items()
        ]
    )


def region_notes(found: Microenvironment) -> list[str]:
    """What must be known to read the regions."""
    notes = []
    for one in found.regions:
        if one.agreement is not None and one.agreement.n:
            share = formatting.rate(one.agreement.events, one.agreement.n)
            notes.append(f"{one.title}: the regions by density agree with the recorded phenotype in {share} of tumours")
        if one.no_cut:
            notes.append(f"{one.title}: {one.no_cut} tumours lie in strata too small for a cut")
    notes.append(
        f"two readers who assign phenotypes by eye agree at about {MANUAL_AGREEMENT} (reported for OAK and "
        "IMpassion130), so perfect agreement is not to be expected"
    )
    notes.append(
        "the two-region CD8 percentile is not the Immunoscore, which needs CD3 as well and is defined for colon cancer"
    )
    return notes


def lesions(found: Microenvironment) -> pd.DataFrame:
    """How alike two samples of one patient are that were taken at one time."""
    return pd.DataFrame(
        [
            {
                "Cohort": one.title,
                "Measure": one.label,
                "Samples": one.timepoint,
                "Patients with two": one.patients,
                "Spearman's rho": _rho(one.correlation),
            }
            for one in found.lesions
        ]
    )


def _rho(estimate: Estimate) -> str:
    return f"{estimate.value:.2f}" if estimate.shown and estimate.n >= 5 else "too few patients"


def method(found: Microenvironment) -> list[str]:
    """How the numbers were made, a line each."""
    return [
        "Every comparison stays within a cohort: values of two assays are not pooled. Each row prints its own n.",
        "Two groups: Mann-Whitney (exact below 50 patients a group without ties, else normal with tie and continuity "
        "correction), with the probability that a value of the last group lies above one of the first. More groups: "
        "Kruskal-Wallis with epsilon squared, H / (n - 1).",
        "Shift: Hodges-Lehmann estimate of the last less the first group, with the limits of the inverted test. Groups "
        "below five patients are not compared.",
        f"q: Benjamini-Hochberg over all comparisons of the table ({sum(r.test.shown for r in found.rows)} here).",
        "By response: evaluable patients with CR or PR against SD or PD, of all patients that the filters leave, "
        f"whether or not they have a group ({sum(r.test.shown for r in found.by_response)} comparisons).",
        "Correlations: Spearman's rho on complete pairs of all patients that the filters leave, ordered by "
        "average-linkage clustering on 1 - rho.",
        "Regions: inflamed where the centre is above its median within cohort, study and tumour type, excluded where "
        "only the margin is, else desert. Two-region percentile: mean of both percentiles within the same strata.",
    ]
