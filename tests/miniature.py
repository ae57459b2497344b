"""Small made-up cohorts for tests: every patient's row is written out by a rule that a reader can check by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tilexplorer.publish import publish
from tilexplorer.schema import Canonical
from tilexplorer.store import Store

REGIMENS = {
    "nivolumab": (("nivolumab", "anti-PD-1"),),
    "everolimus": (("everolimus", "other targeted agent"),),
    "nivolumab + ipilimumab": (("nivolumab", "anti-PD-1"), ("ipilimumab", "anti-CTLA-4")),
}


def miniature(
    cohort: str = "alpha",
    *,
    patients: int = 60,
    tumours: tuple[str, ...] = ("MEL",),
    regimens: tuple[str, ...] = ("nivolumab", "everolimus"),
    simulated: bool = False,
    immunotherapy: bool = True,
    measured: int | None = None,
    same_as: str | None = None,
    benefit: bool = False,
    categories: bool = True,
) -> Canonical:
    """Patient i has density i, lives 10 * (i + 1) days, dies when i is even, responds when i % 5 == 0.

    Only the first `measured` patients (default all) have a density; the phenotype follows the density in thirds.
    With `benefit` the source has its own flag beside, of patients with i % 7 < 4, which patient 3 lacks; without
    `categories` no response is recorded.
    """
    ids = [f"{cohort}-{i:03d}" for i in range(patients)]
    with_density = patients if measured is None else measured
    thirds = ("desert", "excluded", "inflamed")
    base = pd.DataFrame({"cohort": cohort, "patient": ids})
    course = base.assign(
        course=1,
        study=f"{cohort}-study",
        tumour=[tumours[i % len(tumours)] for i in range(patients)],
        regimen=[regimens[(i // len(tumours)) % len(regimens)] for i in range(patients)],
        line=[1 + i % 2 for i in range(patients)],
        prior_io=pd.array([pd.NA if i == 7 else i % 3 == 0 for i in range(patients)], dtype="boolean"),
        age=[40.0 + i % 40 for i in range(patients)],
        ecog=[i % 2 for i in range(patients)],
        response=["CR" if i % 10 == 0 else "PR" if i % 5 == 0 else "NE" if i == 1 else "PD" for i in range(patients)],
    )
    if benefit:
        course["benefit"] = [None if i == 3 else "benefit" if i % 7 < 4 else "no benefit" for i in range(patients)]
    if not categories:
        course = course.drop(columns="response")
    outcome = base.assign(
        course=1,
        endpoint="os",
        days=[10 * (i + 1) for i in range(patients)],
        event=[i % 2 == 0 for i in range(patients)],
    )
    sample = base.assign(
        sample=ids, timepoint="baseline", days=-10, sample_age="fresh", tissue="tumour", site="skin", lymph_node=False
    )
    values = base.head(with_density)
    density = values.assign(
        sample=values["patient"], measure="cd8_density_centre", number=[float(i) for i in values.index]
    )
    phenotype = values.assign(
        sample=values["patient"],
        measure="immune_phenotype",
        category=[thirds[min(2, i * 3 // patients)] for i in values.index],
    )
    measures = [
        {"measure": "cd8_density_centre", "kind": "number", "assay": "IHC", "unit": "cells/mm2", "comparable": False},
        {"measure": "immune_phenotype", "kind": "category", "assay": "IHC", "levels": "|".join(thirds)},
    ]
    used = [(name, REGIMENS[name]) for name in regimens]
    combos = {name: " + ".join(c for _, c in parts) for name, parts in used}
    frames = {
        "cohort": pd.DataFrame(
            [
                {
                    "cohort": cohort,
                    "title": cohort.title(),
                    "simulated": simulated,
                    "immunotherapy": immunotherapy,
                    "default_measure": "cd8_density_centre",
                }
            ]
        ),
        "study": pd.DataFrame(
            [
                {
                    "cohort": cohort,
                    "study": f"{cohort}-study",
                    "title": "Study",
                    "setting": "advanced",
                    "randomised": True,
                }
            ]
        ),
        "endpoint": pd.DataFrame([{"cohort": cohort, "endpoint": "os", "t0": "first dose", "event": "death"}]),
        "patient": base.assign(sex=["female" if i % 2 else "male" for i in range(patients)]),
        "course": course,
        "outcome": outcome,
        "regimen": pd.DataFrame(
            [{"regimen": n, "combination": combos[n], "immunotherapy": n != "everolimus"} for n, _ in used]
        ),
        "component": pd.DataFrame(
            [
                {"regimen": n, "component": drug, "class": cls, "role": "treatment"}
                for n, parts in used
                for drug, cls in parts
            ]
        ),
        "sample": sample,
        "measure": pd.DataFrame(measures).assign(cohort=cohort),
        "value": pd.concat([density, phenotype], ignore_index=True),
    }
    if same_as is not None:
        frames["overlap"] = pd.DataFrame([{"cohort": cohort, "patient": "", "preferred": same_as}])
    return Canonical.of(frames)


def published_store(folder: Path, *cohorts: Canonical) -> Store:
    """A store with these cohorts, opened."""
    publish(folder, list(cohorts) or [miniature()])
    return Store.open(folder)
