"""Everything that happens to the simulated patients, drawn in one order from one seeded generator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tilexplorer.simulate import tissue
from tilexplorer.simulate.latents import Baseline, Flags, Floats, Ints, baseline
from tilexplorer.simulate.recipe import Recipe
from tilexplorer.simulate.response import Response, respond
from tilexplorer.simulate.survival import Course, follow
from tilexplorer.simulate.tissue import Biopsies, OnTreatment


@dataclass(frozen=True, eq=False)
class People:
    """All arrays of a simulation, one entry a patient, ordered by arm.

    Attributes
    ----------
    missing
        what is missing at baseline: core, margin, phenotype, signatures, pdl1, tmb, ecog
    age, male
        age at the start of treatment [years]; sex
    """

    recipe: Recipe
    baseline: Baseline
    course: Course
    response: Response
    biopsies: Biopsies
    missing: Mapping[str, Flags]
    on_treatment: OnTreatment
    age: Ints
    male: Flags

    @property
    def n(self) -> int:
        """Number of patients."""
        return self.baseline.n

    @property
    def cohort(self) -> Ints:
        """Position of each patient's cohort in the recipe's cohorts."""
        ids = [c.id for c in self.recipe.cohorts]
        return np.array([ids.index(a.cohort) for a in self.recipe.arms])[self.baseline.arm]

    @property
    def core(self) -> Floats:
        """Core CD8 density on the scale of IHC [cells/mm2]; 0 where the counted field holds no cell.

        The lowest of the distribution are the zeros, so that zeros keep their place in every order.
        """
        tumours, z = self.recipe.tumours, self.baseline.z["core"]
        lowest = np.zeros(self.n, dtype=np.bool_)
        for position, kind in enumerate(tumours):
            members = np.flatnonzero(self.baseline.tumour == position)
            zeros = round(kind.zero_core * len(members))
            lowest[members[np.argsort(z[members], kind="stable")[:zeros]]] = True
        median = np.array([t.core for t in tumours])[self.baseline.tumour]
        return np.where(lowest, 0.0, median * np.exp2(self.baseline.x))


def generate(recipe: Recipe, sizes: Ints, seed: int) -> People:
    """Draw the patients of every arm; sizes has shape (arms,). The same seed gives the same patients."""
    rng = np.random.default_rng(seed)
    people = baseline(recipe, sizes, rng)
    course = follow(recipe, people, rng)
    response = respond(recipe, people, course, rng)
    taken = tissue.biopsies(recipe, people, rng)
    absent = tissue.missing(recipe, people, taken, rng)
    later = tissue.on_treatment(recipe, people, course, response, rng)
    age = rng.normal(np.array([t.age for t in recipe.tumours])[people.tumour], recipe.age_sd)
    male = rng.random(people.n) < np.array([t.male for t in recipe.tumours])[people.tumour]
    whole = np.clip(np.rint(age), 20, 90).astype(np.int64)
    return People(recipe, people, course, response, taken, absent, later, whole, male)
