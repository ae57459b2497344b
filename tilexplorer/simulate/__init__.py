"""Five simulated demonstration cohorts with a known truth, and the generator of the benchmarks."""

from __future__ import annotations

from tilexplorer.errors import InvalidQuery
from tilexplorer.schema import Canonical
from tilexplorer.simulate.people import generate
from tilexplorer.simulate.recipe import Recipe, load
from tilexplorer.simulate.tables import canonical

__all__ = ["Recipe", "load", "simulate"]


def simulate(recipe: Recipe | None = None, *, patients: int | None = None, seed: int | None = None) -> Canonical:
    """Simulate the demonstration cohorts.

    Parameters
    ----------
    recipe
        what to simulate; the committed recipe by default
    patients
        total number of patients, spread over the arms in the recipe's proportions; the recipe's own by default
    seed
        seed of the generator; the recipe's own by default

    Returns
    -------
    Canonical
        every canonical table; the same arguments give the same rows

    Raises
    ------
    InvalidQuery
        where there is no patient to simulate, or the seed is negative
    """
    if patients is not None and patients < 1:
        raise InvalidQuery(f"simulate: the number of patients is {patients}; ask for at least 1")
    if seed is not None and seed < 0:
        raise InvalidQuery(f"simulate: the seed is {seed}; give a whole number from 0")
    chosen = load() if recipe is None else recipe
    return canonical(generate(chosen, chosen.sizes(patients), chosen.general.seed if seed is None else seed))
