"""The truth of the simulated cohorts: what each view should find, from a population so large that chance is small.

Three numbers for an effect, because the hazard ratio is non-collapsible and because scans see progression late:

(a) conditional: the recipe's hazard ratio per doubling, given ECOG and TMB; exact.
(b) marginal: what a view without covariates estimates (hazard ratios under the recipe's follow-up and missingness;
    medians, restricted means and response rates without censoring).
(c) PFS on the scan grid, as it is recorded, beside PFS before the grid.

A view is compared with the truth of its own estimand. `python -m tilexplorer.simulate.truth` writes the committed file
(about 50 seconds on two cores, 1 GB); the same recipe, seed and number of patients give the same file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np

from tilexplorer.simulate.cox import CoxFit, cox
from tilexplorer.simulate.latents import Flags, Floats, Ints
from tilexplorer.simulate.people import People, generate
from tilexplorer.simulate.recipe import FOLDER, PHENOTYPES, Recipe, load
from tilexplorer.simulate.response import CR, NE, SD, durable
from tilexplorer.simulate.values import SIGNATURES

TRUTH: Final = FOLDER / "truth.json"
PATIENTS: Final = 2_000_000
SEED: Final = 1
HORIZONS: Final = (365, 730)
TERTILES: Final = ("intermediate", "high")

Json = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Population:
    """The people and what the views derive from them, one entry a patient."""

    people: People

    @cached_property
    def stratum(self) -> Ints:
        """Study x tumour type: where cuts are made, and what is stratified by."""
        studies = list(dict.fromkeys(a.study for a in self.people.recipe.arms))
        study = np.array([studies.index(a.study) for a in self.people.recipe.arms])[self.people.baseline.arm]
        return study * len(self.people.recipe.tumours) + self.people.baseline.tumour

    @cached_property
    def core(self) -> Floats:
        """Core density on the cohort's own scale [cells/mm2], NaN where missing or not measured."""
        factor = np.array([c.density for c in self.people.recipe.cohorts])[self.people.cohort]
        return np.where(self.people.missing["core"] | (factor == 0), np.nan, self.people.core * factor)

    @cached_property
    def tertile(self) -> Ints:
        """0, 1, 2 by the cuts of the stratum; -1 without a density."""
        found = np.full(self.people.n, -1)
        for group in np.unique(self.stratum):
            rows = np.flatnonzero((self.stratum == group) & ~np.isnan(self.core))
            if len(rows):
                found[rows] = np.searchsorted(np.quantile(self.core[rows], [1 / 3, 2 / 3]), self.core[rows])
        return found

    @cached_property
    def phenotype(self) -> Ints:
        """Position in PHENOTYPES; -1 where missing."""
        return np.where(self.people.missing["phenotype"], -1, self.people.baseline.phenotype)

    @cached_property
    def teff(self) -> Floats:
        """T-effector signature [SD], NaN where missing or not measured."""
        recipe = self.people.recipe
        has = np.array(["teff_ifng_6" in c.assay for c in recipe.cohorts])[self.people.cohort]
        node = recipe.biopsy.lymph_node_shift * self.people.biopsies.lymph_node
        score = self.people.baseline.z[SIGNATURES["teff_ifng_6"]] + node
        return np.where(has & ~self.people.missing["signatures"], score, np.nan)

    def endpoints(self) -> Mapping[str, tuple[Ints, Flags, Ints]]:
        """Observed days, event, and uncensored days by endpoint; days before the grid are rounded up."""
        c = self.people.course
        raw = np.minimum(np.ceil(np.minimum(c.ttp, 1e5)).astype(np.int64), c.death)
        return {
            "os": (c.os, c.os_event, c.death),
            "pfs": (c.pfs, c.pfs_event, np.minimum(c.scan, c.death)),
            "pfs_before_scans": (np.minimum(raw, c.censored), raw <= c.censored, raw),
        }


def _rounded(value: float) -> float:
    """Six significant digits: far below the sampling error, and alike on every machine."""
    return float(f"{value:.6g}")


def _ratios(fit: CoxFit, names: tuple[str, ...]) -> Json:
    return {
        name: {"hr": _rounded(float(np.exp(b))), "log_se": _rounded(float(se))}
        for name, b, se in zip(names, fit.log_hr, fit.se, strict=True)
    }


def _hazard_ratios(world: Population, rows: Ints, days: Ints, event: Flags) -> Json:
    """Univariable hazard ratios among these patients, stratified by study and tumour type."""
    found: Json = {}
    core, teff = world.core[rows], world.teff[rows]

    def fit(keep: Flags, x: Floats, *names: str) -> Json:
        chosen = rows[keep]
        return _ratios(cox(days[chosen], event[chosen], x[keep], world.stratum[chosen]), names)

    if np.isfinite(core).any():
        logs = np.log2(np.where(core > 0, core, 1.0))[:, None]
        found |= fit(core > 0, logs, "per_doubling_of_positive_core")
        found |= fit(np.isfinite(core), np.log2(np.nan_to_num(core) + 1.0)[:, None], "per_doubling_of_core_plus_1")
        tertile = world.tertile[rows]
        dummies = np.stack([tertile == 1, tertile == 2], axis=1).astype(np.float64)
        found["tertile_v_low"] = fit(tertile >= 0, dummies, *TERTILES)
    if np.isfinite(teff).any():
        scaled = (teff / np.nanstd(teff))[:, None]
        found |= fit(np.isfinite(teff), scaled, "per_sd_of_teff_ifng_6")
    phenotype = world.phenotype[rows]
    dummies = np.stack([phenotype == 1, phenotype == 2], axis=1).astype(np.float64)
    found["phenotype_v_desert"] = fit(phenotype >= 0, dummies, *PHENOTYPES[1:])
    return found


