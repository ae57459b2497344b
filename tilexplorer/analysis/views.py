"""The views by name, each as a function from a store and a selection to JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from tilexplorer.analysis import as_json
from tilexplorer.analysis.overview import overview
from tilexplorer.analysis.response import response
from tilexplorer.analysis.survival import survival
from tilexplorer.selection import Selection
from tilexplorer.store import Store

VIEWS: Final[Mapping[str, Callable[[Store, Selection], as_json.Json]]] = MappingProxyType(
    {
        "overview": lambda store, selection: as_json.overview(overview(store, selection)),
        "survival": lambda store, selection: as_json.survival(survival(store, selection)),
        "response": lambda store, selection: as_json.response(response(store, selection)),
    }
)
