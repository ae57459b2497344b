"""The cards of the simulated cohorts: cohort, study, endpoint, regimen, component and measure tables."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.simulate.recipe import Recipe
from tilexplorer.simulate.sections import Arm, Cohort, Tumour

CITATION = "Simulated by TIL Explorer from data/simulated/recipe.toml; no real patient."
DURABLE = "CR, PR or SD, and progression-free for at least 6 months (183 days)"
NOTES = (
    "SIMULATED: made to show the program. No row is a real patient, and nothing here is evidence.\n"
    "Its truth is known: data/simulated/truth.json holds conditional and marginal effects."
)


def regimen_id(arm: Arm) -> str:
    """The arm's regimen by the vocabulary's names, in the recipe's order."""
    return " + ".join(vocabulary.therapy(name).name for name in arm.regimen.split(" + "))


def cohorts(recipe: Recipe) -> pd.DataFrame:
    """The cohort table."""
    return pd.DataFrame([_cohort(cohort) for cohort in recipe.cohorts])


def _cohort(cohort: Cohort) -> dict[str, object]:
    return {
        "cohort": cohort.id,
        "title": cohort.title,
        "citation": CITATION,
        "licence": "as the program",
        "source": "data/simulated/recipe.toml",
        "simulated": True,
        "immunotherapy": True,
        "default_measure": cohort.default_measure,
        "population": "every simulated patient of each arm",
        "note": NOTES,
    }


def studies(recipe: Recipe) -> pd.DataFrame:
    """The study table: arms that share a study id were treated at the same time."""
    by_study: dict[str, list[Arm]] = {}
    for arm in recipe.arms:
        by_study.setdefault(arm.study, []).append(arm)
    names = {t.name: _tumour_name(t) for t in recipe.tumours}
    return pd.DataFrame([_study(study, arms, names) for study, arms in by_study.items()])


def _tumour_name(tumour: Tumour) -> str:
    name = vocabulary.tumours()[tumour.oncotree].name
    return f"{name} ({tumour.msi})" if tumour.msi else name


def _study(study: str, arms: list[Arm], names: Mapping[str, str]) -> dict[str, object]:
    randomised = all(arm.randomised for arm in arms)
    regimen = " v ".join(regimen_id(arm) for arm in arms)
    return {
        "cohort": arms[0].cohort,
        "study": study,
        "title": f"SIMULATED {regimen}: {', '.join(names[t] for t in arms[0].tumour)}",
        "phase": "3" if randomised else "2",
        "setting": "advanced",
        "randomised": randomised,
        "concurrent_arms": len(arms) > 1,
        "criteria": "RECIST 1.1",
        "confirmed": False,
        "durable_benefit": DURABLE,
    }


def endpoints(recipe: Recipe) -> pd.DataFrame:
    """The endpoint cards: OS and PFS in every cohort."""
    t0, unit = "start of treatment", "days"
    os = {"endpoint": "os", "t0": t0, "event": "death of any cause", "source_unit": unit}
    grid = f"scans every {recipe.scans.every} days to day {recipe.scans.until}, then every {recipe.scans.then_every}"
    pfs = {"endpoint": "pfs", "t0": t0, "event": "progression at a scan, or death", "source_unit": unit}
    pfs["note"] = f"{grid}; censored at the last scan"
    return pd.DataFrame([{"cohort": c.id, **card} for c in recipe.cohorts for card in (os, pfs)])


def regimens(recipe: Recipe) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The regimen table and the component table; a bispecific has a row for each of its classes."""
    parts = {regimen_id(a): [vocabulary.therapy(name) for name in a.regimen.split(" + ")] for a in recipe.arms}
    rows, components = [], []
    for regimen, therapies in parts.items():
        classes = vocabulary.combination(therapies)
        immune = vocabulary.is_immunotherapy(classes)
        rows.append({"regimen": regimen, "combination": " + ".join(classes), "immunotherapy": immune})
        for drug in therapies:
            for kind in drug.classes:
                components.append({"regimen": regimen, "component": drug.name, "class": kind, "role": drug.role})
    return pd.DataFrame(rows), pd.DataFrame(components)


def measures(recipe: Recipe) -> pd.DataFrame:
    """The measure table: assay, unit and levels of each measure in each cohort."""
    return pd.DataFrame([_measure(recipe, c, m, assay) for c in recipe.cohorts for m, assay in c.assay.items()])


def _measure(recipe: Recipe, cohort: Cohort, measure: str, assay: str) -> dict[str, object]:
    known = vocabulary.measures()[measure]
    return {
        "cohort": cohort.id,
        "measure": measure,
        "assay": assay,
        "unit": known.unit or None,
        "kind": known.kind,
        "levels": "|".join(_levels(recipe, cohort, measure)) or None,
        "comparable": False,
        "note": _note(cohort, measure),
    }


def _levels(recipe: Recipe, cohort: Cohort, measure: str) -> tuple[str, ...]:
    """The levels that the cohort's own score has, else the vocabulary's."""
    tumours = {name for arm in recipe.arms if arm.cohort == cohort.id for name in arm.tumour}
    own = [p.levels for p in recipe.pdl1 if p.measure == measure and tumours & set(p.tumours)]
    return own[0] if own else vocabulary.measures()[measure].levels


def _note(cohort: Cohort, measure: str) -> str | None:
    if measure.startswith("cd8_density") and cohort.density != 1.0:
        return f"this assay counts {cohort.density:g} times what IHC counts: never compare by value across cohorts"
    return None
