"""Whether what the first version of Feather says of its columns leads anywhere but into the file.

pyarrow follows the offsets of such a file without a look: one changed byte ends the whole program. Layout of the file:
'FEA1', the columns' bytes, a flatbuffer that describes them, its length (4 bytes), 'FEA1'. Of the flatbuffer
(feather.fbs of Apache Arrow) everything is visited here that pyarrow visits.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from tilexplorer.errors import UnreadableFile

MAGIC: Final = b"FEA1"

# Bits of a value by Feather's number of its type; those of texts are counted by their offsets.
_BITS: Final[Mapping[int, int]] = MappingProxyType(
    {0: 1, 1: 8, 2: 16, 3: 32, 4: 64, 5: 8, 6: 16, 7: 32, 8: 64, 9: 32, 10: 64, 14: 64, 15: 32, 16: 64}
)
# Bytes of an offset by the type of a text.
_OFFSETS: Final[Mapping[int, int]] = MappingProxyType({11: 4, 12: 4, 17: 8, 18: 8})
# Fields by their places in feather.fbs.
_ROWS, _COLUMNS, _TABLE_TEXTS = 1, 2, (0, 4)
_NAME, _VALUES, _KIND, _KIND_TABLE, _NOTE = 0, 1, 2, 3, 4
_TYPE, _OFFSET, _LENGTH, _NULLS, _BYTES = 0, 2, 3, 4, 5
_LEVELS, _UNIT, _ZONE = 0, 0, 1
_CATEGORY, _TIMESTAMP, _TIMED, _LAST_KIND = 1, 2, (2, 4), 4
_LAST_UNIT: Final = 3


def check_first_version(raw: bytes, label: str) -> None:
    """UnreadableFile where a file of Feather's first version describes what is not in it."""
    try:
        size = struct.unpack("<I", raw[-8:-4])[0]
        if not raw.endswith(MAGIC) or not 4 <= size <= len(raw) - 12:
            raise ValueError("no description at its end")
        _check(_Buffer(raw[-8 - size : -8]), len(raw) - 8 - size)
    except (ValueError, struct.error) as fault:
        raise UnreadableFile(f"{label}: is not a readable Feather file ({fault}); fetch it again") from fault


class _Buffer:
    """A flatbuffer whose every read is within it."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def number(self, kind: str, at: int) -> int:
        """A number of struct's kind at a place; struct.error beyond the end."""
        if at < 0:
            raise ValueError("an offset leads out of it")
        return int(struct.unpack_from("<" + kind, self._raw, at)[0])

    def target(self, at: int) -> int:
        """Where the offset at a place leads."""
        return at + self.number("I", at)

    def field(self, table: int, number: int) -> int | None:
        """The place of a field of a table; None where it has its default."""
        layout = table - self.number("i", table)
        size = self.number("H", layout)
        place = 4 + 2 * number
        # As flatbuffers does it: an odd size reaches into the field behind.
        offset = self.number("H", layout + place) if place < size else 0
        return table + offset if offset else None

    def value(self, table: int, number: int, kind: str) -> int:
        """A number of a table, 0 where it is left out."""
        at = self.field(table, number)
        return 0 if at is None else self.number(kind, at)

    def inner(self, table: int, number: int) -> int:
        """The place of a table, text or list within a table, which has to be there."""
        at = self.field(table, number)
        if at is None:
            raise ValueError("a part of a column is missing")
        return self.target(at)

    def items(self, at: int, size: int) -> range:
        """The places of the items of a list, or of the bytes of a text, at a place."""
        count = self.number("I", at)
        if at + 4 + count * size > len(self._raw):
            raise ValueError("a list leads out of it")
        return range(at + 4, at + 4 + count * size, size)

    def check_texts(self, table: int, *numbers: int) -> None:
        """The texts of a table, where they are there."""
        for number in numbers:
            at = self.field(table, number)
            if at is not None:
                self.items(self.target(at), 1)


def _check(buffer: _Buffer, end: int) -> None:
    table = buffer.target(0)
    buffer.check_texts(table, *_TABLE_TEXTS)
    rows = buffer.value(table, _ROWS, "q")
    for item in buffer.items(buffer.inner(table, _COLUMNS), 4):
        column = buffer.target(item)
        buffer.items(buffer.inner(column, _NAME), 1)
        buffer.check_texts(column, _NOTE)
        values = buffer.inner(column, _VALUES)
        if buffer.value(values, _LENGTH, "q") != rows:
            raise ValueError("a column has another length than the table")
        for array in (values, *_described(buffer, column)):
            _check_array(buffer, array, end)


def _described(buffer: _Buffer, column: int) -> Iterator[int]:
    """The array of a category's levels; what else a kind of column says is visited on the way."""
    kind = buffer.value(column, _KIND, "B")
    if kind > _LAST_KIND:
        raise ValueError("a column is of an unknown kind")
    if not kind:
        return
    told = buffer.inner(column, _KIND_TABLE)
    if kind == _CATEGORY:
        yield buffer.inner(told, _LEVELS)
    if kind in _TIMED and not 0 <= buffer.value(told, _UNIT, "b") <= _LAST_UNIT:
        raise ValueError("a column has an unknown unit of time")
    if kind == _TIMESTAMP:
        buffer.check_texts(told, _ZONE)


def _check_array(buffer: _Buffer, array: int, end: int) -> None:
    """The bytes of an array lie before the description and are as many as its values need."""
    kind = buffer.value(array, _TYPE, "B")
    offset, length, nulls, size = (buffer.value(array, n, "q") for n in (_OFFSET, _LENGTH, _NULLS, _BYTES))
    if min(offset, length, size) < 0 or not 0 <= nulls <= length or offset + size > end:
        raise ValueError("a column lies outside of the file")
    needed = _padded((length + 7) // 8) if nulls else 0
    if kind in _OFFSETS:
        needed += _padded((length + 1) * _OFFSETS[kind])
    elif kind in _BITS:
        needed += (length * _BITS[kind] + 7) // 8
    else:
        raise ValueError(f"a column is of the unknown type {kind}")
    if needed > size:
        raise ValueError("a column has fewer bytes than values")


def _padded(size: int) -> int:
    return (size + 7) // 8 * 8
