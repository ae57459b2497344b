"""The sides of the microenvironment, in the order in which a reader asks for them, and the measures that show each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

THEMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "T cells": (
            "immune_phenotype",
            "cd8_density_centre",
            "cd8_density_margin",
            "cd8_pd1_share",
            "til_percent",
            "t_cell_fraction",
            "t_cell_clonality",
            "cd8_fraction_cibersort",
            "cd4_activated_fraction_cibersort",
            "cd8a_expression",
            "lymphocyte_infiltration",
            "immune_subtype",
        ),
        "T-cell activity and interferon gamma": (
            "cytolytic_activity",
            "teff_ifng_6",
            "teff_5",
            "tis_18",
            "cd8_teff",
            "ifng_response",
            "javelin_score",
            "immune_checkpoint_score",
        ),
        "PD-L1": ("pdl1_ic", "pdl1_tc", "pdl1_tc_percent", "pdl1_tps", "pdl1_cps", "pdl1_percent"),
        "mutations and neoantigens": ("tmb", "mutation_count", "neoantigens", "mismatch_repair_score"),
        "TGF-beta and stroma": ("tgfb_response", "wound_healing_score", "purity"),
        "myeloid cells": ("myeloid_score", "m1_fraction_cibersort", "m2_fraction_cibersort"),
        "regulatory T cells": ("treg_score", "treg_fraction_cibersort"),
        "angiogenesis": ("angiogenesis_score",),
        "hypoxia and metabolism": ("hypoxia_score",),
        "antigen presentation": ("antigen_presentation_score",),
        "viral status": ("viral_status",),
        "blood": ("t_cell_fraction_blood", "ctdna_baseline", "ctdna_change"),
    }
)
OTHER: Final = "other"


def theme_of(measure: str) -> str:
    """The side of the microenvironment that a measure shows."""
    return next((theme for theme, measures in THEMES.items() if measure in measures), OTHER)


def order_of(measure: str) -> tuple[int, int]:
    """Where a measure stands in the order of the themes."""
    for place, measures in enumerate(THEMES.values()):
        if measure in measures:
            return place, measures.index(measure)
    return len(THEMES), 0
