"""Core against margin: where in the tumour the CD8 cells are, as desert, excluded and inflamed by two densities.

A tumour is inflamed where its centre is above the cut, excluded where only its margin is, a desert where neither is.
The cuts are the stored medians within cohort, study and tumour type: there is no agreed density. The percentile of two
regions is the mean of the percentiles of both densities; it is not the Immunoscore, which needs CD3 and colon cancer
(Pages. Lancet 2018;391:2128).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilexplorer.statistics.proportions import rate
from tilexplorer.statistics.results import Estimate
from tilexplorer.store import Store

CENTRE: Final = "cd8_density_centre"
MARGIN: Final = "cd8_density_margin"
REGIONS: Final = ("desert", "excluded", "inflamed")
PERCENTILES: Final = (25.0, 70.0)  # the borders at which two-region percentiles are usually read

_STRATUM: Final = ["study", "tumour"]


@dataclass(frozen=True)
class TwoRegions:
    """Both densities of the patients of a cohort [cells/mm2].

    Attributes
    ----------
    region : of each patient. cuts : (centre, margin), where one pair of cuts holds for all; else None.
    counts : patients by region. no_cut : patients with both densities in strata too small for a cut.
    percentile : mean percentile of both densities within study and tumour type, shape (n,).
    recorded : patients by region and recorded phenotype, shape (3, 3), or None where there is none.
    agreement : share whose recorded phenotype is the region.
    """

    cohort: str
    title: str
    centre: NDArray[np.float64]
    margin: NDArray[np.float64]
    region: tuple[str, ...]
    cuts: tuple[float, float] | None
    counts: dict[str, int]
    no_cut: int
    percentile: NDArray[np.float64]
    recorded: NDArray[np.int64] | None
    agreement: Estimate | None

    @property
    def bands(self) -> dict[str, int]:
        """Patients by their two-region percentile."""
        low, high = PERCENTILES
        value = self.percentile
        return {
            f"up to {low:g}": int((value <= low).sum()),
            f"{low:g} to {high:g}": int(((value > low) & (value <= high)).sum()),
            f"above {high:g}": int((value > high).sum()),
        }


def two_regions(store: Store, cohort: str, title: str, people: pd.DataFrame) -> TwoRegions | None:
    """The patients of a cohort with both densities; None where there are none.

    `people` has cohort, study, tumour, one column for each measure, and perhaps immune_phenotype.
    """
    both = people.dropna(subset=[CENTRE, MARGIN])
    if both.empty:
        return None
    cuts = both[_STRATUM].merge(_cuts(store, cohort), on=_STRATUM, how="left").set_index(both.index)
    known = cuts["centre"].notna() & cuts["margin"].notna()
    kept, cut = both[known], cuts[known]
    inflamed, excluded = kept[CENTRE] > cut["centre"], kept[MARGIN] > cut["margin"]
    region = np.where(inflamed, REGIONS[2], np.where(excluded, REGIONS[1], REGIONS[0]))
    distinct = cut[["centre", "margin"]].drop_duplicates()
    table = _recorded(kept, region)
    return TwoRegions(
        cohort=cohort,
        title=title,
        centre=kept[CENTRE].to_numpy(dtype=float),
        margin=kept[MARGIN].to_numpy(dtype=float),
        region=tuple(str(name) for name in region),
        cuts=tuple(float(c) for c in distinct.iloc[0]) if len(distinct) == 1 else None,  # type: ignore[arg-type]
        counts={name: int((region == name).sum()) for name in REGIONS},
        no_cut=int((~known).sum()),
        percentile=_percentile(both)[known.to_numpy()],
        recorded=table,
        agreement=rate(int(np.trace(table)), int(table.sum())) if table is not None else None,
    )


def _cuts(store: Store, cohort: str) -> pd.DataFrame:
    rules = store.table("level_rule")
    own = rules[(rules["cohort"] == cohort) & (rules["rule"] == "median") & (rules["scheme"] == "median")]
    parts = [
        own[own["measure"] == measure][[*_STRATUM, "cut1"]].rename(columns={"cut1": name})
        for measure, name in ((CENTRE, "centre"), (MARGIN, "margin"))
    ]
    return parts[0].merge(parts[1], on=_STRATUM).astype(dict.fromkeys(_STRATUM, "object"))


def _percentile(both: pd.DataFrame) -> NDArray[np.float64]:
    """Mean of the percentiles of both densities within study and tumour type, midranks."""
    grouped = both.groupby(_STRATUM, observed=True)
    size = grouped[CENTRE].transform("size")
    ranks = [(grouped[measure].rank() - 0.5) / size * 100 for measure in (CENTRE, MARGIN)]
    return ((ranks[0] + ranks[1]) / 2).to_numpy(dtype=float)


def _recorded(kept: pd.DataFrame, region: NDArray[np.str_]) -> NDArray[np.int64] | None:
    if "immune_phenotype" not in kept or kept["immune_phenotype"].isna().all():
        return None
    table = pd.crosstab(pd.Series(region, index=kept.index), kept["immune_phenotype"].astype(object))
    return table.reindex(index=list(REGIONS), columns=list(REGIONS), fill_value=0).to_numpy(dtype=np.int64)
