"""The template for a hospital that starts from nothing: a workbook, the same as CSV files, mappings that read them."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Final

from tilexplorer.errors import UnwritableFile
from tilexplorer.template import fields, mapping, workbook

WORKBOOK: Final = "til-explorer-template.xlsx"
DICTIONARY: Final = ("sheet", "column", "needed", "meaning", "unit", "words")


def write(folder: Path) -> list[Path]:
    """Write the template's files into a folder and return their paths.

    Raises
    ------
    UnwritableFile
        One of them is there already: it may have been filled in.
    """
    texts = {f"{sheet}.csv": _header(sheet) for sheet in fields.SHEETS}
    texts["dictionary.csv"] = _lines([DICTIONARY, *dictionary()])
    texts["mapping.toml"] = mapping.text({sheet: (WORKBOOK, sheet) for sheet in fields.SHEETS})
    texts["mapping-csv.toml"] = mapping.text({sheet: (f"{sheet}.csv", "") for sheet in fields.SHEETS})
    paths = [folder / name for name in (WORKBOOK, *texts)]
    there = [path.name for path in paths if path.exists()]
    if there:
        raise UnwritableFile(f"{folder}: has {', '.join(there)} already; name another folder with --output")
    folder.mkdir(parents=True, exist_ok=True)
    workbook.made(DICTIONARY, dictionary()).save(paths[0])
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return paths


def dictionary() -> list[tuple[str, ...]]:
    """A row for each column of the template."""
    return [(f.sheet, f.name, "yes" if f.needed else "", f.meaning, f.unit, ", ".join(f.words)) for f in fields.every()]


def _header(sheet: str) -> str:
    return _lines([tuple(f.name for f in fields.every() if f.sheet == sheet)])


def _lines(rows: list[tuple[str, ...]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
