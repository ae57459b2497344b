"""The terms of a regression: how columns of patients become columns of a design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tilexplorer.statistics.splines import spline_basis

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Category:
    """A column of labels; the first level is the reference, and values outside the levels count as missing."""

    column: str
    levels: tuple[str, ...]

    @property
    def label(self) -> str:
        """Name of the term."""
        return self.column

    def names(self) -> tuple[str, ...]:
        """One coefficient per level but the reference."""
        return tuple(f"{self.column}: {level}" for level in self.levels[1:])

    def design(self, frame: pd.DataFrame) -> Array:
        """Indicators, shape (n, levels - 1); NaN where the value is missing or not a level."""
        values = frame[self.column].astype(object).to_numpy()
        known = np.isin(values, np.asarray(self.levels, dtype=object))
        indicators = np.column_stack([values == level for level in self.levels[1:]]).astype(float)
        indicators[~known] = np.nan
        return indicators


@dataclass(frozen=True, slots=True)
class Number:
    """A numeric column; the hazard ratio is per `unit` of it."""

    column: str
    unit: float = 1.0

    @property
    def label(self) -> str:
        """Name of the term."""
        return self.column

    def names(self) -> tuple[str, ...]:
        """One coefficient."""
        return (self.column if self.unit == 1.0 else f"{self.column} per {self.unit:g}",)

    def design(self, frame: pd.DataFrame) -> Array:
        """The column in units, shape (n, 1)."""
        return pd.to_numeric(frame[self.column]).to_numpy(dtype=float, na_value=np.nan)[:, None] / self.unit


@dataclass(frozen=True, slots=True)
class Spline:
    """A numeric column as a restricted cubic spline on given knots."""

    column: str
    knots: tuple[float, ...]

    @property
    def label(self) -> str:
        """Name of the term."""
        return f"spline of {self.column}"

    def names(self) -> tuple[str, ...]:
        """The linear column, then the curved ones."""
        return (self.column, *(f"{self.column}{chr(39) * i}" for i in range(1, len(self.knots) - 1)))

    def design(self, frame: pd.DataFrame) -> Array:
        """Harrell's basis, shape (n, knots - 1)."""
        values = pd.to_numeric(frame[self.column]).to_numpy(dtype=float, na_value=np.nan)
        return spline_basis(values, self.knots)


@dataclass(frozen=True, slots=True)
class Product:
    """The interaction of two terms: all products of their columns."""

    first: Term
    second: Term

    @property
    def label(self) -> str:
        """Name of the term."""
        return f"{self.first.label} x {self.second.label}"

    def names(self) -> tuple[str, ...]:
        """First term's coefficients outside, second's inside."""
        return tuple(f"{a} x {b}" for a in self.first.names() for b in self.second.names())

    def design(self, frame: pd.DataFrame) -> Array:
        """Products, shape (n, p * q)."""
        first, second = self.first.design(frame), self.second.design(frame)
        return (first[:, :, None] * second[:, None, :]).reshape(len(frame), -1)


Term = Category | Number | Spline | Product


def design_of(frame: pd.DataFrame, terms: Sequence[Term]) -> tuple[Array, tuple[str, ...], dict[str, slice]]:
    """Design of several terms side by side: columns (n, p), their names, and each term's place among them."""
    if not terms:
        return np.empty((len(frame), 0)), (), {}
    blocks = [term.design(frame) for term in terms]
    ends = np.cumsum([block.shape[1] for block in blocks]).tolist()
    starts = [0, *ends[:-1]]
    places = {term.label: slice(a, b) for term, a, b in zip(terms, starts, ends, strict=True)}
    names = tuple(name for term in terms for name in term.names())
    return np.column_stack(blocks), names, places
