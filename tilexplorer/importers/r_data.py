"""Data frames in R's own files, .rda and .rds, read without R."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from tilexplorer.errors import UnreadableFile
from tilexplorer.importers.text import ReadOptions, from_typed


def read_rda(path: Path, options: ReadOptions) -> pd.DataFrame:
    """A data frame from an .rda file, which may hold several objects, as a frame of text."""
    import rdata

    objects = _parsed(rdata.read_rda, path)
    name = options.object or _only(objects, path.name)
    if name not in objects:
        raise UnreadableFile(f"{path.name}: has no object '{name}'; it has {', '.join(sorted(objects))}")
    return _frame(objects[name], path.name)


def read_rds(path: Path, options: ReadOptions) -> pd.DataFrame:  # noqa: ARG001 - every reader takes options
    """The data frame of an .rds file as a frame of text."""
    import rdata

    return _frame(_parsed(rdata.read_rds, path), path.name)


def parsed_objects(path: Path) -> dict[str, Any]:
    """Every object of an .rda file by its name."""
    import rdata

    return dict(_parsed(rdata.read_rda, path))


def _parsed(read: Callable[[Path], Any], path: Path) -> Any:
    try:
        with warnings.catch_warnings():
            # A tibble is a data frame with another name, and rdata says so each time.
            warnings.filterwarnings("ignore", "Missing constructor for R class", UserWarning)
            return read(path)
    # rdata meets damaged bytes with errors of many kinds; each of them means the same to the user.
    except Exception as fault:
        raise UnreadableFile(f"{path.name}: is not a readable R data file ({type(fault).__name__}: {fault})") from fault


def _only(objects: dict[str, Any], label: str) -> str:
    if len(objects) != 1:
        raise UnreadableFile(f'{label}: holds {", ".join(sorted(objects))}; choose one with object = "..."')
    return str(next(iter(objects)))


def _frame(value: object, label: str) -> pd.DataFrame:
    if not isinstance(value, pd.DataFrame):
        raise UnreadableFile(f"{label}: the object is a {type(value).__name__}, not a data frame")
    return from_typed({str(name): value[name] for name in value.columns})
