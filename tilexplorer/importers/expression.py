"""Matrices of gene expression in a table: oriented, named by gene symbols, on a log2 scale, one row a gene."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.errors import InvalidData
from tilexplorer.importers.score_step import SCALES, Score
from tilexplorer.importers.tables import NUMBER, Data
from tilexplorer.signatures import SIGNATURES

# 'ENSG00000153563.16' and 'ENSG00000182378.15_PAR_Y' are a gene's id with its version.
_VERSION: Final = re.compile(r"\.\d+(_PAR_Y)?$")


@dataclass(frozen=True)
class Matrix:
    """Expression of the genes that are to be scored.

    Attributes
    ----------
    table
        log2 scale: a row for each gene (index: HGNC symbol), a column for each sample
    numbers
        for each sample, the number that messages call its row
    several
        genes that have more than one row: the row with the highest mean is kept
    """

    table: pd.DataFrame
    numbers: pd.Series
    several: tuple[str, ...]


def matrix(step: Score, data: Data) -> Matrix:
    """The expression of the genes that a score step needs.

    Raises
    ------
    InvalidData
        A cell that is no number, a value that the scale does not allow, a sample that is there twice, or not one of
        the genes.
    """
    read = _genes_in_rows if step.genes else _samples_in_rows
    cells, numbers = read(step, data)
    table, several = _one_row_each(cells)
    if table.empty:
        raise InvalidData(f"{data.labels['']}: {_none_found(step, data)}")
    return Matrix(table, numbers, several)


def without_version(ids: pd.Series) -> pd.Series:
    """Ensembl ids without their version."""
    return ids.str.replace(_VERSION, "", regex=True)


def _needed(step: Score) -> frozenset[str]:
    return frozenset(gene for measure in step.measures for gene in SIGNATURES[measure].genes)


def _symbols(step: Score, ids: pd.Series) -> pd.Series:
    """The HGNC symbol of each id that the step needs, NA for other genes."""
    if step.ids == "ensembl":
        known = vocabulary.ensembl_genes()
        ids = without_version(ids).map(known).astype("string")
    return ids.where(ids.isin(_needed(step)))


def _own_columns(step: Score, data: Data) -> list[str]:
    """The columns of the matrix: not the ids, not what was joined, not what is ignored."""
    data.column(step.key)
    for name in step.ignore:
        data.column(name)
    other = {step.key, NUMBER, *step.ignore}
    joined = tuple(f"{prefix}:" for prefix in data.labels if prefix)
    own = [c for c in data.frame.columns if c not in other and not (joined and c.startswith(joined))]
    for name in own:
        data.column(name)  # counts as read, though most genes are not needed
    return own


def _genes_in_rows(step: Score, data: Data) -> tuple[pd.DataFrame, pd.Series]:
    symbols = _symbols(step, data.column(step.key))
    samples = _own_columns(step, data)
    chosen = _looked_at(step, symbols)
    cells = _numbers(step, data, samples, chosen)
    named = _named(step, cells, symbols[chosen])
    return named, pd.Series(range(1, len(samples) + 1), index=samples)


def _samples_in_rows(step: Score, data: Data) -> tuple[pd.DataFrame, pd.Series]:
    samples = data.column(step.key)
    if samples.isna().any():
        raise data.fault(step.key, samples.isna(), "gives no sample", "fill the cell")
    if (twice := samples.duplicated(keep=False)).any():
        raise data.fault(step.key, twice, "is there more than once", "give each sample a name of its own")
    columns = pd.Series(_own_columns(step, data), dtype="string")
    symbols = _symbols(step, columns)
    chosen = _looked_at(step, symbols)
    cells = _numbers(step, data, list(columns[chosen]), pd.Series(True, index=samples.index))
    named = _named(step, cells.set_axis(list(samples), axis=0).T, symbols[chosen])
    return named, pd.Series(data.frame[NUMBER].to_numpy(), index=list(samples))


def _looked_at(step: Score, symbols: pd.Series) -> pd.Series:
    """The genes whose cells are read: those of the signatures, or all where counts need each sample's sum."""
    return symbols.notna() | SCALES[step.scale].per_million


def _numbers(step: Score, data: Data, columns: list[str], rows: pd.Series) -> pd.DataFrame:
    """The cells of these columns and rows as numbers; InvalidData for one that is none, or not on the scale."""
    made = {}
    for name in columns:
        text = data.frame[name].where(rows)
        parsed = pd.to_numeric(np.asarray(text.fillna(""), dtype=object), errors="coerce")
        _check(step, data, name, text.notna(), parsed)
        made[name] = parsed[rows.to_numpy()]
    return pd.DataFrame(made, columns=columns)


def _check(step: Score, data: Data, column: str, recorded: pd.Series, parsed: np.ndarray) -> None:
    bad = recorded & ~np.isfinite(parsed)
    if bad.any():
        mend = "correct the cell, declare it as missing, or ignore the column"
        raise data.fault(column, bad, "is no number of an expression matrix", mend)
    scale = SCALES[step.scale]
    wrong = recorded & ((parsed > scale.largest) | (not scale.is_log and parsed < 0))
    if wrong.any():
        mend = f"say what the numbers are: scale is one of {', '.join(SCALES)}"
        raise data.fault(column, wrong, f"cannot be {scale.name}", mend)


def _named(step: Score, cells: pd.DataFrame, symbols: pd.Series) -> pd.DataFrame:
    """The rows of the genes that are scored, under their symbols, on a log2 scale."""
    scale = SCALES[step.scale]
    if scale.per_million:
        totals = cells.sum(axis=0)
        cells = cells.div(totals.where(totals > 0), axis=1) * 1e6
    known = symbols.notna().to_numpy()
    kept = cells[known].set_axis(pd.Index(symbols.dropna(), dtype=object), axis=0)
    return kept if scale.is_log else pd.DataFrame(np.log2(kept + step.added))


def _one_row_each(values: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """One row for each gene: of several, the one with the highest mean, the first where they tie."""
    repeated = values.index.duplicated(keep=False)
    if not repeated.any():
        return values, ()
    order = (-values.mean(axis=1).to_numpy()).argsort(kind="stable")
    best = values.iloc[order]
    return best[~best.index.duplicated()], tuple(sorted(set(values.index[repeated])))


def _none_found(step: Score, data: Data) -> str:
    """That not one gene is there, with the likeliest reason."""
    names = data.column(step.key) if step.genes else pd.Series(_own_columns(step, data), dtype="string")
    ensembl = names.str.startswith("ENSG").any()
    mend = "check the column of gene ids"
    if step.ids == "symbol" and ensembl:
        mend = 'the ids are Ensembl\'s: declare ids = "ensembl"'
    elif step.ids == "ensembl" and not ensembl:
        mend = 'the ids are not Ensembl\'s: declare ids = "symbol"'
    return f"has none of the genes of {', '.join(step.measures)}; {mend}"
