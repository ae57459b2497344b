"""Every way into the program for somebody's bytes: given any bytes, only TilExplorerError may come out of it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Final

from tests.fuzz import seeds
from tilexplorer.errors import TilExplorerError
from tilexplorer.importers import BATCHED, READERS, archive, bundle_tables
from tilexplorer.importers.bundle import import_bundle, is_bundle
from tilexplorer.importers.bundle_manifest import parse_manifest
from tilexplorer.importers.cbioportal.meta import read_meta
from tilexplorer.importers.mapping_file import read_mapping
from tilexplorer.importers.text import ReadOptions
from tilexplorer.recognise import gathered, sniff
from tilexplorer.schema import BY_NAME

Taker = Callable[[Path], object]

# Archives of a fuzzer are small: what they may become is small too, so that a bomb is seen as one.
LIMITS: Final = archive.Limits(total=10_000_000, members=100)
OPTIONS: Final = ReadOptions(delimiter="")
_ENDINGS: Final = {"zip": ".zip", "tar": ".tar.gz", "bundle": ".zip", "mapping": ".toml"}
_NUMBERS: Final = count()


def _read(name: str, path: Path) -> None:
    """A file read whole, and in batches where the format can be."""
    options = ReadOptions(delimiter=";") if name == "delimited" else OPTIONS
    parts = [""] if name not in ("rda", "rds") else ["", "colData", "rowData", "assay:1"]
    for part in parts:
        with suppress(TilExplorerError):
            READERS[name](path, ReadOptions(delimiter=options.delimiter, part=part, object="people" * (part == "")))
    if name in BATCHED:
        for _ in BATCHED[name](path, options, 2):
            pass


def _opened(path: Path) -> None:
    with archive.opened(path, LIMITS):
        pass


def _bundled(path: Path) -> None:
    is_bundle(path)
    import_bundle(path)


def _workbook_parts(path: Path) -> None:
    """The bytes as each part of a workbook: changed bytes of a zip file seldom come past its checksums."""
    part, book = path.read_bytes(), path.with_suffix(".xlsx")
    for name in seeds.PARTS:
        book.write_bytes(seeds.with_part(name, part))
        with suppress(TilExplorerError):
            READERS["excel"](book, OPTIONS)
    book.unlink()


def _bundle_tables(path: Path) -> None:
    """The bytes as a table of a bundle, whose checksums would stop them before."""
    raw, table = path.read_bytes(), BY_NAME["outcome"]
    for read in bundle_tables.READERS.values():
        with suppress(TilExplorerError):
            read(table, raw, "made", 6)
    with suppress(TilExplorerError):
        parse_manifest(raw, "made")


def _looked_at(path: Path) -> None:
    sniff(path)
    with tempfile.TemporaryDirectory() as folder:
        gathered.gathered([path], Path(folder))


TAKERS: Final[Mapping[str, Taker]] = MappingProxyType(
    {
        **{name: partial(_read, name) for name in READERS},
        "workbook parts": _workbook_parts,
        "zip": _opened,
        "tar": _opened,
        "study": read_meta,
        "bundle": _bundled,
        "bundle tables": _bundle_tables,
        "mapping": read_mapping,
        "sniff": _looked_at,
    }
)


def feed(name: str, raw: bytes, folder: Path) -> None:
    """Give the bytes to a reader as a file of the folder; whatever but TilExplorerError it raises, goes on."""
    # A name of its own: what was read is remembered by name and time, and time is coarse.
    path = folder / f"f{next(_NUMBERS)}{_ENDINGS.get(name, '')}"
    path.write_bytes(raw)
    try:
        with suppress(TilExplorerError):
            TAKERS[name](path)
    finally:
        path.unlink()
