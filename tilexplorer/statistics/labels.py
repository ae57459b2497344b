"""Labels of groups and strata as codes, in the order that was declared, never in the order of sorting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Codes = NDArray[np.int64]

ALL = "all"  # the label where nothing divides the patients


def encode(values: ArrayLike | None, levels: Sequence[str] | None, length: int) -> tuple[Codes, tuple[str, ...]]:
    """Codes into `levels` for labels or codes; -1 for a missing or undeclared one.

    Parameters
    ----------
    values : shape (length,) labels, or integer codes into `levels` where levels is given; None: one level for all.
    levels : the labels in dictionary order; None: the order of first appearance.

    Raises
    ------
    ValueError
        If values has another length than the times.
    """
    if values is None:
        label = tuple(levels) if levels is not None else (ALL,)
        if len(label) != 1:
            raise ValueError("labels are needed where there are several levels")
        return np.zeros(length, np.int64), label
    array: NDArray[Any] = np.asarray(values)
    if array.shape != (length,):
        raise ValueError(f"expected {length} labels, got an array of shape {array.shape}")
    if levels is None:
        return _by_appearance(array)
    names = tuple(str(level) for level in levels)
    if np.issubdtype(array.dtype, np.integer) and not _labels_are(levels, array):
        return np.where((array >= 0) & (array < len(names)), array, -1).astype(np.int64), names
    codes = pd.Categorical(_strings(array), categories=pd.Index(names, dtype=object)).codes
    return np.asarray(codes, np.int64), names


def _by_appearance(array: NDArray[Any]) -> tuple[Codes, tuple[str, ...]]:
    codes, distinct = pd.factorize(_strings(array), use_na_sentinel=True)
    return np.asarray(codes, np.int64), tuple(str(label) for label in distinct)


def _strings(array: NDArray[Any]) -> NDArray[Any]:
    """Labels as objects, with None for a missing one; numbers become their text."""
    if array.dtype == object:
        missing = pd.isna(array)
        if all(isinstance(value, str) for value in array[~missing][:100]):
            return array
        return np.array([None if gone else str(value) for value, gone in zip(array, missing, strict=True)], object)
    if array.dtype.kind == "f":
        return np.array([None if np.isnan(value) else str(value) for value in array], object)
    return array.astype(str).astype(object)


def _labels_are(levels: Sequence[str], array: NDArray[Any]) -> bool:
    """Whether integers are themselves the labels ("0", "1", "3+") rather than codes."""
    return any(not isinstance(level, str) for level in levels) and array.size > 0
