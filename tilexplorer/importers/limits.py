"""How much of a file is read, packed or not: one that was made to fill the memory ends in a message instead.

A file that is read whole becomes text cells of 50 to 80 bytes each; the numbers keep that below 1 GiB. They are far
above the public cohorts, whose largest file has four million bytes. What is read in batches, and a matrix of which a
few entities are taken, may be of any size: no more than a batch, or what was asked for, is held at a time.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import IO, Final

from tilexplorer.errors import UnreadableFile

# Bytes of a file that is read whole, and bytes that a packed one may become.
MAX_BYTES: Final = 128 << 20
MAX_UNPACKED: Final = 256 << 20
# Cells of a frame: 20,000 genes of 500 samples.
MAX_CELLS: Final = 10_000_000
# Cells of a batch: 50,000 rows of 40 columns; of a wider file fewer rows are taken at a time.
BATCH_CELLS: Final = 2_000_000
# Characters of a line: twice what 20,000 cells of 800 characters take.
LONGEST_LINE: Final = 32 << 20

_PACKED: Final[Mapping[bytes, Callable[[Path], IO[bytes]]]] = MappingProxyType(
    {b"\x1f\x8b": gzip.GzipFile, b"BZh": bz2.BZ2File, b"\xfd7zXZ\x00": lzma.LZMAFile}  # type: ignore[dict-item]
)

Row = tuple[int, Sequence[str]]


def check_size(path: Path) -> None:
    """UnreadableFile where a file is too large to be read whole."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise UnreadableFile(
            f"{path.name}: has {size:,} bytes, more than the {MAX_BYTES:,} that are read at once; "
            "leave out the rows and columns that are not needed"
        )


def check_cells(cells: int, label: str) -> None:
    """UnreadableFile where a frame would hold too many cells."""
    if cells > MAX_CELLS:
        raise UnreadableFile(
            f"{label}: holds more than the {MAX_CELLS:,} cells that are read at once; "
            "leave out the rows and columns that are not needed"
        )


def check_characters(characters: int, label: str) -> None:
    """UnreadableFile where the cells of a frame would hold too much text."""
    if characters > MAX_UNPACKED:
        raise UnreadableFile(
            f"{label}: holds more than the {MAX_UNPACKED:,} characters that are read at once; "
            "leave out the rows and columns that are not needed"
        )


def counted(rows: Iterable[Row], label: str) -> Iterator[Row]:
    """The rows, as long as they hold no more cells and characters than may be read at once.

    A workbook keeps a text once, however many cells show it: a small one may hold more than the memory.
    """
    cells = characters = 0
    for row in rows:
        cells += max(1, len(row[1]))  # lines without a cell take their time, too
        check_cells(cells, label)
        characters += sum(map(len, row[1]))
        check_characters(characters, label)
        yield row


def batches(rows: Iterator[Row], size: int) -> Iterator[list[Row]]:
    """The rows in lists of at most `size` rows and about BATCH_CELLS cells; one list at least."""
    batch: list[Row] = []
    given = cells = 0
    for row in rows:
        batch.append(row)
        cells += len(row[1])
        if len(batch) >= size or cells >= BATCH_CELLS:
            yield batch
            batch, cells, given = [], 0, given + 1
    if batch or not given:
        yield batch


def is_packed(start: bytes) -> bool:
    """Whether the first bytes of a file are those of gzip, bzip2 or xz."""
    return start.startswith(tuple(_PACKED))


def unpacked(path: Path, most: int = MAX_UNPACKED) -> bytes:
    """The bytes of a file, unpacked where it is packed by gzip, bzip2 or xz.

    Raises
    ------
    UnreadableFile
        Larger than `most` bytes, packed or not, or damaged.
    """
    check_size(path)
    raw = first_bytes(path, most + 1)
    if len(raw) > most:
        raise UnreadableFile(
            f"{path.name}: holds more than the {most:,} bytes that are unpacked; save what is needed in another file"
        )
    return raw


def first_bytes(path: Path, size: int) -> bytes:
    """The first bytes of a file when unpacked; no more of it is read."""
    with path.open("rb") as file:
        start = file.read(6)
    way = next((way for magic, way in _PACKED.items() if start.startswith(magic)), None)
    try:
        with way(path) if way else path.open("rb") as file:
            return file.read(size)
    except (OSError, EOFError, lzma.LZMAError, ValueError) as fault:
        raise UnreadableFile(f"{path.name}: is compressed and damaged ({fault}); fetch it again") from fault
