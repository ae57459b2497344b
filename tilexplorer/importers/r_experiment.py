"""The parts of a SummarizedExperiment: what is known of its samples and its rows, and its matrices.

rdata gives an S4 object as a namespace of its slots. The class is described by Huber W, et al. Nat Methods
2015;12:115-121; its matrices lie in `assays`, its samples in `colData`, its rows in `elementMetadata`, or in
`rowRanges` where they have places in the genome.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from tilexplorer.errors import UnreadableFile
from tilexplorer.importers.strict import nearest
from tilexplorer.importers.text import from_typed

# The column that holds the names which R keeps beside the rows.
ROW_NAMES: Final = "rowname"


def is_experiment(value: object) -> bool:
    """Whether an object of an R file is a SummarizedExperiment or one of its descendants."""
    return hasattr(value, "colData") and hasattr(value, "assays")


def parts_of(experiment: Any, label: str) -> tuple[str, ...]:
    """The parts that hold patients and values: 'colData', then each matrix.

    Raises
    ------
    UnreadableFile
        Matrices that are kept in a form that is not read.
    """
    try:
        return ("colData", *(f"assay:{name}" for name in _assays(experiment, label)))
    except AttributeError as fault:
        raise UnreadableFile(f"{label}: the SummarizedExperiment lacks a slot that its class has ({fault})") from fault


def part_of(experiment: Any, part: str, label: str) -> pd.DataFrame:
    """A part of an experiment as a frame of text.

    Parameters
    ----------
    experiment
        The object as rdata gives it.
    part
        'colData', a row for each sample; 'rowData', a row for each gene; 'assay:NAME' or 'assay:1', a row for each
        gene and a column for each sample; 'assay' where there is one only. The names of the rows are in 'rowname'.
    label
        Name of the file, for messages.

    Raises
    ------
    UnreadableFile
        No such part, or a slot that is not what the class promises.
    """
    try:
        return _part(experiment, part, label)
    except AttributeError as fault:
        raise UnreadableFile(f"{label}: the SummarizedExperiment lacks a slot that its class has ({fault})") from fault


def _part(experiment: Any, part: str, label: str) -> pd.DataFrame:
    assays = _assays(experiment, label)
    kind, _, name = part.partition(":")
    if kind == "assay":
        return _matrix(experiment, assays, name, label)
    if part in ("colData", "rowData"):
        table, names = _samples(experiment) if part == "colData" else _rows(experiment)
        return _table(table, names, part, label)
    known = ["colData", "rowData", *(f"assay:{a}" for a in assays)]
    raise UnreadableFile(f'{label}: holds a SummarizedExperiment; choose a part = "...": {nearest(part, known)}')


def _assays(experiment: Any, label: str) -> Mapping[str, Any]:
    """The matrices by name, or by number from 1 where they have no names."""
    listed = _list(getattr(experiment.assays, "data", experiment.assays))
    if listed is None:
        raise UnreadableFile(f"{label}: the assays of the SummarizedExperiment are kept in a form that is not read")
    return listed


def _list(value: Any) -> Mapping[str, Any] | None:
    """The elements of an R list or of an S4 list by name; None for anything else."""
    value = getattr(value, "listData", value)
    if isinstance(value, Mapping):
        return {str(name): item for name, item in value.items()}
    if isinstance(value, list):
        return {str(number): item for number, item in enumerate(value, 1)}
    return None


def _samples(experiment: Any) -> tuple[Any, Any]:
    return experiment.colData, getattr(experiment.colData, "rownames", None)


def _rows(experiment: Any) -> tuple[Any, Any]:
    """What is known of the rows, and their names; rows with places in the genome keep both with the places."""
    ranges = getattr(experiment, "rowRanges", None)
    if ranges is None:
        return experiment.elementMetadata, getattr(experiment, "NAMES", None)
    places = getattr(ranges, "ranges", getattr(ranges, "partitioning", None))
    return ranges.elementMetadata, getattr(places, "NAMES", None)


def _names(value: Any) -> list[str] | None:
    """Names of rows or columns; R's NULL, which rdata gives as None or as text, is none."""
    return [str(name) for name in value] if isinstance(value, list | np.ndarray) else None


def _table(table: Any, names: Any, part: str, label: str) -> pd.DataFrame:
    columns = _list(table)
    if columns is None:
        raise UnreadableFile(f"{label}: {part} is a {type(table).__name__}, not a table of columns")
    named = _names(names)
    series = {ROW_NAMES: pd.Series(named, dtype="string")} if named is not None else {}
    try:
        return from_typed({**series, **{name: _column(column) for name, column in columns.items()}})
    except (TypeError, ValueError) as fault:
        raise UnreadableFile(f"{label}: {part} holds a column that is no vector ({fault})") from fault


def _column(values: Any) -> pd.Series:
    if not np.ma.isMaskedArray(values):
        return pd.Series(values)
    plain = np.ma.getdata(values).astype(object)
    plain[np.ma.getmaskarray(values)] = None
    return pd.Series(plain, dtype=object)


def _matrix(experiment: Any, assays: Mapping[str, Any], name: str, label: str) -> pd.DataFrame:
    chosen = _chosen(assays, name, label)
    values = assays[chosen]
    if isinstance(values, pd.DataFrame):
        frame = values
    elif getattr(values, "ndim", 0) == 2:
        frame = pd.DataFrame(np.asarray(values), columns=range(1, values.shape[1] + 1))
    else:
        kind = " ".join(map(str, getattr(values, "__dict__", {}).get("class", [type(values).__name__])))
        raise UnreadableFile(f"{label}: assay:{chosen} is a {kind}; only dense matrices and data frames are read")
    genes = _names(_rows(experiment)[1])
    samples = _names(_samples(experiment)[1])
    genes = genes if genes is not None else [str(i) for i in range(1, len(frame) + 1)]
    _check(frame, genes, samples, f"{label}: assay:{chosen}")
    columns = {str(s): frame.iloc[:, i] for i, s in enumerate(samples if samples is not None else frame.columns)}
    return from_typed({ROW_NAMES: pd.Series(genes, dtype="string"), **columns})


def _check(frame: pd.DataFrame, genes: list[str], samples: list[str] | None, where: str) -> None:
    if len(genes) != len(frame) or (samples is not None and len(samples) != frame.shape[1]):
        wanted = len(samples) if samples is not None else frame.shape[1]
        shape = f"{len(frame)} rows and {frame.shape[1]} columns"
        raise UnreadableFile(f"{where} has {shape}, but there are {len(genes)} genes and {wanted} samples")
    if samples is not None and (twice := _repeated(samples)):
        raise UnreadableFile(f"{where}: the sample '{twice}' is there twice; give each sample a name of its own")


def _repeated(names: Iterable[str]) -> str:
    seen = pd.Index(list(names))
    return str(seen[seen.duplicated()][0]) if seen.has_duplicates else ""


def _chosen(assays: Mapping[str, Any], name: str, label: str) -> str:
    if name in assays:
        return name
    if name.isdigit() and 1 <= int(name) <= len(assays):
        return list(assays)[int(name) - 1]
    if not name and len(assays) == 1:
        return next(iter(assays))
    asked = f"has no assay '{name}'" if name else "has several assays"
    raise UnreadableFile(f'{label}: {asked}; choose part = "assay:..." from {", ".join(assays) or "none"}')
