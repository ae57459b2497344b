"""The views by name: how each is computed from a store and a selection, and how its result becomes JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from tilexplorer.analysis import as_json, methods_json, model_json, patients_json, thresholds_json
from tilexplorer.analysis.methods import methods
from tilexplorer.analysis.microenvironment import microenvironment
from tilexplorer.analysis.microenvironment_json import to_json as microenvironment_json
from tilexplorer.analysis.model import model
from tilexplorer.analysis.on_treatment import on_treatment
from tilexplorer.analysis.on_treatment_json import to_json as on_treatment_json
from tilexplorer.analysis.overview import overview
from tilexplorer.analysis.patients import patients
from tilexplorer.analysis.response import response
from tilexplorer.analysis.subgroups import subgroups
from tilexplorer.analysis.subgroups_json import subgroups as subgroups_json
from tilexplorer.analysis.survival import survival
from tilexplorer.analysis.synthesis import synthesis
from tilexplorer.analysis.synthesis_json import to_json as synthesis_json
from tilexplorer.analysis.therapies import therapies
from tilexplorer.analysis.therapies_json import to_json as therapies_json
from tilexplorer.analysis.thresholds import thresholds
from tilexplorer.selection import Selection
from tilexplorer.store import Store


@dataclass(frozen=True, slots=True)
class View:
    """A view: its result from a store and a selection, and the result as JSON."""

    compute: Callable[[Store, Selection], Any]
    to_json: Callable[[Any], as_json.Json]

    def json(self, store: Store, selection: Selection) -> as_json.Json:
        """The view's result as JSON."""
        return self.to_json(self.compute(store, selection))


VIEWS: Final[Mapping[str, View]] = MappingProxyType(
    {
        "overview": View(overview, as_json.overview),
        "survival": View(survival, as_json.survival),
        "response": View(response, as_json.response),
        "subgroups": View(subgroups, subgroups_json),
        "thresholds": View(thresholds, thresholds_json.thresholds),
        "microenvironment": View(microenvironment, microenvironment_json),
        "on_treatment": View(on_treatment, on_treatment_json),
        "synthesis": View(synthesis, synthesis_json),
        "therapies": View(therapies, therapies_json),
        "model": View(model, model_json.model),
        "patients": View(patients, patients_json.to_json),
        "methods": View(methods, methods_json.to_json),
    }
)
