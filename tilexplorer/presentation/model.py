"""The model view as figures and tables."""

from __future__ import annotations

import math

import pandas as pd

from tilexplorer import formatting
from tilexplorer.analysis.model import INFILTRATION, Model
from tilexplorer.analysis.model_terms import label
from tilexplorer.analysis.quadrants import Quadrants
from tilexplorer.figures import forest
from tilexplorer.figures.drawn import Drawn
from tilexplorer.figures.forest import ForestRow
from tilexplorer.presentation.look import Look
from tilexplorer.presentation.thresholds import ratio


def ratio_name(found: Model) -> str:
    """What the model's ratio is called."""
    return "Hazard ratio" if found.outcome == "survival" else "Odds ratio"


def name_of(found: Model, name: str) -> str:
    """A coefficient in words."""
    if not name.startswith(INFILTRATION):
        return label(name)
    level = name.removeprefix(INFILTRATION).removeprefix(": ")
    return f"{found.context.measure}, {f'{level} ' if level else ''}{found.unit}"


def model_figure(found: Model, look: Look) -> Drawn:
    """Every term of the model, infiltration first and alone above."""
    lines: list[ForestRow] = []
    alone = (("alone, all measured", found.alone_all, found.eligible), ("alone, complete cases", found.alone, found.n))
    for words, effect, n in alone:
        if effect is not None:
            r = effect.ratio
            lines.append(ForestRow(f"Infiltration {words}", n, r.events, r.value, r.lower, r.upper, reason=r.reason))
    ratios = found.full.ratios if found.full is not None else {}
    ordered = sorted(ratios.items(), key=lambda item: not item[0].startswith(INFILTRATION))
    for name, r in ordered:
        total = name.startswith(INFILTRATION)
        words = f"Adjusted: {name_of(found, name)}" if total else name_of(found, name)
        lines.append(
            ForestRow(words, found.n, found.events, r.value, r.lower, r.upper, kind="total" if total else "subgroup",
                      reason="" if math.isfinite(r.value) else r.reason)
        )  # fmt: skip
    survival = found.outcome == "survival"
    favours = ("fewer events", "more events") if survival else ("fewer responses", "more responses")
    return forest.draw(
        lines, theme=look.theme, title="", favours=favours, stamp=look.stamp, width=look.width,
        simulated=found.context.simulated, measure=ratio_name(found),
    )  # fmt: skip


def model_table(found: Model) -> pd.DataFrame:
    """A row for each coefficient of the model."""
    ratios = found.full.ratios if found.full is not None else {}
    rows = [
        {
            "Term": name_of(found, name),
            f"{ratio_name(found)}, adjusted": ratio(r),
            "p (Wald)": formatting.p_value(r.p_value) if r.shown else "",
            "Caution": r.reason if r.shown else "",
        }
        for name, r in ratios.items()
    ]
    return pd.DataFrame(rows)


def terms_table(found: Model) -> pd.DataFrame:
    """Every term that could be in the model: recorded, missing, and why it is not."""
    return pd.DataFrame(
        [
            {
                "Term": term.words,
                "In the model": "yes" if term.chosen else "no",
                "Recorded": term.recorded,
                "Missing": term.missing,
                "Why not": term.reason if not term.chosen else "",
            }
            for term in found.terms
        ]
    )


def added_lines(found: Model) -> list[str]:
    """What infiltration adds: likelihood, discrimination, proportional hazards."""
    lines = []
    if found.added is not None and found.added.shown:
        lines.append(
            f"Likelihood ratio chi-square added by infiltration: {found.added.statistic:.2f} on "
            f"{found.added.df:.0f} df, {formatting.p_phrase(found.added.p_value)}."
        )
    d = found.discrimination
    if d is not None:
        name = "C" if found.outcome == "survival" else "AUC"
        if d.change.shown and math.isfinite(d.change.value):
            change, low, high = (f"{v:+.3f}".replace("-", formatting.MINUS) for v in (d.change.value, d.change.lower,
                                                                                     d.change.upper))  # fmt: skip
            lines.append(
                f"{name} without infiltration {d.without:.3f}, with it {d.with_marker:.3f} (apparent). Change "
                f"corrected for optimism {change} ({low} to {high}); optimism {d.optimism:.3f}, "
                f"{d.resamples} resamples."
            )
        else:
            lines.append(f"The change in {name} is not shown: {d.change.reason}.")
    p = found.proportional
    if p is not None and p.test.overall.shown:
        halves = ""
        if math.isfinite(p.before) and math.isfinite(p.after):
            halves = (
                f" Hazard ratio of infiltration in the first half of the events {formatting.ratio(p.before)}, in the "
                f"second {formatting.ratio(p.after)}."
            )
        lines.append(f"Proportional hazards, all terms: {formatting.p_phrase(p.test.overall.p_value)}.{halves}")
    return lines


def cautions(found: Model) -> list[str]:
    """What must be said beside the model."""
    lines = [found.full.reason] if found.full is not None and found.full.shown and found.full.reason else []
    if found.proportional is not None and found.proportional.violated:
        lines.append("the hazards are not proportional: one hazard ratio does not describe infiltration here")
    lost = found.eligible - found.n
    if lost:
        lines.append(f"{lost} of {found.eligible} measured patients lack a chosen term and are not in the model")
    return lines


def interaction_line(found: Quadrants) -> str:
    """Whether infiltration is associated differently in the halves of the marker, in words."""
    test = found.interaction
    if not test.shown:
        return f"Whether the association of infiltration differs by the marker is not tested: {test.reason}."
    return (
        f"Interaction of infiltration and marker: {formatting.p_phrase(test.p_value)} (likelihood ratio). This "
        "compares patients who were all treated alike or not at random; it does not say who benefits from a therapy."
    )


def method(found: Model) -> list[str]:
    """How the numbers were made, a line each."""
    survival = found.outcome == "survival"
    strata = f" in {found.strata} strata of cohort, study and tumour type" if found.strata > 1 else ""
    kind = (
        f"Cox model, Efron's ties, Wald limits{', stratified' + strata if strata else ''}" if survival
        else f"Logistic regression, Wald limits{', adjusted for strata' + strata if strata else ''}; Firth's penalty "
             "where the outcome is separated"
    )  # fmt: skip
    return [
        f"{kind}. Infiltration: {found.scale}. Age per 10 years, TMB per doubling (log2(TMB + 1)); of the other terms "
        "the first level (the commonest site) is the reference.",
        "Complete cases: a patient who lacks a chosen term is left out, counted per term; nothing is imputed. Unless "
        "chosen, the terms are those recorded for at least 70% of the measured patients.",
        "Fewer than 10 events (patients of the rarer outcome) per coefficient: a warning; fewer than 5: no numbers.",
        "What infiltration adds: likelihood ratio test against the model without it; change in Harrell's C within "
        "strata (AUC for response), corrected for optimism by refitting in bootstrap resamples (Harrell 1996; limits: "
        "Noma 2021).",
        "Smallest ratios that could have been shown, 80% power at two-sided 0.05, from the spread of infiltration that "
        f"the other terms leave: {'Hsieh and Lavori 2000' if survival else 'Hsieh, Bloch and Larsen 1998'}.",
        "Proportional hazards: score test of Grambsch and Therneau with the Kaplan-Meier transform; a warning below "
        "0.01 where the hazard ratio of infiltration also changes 1.5-fold between the halves of the events.",
        "Quadrants: infiltration by the median split (or the chosen cut; inflamed against not for a phenotype), PD-L1 "
        "by its lowest class against the others, TMB by its median split, MSI as recorded.",
    ]
