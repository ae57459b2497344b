"""Quadratic forms r' V^-1 r of test statistics, also where V has not full rank."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Eigenvalues of the correlation matrix below this are rounding.
RANK_TOLERANCE = 1e-10


def correlation_scale(matrix: Floats) -> Floats:
    """The square roots of the diagonal, 1 where it is not positive."""
    diagonal = np.diag(matrix)
    scale: Floats = np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    return scale


def rank(matrix: Floats) -> int:
    """The numerical rank of a positive semi-definite matrix, whatever the units of its rows."""
    scale = correlation_scale(matrix)
    return int((np.linalg.eigvalsh(matrix / np.outer(scale, scale)) > RANK_TOLERANCE).sum())


def quadratic_form(matrix: Floats, vector: Floats) -> tuple[float, int]:
    """r' V^-1 r and its degrees of freedom, the rank of V; by the generalised inverse where V is singular."""
    scale = correlation_scale(matrix)
    correlation = matrix / np.outer(scale, scale)
    values, vectors = np.linalg.eigh(correlation)
    kept = values > RANK_TOLERANCE
    if kept.all():
        return float(vector @ np.linalg.solve(matrix, vector)), int(kept.size)
    turned = vectors[:, kept].T @ (vector / scale)
    return float((turned**2 / values[kept]).sum()), int(kept.sum())
