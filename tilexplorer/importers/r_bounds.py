"""What R says shortly and rdata writes out, such as 1:2000000000 or a table of as many rows, kept within limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import numpy as np

from tilexplorer.importers.limits import MAX_CELLS

_COMPACT: Final = (b"compact_intseq", b"compact_realseq")
# Of the classes that rdata makes something of, those that tables are made of. A time series, for one, would be written
# out from its first to its last day.
_CLASSES: Final = ("data.frame", "factor", "ordered")


def sequences() -> Mapping[bytes, Any]:
    """rdata's constructors of compact objects; those of sequences raise ValueError where one is too long."""
    from rdata.parser import DEFAULT_ALTREP_MAP

    return {**DEFAULT_ALTREP_MAP, **{name: partial(_sequence, DEFAULT_ALTREP_MAP[name]) for name in _COMPACT}}


def classes() -> Mapping[str, Any]:
    """rdata's constructors of tables and factors; that of tables raises ValueError where one has too many rows."""
    from rdata.conversion import DEFAULT_CLASS_MAP

    kept = {name: DEFAULT_CLASS_MAP[name] for name in _CLASSES}
    return {**kept, "data.frame": partial(_table, kept["data.frame"])}


def _sequence(construct: Callable[[Any], Any], state: Any) -> Any:
    _check(float(state.value[0]), "a sequence of {:g} numbers")
    return construct(state)


def _table(construct: Callable[[Any, Any], Any], columns: Any, attributes: Any) -> Any:
    names = attributes["row.names"]
    # Rows without names are kept as their number: NA, then -n.
    if isinstance(names, np.ma.MaskedArray) and len(names) == 2:
        _check(abs(float(names.data[1])), "a table of {:g} rows")
    return construct(columns, attributes)


def _check(length: float, words: str) -> None:
    if not 0 <= length <= MAX_CELLS:
        raise ValueError(words.format(length))
