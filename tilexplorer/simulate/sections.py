"""The sections of the simulation recipe: one frozen value for each, with units and meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class General:
    """Seed, shape of the hazards, spread of the densities, covariate effects (log hazard ratios)."""

    seed: int
    shape: float
    sd_ln_core: float
    sd_ln_margin: float
    margin_over_core: float
    loghr_ecog1: float
    loghr_log2_tmb: float
    ecog1: float
    lung_adenocarcinoma: float

    @property
    def doublings_per_sd(self) -> float:
        """SD of log2 of the core density: doublings per unit of the core's latent."""
        return self.sd_ln_core / float(np.log(2.0))


@dataclass(frozen=True, slots=True)
class PhenotypeModel:
    """How a reader sees core, margin and stroma."""

    reader_noise: float
    tgfb_weight: float
    excluded_noise: float


@dataclass(frozen=True, slots=True)
class Correlation:
    """Pearson correlations of the latents; those not named follow from these."""

    core_margin: float
    core_teff: float
    teff_tis18: float
    teff_cyt: float
    core_stil: float
    core_pdl1_ic: float
    core_pdl1_tc: float
    core_tmb: float
    core_tgfb: float
    core_myeloid: float
    core_treg: float
    core_angiogenesis: float
    core_blood: float
    core_pd1_share: float


@dataclass(frozen=True, slots=True)
class Tumour:
    """A simulated tumour type: density [cells/mm2], phenotype shares and logits, TMB [mut/Mb], people, biopsies."""

    name: str
    oncotree: str
    msi: str | None
    core: float
    shares: tuple[float, float, float]
    logits: tuple[float, float, float]
    tmb: float
    tmb_sd: float
    zero_core: float
    non_evaluable: float
    age: float
    male: float
    primary: str
    primary_share: float


@dataclass(frozen=True, slots=True)
class Arm:
    """A treatment arm. os, pfs: medians [months]; hr: conditional hazard ratio per doubling of the core density."""

    cohort: str
    study: str
    tumour: tuple[str, ...]
    regimen: str
    line: int
    n: int
    hr: float
    orr: float
    os: float
    pfs: float
    gmr: float
    randomised: bool = False
    prior_io: bool = False
    phenotype_effect: float = 1
    gmr_untreated_lesion: float | None = None


@dataclass(frozen=True, slots=True)
class ResponseModel:
    """Effects on the response logit, the share of complete responses, the length of a durable benefit [days]."""

    log2_tmb: float
    log_ttp: float
    complete: float
    durable_days: int


@dataclass(frozen=True, slots=True)
class Scans:
    """Days of the scans: every `every` days until `until`, then every `then_every`."""

    every: int
    until: int
    then_every: int


@dataclass(frozen=True, slots=True)
class DelayedEffect:
    """One arm's hazard of death is multiplied by `hazard` in the first `days`, then rescaled to keep its median."""

    study: str
    regimen: str
    hazard: float
    days: int


@dataclass(frozen=True, slots=True)
class OnTreatment:
    """Who is biopsied under treatment, when [days], and how far the T cells move."""

    offered: float
    first_day: int
    last_day: int
    sd_ln_ratio: float
    signature_noise: float
    blood_logit_sd: float
    blood_correlation: float


@dataclass(frozen=True, slots=True)
class ResponseFactor:
    """Factors on the on-treatment geometric mean ratio by later response."""

    responder: float
    stable: float
    progressive: float


@dataclass(frozen=True, slots=True)
class Pdl1:
    """A PD-L1 score: which latent is cut into which shares, for which tumours."""

    measure: str
    tumours: tuple[str, ...]
    latent: str
    shares: tuple[float, ...]
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Uniform accrual, cutoff after the last patient [months], exponential drop-out [share a year]."""

    accrual_months: float
    cutoff_after_last_months: float
    dropout_per_year: float


@dataclass(frozen=True, slots=True)
class Biopsy:
    """Age of the tissue [days], sites, and what a lymph node does to the T-cell signatures [SD]."""

    fresh: float
    fresh_days: int
    archival_ln_mean: float
    archival_ln_sd: float
    archival_limit: int
    lymph_node: float
    lymph_node_shift: float
    metastasis: Mapping[str, float]
    visceral: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """Shares of values that are missing."""

    core_margin: float
    logit_ecog1: float
    logit_visceral: float
    margin_alone: float
    phenotype: float
    signatures: float
    pdl1: float
    tmb: float
    ecog: float


@dataclass(frozen=True, slots=True)
class Scales:
    """Scales of the measured values that no source fixes."""

    pd1_share_a: float
    pd1_share_b: float
    stil_logit_mean: float
    stil_logit_sd: float
    stil_step: int
    blood_logit_mean: float
    blood_logit_sd: float
    cyt_ln_mean: float
    cyt_ln_sd: float


@dataclass(frozen=True, slots=True)
class Cohort:
    """A simulated cohort: its words, its density scale, and the assay of each of its measures."""

    id: str
    title: str
    prefix: str
    density: float
    default_measure: str
    assay: Mapping[str, str]
