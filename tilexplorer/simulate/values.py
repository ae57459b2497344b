"""What the assays of the simulated cohorts print: one block of values for each measure and sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import betaincinv, expit, ndtr, ndtri

from tilexplorer.simulate.latents import Flags, Floats, Ints
from tilexplorer.simulate.people import People
from tilexplorer.simulate.recipe import PHENOTYPES
from tilexplorer.simulate.sections import Pdl1

# Samples: tissue before treatment, the same lesion on treatment, a lesion not treated locally; blood before and on.
TISSUE, TISSUE_ON, TISSUE_UNTREATED, BLOOD, BLOOD_ON = "T1", "T2", "T3", "B1", "B2"

SIGNATURES: Final = {
    "teff_ifng_6": "teff",
    "tis_18": "tis18",
    "cytolytic_activity": "cyt",
    "tgfb_response": "tgfb",
    "myeloid_score": "myeloid",
    "treg_score": "treg",
    "angiogenesis_score": "angiogenesis",
}
# Signatures of T cells: they move with the density on treatment, and a lymph node raises them.
T_CELL_SIGNATURES: Final = ("teff_ifng_6", "tis_18", "cytolytic_activity", "treg_score")


@dataclass(frozen=True, eq=False)
class Block:
    """Values of one measure in one kind of sample.

    Attributes
    ----------
    rows
        positions of the patients
    numbers
        their values, or the positions of their categories in `levels`
    levels
        categories in order; empty for a number
    """

    measure: str
    sample: str
    rows: Ints
    numbers: Floats
    levels: tuple[str, ...] = ()


def measured(people: People, measure: str) -> Flags:
    """Whether each patient's cohort has the measure at all, missing values aside."""
    has = np.array([measure in c.assay for c in people.recipe.cohorts])[people.cohort]
    scores = [p for p in people.recipe.pdl1 if p.measure == measure]
    if not scores:
        return has
    tumours = {name for p in scores for name in p.tumours}
    scored = np.array([t.name in tumours for t in people.recipe.tumours])[people.baseline.tumour]
    return np.asarray(has & scored, dtype=np.bool_)


def has_untreated_lesion(people: People) -> Flags:
    """Whether each patient's arm treats one lesion and leaves another."""
    return np.array([a.gmr_untreated_lesion is not None for a in people.recipe.arms])[people.baseline.arm]


def blocks(people: People) -> Iterator[Block]:
    """Every block of values of a simulation, in a fixed order."""
    yield from _densities(people)
    yield from _categories(people)
    yield from _tissue_numbers(people)
    yield from _signatures(people)
    yield from _blood(people)


def _block(people: People, measure: str, sample: str, keep: Flags, values: Callable[[Ints], Floats]) -> Block:
    """The block of the patients of `keep` whose cohort has the measure; `values` gives theirs by position."""
    rows = np.flatnonzero(keep & measured(people, measure))
    return Block(measure, sample, rows, values(rows))


def _on_treatment(people: People) -> Iterator[tuple[str, Flags, Floats]]:
    """Sample, who has it, and the ln ratio of its density over that before treatment."""
    later = people.on_treatment
    yield TISSUE_ON, later.taken, later.ln_ratio
    yield TISSUE_UNTREATED, later.taken & has_untreated_lesion(people), later.ln_ratio_untreated


def _densities(people: People) -> Iterator[Block]:
    """CD8 per mm2, on each assay's own scale; under treatment margin and core move alike, as they correlate."""
    general, rho = people.recipe.general, people.recipe.correlation.core_margin
    factor = np.array([c.density for c in people.recipe.cohorts])[people.cohort]
    median = np.array([t.core for t in people.recipe.tumours])[people.baseline.tumour]
    latent = median * np.exp2(people.baseline.x)
    margin = general.margin_over_core * median * np.exp(general.sd_ln_margin * people.baseline.z["margin"])
    core, missing = people.core, people.missing

    def scaled(values: Floats) -> Callable[[Ints], Floats]:
        return lambda rows: np.where(values[rows] > 0, np.maximum(np.round(values[rows] * factor[rows], 1), 0.1), 0.0)

    yield _block(people, "cd8_density_centre", TISSUE, ~missing["core"], scaled(core))
    yield _block(people, "cd8_density_margin", TISSUE, ~missing["margin"], scaled(margin))
    for sample, taken, ratio in _on_treatment(people):
        yield _block(people, "cd8_density_centre", sample, taken, scaled(latent * np.exp(ratio)))
        yield _block(people, "cd8_density_margin", sample, taken, scaled(margin * np.exp(rho * ratio)))


