"""The response view as figures and tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from tilexplorer import formatting, vocabulary
from tilexplorer.analysis import outcome_words
from tilexplorer.analysis.rates import own_flag
from tilexplorer.analysis.response import Comparison, GroupResponse, Response, ResponsePanel
from tilexplorer.figures import breakdown, heatmap, rates, waterfall
from tilexplorer.figures.breakdown import BreakdownView
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.rates import RateView
from tilexplorer.figures.waterfall import ChangeView
from tilexplorer.presentation.look import Look
from tilexplorer.response_source import BENEFIT, is_flag, source_of
from tilexplorer.statistics.proportions import rate_limits
from tilexplorer.statistics.results import Test

FLAG_WORDS: Final = (*vocabulary.BENEFIT, "not recorded")


def domain(found: Response) -> list[str]:
    """Every colour key of the view, so that panels agree."""
    return list(dict.fromkeys(group.group.label for panel in found.panels for group in panel.groups))


def rate_figure(found: Response, panel: ResponsePanel, look: Look) -> Drawn:
    """The rate of each group with its interval."""
    return rates.draw(
        [
            _rate(group, found)
            for group in panel.groups
            if group.denominator and not group.tally.why_not(found.rate_key)
        ],
        theme=look.theme,
        title=panel.group.label if panel.group else "",
        stamp=look.stamp,
        width=look.width,
        simulated=found.context.simulated,
        measure=_capital(found.rate_words),
        domain=domain(found),
        of=outcome_words.of_patients(found.rate_key),
    )


def _rate(group: GroupResponse, found: Response) -> RateView:
    interval = found.context.selection.rate_interval
    lower, upper = rate_limits(group.responders, group.denominator, interval)  # type: ignore[arg-type]
    return RateView(
        label=group.group.label,
        colour_key=group.group.label,
        responders=group.responders,
        n=group.denominator,
        rate=group.responders / group.denominator,
        lower=lower,
        upper=upper,
    )


def breakdown_figure(found: Response, panel: ResponsePanel, look: Look) -> Drawn:
    """Every recorded category of each group, stacked."""
    return breakdown.draw(
        [BreakdownView(label=group.group.label, counts=_categories(group)) for group in panel.groups],
        theme=look.theme,
        title=panel.group.label if panel.group else "",
        stamp=look.stamp,
        width=look.width,
        simulated=found.context.simulated,
    )


def _categories(group: GroupResponse) -> dict[str, int]:
    """Counts in the order of the vocabulary; a missing response is not evaluable."""
    counts = {name: group.tally.categories.get(name, 0) for name in vocabulary.RESPONSES}
    counts["NE"] += group.tally.categories.get("", 0)
    return {name: n for name, n in counts.items() if n}


def has_categories(panel: ResponsePanel) -> bool:
    """Whether any patient of the panel has a response category: a source's own flag is none."""
    return any(name for group in panel.groups for name in group.tally.categories)


def heat_map(found: Response, look: Look) -> Drawn:
    """The rate in each tumour type and level, with x/n in the cell."""
    levels = list(dict.fromkeys(cell.level.label for cell in found.heat_map))
    tumours = list(dict.fromkeys(cell.tumour.label for cell in found.heat_map))
    cells = {
        (cell.tumour.label, cell.level.label): heatmap.Cell(responders=cell.responders, n=cell.n)
        for cell in found.heat_map
    }
    return heatmap.draw(
        cells,
        tumours,
        levels,
        theme=look.theme,
        title="",
        stamp=look.stamp,
        width=look.width,
        simulated=found.context.simulated,
        measure=_capital(found.rate_words),
        of=outcome_words.of_patients(found.rate_key),
    )


def waterfall_figure(found: Response, look: Look) -> Drawn | None:
    """Best change of the target lesions, or None where no patient has it."""
    changes = found.shrinkage
    if changes.empty:
        return None
    labels = [label for label in domain(found) if label in set(changes["group"])]
    views = [
        ChangeView(label, label, changes.loc[changes["group"] == label, "change"].to_numpy(float)) for label in labels
    ]
    return waterfall.draw(
        views,
        theme=look.theme,
        title="",
        stamp=look.stamp,
        width=look.width,
        simulated=found.context.simulated,
        domain=domain(found),
    )


def summary(found: Response) -> pd.DataFrame:
    """A row for each group: both denominators, the rate, and the comparison with the reference."""
    return pd.DataFrame([_row(found, panel, group) for panel in found.panels for group in panel.groups])


def _row(found: Response, panel: ResponsePanel, group: GroupResponse) -> dict[str, object]:
    row: dict[str, object] = {"Panel": panel.group.label} if panel.group else {}
    versus = next((c for c in panel.comparisons if c.group.label == group.group.label), None)
    why_not = group.tally.why_not(found.rate_key)
    row |= {
        "Group": group.group.label,
        "All patients": group.n,
        "Evaluable": group.evaluable,
        _capital(outcome_words.responders(found.rate_key)): formatting.MISSING if why_not else group.responders,
        _capital(found.rate_words): _rate_text(group),
    }
    reference = panel.reference
    row[f"Difference from {reference}"] = _difference(versus, group.group.label == reference)
    row[f"Odds ratio v {reference}"] = _odds_ratio(versus, group.group.label == reference)
    if any(c.stratified for p in found.panels for c in p.comparisons):
        row["Odds ratio within strata (Mantel-Haenszel)"] = _stratified(versus, group.group.label == reference)
    return row


