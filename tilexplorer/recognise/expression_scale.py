"""What the numbers of a gene-expression matrix are, by their size, their sums and their floor; never for certain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

# TPM and CPM of a sample add up to a million; somewhat less where genes were left out.
_MILLION: Final = (5e5, 1.05e6)
_OFFSETS: Final = (1.0, 0.1, 0.01, 0.001)
# A logarithm to base 2 of anything per million is below this.
_LOG: Final = 20.0
# Below so many genes it is a panel.
_PANEL: Final = 1000


@dataclass(frozen=True, slots=True)
class Guessed:
    """A scale of the score step ('' where none fits), what was added before the logarithm, how sure, and why."""

    name: str
    offset: float | None
    confidence: float
    why: str


def guessed(cells: NDArray[np.float64]) -> Guessed:
    """The likeliest scale.

    Parameters
    ----------
    cells
        all genes of some samples, shape (genes, samples); NaN where nothing is recorded
    """
    known = cells[np.isfinite(cells)]
    if not known.size:
        return Guessed("", None, 0.0, "there is no number")
    if known.min() < 0 or known.max() <= _LOG:
        return _logarithm(cells, known)
    return _linear(cells, known)


def _linear(cells: NDArray[np.float64], known: NDArray[np.float64]) -> Guessed:
    if bool(np.all(known == np.floor(known))):
        if len(cells) < _PANEL:
            return Guessed("NanoString", None, 0.5, f"whole numbers of {len(cells)} genes only: a panel, or counts")
        return Guessed("counts", None, 0.8, f"whole numbers up to {known.max():.4g}")
    if _adds_up(cells):
        return Guessed("TPM", None, 0.7, "each sample adds up to about a million: TPM, or counts per million")
    if np.nanmedian(np.nansum(cells, axis=0)) > _MILLION[1]:
        return Guessed("counts", None, 0.5, "each sample adds up to more than a million, so it is not TPM")
    why = f"fractions up to {known.max():.4g} that do not add up to a million: TPM of some genes, or FPKM"
    return Guessed("TPM", None, 0.4, why)


def _logarithm(cells: NDArray[np.float64], known: NDArray[np.float64]) -> Guessed:
    span = f"numbers from {known.min():.3g} to {known.max():.3g}"
    offset = _floor(known)
    if offset is not None and _adds_up(np.exp2(cells) - offset):
        why = f"{span}; as log2(x + {offset:g}) each sample adds up to about a million: TPM, or counts per million"
        return Guessed("log2 TPM", offset, 0.75, why)
    if offset is not None and (offset != 1 or len(cells) < _PANEL):
        return Guessed("log2 TPM", offset, 0.5, f"{span}, the lowest being log2({offset:g})")
    if known.min() < 0 and abs(known.mean()) < 0.2 and 0.5 < known.std() < 1.5:
        return Guessed("", None, 0.3, f"{span}, about 0 on average: centred or z-scored, which cannot be undone")
    why = f"{span}: a logarithm of which the unit cannot be told; only scores that hold on every log2 scale are made"
    return Guessed("log2 CPM", None, 0.4, why)


def _floor(known: NDArray[np.float64]) -> float | None:
    """What was added before the logarithm to base 2, where the lowest number is the logarithm of just that."""
    return next((offset for offset in _OFFSETS if abs(known.min() - np.log2(offset)) < 0.005), None)


def _adds_up(cells: NDArray[np.float64]) -> bool:
    total = float(np.nanmedian(np.nansum(cells, axis=0)))
    return _MILLION[0] <= total <= _MILLION[1]
