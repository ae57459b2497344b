"""A cohort leaves as a cBioPortal study and comes back by the reader of such studies: the same patients and values."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from tests.command import analyse, run
from tests.export.study_rules import table
from tests.export.whole import everything, ordered
from tests.miniature import miniature, published_store
from tilexplorer import catalog, importers
from tilexplorer.export import Extract, of_cohorts, write_studies
from tilexplorer.export.cbioportal.samples import measure_id
from tilexplorer.export.cbioportal.study import study_id
from tilexplorer.importers.regimens import JOINT
from tilexplorer.importers.toml_text import inline
from tilexplorer.schema import Canonical
from tilexplorer.store import Store

COURSE = {
    "study": "TRIAL",
    "arm": "ARM",
    "line": "LINE_OF_TREATMENT",
    "prior_io": "PRIOR_IMMUNOTHERAPY",
    "age": "AGE",
    "ecog": "ECOG",
    "msi": "MSI_STATUS",
    "response": "BEST_RESPONSE",
    "benefit": "SOURCE_BENEFIT",
    "durable": "DURABLE_BENEFIT",
    "shrinkage": "BEST_CHANGE",
}
SAMPLE = {
    "timepoint": "TIMEPOINT",
    "tissue": "TISSUE",
    "days": "SAMPLE_DAYS",
    "sample_age": "SAMPLE_AGE",
    "site": "BIOPSY_SITE",
    "lymph_node": "LYMPH_NODE",
    "lesion": "LESION",
    "lesion_treated": "LESION_TREATED",
}


def section(header: str, values: Mapping[str, object]) -> str:
    """A section of a mapping; keys without a value are left out."""
    return "\n".join([header, *(f"{name} = {inline(v)}" for name, v in values.items() if v is not None)]) + "\n"


def column(name: str, **more: object) -> dict[str, object]:
    """A rule that takes a column."""
    return {"column": name, **more}


def own(names: list[str], kind: str) -> str:
    """The column that holds the source's own ids."""
    return f"SOURCE_{kind}_ID" if f"SOURCE_{kind}_ID" in names else f"{kind}_ID"


def mapping(extract: Extract, cohort: str, patient: list[str], sample: list[str]) -> str:
    """A mapping of the study, written from its column names as a user would write it."""
    of = {name: rows[rows["cohort"] == cohort] for name, rows in extract.tables.frames.items() if "cohort" in rows}
    once = {"do": "first", "by": "PATIENT_ID", "sort": ["SAMPLE_ID"], "reason": "further sample"}
    joined = {"do": "join", "table": "tumours", "on": {"PATIENT_ID": "PATIENT_ID"}}
    people = {"do": "join", "table": "patient", "on": {"PATIENT_ID": "PATIENT_ID"}}
    patient_of_sample = own(patient, "PATIENT")
    parts = [
        section("[cohort]", {"id": cohort, "title": "again"}),
        *[
            section(f"[files.{k}]", {"name": f"data_clinical_{k}.txt", "format": "cbioportal"})
            for k in ("patient", "sample")
        ],
        section("[tables.tumours]", {"file": "sample", "steps": [once]}),
        section("[tables.people]", {"file": "patient", "steps": [joined]}),
        section("[tables.taken]", {"file": "sample", "steps": [people]}),
        *[section("[[studies]]", {"id": s, "title": s}) for s in of["study"]["study"]],
        section(
            "[patients]",
            {
                "table": "people",
                "id": column(own(patient, "PATIENT")),
                "tumour": column("tumours:ONCOTREE_CODE"),
                "regimen": column("REGIMEN", separator=JOINT),
                **({"sex": column("SEX", map={"Female": "female", "Male": "male"})} if "SEX" in patient else {}),
                **{field: column(name) for field, name in COURSE.items() if name in patient},
            },
        ),
    ]
    for name in patient:
        if name.endswith("_MONTHS"):
            prefix = name.removesuffix("_MONTHS")
            parts.append(_endpoint(prefix))
    parts += [
        section(f"[measures.{row.measure}]", {"levels": str(row.levels).split("|") if row.kind == "category" else None})
        for row in of["measure"].itertuples()
    ]
    block = {
        "table": "taken",
        "patient": column(f"patient:{patient_of_sample}" if patient_of_sample != "PATIENT_ID" else "PATIENT_ID"),
        "sample": column(own(sample, "SAMPLE")),
        **({"where": {"column": "PLACEHOLDER", "values": ["FALSE"]}} if "PLACEHOLDER" in sample else {}),
        **{field: column(name) for field, name in SAMPLE.items() if name in sample},
    }
    if "SAMPLE_TYPE" in sample:
        block["origin"] = column("SAMPLE_TYPE", map={"Primary": "primary", "Metastasis": "metastasis"})
    values = {
        str(row.measure): column(measure_id(str(row.measure)), **({"limits": True} if row.kind == "number" else {}))
        for row in of["measure"].itertuples()
    }
    return "\n".join([*parts, section("[[samples]]", block), section("[samples.values]", values)])


