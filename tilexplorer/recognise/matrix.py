"""Matrices of gene expression among the files: which way round they are, how genes are named, what the numbers are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.importers.expression import without_version
from tilexplorer.importers.score_step import SCALES, UNNAMED
from tilexplorer.recognise import missing, names
from tilexplorer.recognise.expression_scale import Guessed, guessed
from tilexplorer.signatures import NEEDS_TPM, SIGNATURES

# So many genes of the signatures make a table of symbols a matrix; a clinical table has one or two such columns.
FEWEST_GENES: Final = 5
_ENSEMBL: Final = re.compile(r"ENSG\d{11}(\.\d+)?(_PAR_Y)?")
_SHARE: Final = 0.9
# A score by mean z is proposed where so much of its signature is there.
ENOUGH: Final = 0.5
# Of the rows or columns so many are looked at: a matrix of 60 samples and 20,000 genes must not take long.
_LOOKED_AT: Final = 60
# Beside gene ids and samples a matrix may say of its genes where they lie; more columns make another table of it.
_MOST_OTHERS: Final = 12
_ABOUT_GENES: Final = re.compile(r"\b(entrez|length|start|end|strand|chr|chrom\w*|gc)\b")
# Columns of these roles are of a clinical table, which may have some genes beside them.
_CLINICAL: Final = ("sex", "age", "ecog", "response", "line")
# A table of more columns than this is no clinical one, and gene symbols are not compared with clinical names.
_MOST_CLINICAL: Final = 2000


@dataclass(frozen=True, slots=True)
class Matrix:
    """A matrix of gene expression as the score step is to read it.

    Attributes
    ----------
    genes, samples
        the column of gene ids, other columns being samples; or that of sample ids, other columns being genes
    ids
        'symbol' or 'ensembl'
    ignore
        columns that are neither genes nor samples
    names
        ids of the samples
    present
        genes of the signatures that are there
    scale
        what the numbers are taken for, how sure that is (0 to 1), why; an empty scale: nothing is scored
    confirmed
        whether a person said the scale
    """

    genes: str
    samples: str
    ids: str
    ignore: tuple[str, ...]
    names: tuple[str, ...]
    present: frozenset[str]
    scale: Guessed
    confirmed: bool = False

    def absent(self, measure: str) -> tuple[str, ...]:
        """Genes of a signature that the matrix does not have."""
        return tuple(gene for gene in SIGNATURES[measure].genes if gene not in self.present)

    @property
    def measures(self) -> tuple[str, ...]:
        """The signatures that the matrix can score, with enough of their genes and on a scale that allows them."""
        return tuple(name for name in SIGNATURES if len(SIGNATURES[name].genes) > 1 and self._scores(name))

    def _scores(self, measure: str) -> bool:
        genes, absent = SIGNATURES[measure].genes, self.absent(measure)
        if not self.scale.name:
            return False
        if SIGNATURES[measure].formula not in NEEDS_TPM:
            return len(absent) <= (1 - ENOUGH) * len(genes)
        logged = SCALES[self.scale.name].is_log
        return not absent and "TPM" in self.scale.name and (not logged or self.scale.offset is not None)


def matrix_of(frame: pd.DataFrame) -> Matrix | None:
    """The matrix that a frame of text is, or None: one column of gene ids, or genes as columns, and numbers."""
    if len(frame) == 0 or len(frame.columns) < 3:
        return None
    return _genes_in_rows(frame) or _genes_in_columns(frame)


def _genes_in_rows(frame: pd.DataFrame) -> Matrix | None:
    spread = frame.iloc[_spaced(len(frame), _LOOKED_AT)]
    words = [c for c in frame.columns if not _numeric(spread[c])]
    if not words or len(words) > min(_MOST_OTHERS, len(frame.columns) - len(words)):
        return None
    # Of a million patients few columns are looked at whole: those whose first sight repeats little.
    found = [(kind, c) for c in words if len(set(spread[c])) >= _SHARE * len(spread) and (kind := _kind(frame[c]))]
    if not found:
        return None
    ids, genes = max(found, key=lambda one: len(_present(frame[one[1]], one[0])))
    beside = [c for c in frame.columns if c != genes and (c in words or _ABOUT_GENES.search(names.fold(str(c))))]
    samples = [c for c in frame.columns if c != genes and c not in beside]
    if len(samples) < 2 or len(samples) < len(beside) or len(set(frame[genes])) < _SHARE * len(frame):
        return None
    shown = [samples[i] for i in _spaced(len(samples), _LOOKED_AT // 10)]
    cells = frame[shown].apply(_numbers).to_numpy()
    present = _present(frame[genes], ids)
    return Matrix(genes or UNNAMED, "", ids, tuple(beside), tuple(samples), present, guessed(cells))


def _genes_in_columns(frame: pd.DataFrame) -> Matrix | None:
    columns = pd.Series(frame.columns, dtype="string")
    ids = "ensembl" if columns.str.fullmatch(_ENSEMBL).mean() >= ENOUGH else "symbol"
    present = _present(columns, ids)
    if (len(present) < FEWEST_GENES and ids == "symbol") or _clinical(columns):
        return None
    # Text stands at the edge: the ids of the samples, and what is said of them.
    edge = [c for c in [*columns[:_MOST_OTHERS], *columns[-_MOST_OTHERS:]] if _names_rows(c) or not _numeric(frame[c])]
    words = list(dict.fromkeys(edge))
    keys = [c for c in words if frame[c].str.strip().ne("").all() and frame[c].is_unique]
    genes = [c for c in columns if c not in words]
    looked = [genes[i] for i in _spaced(len(genes), _LOOKED_AT)]
    if not keys or len(genes) < len(words) or not all(_numeric(frame[c]) for c in looked):
        return None
    cells = frame.iloc[_spaced(len(frame), _LOOKED_AT // 10)][genes].T.apply(_numbers).to_numpy()
    others = tuple(c for c in words if c != keys[0])
    named = tuple(frame[keys[0]].str.strip())
    return Matrix("", keys[0] or UNNAMED, ids, others, named, present, guessed(cells))


def _kind(column: pd.Series) -> str:
    """How a column names genes: 'ensembl', 'symbol', or not at all."""
    if column.str.fullmatch(_ENSEMBL).mean() >= _SHARE:
        return "ensembl"
    return "symbol" if len(_present(column, "symbol")) >= FEWEST_GENES else ""


@cache
def _wanted() -> frozenset[str]:
    return frozenset(gene for signature in SIGNATURES.values() for gene in signature.genes)


def _present(column: pd.Series, ids: str) -> frozenset[str]:
    """The genes of the signatures among these ids."""
    given = column.str.strip()
    if ids == "ensembl":
        given = without_version(given).map(vocabulary.ensembl_genes())
    return frozenset(given.dropna()) & _wanted()


def _clinical(columns: pd.Series) -> bool:
    """Whether names of columns are those of a clinical table."""
    if len(columns) > _MOST_CLINICAL:
        return False
    folded = [names.fold(name) for name in columns if name not in _wanted()]
    return any(names.role_rank(role, name) >= 0 for role in _CLINICAL for name in folded)


def _names_rows(name: str) -> bool:
    """Whether a column is by its name one of ids, which may be numbers, or has no name as R's names of rows."""
    folded = names.fold(name)
    return not folded or any(names.role_rank(role, folded) >= 0 for role in ("sample", "patient"))


def _spaced(n: int, most: int) -> list[int]:
    """At most so many places, evenly from the first to the last."""
    return sorted({int(i) for i in np.linspace(0, n - 1, min(n, most))}) if n else []


def _numbers(cells: pd.Series) -> pd.Series:
    return pd.to_numeric(cells.replace("", pd.NA), errors="coerce").astype(float)


def _numeric(cells: pd.Series) -> bool:
    """Whether all cells are numbers but those that mean missing, and some are."""
    said = [cell for cell in cells.dropna().str.strip() if cell and cell.casefold() not in missing.ALWAYS]
    return bool(said) and bool(np.isfinite(pd.to_numeric(pd.Series(said), errors="coerce")).all())


def missing_tokens(frame: pd.DataFrame, found: Matrix) -> tuple[str, ...]:
    """The tokens that mean missing, by a part of the cells: those of every 20th row or column at least."""
    rows, columns = _spaced(len(frame), 2000), _spaced(len(frame.columns), _LOOKED_AT)
    if found.samples:
        rows, columns = _spaced(len(frame), _LOOKED_AT), _spaced(len(frame.columns), 2000)
    return missing.tokens(frame.iloc[rows, columns])
