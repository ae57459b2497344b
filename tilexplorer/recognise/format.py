"""How a file has to be read: its format by its first bytes, then encoding, delimiter, quoting, header rows, sheet.

The name of a file is believed last: a picture called .csv is refused, a workbook called .txt is read as a workbook.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from tilexplorer.errors import UnreachableFile, UnreadableFile
from tilexplorer.importers.archive import UNOPENED
from tilexplorer.importers.cbioportal.clinical import read_clinical
from tilexplorer.importers.limits import check_size, first_bytes, is_packed
from tilexplorer.importers.mapping import File
from tilexplorer.recognise import workbook
from tilexplorer.recognise.text_format import sniff_text


@dataclass(frozen=True, slots=True)
class Sniffed:
    """How a file is to be read: its declaration, how sure that is, the reasons, and the other sheets or objects."""

    file: File
    confidence: float
    why: tuple[str, ...]
    parts: tuple[str, ...] = ()


# First bytes of what cannot be read, and what to say.
_REFUSED: Final[Mapping[bytes, str]] = MappingProxyType(
    {
        b"\x89PNG": "is a picture (PNG), whatever its name says; give the table itself",
        b"\xff\xd8\xff": "is a picture (JPEG), whatever its name says; give the table itself",
        b"GIF8": "is a picture (GIF), whatever its name says; give the table itself",
        b"%PDF": "is a PDF; tables in it have to be saved as CSV or Excel first",
        b"\xd0\xcf\x11\xe0": "is an old Excel file (.xls); save it as .xlsx or CSV",
        b"version https://git-lfs": "is a Git-LFS pointer, not the file itself; fetch it with 'git lfs pull'",
        b"SQLite format 3": "is an SQLite database; export the table as CSV",
        b"<!DOCTYPE": "is a web page, not a table; download the file itself",
        b"<html": "is a web page, not a table; download the file itself",
        b"$FL2": "is an SPSS file; save it as CSV or Parquet",
    }
)


def sniff(path: Path) -> Sniffed:
    """How a file is to be read.

    Raises
    ------
    UnreachableFile
        No such file.
    UnreadableFile
        Empty, too large, or of a kind that is no table; the message says which, and what to do.
    """
    if path.exists() and not path.is_file():  # a pipe or a device may have no end
        raise UnreachableFile(f"{path}: is no file; save the table in one")
    try:
        check_size(path)
        raw = path.read_bytes()
    except OSError as fault:
        raise UnreachableFile(f"{path}: cannot be read ({fault.strerror})") from fault
    if not raw.strip(b"\x00\t\r\n "):
        raise UnreadableFile(f"{path.name}: is empty")
    for magic, words in _REFUSED.items():
        if raw[: len(magic)].lower() == magic.lower():
            raise UnreadableFile(f"{path.name}: {words}")
    return _typed(path, raw) or _packed(path, raw) or _text(path, raw)


def _typed(path: Path, raw: bytes) -> Sniffed | None:
    """Parquet, Feather and workbooks by their first bytes."""
    if raw.startswith(b"PAR1"):
        return Sniffed(File(path.name, "parquet"), 0.99, ("its bytes are those of Parquet",))
    if raw.startswith((b"FEA1", b"ARROW1")):
        return Sniffed(File(path.name, "feather"), 0.99, ("its bytes are those of Feather",))
    if not raw.startswith(b"PK"):
        return None
    try:
        held = zipfile.ZipFile(path).namelist()
    except UNOPENED as fault:
        raise UnreadableFile(f"{path.name}: is a damaged archive ({fault})") from fault
    if "xl/workbook.xml" not in held:
        listed = ", ".join(held[:3])
        raise UnreadableFile(f"{path.name}: is an archive ({listed} ...); unpack it and give the tables in it")
    file, confidence, why, sheets = workbook.sniff_workbook(path)
    return Sniffed(file, confidence, why, sheets)


def _packed(path: Path, raw: bytes) -> Sniffed | None:
    """R's files, which are compressed as a rule."""
    start = first_bytes(path, 5)
    if start.startswith((b"RDX", b"RDA")):
        objects = _objects(path)
        chosen = objects[0] if len(objects) > 1 else ""
        return Sniffed(File(path.name, "rda", object=chosen), 0.95, ("its bytes are those of an R workspace",), objects)
    if start.startswith((b"X\n", b"A\n", b"B\n")):
        return Sniffed(File(path.name, "rds"), 0.95, ("its bytes are those of an R object",))
    if is_packed(raw):
        raise UnreadableFile(f"{path.name}: is compressed; unpack it first")
    return None


def experiments(path: Path) -> tuple[File, ...]:
    """The parts of every SummarizedExperiment in R's file, as files of their own; none where there is no experiment.

    Raises
    ------
    UnreadableFile
        A damaged file of R, or an experiment whose matrices are kept in a form that is not read.
    """
    from tilexplorer.importers.r_data import parsed_object, parsed_objects
    from tilexplorer.importers.r_experiment import is_experiment, parts_of

    if not path.is_file() or not path.stat().st_size:
        return ()  # `sniff` says what is wrong with it
    check_size(path)
    start = first_bytes(path, 5)
    if start.startswith((b"RDX", b"RDA")):
        objects, kind = parsed_objects(path), "rda"
    elif start.startswith((b"X\n", b"A\n", b"B\n")):
        objects, kind = {"": parsed_object(path)}, "rds"
    else:
        return ()
    return tuple(
        File(path.name, kind, object=name, part=part)
        for name, value in objects.items()
        if is_experiment(value)
        for part in parts_of(value, path.name)
    )


def _objects(path: Path) -> tuple[str, ...]:
    """Names of the data frames in an R workspace, the largest first."""
    import pandas as pd

    from tilexplorer.importers.r_data import parsed_objects

    frames = {name: value for name, value in parsed_objects(path).items() if isinstance(value, pd.DataFrame)}
    if not frames:
        raise UnreadableFile(f"{path.name}: holds no data frame and no SummarizedExperiment; save one with save()")
    return tuple(sorted(frames, key=lambda name: -frames[name].size))


def _text(path: Path, raw: bytes) -> Sniffed:
    file, confidence, why = sniff_text(path.name, raw)
    if file.format == "tsv" and (file.comment or path.name.startswith("data_clinical")) and _is_cbioportal(path, file):
        declared = File(path.name, "cbioportal", encoding=file.encoding)
        return Sniffed(declared, confidence, (*why, "it keeps the rules of cBioPortal's clinical files"))
    return Sniffed(file, confidence, why)


def _is_cbioportal(path: Path, file: File) -> bool:
    """Whether a file keeps all rules of cBioPortal's clinical files; one that breaks them is read as plain text."""
    try:
        read_clinical(path, file.encoding)
    except UnreadableFile:
        return False
    return True