def _times(days: Ints) -> Json:
    """Median, milestone survival and restricted mean of uncensored times [days]."""
    return {
        "median_days": _rounded(float(np.median(days))),
        "survival": {str(tau): _rounded(float((days > tau).mean())) for tau in HORIZONS},
        "rmst_days": {str(tau): _rounded(float(np.minimum(days, tau).mean())) for tau in HORIZONS},
    }


def _rates(world: Population, rows: Ints) -> Json:
    """Response rates over all patients, not evaluable counted as no response; durable benefit where known."""
    category = world.people.response.category[rows]
    benefit, known = durable(world.people.recipe, world.people.course, world.people.response.category)
    return {
        "orr": _rounded(float(world.people.response.responder[rows].mean())),
        "cr": _rounded(float((category == CR).mean())),
        "dcr": _rounded(float((category <= SD).mean())),
        "not_evaluable": _rounded(float((category == NE).mean())),
        "durable": _rounded(float(benefit[rows][known[rows]].mean())),
    }


def _orr_by(world: Population, rows: Ints, level: Ints, names: tuple[str, ...]) -> Json:
    responder = world.people.response.responder
    chosen = {name: rows[level[rows] == code] for code, name in enumerate(names)}
    return {name: _rounded(float(responder[found].mean())) for name, found in chosen.items() if len(found)}


def _group(world: Population, rows: Ints) -> Json:
    """Every truth of one group of patients."""
    found: Json = {"patients": len(rows), "response": _rates(world, rows)}
    found["orr_by_phenotype"] = _orr_by(world, rows, world.phenotype, PHENOTYPES)
    found["orr_by_tertile"] = _orr_by(world, rows, world.tertile, ("low", *TERTILES))
    for name, (days, event, uncensored) in world.endpoints().items():
        found[name] = _times(uncensored[rows]) | {"hazard_ratio": _hazard_ratios(world, rows, days, event)}
    return found


def _contrast(world: Population, study: str) -> Json:
    """First arm against second of a randomised study: marginal hazard ratio and interaction per doubling."""
    arms = [i for i, a in enumerate(world.people.recipe.arms) if a.study == study]
    arm = world.people.baseline.arm
    rows = np.flatnonzero(np.isin(arm, arms))
    first = (arm == arms[0]).astype(np.float64)
    found: Json = {"conditional_ratio_of_hazard_ratios": _rounded(_hr(world, arms[0]) / _hr(world, arms[1]))}
    dense = rows[world.core[rows] > 0]
    x = np.log2(world.core[dense])
    for name, (days, event, uncensored) in world.endpoints().items():
        treatment = cox(days[rows], event[rows], first[rows][:, None], world.stratum[rows])
        terms = np.stack([first[dense], x, first[dense] * x], axis=1)
        both = cox(days[dense], event[dense], terms, world.stratum[dense])
        interaction = CoxFit(both.log_hr[2:], both.se[2:], both.events)
        one, two = (uncensored[rows[arm[rows] == a]] for a in arms)
        found[name] = _ratios(treatment, ("treatment",)) | _ratios(interaction, ("interaction_per_doubling",))
        found[name]["rmst_difference_days"] = {
            str(tau): _rounded(float(np.minimum(one, tau).mean() - np.minimum(two, tau).mean())) for tau in HORIZONS
        }
    return found


def _hr(world: Population, arm: int) -> float:
    return world.people.recipe.arms[arm].hr


def truth(recipe: Recipe | None = None, patients: int = PATIENTS, seed: int = SEED) -> Json:
    """Conditional, marginal and on-the-grid truth of every arm, cohort and randomised study.

    Groups carry the recipe's proportions. `log_se` is the standard error of a log hazard ratio in this population:
    how far the stored number itself may be off.
    """
    chosen = load() if recipe is None else recipe
    world = Population(generate(chosen, chosen.sizes(patients), seed))
    arms = []
    for position, arm in enumerate(chosen.arms):
        words = {"cohort": arm.cohort, "study": arm.study, "tumour": list(arm.tumour), "regimen": arm.regimen}
        conditional = {"conditional_hr_per_doubling": arm.hr}
        arms.append(words | conditional | _group(world, np.flatnonzero(world.people.baseline.arm == position)))
    cohorts = {
        card.id: _group(world, np.flatnonzero(world.people.cohort == position))
        for position, card in enumerate(chosen.cohorts)
    }
    randomised = dict.fromkeys(a.study for a in chosen.arms if a.randomised)
    return {
        "provenance": {"recipe_sha256": chosen.digest, "patients": patients, "seed": seed},
        "arms": arms,
        "cohorts": cohorts,
        "studies": {study: _contrast(world, study) for study in randomised},
    }


def stored(path: Path = TRUTH) -> Json:
    """The committed truth."""
    found: Json = json.loads(path.read_text(encoding="utf-8"))
    return found


def main() -> None:
    """Remake the committed truth from the committed recipe."""
    TRUTH.write_text(json.dumps(truth(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
