"""Prognostic or predictive? Does infiltration change what the therapy does, within one study with concurrent arms.

Without such a study the two cannot be told apart, and that is then the answer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from tilexplorer import formatting, vocabulary
from tilexplorer.analysis.arm_model import ARM, SCORE, ArmModel, fit_arms
from tilexplorer.analysis.concurrent import arm_labels, concurrent_studies, randomised, within_studies
from tilexplorer.analysis.groups import grouping, id_of, study_title
from tilexplorer.analysis.missing import Missing, missing
from tilexplorer.analysis.power import Possible
from tilexplorer.analysis.row_outcome import need_outcome, outcome_rows
from tilexplorer.analysis.synthesis_scale import scale_of
from tilexplorer.resolve import DEFAULT_FAMILY, Resolved, resolve
from tilexplorer.scope import Scope
from tilexplorer.statistics import power
from tilexplorer.statistics.interaction import Comparator, Verdict, verdict_of
from tilexplorer.statistics.terms import Category, Number

PHENOTYPE: Final = "immune_phenotype"
INFLAMED: Final = ("not inflamed", "inflamed")
NOT_SEPARABLE: Final = (
    "No selected study holds immunotherapy beside a concurrent arm without it, so a marker of prognosis cannot be told "
    "from one that predicts the benefit of therapy: what is shown here is an association."
)


@dataclass(frozen=True, eq=False)
class Interplay:
    """One way of asking: the measure as a number, by its levels, or inflamed against the rest.

    Attributes
    ----------
    name : the measure and how it enters, "CD8 density, tumour centre, per doubling". formula : the transformation.
    unit : "per doubling", "" for levels. constant : c of log2(x + c), NaN where there is no logarithm.
    measured : what was measured, in the measure's unit, for a number.
    """

    name: str
    formula: str
    unit: str
    model: ArmModel
    power: Possible
    verdict: Verdict
    constant: float
    measured: np.ndarray
    measure: str


@dataclass(frozen=True)
class StudyArms:
    """A study with its arms and every way of asking."""

    study: str
    title: str
    therapy: str
    comparator: str
    sizes: tuple[int, int]
    randomised: bool
    asked: tuple[Interplay, ...]


@dataclass(frozen=True)
class Predictive:
    """The panel: the studies in which the question can be asked, or the sentence that it cannot."""

    studies: tuple[StudyArms, ...]
    sentence: str
    missing: Missing | None


def predictive(resolved: Resolved) -> Predictive:
    """Ask in each selected study with concurrent arms, the measure as a number first."""
    found = [made for study in concurrent_studies(resolved) if (made := _study(resolved, study)) is not None]
    if found:
        return Predictive(tuple(found), _sentence(found), None)
    table = resolved.store.table("study")
    holding = table.loc[table["concurrent_arms"].fillna(False).astype(bool), "cohort"]
    words = "study with a concurrent arm without immunotherapy"
    return Predictive((), NOT_SEPARABLE, missing(resolved.store, words, list(holding)))


def _sentence(studies: Sequence[StudyArms]) -> str:
    return " ".join(_of_study(study) for study in studies)


def _of_study(study: StudyArms) -> str:
    """The first way of asking in words and numbers."""
    asked = study.asked[0]
    ratio = asked.model.ratio_of_ratios.get("")
    if ratio is None or not ratio.shown or not asked.model.test.shown:
        return f"{study.title}: {asked.verdict.sentence}"
    value = formatting.ratio_interval(ratio.value, ratio.lower, ratio.upper)
    p = formatting.p_phrase(asked.model.test.p_value, "interaction p")
    sizes = f"{study.sizes[1]} patients on {study.therapy}, {study.sizes[0]} on {study.comparator}"
    return f"{study.title}: {asked.verdict.sentence} Ratio of ratios {value} {asked.unit}, {p} ({sizes})."


def _study(resolved: Resolved, study: str) -> StudyArms | None:
    """The study with whatever of the three ways its data allow; None where it has no patients in both arms."""
    ways = [made for inner, way in _ways(_inside(resolved, study)) if (made := _ask(inner, study, way)) is not None]
    if not ways:
        return None
    (arms, sizes), asked = ways[0][0], tuple(interplay for _, interplay in ways)
    title = study_title(resolved, study)
    return StudyArms(study, title, arms[1], arms[0], sizes, randomised(resolved, study), asked)


def _inside(resolved: Resolved, study: str) -> Resolved:
    """The selection within one study, every arm, with the measure that its cohort has."""
    table = resolved.store.table("study")
    cohorts = tuple(table.loc[table["study"] == study, "cohort"])
    inner = within_studies(resolved, (study,)).selection.only(cohort=cohorts)
    measure = resolved.measure_of.get(cohorts[0], inner.measure)
    kind = resolved.kind if len(set(resolved.measure_of.values())) < 2 else "number"
    rule = inner.rule if kind == resolved.kind else ""
    return resolve(resolved.store, inner.only(measure=measure, rule=rule))


def _ways(inner: Resolved) -> list[tuple[Resolved, str]]:
    """The measure as a number (the cohort's first CD8 measure where the chosen one is a category), by its levels, and
    the phenotype in two."""
    table = inner.store.table("measure")
    held = set(table.loc[table["cohort"].isin(inner.cohorts), "measure"])
    number = inner
    if inner.kind == "category":
        first = next((m for m in vocabulary.families()[DEFAULT_FAMILY] if m in held), None)
        number = resolve(inner.store, inner.selection.only(measure=first, rule="")) if first else inner
    ways = [(number, "number")] if number.kind == "number" and number.measure_of else []
    ways.append((inner, "levels"))
    if PHENOTYPE in held:
        ways.append((resolve(inner.store, inner.selection.only(measure=PHENOTYPE, rule="")), "inflamed"))
    return ways


Arms = tuple[tuple[str, ...], tuple[int, int]]


def _ask(inner: Resolved, study: str, way: str) -> tuple[Arms, Interplay] | None:
    scope = Scope(inner)
    scope.need_measure(level=way == "levels")
    need_outcome(scope)
    rows = outcome_rows(scope, {"value": "value", "v_level": "level", "regimen": "a.regimen::VARCHAR"})
    if rows.why_not or rows.frame.empty:
        return None
    labels, names = arm_labels(inner, rows.frame["regimen"])
    if len(names) < 2:
        return None
    asked = _Asked(
        inner,
        rows.frame.assign(**{ARM: labels}),
        Category(ARM, names),
        "randomised" if randomised(inner, study) else "concurrent",
    )
    return (names, asked.sizes), {"number": _number, "levels": _levels, "inflamed": _inflamed}[way](asked)


@dataclass(frozen=True, eq=False)
class _Asked:
    """The patients of a study with their arms."""

    inner: Resolved
    frame: pd.DataFrame
    arms: Category
    comparator: Comparator

    @property
    def sizes(self) -> tuple[int, int]:
        """Patients of the comparator and of the therapy."""
        first, second = (int((self.frame[ARM] == name).sum()) for name in self.arms.levels)
        return first, second

    def interplay(self, name: str, formula: str, unit: str, model: ArmModel, sd: float) -> Interplay:
        """The model with its verdict, and what it could have shown for a step of standard deviation `sd`."""
        outcome = self.inner.selection.outcome
        events = model.events if outcome == "survival" else 0
        possible = power.interaction_ratio(*self.sizes, events, sd)
        if outcome == "response":
            possible = replace(possible, reason="given for survival only")
        measure = self.inner.measure_label
        verdict = verdict_of(model.test, self.comparator, measure, self.arms.levels[1])
        return Interplay(
            name, formula, unit, model, Possible(f"interaction, {unit or name}", "", possible), verdict,
            math.nan, np.empty(0), measure,
        )  # fmt: skip


def _number(asked: _Asked) -> Interplay:
    """log2 of the value where the scale is a ratio, else by rank."""
    scale = scale_of(asked.inner)
    formula = scale.rule
    if scale.doubling:
        formula = f"log2(x + {scale.constant:g})" if scale.constant else "log2(x)"
    frame = asked.frame.assign(**{SCORE: scale.scores(asked.frame)})
    model = fit_arms(frame, asked.inner.selection.outcome, asked.arms, Number(SCORE))
    name = f"{asked.inner.measure_label}, {scale.words}"
    made = asked.interplay(name, formula, scale.words, model, float(frame[SCORE].std(ddof=0)))
    return replace(made, constant=scale.constant, measured=asked.frame["value"].to_numpy(dtype=float))


def _levels(asked: _Asked) -> Interplay:
    """The levels of the rule, lowest first."""
    found = grouping(asked.inner, "level", asked.frame["v_level"], pd.Series(1, index=asked.frame.index))
    labels = asked.frame["v_level"].astype(object).map(lambda value: id_of("level", value))
    ids = tuple(group.id for group in found.groups)
    frame = asked.frame.assign(**{SCORE: labels})
    model = fit_arms(frame, asked.inner.selection.outcome, asked.arms, Category(SCORE, ids))
    share = float((labels == ids[-1]).mean())
    name = f"{asked.inner.measure_label}, levels {asked.inner.rule.words}"
    return asked.interplay(name, "", "", model, math.sqrt(share * (1 - share)))


def _inflamed(asked: _Asked) -> Interplay:
    """Inflamed against desert and excluded together: the split that small studies can carry."""
    inflamed = asked.frame["value"].astype(str) == "inflamed"
    frame = asked.frame.assign(**{SCORE: np.where(inflamed, INFLAMED[1], INFLAMED[0])})
    model = fit_arms(frame, asked.inner.selection.outcome, asked.arms, Category(SCORE, INFLAMED))
    share = float(inflamed.mean())
    name = f"{asked.inner.measure_label}, inflamed v desert or excluded"
    return asked.interplay(name, "", "", model, math.sqrt(share * (1 - share)))
