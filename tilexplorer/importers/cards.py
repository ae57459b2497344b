"""The cards of a cohort: itself, its studies, its endpoints, its measures, and who else holds its patients."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.importers.mapping import DAYS, Endpoint, Mapped, Study


def cohort(mapped: Mapped) -> pd.DataFrame:
    """The cohort's row."""
    card = mapped.cohort
    row = {
        "title": card.title,
        "citation": card.citation,
        "doi": card.doi,
        "licence": card.licence,
        "source": "\n".join(dict.fromkeys(file.address for file in mapped.files.values() if file.address)),
        "simulated": card.simulated,
        "immunotherapy": card.immunotherapy,
        "default_measure": card.default_measure,
        "population": card.population,
        "note": "\n".join([*card.notes, *(f"{a.id.upper()} is not offered: {a.reason}" for a in mapped.absent)]),
    }
    return pd.DataFrame([row])


def studies(mapped: Mapped) -> pd.DataFrame:
    """The studies; a cohort that names none is a study of its own."""
    listed = mapped.studies or (Study(mapped.cohort.id, mapped.cohort.title),)
    return pd.DataFrame(
        [
            {
                "study": s.id,
                "title": s.title,
                "registry": s.registry or None,
                "phase": s.phase or None,
                "setting": s.setting or None,
                "randomised": s.randomised,
                "concurrent_arms": s.concurrent_arms,
                "criteria": s.criteria or None,
                "confirmed": s.confirmed,
                "durable_benefit": s.durable_benefit or None,
            }
            for s in listed
        ]
    )


def endpoints(mapped: Mapped) -> pd.DataFrame:
    """The endpoint cards."""
    rows = [
        {"endpoint": e.id, "t0": e.t0, "event": e.means, "source_unit": _unit(e), "note": e.note}
        for e in mapped.endpoints
    ]
    return pd.DataFrame(rows)


def _unit(endpoint: Endpoint) -> str:
    usual = endpoint.days_in_unit == DAYS[endpoint.unit]
    return endpoint.unit if usual else f"{endpoint.unit} of {endpoint.month:g} days"


def measures(mapped: Mapped, used: list[str], made: Mapping[str, str]) -> pd.DataFrame:
    """The measures that have values, in the vocabulary's order; `made` says how the import itself made some of them."""
    rows = []
    for name, entry in vocabulary.measures().items():
        if name in used:
            own = mapped.measures[name]
            rows.append(
                {
                    "measure": name,
                    "assay": own.assay,
                    "unit": own.unit or entry.unit,
                    "kind": entry.kind,
                    "levels": "|".join(own.levels or entry.levels),
                    "comparable": own.comparable,
                    "note": " ".join(filter(None, [made.get(name, ""), own.note])),
                }
            )
    return pd.DataFrame(rows)


def overlaps(mapped: Mapped) -> pd.DataFrame:
    """Who else holds these patients; an empty patient id means all of them."""
    rows = [
        {"patient": patient, "preferred": same.preferred}
        for same in mapped.same_patients
        for patient in (same.patients or ("",))
    ]
    return pd.DataFrame(rows)
