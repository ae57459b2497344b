"""Gene-expression signatures of inflammation: their genes, their formula, and who described them.

A score by gene-wise z is relative to the cohort in which it was made: scores of two cohorts are compared by level,
never by value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from tilexplorer.errors import InvalidData

MEAN_Z: Final = "mean over genes of the gene-wise z-score within the cohort"
GEOMETRIC_MEAN: Final = "geometric mean of TPM + 0.01"
ONE_GENE: Final = "log2 TPM of the gene, with the offset of the source"

# What is defined in TPM: a z-score is blind to a gene's length, these are not.
NEEDS_TPM: Final = (GEOMETRIC_MEAN, ONE_GENE)

# Added to each TPM so that one silent gene does not make the geometric mean zero (Rooney 2015).
_CYTOLYTIC_OFFSET: Final = 0.01


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature by the id of its measure; a single gene has nobody to cite."""

    measure: str
    genes: tuple[str, ...]
    formula: str
    citation: str
    doi: str


@dataclass(frozen=True, eq=False)
class Scored:
    """Scores by sample, the genes that made them, and those that could not.

    Attributes
    ----------
    scores
        index as the expression's columns; NaN where a sample has none of the genes
    used, absent, constant
        genes in the score; not in the data; in the data with one value throughout, so without a z-score
    """

    scores: pd.Series
    used: tuple[str, ...]
    absent: tuple[str, ...]
    constant: tuple[str, ...]


_AYERS: Final = ("Ayers M, et al. J Clin Invest 2017;127:2930-2940", "10.1172/JCI91190")
_MARIATHASAN: Final = ("Mariathasan S, et al. Nature 2018;554:544-548", "10.1038/nature25501")
_ROONEY: Final = ("Rooney MS, et al. Cell 2015;160:48-61", "10.1016/j.cell.2014.12.033")

_TEFF_6: Final = ("IFNG", "CXCL9", "CXCL10", "IDO1", "HLA-DRA", "STAT1")
_TIS_18: Final = (
    "CCL5",
    "CD27",
    "CD274",
    "CD276",
    "CD8A",
    "CMKLR1",
    "CXCL9",
    "CXCR6",
    "HLA-DQA1",
    "HLA-DRB1",
    "HLA-E",
    "IDO1",
    "LAG3",
    "NKG7",
    "PDCD1LG2",
    "PSMB10",
    "STAT1",
    "TIGIT",
)
_CD8_TEFF: Final = ("CD8A", "GZMA", "GZMB", "IFNG", "CXCL9", "CXCL10", "PRF1", "TBX21")

SIGNATURES: Final[Mapping[str, Signature]] = MappingProxyType(
    {
        s.measure: s
        for s in (
            Signature("teff_ifng_6", _TEFF_6, MEAN_Z, *_AYERS),
            Signature("tis_18", _TIS_18, MEAN_Z, *_AYERS),
            Signature("cd8_teff", _CD8_TEFF, MEAN_Z, *_MARIATHASAN),
            Signature("cytolytic_activity", ("GZMA", "PRF1"), GEOMETRIC_MEAN, *_ROONEY),
            Signature("cd8a_expression", ("CD8A",), ONE_GENE, "", ""),
        )
    }
)


def score(signature: Signature, expression: pd.DataFrame, *, offset: float = 0.001) -> Scored:
    """Score every sample of one cohort.

    Parameters
    ----------
    signature
        what to score
    expression
        log2(TPM + offset): a row for each gene (index: HGNC symbols), a column for each sample
    offset
        what the source added to TPM before the logarithm; only the geometric mean needs it

    Returns
    -------
    Scored
        mean gene-wise z (SD with n - 1); for cytolytic activity the geometric mean, which needs both genes; for a
        single gene its expression

    Raises
    ------
    InvalidData
        where a gene has two rows, where no gene is there, or where the geometric mean lacks one
    """
    present = tuple(gene for gene in signature.genes if gene in expression.index)
    absent = tuple(gene for gene in signature.genes if gene not in present)
    rows = expression.loc[list(present)].astype("float64")
    _check(signature, rows, absent)
    if signature.formula == GEOMETRIC_MEAN:
        return Scored(_geometric_mean(rows, offset), present, absent, ())
    if signature.formula == ONE_GENE:
        return Scored(rows.iloc[0], present, absent, ())
    return _mean_z(rows, present, absent, signature)


def _check(signature: Signature, rows: pd.DataFrame, absent: tuple[str, ...]) -> None:
    twice = sorted(set(rows.index[rows.index.duplicated()]))
    if twice:
        raise InvalidData(f"{signature.measure}: {', '.join(twice)} has more than one row; keep one row a gene")
    if rows.empty or (absent and signature.formula == GEOMETRIC_MEAN):
        raise InvalidData(
            f"{signature.measure}: the data have no {', '.join(absent)}; name the rows by HGNC symbols, or leave it out"
        )


def _geometric_mean(rows: pd.DataFrame, offset: float) -> pd.Series:
    tpm = np.maximum(np.exp2(rows.to_numpy()) - offset, 0.0) + _CYTOLYTIC_OFFSET
    return pd.Series(np.exp(np.log(tpm).mean(axis=0)), index=rows.columns)


def _mean_z(rows: pd.DataFrame, present: tuple[str, ...], absent: tuple[str, ...], signature: Signature) -> Scored:
    spread = rows.std(axis=1, ddof=1)
    constant = tuple(gene for gene in present if not spread[gene] > 0)
    used = tuple(gene for gene in present if gene not in constant)
    if not used:
        raise InvalidData(f"{signature.measure}: no gene varies between the samples; a z-score needs several samples")
    varying = rows.loc[list(used)]
    z = varying.sub(varying.mean(axis=1), axis=0).div(spread[list(used)], axis=0)
    return Scored(z.mean(axis=0), used, absent, constant)
