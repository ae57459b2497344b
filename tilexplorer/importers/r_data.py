"""Data frames and the parts of SummarizedExperiments in R's own files, .rda and .rds, read without R."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from tilexplorer.errors import TilExplorerError, UnreadableFile
from tilexplorer.importers import r_bounds, r_experiment
from tilexplorer.importers.limits import unpacked
from tilexplorer.importers.text import ReadOptions, from_typed


def read_rda(path: Path, options: ReadOptions) -> pd.DataFrame:
    """A data frame, or a part of an experiment, from an .rda file, which may hold several objects, as text."""
    objects = parsed_objects(path)
    name = options.object or _only(objects, path.name)
    if name not in objects:
        raise UnreadableFile(f"{path.name}: has no object '{name}'; it has {', '.join(sorted(objects))}")
    return _frame(objects[name], options.part, path.name)


def read_rds(path: Path, options: ReadOptions) -> pd.DataFrame:
    """The data frame of an .rds file, or a part of its experiment, as a frame of text."""
    return _frame(parsed_object(path), options.part, path.name)


def parsed_objects(path: Path) -> dict[str, Any]:
    """Every object of an .rda file by its name."""
    import rdata

    objects = _parsed(rdata.read_rda, path)
    if not isinstance(objects, dict):
        raise UnreadableFile(f'{path.name}: is an R object, not an R workspace; declare it as format = "rds"')
    return dict(objects)


def parsed_object(path: Path) -> Any:
    """The one object of an .rds file."""
    import rdata

    return _parsed(rdata.read_rds, path)


def _parsed(read: Callable[..., Any], path: Path) -> Any:
    try:
        return _last_parsed(read, path, path.stat().st_mtime_ns)
    except TilExplorerError:
        raise
    # rdata meets damaged bytes with errors of many kinds; each of them means the same to the user.
    except Exception as fault:
        raise UnreadableFile(f"{path.name}: is not a readable R data file ({type(fault).__name__}: {fault})") from fault


# A mapping asks one experiment for its parts one after the other: it is parsed once.
@lru_cache(maxsize=1)
def _last_parsed(read: Callable[..., Any], path: Path, changed: int) -> Any:  # noqa: ARG001 - part of the key
    with warnings.catch_warnings():
        # A tibble is a data frame with another name, an experiment is read by its slots: rdata warns each time.
        warnings.filterwarnings("ignore", "Missing constructor for R class", UserWarning)
        # rdata takes the ending of a name for the format where the bytes do not say it, and warns.
        warnings.filterwarnings("ignore", "Unknown file type|Wrong extension", UserWarning)
        raw = io.BytesIO(unpacked(path))
        return read(raw, altrep_constructor_dict=r_bounds.sequences(), constructor_dict=r_bounds.classes())


def _only(objects: dict[str, Any], label: str) -> str:
    if len(objects) != 1:
        raise UnreadableFile(f'{label}: holds {", ".join(sorted(objects))}; choose one with object = "..."')
    return str(next(iter(objects)))


def _frame(value: object, part: str, label: str) -> pd.DataFrame:
    try:
        return _made(value, part, label)
    except TilExplorerError:
        raise
    # An object that is well written may still hold what no table has: lists within lists, functions, dates of no day.
    except Exception as fault:
        raise UnreadableFile(f"{label}: holds what is no table ({type(fault).__name__}: {fault})") from fault


def _made(value: object, part: str, label: str) -> pd.DataFrame:
    if r_experiment.is_experiment(value):
        return r_experiment.part_of(value, part, label)
    if part:
        raise UnreadableFile(f'{label}: only a SummarizedExperiment has parts; leave out part = "{part}"')
    if not isinstance(value, pd.DataFrame):
        kind = type(value).__name__
        raise UnreadableFile(f"{label}: the object is a {kind}, not a data frame or a SummarizedExperiment")
    return from_typed({str(name): value[name] for name in value.columns})
