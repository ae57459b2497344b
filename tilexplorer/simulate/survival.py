"""When simulated patients die, progress, are scanned and are lost: OS, PFS on the scan grid, censoring.

The hazards of death and of death or progression are Weibull with one shape and one linear predictor, so that the
hazard ratio per doubling is the recipe's exactly, given ECOG and TMB, for OS and (before the scan grid) for PFS.
One arm has a delayed effect: its hazard of death is higher at first. Its PFS hazard keeps the recipe's form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tilexplorer.simulate.latents import Baseline, Flags, Floats, Ints
from tilexplorer.simulate.recipe import Recipe
from tilexplorer.simulate.sections import Scans

DAYS_PER_MONTH: Final = 30.4375
DAYS_PER_YEAR: Final = 365.25
LN2: Final = float(np.log(2.0))


@dataclass(frozen=True, eq=False)
class Hazards:
    """Per arm, shape (arms,): cumulative hazard early * t^k up to the break, then late * t^k beyond it [days]."""

    death_early: Floats
    death_late: Floats
    ttp_early: Floats
    ttp_late: Floats
    shape: float
    change_day: float


@dataclass(frozen=True, eq=False)
class Course:
    """What happens to each patient; times in days from the start of treatment.

    Attributes
    ----------
    ttp
        true time to progression, not rounded
    ttp_ratio
        ttp over its arm's median at average covariates
    death
        day of death
    scan
        day of the scan that would show the progression
    censored
        day on which the patient is no longer followed
    os, os_event, pfs, pfs_event
        what is observed: whole days, and whether the event happened then
    """

    ttp: Floats
    ttp_ratio: Floats
    death: Ints
    scan: Ints
    censored: Ints
    os: Ints
    os_event: Flags
    pfs: Ints
    pfs_event: Flags


def hazards(recipe: Recipe) -> Hazards:
    """Baseline hazards of every arm (x = 0, average ECOG, median TMB).

    With H0(t) = ln2 (t / median)^k, the delayed arm has h H0(t) up to day d and c (H0(t) - H0(d)) more afterwards,
    where c = (ln2 - h H0(d)) / (ln2 - H0(d)) keeps the median.
    """
    k = recipe.general.shape
    delayed = recipe.delayed
    os = LN2 / (np.array([a.os for a in recipe.arms]) * DAYS_PER_MONTH) ** k
    pfs = LN2 / (np.array([a.pfs for a in recipe.arms]) * DAYS_PER_MONTH) ** k
    is_delayed = np.array([(a.study, a.regimen) == (delayed.study, delayed.regimen) for a in recipe.arms])
    spent = os * delayed.days**k
    early = np.where(is_delayed, delayed.hazard, 1.0)
    late = np.where(is_delayed, (LN2 - early * spent) / (LN2 - spent), 1.0)
    return Hazards(early * os, late * os, pfs - early * os, pfs - late * os, k, float(delayed.days))


def time_at(hazard: Floats, early: Floats, late: Floats, shape: float, change_day: float) -> Floats:
    """The time at which a two-piece cumulative hazard reaches `hazard` [days]."""
    spent = early * change_day**shape
    before = np.minimum(hazard, spent) / early
    after = np.maximum(hazard - spent, 0.0) / late
    return np.asarray((before + after) ** (1.0 / shape), dtype=np.float64)


def next_scan(scans: Scans, day: Floats) -> Ints:
    """Day of the first scan on or after each day."""
    early = np.ceil(day / scans.every) * scans.every
    late = scans.until + np.ceil((day - scans.until) / scans.then_every) * scans.then_every
    return np.where(day <= scans.until, early, late).astype(np.int64)


def last_scan(scans: Scans, day: Ints) -> Ints:
    """Day of the last scan on or before each day; 0 before the first."""
    early = day // scans.every * scans.every
    late = scans.until + (day - scans.until) // scans.then_every * scans.then_every
    return np.where(day < scans.until, early, late).astype(np.int64)


def _linear_predictor(recipe: Recipe, people: Baseline) -> Floats:
    """Log hazard of each patient over the arm's baseline."""
    general = recipe.general
    beta = np.log(np.array([a.hr for a in recipe.arms]))[people.arm]
    ecog = general.loghr_ecog1 * (people.ecog1 - general.ecog1)
    return np.asarray(beta * people.x + ecog + general.loghr_log2_tmb * people.log2_tmb, dtype=np.float64)


def _censoring(recipe: Recipe, n: int, rng: np.random.Generator) -> Ints:
    """Last day of follow-up: the cutoff seen from a uniform entry, or an exponential drop-out before it."""
    plan = recipe.follow_up
    months = plan.cutoff_after_last_months + plan.accrual_months * rng.random(n)
    dropout = rng.standard_exponential(n) / -np.log1p(-plan.dropout_per_year) * DAYS_PER_YEAR
    return np.asarray(np.ceil(np.minimum(months * DAYS_PER_MONTH, dropout)), dtype=np.int64)


def follow(recipe: Recipe, people: Baseline, rng: np.random.Generator) -> Course:
    """Draw every patient's course and what is observed of it."""
    h, arm, n = hazards(recipe), people.arm, people.n
    relative = np.exp(_linear_predictor(recipe, people))
    os = time_at(rng.standard_exponential(n) / relative, h.death_early[arm], h.death_late[arm], h.shape, h.change_day)
    ttp = time_at(rng.standard_exponential(n) / relative, h.ttp_early[arm], h.ttp_late[arm], h.shape, h.change_day)
    usual = time_at(np.full(len(h.ttp_early), LN2), h.ttp_early, h.ttp_late, h.shape, h.change_day)
    # Beyond a century nothing is seen; the bound keeps the days within whole numbers.
    death = np.ceil(np.minimum(os, 1e5)).astype(np.int64)
    scan = next_scan(recipe.scans, np.minimum(ttp, 1e5))
    return _observed(recipe, ttp, ttp / usual[arm], death, scan, _censoring(recipe, n, rng))


def _observed(recipe: Recipe, ttp: Floats, ratio: Floats, death: Ints, scan: Ints, censored: Ints) -> Course:
    """Whole days and events; PFS is censored at the last scan (day 1 where there was none)."""
    failure = np.minimum(scan, death)
    failed = failure <= censored
    last = np.maximum(last_scan(recipe.scans, np.minimum(censored, death)), 1)
    return Course(
        ttp=ttp,
        ttp_ratio=ratio,
        death=death,
        scan=scan,
        censored=censored,
        os=np.minimum(death, censored),
        os_event=death <= censored,
        pfs=np.where(failed, failure, last),
        pfs_event=failed,
    )
