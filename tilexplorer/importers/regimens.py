"""Regimens: sets of components through the vocabulary, with one id however the source orders them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.importers.mapping import Regimen
from tilexplorer.importers.tables import Data
from tilexplorer.vocabulary import THERAPY_CLASSES, Therapy

JOINT: Final = " + "


def ordered(names: Iterable[str]) -> tuple[Therapy, ...]:
    """The components of a regimen, each once: treatments by class and name, then conditioning and support."""
    found = {therapy.name: therapy for therapy in map(vocabulary.therapy, names)}
    return tuple(sorted(found.values(), key=_place))


def _place(therapy: Therapy) -> tuple[bool, int, str]:
    return therapy.role != "treatment", THERAPY_CLASSES.index(therapy.classes[0]), therapy.name


def regimen_id(names: Iterable[str]) -> str:
    """The regimen's id: its components' names joined by ' + '."""
    return JOINT.join(therapy.name for therapy in ordered(names))


def column(data: Data, regimen: Regimen) -> pd.Series:
    """The regimen's id for every row."""
    if regimen.components:
        return pd.Series(regimen_id(regimen.components), index=data.frame.index, dtype="string")
    cells = data.column(regimen.column)
    sets = components(regimen, list(cells.dropna().unique()))
    made = cells.map({cell: regimen_id(names) for cell, names in sets.items()}).astype("string")
    if made.isna().any():
        listed = f" (it maps {', '.join(regimen.map)})" if regimen.map else ""
        mend = f'add it to the map of patients.regimen: "..." = ["..."]{listed}'
        data.refuse("regimen.unknown", regimen.column, made.isna(), "names no regimen", mend)
    return made


def components(regimen: Regimen, cells: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The components that each cell names, by the map or by the separator; cells that name none are left out."""
    fold = str.casefold if regimen.fold_case else str
    listed = {fold(value): names for value, names in regimen.map.items()}
    found = {cell: listed[fold(cell)] for cell in cells if fold(cell) in listed}
    if regimen.separator:
        split = {cell: tuple(map(str.strip, cell.split(regimen.separator))) for cell in cells if cell not in found}
        found |= {cell: parts for cell, parts in split.items() if all(map(_is_known, parts))}
    return found


def _is_known(name: str) -> bool:
    return vocabulary.fold(name) in vocabulary.therapies()


def tables(used: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The regimen and the component table of the regimens that patients received, by their ids."""
    kept = {name: ordered(name.split(JOINT)) for name in used}
    regimens = [
        {
            "regimen": name,
            "combination": " + ".join(vocabulary.combination(parts)),
            "immunotherapy": vocabulary.is_immunotherapy(vocabulary.combination(parts)),
        }
        for name, parts in kept.items()
    ]
    components = [
        {"regimen": name, "component": part.name, "class": group, "role": part.role}
        for name, parts in kept.items()
        for part in parts
        for group in part.classes
    ]
    return pd.DataFrame(regimens), pd.DataFrame(components)
