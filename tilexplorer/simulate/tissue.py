"""Biopsies of the simulated patients: age and site of the tissue, what is missing, and what changed on treatment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from tilexplorer.simulate.latents import Baseline, Flags, Floats, Ints
from tilexplorer.simulate.recipe import Recipe
from tilexplorer.simulate.response import NE, PD, Response
from tilexplorer.simulate.sections import Arm
from tilexplorer.simulate.survival import Course


@dataclass(frozen=True, eq=False)
class Biopsies:
    """The baseline biopsy of each patient.

    Attributes
    ----------
    day
        day of the biopsy from the start of treatment; negative is before
    fresh, lymph_node, primary, visceral
        what kind of tissue it is
    site
        position in the recipe's sites
    """

    day: Ints
    fresh: Flags
    site: Ints
    lymph_node: Flags
    primary: Flags
    visceral: Flags


@dataclass(frozen=True, eq=False)
class OnTreatment:
    """The second biopsy and blood draw.

    Attributes
    ----------
    taken
        the patient was biopsied on treatment
    day
        day of the biopsy
    ln_ratio
        ln of the core density on treatment over that before
    ln_ratio_untreated
        the same in a lesion that was not treated locally; NaN in arms without local treatment
    blood_change
        change of the logit of the T-cell fraction in blood
    signature_change
        own change of the T-cell signatures beside that of the density [SD]
    """

    taken: Flags
    day: Ints
    ln_ratio: Floats
    ln_ratio_untreated: Floats
    blood_change: Floats
    signature_change: Floats


def biopsies(recipe: Recipe, people: Baseline, rng: np.random.Generator) -> Biopsies:
    """Draw the baseline biopsies."""
    plan, n = recipe.biopsy, people.n
    fresh = rng.random(n) < plan.fresh
    new = -rng.integers(0, plan.fresh_days + 1, n)
    old = np.exp(rng.normal(plan.archival_ln_mean, plan.archival_ln_sd, n))
    archived = -np.clip(np.rint(old), plan.fresh_days + 1, plan.archival_limit).astype(np.int64)
    lymph_node = rng.random(n) < plan.lymph_node
    primary = ~lymph_node & (rng.random(n) < np.array([t.primary_share for t in recipe.tumours])[people.tumour])
    site = _sites(recipe, people.tumour, lymph_node, primary, rng)
    visceral = np.array([s in plan.visceral for s in recipe.sites])[site]
    return Biopsies(np.where(fresh, new, archived), fresh, site, lymph_node, primary, visceral)


def _sites(recipe: Recipe, tumour: Ints, lymph_node: Flags, primary: Flags, rng: np.random.Generator) -> Ints:
    sites = recipe.sites
    home = np.array([sites.index(t.primary) for t in recipe.tumours])[tumour]
    spread = recipe.biopsy.metastasis
    bounds = np.cumsum(list(spread.values()))[:-1]
    away = sites.index(next(iter(spread))) + np.searchsorted(bounds, rng.random(len(tumour)), side="right")
    return np.where(lymph_node, sites.index("lymph node"), np.where(primary, home, away))


def _core_missing(recipe: Recipe, people: Baseline, tissue: Biopsies, rng: np.random.Generator) -> Flags:
    """Density missing at random given ECOG and visceral site; the intercept gives the recipe's share over all."""
    plan = recipe.missing
    logit = plan.logit_ecog1 * people.ecog1 + plan.logit_visceral * tissue.visceral
    intercept = _missing_intercept(recipe)
    return rng.random(people.n) < expit(logit + intercept)


def _missing_intercept(recipe: Recipe) -> float:
    """Solve the mean over ECOG and visceral site, weighted by the arms in which a density is measured."""
    plan, ecog1 = recipe.missing, recipe.general.ecog1
    visceral = _visceral_share(recipe)

    def excess(a: float) -> float:
        share = 0.0
        for logit, p in ((0.0, 1.0 - ecog1), (plan.logit_ecog1, ecog1)):
            share += p * (1 - visceral) * expit(a + logit) + p * visceral * expit(a + logit + plan.logit_visceral)
        return float(share - plan.core_margin)

    return float(brentq(excess, -20.0, 20.0))


def _visceral_share(recipe: Recipe) -> float:
    """Expected share of visceral biopsies among patients of cohorts with a density."""
    plan = recipe.biopsy
    measured = {c.id for c in recipe.cohorts if c.density > 0}
    primary = {t.name: t.primary_share for t in recipe.tumours}
    first = recipe.general.lung_adenocarcinoma
    arms = [a for a in recipe.arms if a.cohort in measured]
    home = sum(a.n * (first * primary[a.tumour[0]] + (1 - first) * primary[a.tumour[-1]]) for a in arms)
    away = 1.0 - home / sum(a.n for a in arms)
    return (1.0 - plan.lymph_node) * away * sum(plan.metastasis[s] for s in plan.visceral)


def missing(recipe: Recipe, people: Baseline, tissue: Biopsies, rng: np.random.Generator) -> Mapping[str, Flags]:
    """What is missing at baseline: core, margin, phenotype, signatures, pdl1, tmb, ecog; each of shape (n,)."""
    plan, n = recipe.missing, people.n
    core = _core_missing(recipe, people, tissue, rng)
    alone = rng.random(n) < plan.margin_alone / (1.0 - plan.core_margin)
    found = {"core": core, "margin": core | alone}
    for name in ("phenotype", "signatures", "pdl1", "tmb", "ecog"):
        found[name] = rng.random(n) < getattr(plan, name)
    return found


def _factor(recipe: Recipe, response: Response) -> Floats:
    """Factor on the geometric mean ratio by response; not evaluable counts as stable."""
    factor = recipe.response_factor
    rest = np.where(response.category == PD, factor.progressive, factor.stable)
    return np.where(response.responder & (response.category != NE), factor.responder, rest)


def _untreated(arm: Arm) -> float:
    return np.nan if arm.gmr_untreated_lesion is None else arm.gmr_untreated_lesion


def on_treatment(
    recipe: Recipe, people: Baseline, course: Course, response: Response, rng: np.random.Generator
) -> OnTreatment:
    """Draw the biopsies under treatment: only patients alive, followed and not yet progressing have one."""
    plan, n = recipe.on_treatment, people.n
    day = rng.integers(plan.first_day, plan.last_day + 1, n)
    treated = day < np.minimum(np.minimum(course.scan, course.death), course.censored)
    factor = np.log(_factor(recipe, response))
    noise = plan.sd_ln_ratio * rng.standard_normal(n)
    noise_untreated = plan.sd_ln_ratio * rng.standard_normal(n)
    own = np.log(np.array([a.gmr for a in recipe.arms]))[people.arm] + factor
    other = np.log(np.array([_untreated(a) for a in recipe.arms]))[people.arm] + factor
    rho = plan.blood_correlation
    blood = rho * noise / plan.sd_ln_ratio + np.sqrt(1.0 - rho**2) * rng.standard_normal(n)
    return OnTreatment(
        taken=(rng.random(n) < plan.offered) & treated,
        day=day,
        ln_ratio=own + noise,
        ln_ratio_untreated=other + noise_untreated,
        blood_change=plan.blood_logit_sd * blood,
        signature_change=plan.signature_noise * rng.standard_normal(n),
    )
