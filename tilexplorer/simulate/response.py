"""What the scans of simulated patients showed: best response, its agreement with progression, tumour shrinkage."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from tilexplorer.simulate.latents import Baseline, Flags, Floats, Ints, baseline
from tilexplorer.simulate.recipe import Recipe
from tilexplorer.simulate.survival import Course, follow

CATEGORIES: Final = ("CR", "PR", "SD", "PD", "NE")
CR, PR, SD, PD, NE = range(5)

# Patients per arm from whom the arm's intercept is solved: the rate that it yields is right to about 0.002.
_CALIBRATION: Final = 20_000


@dataclass(frozen=True, eq=False)
class Response:
    """Best response (position in CATEGORIES) and best change of the target lesions [%], NaN where not evaluable."""

    category: Ints
    shrinkage: Floats

    @property
    def responder(self) -> Flags:
        """CR or PR."""
        return self.category <= PR


def _decided(recipe: Recipe, people: Baseline, course: Course, rng: np.random.Generator) -> Ints:
    """NE, PD where the first scan decides so already, else SD for the time being."""
    first = recipe.scans.every
    share = np.array([t.non_evaluable for t in recipe.tumours])[people.tumour]
    unseen = (course.death < first) | (course.censored < first) | (rng.random(people.n) < share)
    return np.where(unseen, NE, np.where(course.scan <= first, PD, SD))


def _logit(recipe: Recipe, people: Baseline, course: Course) -> Floats:
    """The response logit without the arm's intercept."""
    logits = np.array([t.logits for t in recipe.tumours])[people.tumour, people.phenotype]
    effect = np.array([a.phenotype_effect for a in recipe.arms])[people.arm]
    model = recipe.response
    speed = model.log_ttp * np.log(course.ttp_ratio)
    return np.asarray(effect * logits + model.log2_tmb * people.log2_tmb + speed, dtype=np.float64)


@cache
def intercepts(recipe: Recipe) -> Floats:
    """Intercept of each arm's response logit, shape (arms,): ORR over ALL its patients is then the recipe's.

    Solved once from a population of its own, with a fixed seed, so that it depends on the recipe alone.
    """
    rng = np.random.default_rng(recipe.general.seed)
    people = baseline(recipe, np.full(len(recipe.arms), _CALIBRATION), rng)
    course = follow(recipe, people, rng)
    possible = _decided(recipe, people, course, rng) == SD
    logit = _logit(recipe, people, course)
    found = np.empty(len(recipe.arms))
    for position, arm in enumerate(recipe.arms):
        rows = slice(position * _CALIBRATION, (position + 1) * _CALIBRATION)
        found[position] = _intercept(logit[rows][possible[rows]], arm.orr)
    return found


def _intercept(logit: Floats, rate: float) -> float:
    """The number that makes the mean of expit over the calibration's patients equal the rate; the others are 0."""
    return float(brentq(lambda a: expit(logit + a).sum() / _CALIBRATION - rate, -20.0, 20.0))


def respond(recipe: Recipe, people: Baseline, course: Course, rng: np.random.Generator) -> Response:
    """Draw best response and shrinkage. A response can never contradict progression at the first scan."""
    category = _decided(recipe, people, course, rng)
    chance = expit(_logit(recipe, people, course) + intercepts(recipe)[people.arm])
    responds = (category == SD) & (rng.random(people.n) < chance)
    complete = rng.random(people.n) < recipe.response.complete
    category = np.where(responds, np.where(complete, CR, PR), category)
    return Response(category, _shrinkage(category, rng))


def _shrinkage(category: Ints, rng: np.random.Generator) -> Floats:
    """Best change of the sum of target lesions [%], within the limits that RECIST sets for the category."""
    n = len(category)
    partial = rng.uniform(-95.0, -30.0, n)
    stable = np.clip(rng.normal(-5.0, 12.0, n), -29.0, 19.0)
    grown = np.clip(rng.normal(35.0, 20.0, n), 20.0, 150.0)
    change = np.choose(category, [np.full(n, -100.0), partial, stable, grown, np.full(n, np.nan)])
    return np.asarray(np.round(change, 1), dtype=np.float64)


def durable(recipe: Recipe, course: Course, category: Ints) -> tuple[Flags, Flags]:
    """Durable benefit (CR, PR or SD, and progression-free for the stated days), and where that is known.

    Unknown: a patient without progression who was censored before the day.
    """
    lasted = course.pfs >= recipe.response.durable_days
    controlled = category <= SD
    return controlled & lasted, ~controlled | lasted | course.pfs_event
