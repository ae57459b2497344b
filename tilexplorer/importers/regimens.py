"""Regimens: sets of components through the vocabulary, with one id however the source orders them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.importers.mapping import Regimen
from tilexplorer.importers.tables import Data
from tilexplorer.vocabulary import THERAPY_CLASSES, Therapy


def ordered(names: Iterable[str]) -> tuple[Therapy, ...]:
    """The components of a regimen, each once: treatments by class and name, then conditioning and support."""
    found = {therapy.name: therapy for therapy in map(vocabulary.therapy, names)}
    return tuple(sorted(found.values(), key=_place))


def _place(therapy: Therapy) -> tuple[bool, int, str]:
    return therapy.role != "treatment", THERAPY_CLASSES.index(therapy.classes[0]), therapy.name


def regimen_id(names: Iterable[str]) -> str:
    """The regimen's id: its components' names joined by ' + '."""
    return " + ".join(therapy.name for therapy in ordered(names))


def column(data: Data, regimen: Regimen) -> pd.Series:
    """The regimen's id for every row."""
    if regimen.components:
        return pd.Series(regimen_id(regimen.components), index=data.frame.index, dtype="string")
    fold = str.casefold if regimen.fold_case else str
    ids = {fold(value): regimen_id(names) for value, names in regimen.map.items()}
    cells = data.column(regimen.column)
    made = cells.map({cell: ids.get(fold(cell)) for cell in cells.dropna().unique()}).astype("string")
    if made.isna().any():
        mend = f'add it to the map of patients.regimen: "..." = ["..."] (it maps {", ".join(regimen.map)})'
        raise data.fault(regimen.column, made.isna(), "names no regimen", mend)
    return made


def tables(regimen: Regimen, used: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The regimen and the component table of the regimens that patients received."""
    sets = [regimen.components] if regimen.components else list(regimen.map.values())
    wanted = {regimen_id(names): ordered(names) for names in sets}
    kept = {name: parts for name, parts in wanted.items() if name in set(used)}
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