def _categories(people: People) -> Iterator[Block]:
    """Immune phenotype and the PD-L1 scores."""
    rows = np.flatnonzero(~people.missing["phenotype"] & measured(people, "immune_phenotype"))
    codes = people.baseline.phenotype[rows].astype(np.float64)
    yield Block("immune_phenotype", TISSUE, rows, codes, PHENOTYPES)
    for score in people.recipe.pdl1:
        yield _pdl1(people, score)


def _pdl1(people: People, score: Pdl1) -> Block:
    """The score's latent cut into its shares."""
    scored = np.array([t.name in score.tumours for t in people.recipe.tumours])[people.baseline.tumour]
    rows = np.flatnonzero(scored & ~people.missing["pdl1"] & measured(people, score.measure))
    cuts = ndtri(np.cumsum(score.shares)[:-1])
    codes = np.searchsorted(cuts, people.baseline.z[score.latent][rows], side="right")
    return Block(score.measure, TISSUE, rows, codes.astype(np.float64), score.levels)


def _tissue_numbers(people: People) -> Iterator[Block]:
    """TMB, the CD8+PD-1+ share, stromal TILs."""
    z, missing, scales = people.baseline.z, people.missing, people.recipe.scales
    median = np.array([t.tmb for t in people.recipe.tumours])[people.baseline.tumour]
    tmb = median * np.exp2(people.baseline.log2_tmb)
    yield _block(people, "tmb", TISSUE, ~missing["tmb"], lambda rows: np.maximum(np.round(tmb[rows], 2), 0.01))
    yield _block(
        people,
        "cd8_pd1_share",
        TISSUE,
        ~missing["core"],
        lambda rows: np.round(_beta(z["pd1_share"][rows], scales.pd1_share_a, scales.pd1_share_b), 3),
    )

    def stil(shift: Floats) -> Callable[[Ints], Floats]:
        return lambda rows: _stil(people, (z["stil"] + shift)[rows])

    yield _block(people, "til_percent", TISSUE, ~missing["core"], stil(np.zeros(people.n)))
    for sample, taken, ratio in _on_treatment(people):
        moved = people.recipe.correlation.core_stil * ratio / people.recipe.general.sd_ln_core
        yield _block(people, "til_percent", sample, taken, stil(moved))


def _beta(z: Floats, a: float, b: float) -> Floats:
    """Beta(a, b) values with the ranks of standard normal values; the quantile function is read from a fine grid."""
    grid = np.linspace(-6.0, 6.0, 2001)
    return np.interp(z, grid, betaincinv(a, b, ndtr(grid)))


def _stil(people: People, z: Floats) -> Floats:
    """Stromal TIL [%], rounded as readers do."""
    scales = people.recipe.scales
    percent = 100.0 * expit(scales.stil_logit_mean + scales.stil_logit_sd * z)
    return np.asarray(scales.stil_step * np.rint(percent / scales.stil_step), dtype=np.float64)


def _signatures(people: People) -> Iterator[Block]:
    """Expression signatures as SDs within the tumour type; cytolytic activity as a positive geometric mean."""
    general, correlation = people.recipe.general, people.recipe.correlation
    node = people.recipe.biopsy.lymph_node_shift * people.biopsies.lymph_node
    with_density = {"treg_score": correlation.core_treg}
    for measure, latent in SIGNATURES.items():
        z = people.baseline.z[latent] + (node if measure in T_CELL_SIGNATURES else 0.0)
        yield _block(people, measure, TISSUE, ~people.missing["signatures"], _scored(people, measure, z))
        if measure in T_CELL_SIGNATURES:
            slope = with_density.get(measure, correlation.core_teff) / general.sd_ln_core
            for sample, taken, ratio in _on_treatment(people):
                moved = z + slope * ratio + people.on_treatment.signature_change
                yield _block(people, measure, sample, taken, _scored(people, measure, moved))


def _scored(people: People, measure: str, z: Floats) -> Callable[[Ints], Floats]:
    scales = people.recipe.scales
    if measure == "cytolytic_activity":
        activity: Floats = np.exp(scales.cyt_ln_mean + scales.cyt_ln_sd * z)
        return lambda rows: np.round(activity[rows], 3)
    return lambda rows: np.round(z[rows], 3)


def _blood(people: People) -> Iterator[Block]:
    """T-cell fraction in blood, before and on treatment."""
    scales = people.recipe.scales
    logit = scales.blood_logit_mean + scales.blood_logit_sd * people.baseline.z["blood"]
    later = logit + people.on_treatment.blood_change
    everyone = np.ones(people.n, dtype=np.bool_)
    name = "t_cell_fraction_blood"
    yield _block(people, name, BLOOD, everyone, lambda rows: np.round(expit(logit[rows]), 4))
    yield _block(people, name, BLOOD_ON, people.on_treatment.taken, lambda rows: np.round(expit(later[rows]), 4))