def _rate_text(group: GroupResponse) -> str:
    if not group.rate.shown:
        return group.rate.reason if not group.rate.events and not group.rate.n else _small(group)
    return formatting.percent_interval(group.rate.value, group.rate.lower, group.rate.upper, group.denominator)


def _small(group: GroupResponse) -> str:
    return (
        group.rate.reason
        if "split" in group.rate.reason
        else f"{formatting.out_of(group.responders, group.denominator)}"
    )


def _difference(versus: Comparison | None, is_reference: bool) -> str:
    if versus is None:
        return "reference" if is_reference else formatting.NOT_ESTIMABLE
    found = versus.difference
    if not found.shown:
        return found.reason
    values = (formatting.signed_percent(100 * v) for v in (found.value, found.lower, found.upper))
    return formatting.interval(*values)


def _odds_ratio(versus: Comparison | None, is_reference: bool) -> str:
    if versus is None:
        return "reference" if is_reference else formatting.NOT_ESTIMABLE
    found = versus.odds_ratio
    return formatting.ratio_interval(found.value, found.lower, found.upper) if found.shown else found.reason


def _stratified(versus: Comparison | None, is_reference: bool) -> str:
    if versus is None or versus.stratified is None:
        return "reference" if is_reference else formatting.NOT_ESTIMABLE
    found = versus.stratified.odds_ratio
    return formatting.ratio_interval(found.value, found.lower, found.upper) if found.shown else found.reason


def categories_table(found: Response) -> pd.DataFrame:
    """Patients by recorded category, or by the source's own flag where that is the rate; a row for each group."""
    rows = []
    for panel in found.panels:
        for group in panel.groups:
            row: dict[str, object] = {"Panel": panel.group.label} if panel.group else {}
            rows.append(row | {"Group": group.group.label, "n": group.n, **_recorded(found, group)})
    frame = pd.DataFrame(rows)
    order = [name for name in (*vocabulary.RESPONSES, *FLAG_WORDS) if name in frame.columns]
    others = [name for name in frame.columns if name not in order]
    return frame[others + order].fillna(0).astype(dict.fromkeys(order, int)) if rows else frame


def _recorded(found: Response, group: GroupResponse) -> dict[str, int]:
    return own_flag(group.tally) if found.rate_key == BENEFIT else _categories(group)


def tests(found: Response) -> pd.DataFrame:
    """Every test of the view."""
    rows: list[dict[str, object]] = []
    for panel in found.panels:
        where: dict[str, object] = {"Panel": panel.group.label} if panel.group else {}
        rows.append(where | _test("all groups (chosen by the rule for small counts)", panel.association))
        if panel.trend is not None:
            rows.append(where | _test("trend over the levels", panel.trend.test))
            rows.append(where | _test("departure from the trend", panel.trend.departure))
        for c in panel.comparisons:
            if c.stratified is not None:
                rows.append(where | _test(f"{c.group.label} v {panel.reference}, within strata", c.stratified.cmh))
                rows.append(where | _test(f"{c.group.label}: same odds ratio in all strata", c.stratified.tarone))
    return pd.DataFrame(rows).fillna("")


def _test(name: str, test: Test) -> dict[str, object]:
    if not test.shown:
        return {"Comparison": name, "Method": test.method, "p": test.reason}
    statistic = f"{test.statistic:.2f}" if test.statistic == test.statistic else ""
    return {"Comparison": name, "Method": test.method, "Statistic": statistic, "p": formatting.p_value(test.p_value)}


def method(found: Response) -> list[str]:
    """How the numbers were made, a line each."""
    selection = found.context.selection
    interval = {"clopper-pearson": "Clopper-Pearson (exact)", "wilson": "Wilson"}[selection.rate_interval]
    denominator = (
        "Denominator: evaluable patients only."
        if selection.population == "evaluable"
        else "Denominator: all patients in the data set; not evaluable counts as no response."
    )
    made_of = (
        f"from the {source_of(found.rate_key).words} that the source records, never from response categories"
        if is_flag(found.rate_key)
        else "from recorded categories, never from a responder flag"
    )
    return [
        f"{_capital(found.rate_words)}, {made_of}. {denominator}",
        f"{interval} 95% limits. Below five patients only x/n is printed.",
        "Groups: Pearson's chi-square without correction where every expected count is at least five, else Fisher's "
        "exact test. Ordered levels: Cochran-Armitage, with the departure from the trend.",
        "Differences by Newcombe's hybrid score method; odds ratios with Woolf's limits, with a zero cell Haldane's "
        "point and exact limits. Across strata Mantel-Haenszel with Robins-Breslow-Greenland limits.",
        "Smallest difference that could have been shown: from the reference's rate, 80% power at two-sided 0.05, "
        "without continuity correction (Fleiss 1981); it depends on sizes, not on what was observed.",
        *found.definitions,
    ]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def panels_shown(found: Response, most: int) -> Sequence[ResponsePanel]:
    """The panels with most patients."""
    return sorted(found.panels, key=lambda panel: -sum(group.n for group in panel.groups))[:most]