def _endpoint(prefix: str) -> str:
    from tilexplorer.export.cbioportal.patients import LABELS, OTHER_LABELS

    censored, event = LABELS.get(prefix.lower(), OTHER_LABELS)
    return section(
        "[[endpoints]]",
        {
            "id": prefix.lower(),
            "time": f"{prefix}_MONTHS",
            "unit": "months",
            "status": f"{prefix}_STATUS",
            "event": [f"1:{event}"],
            "censored": [f"0:{censored}"],
        },
    )


def again(extract: Extract, cohort: str, archive: Path, folder: Path) -> Canonical:
    """The cohort, read from its study by the reader of cBioPortal studies."""
    study = study_id(cohort, partial=False)
    paths = {kind: folder / f"data_clinical_{kind}.txt" for kind in ("patient", "sample")}
    with zipfile.ZipFile(archive) as opened:
        for path in paths.values():
            path.write_bytes(opened.read(f"{study}/{path.name}"))
    names = {kind: table(path.read_bytes())[1] for kind, path in paths.items()}
    (folder / "mapping.toml").write_text(mapping(extract, cohort, names["patient"], names["sample"]), encoding="utf-8")
    mapped = importers.read_mapping(folder / "mapping.toml")
    return importers.import_files(mapped, paths)


@pytest.mark.cohorts
def test_every_real_cohort_comes_back(real_store: Path, tmp_path: Path) -> None:
    names = [name for name in catalog.names() if name != "tcga"]  # large; test_cbioportal_study reads it row by row
    extract = of_cohorts(Store.open(real_store), names)
    archive = tmp_path / "studies.zip"
    write_studies(extract, archive)
    for cohort in names:
        made = again(extract, cohort, archive, tmp_path)
        for name in ("patient", "course", "outcome", "sample", "value"):
            expected = extract.tables[name]
            expected = ordered(expected[expected["cohort"] == cohort])
            pd.testing.assert_frame_equal(ordered(made[name]), expected, obj=f"{cohort}, {name}")


def test_an_exported_study_is_imported_from_its_archive(tmp_path: Path) -> None:
    store = published_store(tmp_path / "s", miniature("alpha", regimens=("nivolumab + ipilimumab",)))
    archive = tmp_path / "study.zip"
    write_studies(everything(store), archive)
    again(everything(store), "alpha", archive, tmp_path)  # leaves its mapping
    ran = run("import", archive, "--mapping", tmp_path / "mapping.toml", "--store", tmp_path / "again")
    assert ran.code == 0, ran.err
    for query in ("by=level", "by=sex"):
        one, other = (analyse(tmp_path / name, "survival", query) for name in ("s", "again"))
        assert one["n"] == other["n"] == 60
        assert [(g["n"], g["events"], g["median_days"]) for g in one["groups"]] == [
            (g["n"], g["events"], g["median_days"]) for g in other["groups"]
        ]
