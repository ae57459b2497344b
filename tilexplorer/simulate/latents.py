"""Who the simulated patients are before treatment: correlated latents, T-cell densities, phenotype, ECOG, TMB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tilexplorer.simulate.recipe import Recipe
from tilexplorer.simulate.sections import Correlation

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Baseline:
    """Patients before treatment, one entry each.

    Attributes
    ----------
    arm, tumour, phenotype
        positions in the recipe's arms, its tumours, and desert / excluded / inflamed
    z
        standard normal latents by name
    x
        log2 of the core CD8 density over its tumour's median [doublings]
    log2_tmb
        log2 of TMB over its tumour's median [doublings]
    ecog1
        ECOG performance status is 1 (else 0)
    """

    arm: Ints
    tumour: Ints
    phenotype: Ints
    z: Mapping[str, Floats]
    x: Floats
    log2_tmb: Floats
    ecog1: Flags

    @property
    def n(self) -> int:
        """Number of patients."""
        return len(self.arm)


def _parents(c: Correlation) -> tuple[tuple[str, str, float], ...]:
    """Each latent hangs on one parent, so that every table of correlations within -1 to 1 is possible."""
    return (
        ("margin", "core", c.core_margin),
        ("teff", "core", c.core_teff),
        ("tis18", "teff", c.teff_tis18),
        ("cyt", "teff", c.teff_cyt),
        ("stil", "core", c.core_stil),
        ("pdl1_ic", "core", c.core_pdl1_ic),
        ("pdl1_tc", "core", c.core_pdl1_tc),
        ("tmb", "core", c.core_tmb),
        ("tgfb", "core", c.core_tgfb),
        ("myeloid", "core", c.core_myeloid),
        ("treg", "core", c.core_treg),
        ("angiogenesis", "core", c.core_angiogenesis),
        ("blood", "core", c.core_blood),
        ("pd1_share", "core", c.core_pd1_share),
    )


def correlated(rho: float, parent: Floats, rng: np.random.Generator) -> Floats:
    """Standard normal values that correlate with the parent's by rho."""
    own = np.sqrt(1.0 - rho**2) * rng.standard_normal(len(parent))
    return np.asarray(rho * parent + own, dtype=np.float64)


def latents(correlation: Correlation, n: int, rng: np.random.Generator) -> dict[str, Floats]:
    """Standard normal latents by name, each of shape (n,)."""
    z = {"core": rng.standard_normal(n)}
    for name, parent, rho in _parents(correlation):
        z[name] = correlated(rho, z[parent], rng)
    return z


def phenotypes(recipe: Recipe, z: Mapping[str, Floats], tumour: Ints, rng: np.random.Generator) -> Ints:
    """Desert 0, excluded 1, inflamed 2, with each tumour's shares exact up to rounding.

    A reader sees the core with noise: the top of that score is inflamed. The rest is ordered by how far the margin
    and TGF-beta stand above the core: its top is excluded, what remains is desert.
    """
    model = recipe.phenotype
    n = len(tumour)
    hot = z["core"] + model.reader_noise * rng.standard_normal(n)
    held = z["margin"] - z["core"] + model.tgfb_weight * z["tgfb"] + model.excluded_noise * rng.standard_normal(n)
    found = np.zeros(n, dtype=np.int64)
    for position, kind in enumerate(recipe.tumours):
        members = np.flatnonzero(tumour == position)
        inflamed = round(kind.shares[2] * len(members))
        excluded = round(kind.shares[1] * len(members))
        by_hot = members[np.argsort(-hot[members], kind="stable")]
        rest = by_hot[inflamed:]
        by_held = rest[np.argsort(-held[rest], kind="stable")]
        found[by_hot[:inflamed]] = 2
        found[by_held[:excluded]] = 1
    return found


def _tumours(recipe: Recipe, arm: Ints, rng: np.random.Generator) -> Ints:
    """Position of each patient's tumour type; an arm with two types draws between them."""
    names = [t.name for t in recipe.tumours]
    first = np.array([names.index(a.tumour[0]) for a in recipe.arms])
    last = np.array([names.index(a.tumour[-1]) for a in recipe.arms])
    return np.where(rng.random(len(arm)) < recipe.general.lung_adenocarcinoma, first[arm], last[arm])


def baseline(recipe: Recipe, sizes: Ints, rng: np.random.Generator) -> Baseline:
    """Draw the patients of every arm, in the order of the arms; sizes has shape (arms,)."""
    arm = np.repeat(np.arange(len(sizes)), sizes)
    tumour = _tumours(recipe, arm, rng)
    z = latents(recipe.correlation, len(arm), rng)
    tmb_doublings = np.array([t.tmb_sd for t in recipe.tumours])[tumour] / np.log(2.0)
    return Baseline(
        arm=arm,
        tumour=tumour,
        phenotype=phenotypes(recipe, z, tumour, rng),
        z=z,
        x=recipe.general.doublings_per_sd * z["core"],
        log2_tmb=tmb_doublings * z["tmb"],
        ecog1=rng.random(len(arm)) < recipe.general.ecog1,
    )
