"""The recipe of the simulated cohorts: every number of data/simulated/recipe.toml as a typed, frozen value."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tilexplorer.errors import InvalidMapping
from tilexplorer.simulate.sections import (
    Arm,
    Biopsy,
    Cohort,
    Correlation,
    DelayedEffect,
    FollowUp,
    General,
    Missing,
    OnTreatment,
    Pdl1,
    PhenotypeModel,
    ResponseFactor,
    ResponseModel,
    Scales,
    Scans,
    Tumour,
)

FOLDER: Final = Path(__file__).resolve().parents[2] / "data" / "simulated"
RECIPE: Final = FOLDER / "recipe.toml"
PHENOTYPES: Final = ("desert", "excluded", "inflamed")

# Part of the truth's provenance: raise it when the meaning of the recipe changes in the code.
MODEL_VERSION: Final = 1


@dataclass(frozen=True, eq=False)
class Recipe:
    """Every number of the recipe, and the digest that tells one recipe from another."""

    digest: str
    general: General
    phenotype: PhenotypeModel
    correlation: Correlation
    tumours: tuple[Tumour, ...]
    arms: tuple[Arm, ...]
    response: ResponseModel
    scans: Scans
    delayed: DelayedEffect
    on_treatment: OnTreatment
    response_factor: ResponseFactor
    pdl1: tuple[Pdl1, ...]
    follow_up: FollowUp
    biopsy: Biopsy
    missing: Missing
    scales: Scales
    cohorts: tuple[Cohort, ...]
    age_sd: float

    @property
    def patients(self) -> int:
        """Number of patients as the recipe has them."""
        return sum(arm.n for arm in self.arms)

    @property
    def sites(self) -> tuple[str, ...]:
        """Every biopsy site: primaries, metastases, lymph node."""
        return (*dict.fromkeys(t.primary for t in self.tumours), *self.biopsy.metastasis, "lymph node")

    def sizes(self, patients: int | None = None) -> npt.NDArray[np.int64]:
        """Patients per arm, shape (arms,), adding up to `patients` exactly (largest remainders)."""
        wanted = self.patients if patients is None else patients
        exact = np.array([arm.n for arm in self.arms]) * (wanted / self.patients)
        sizes = np.floor(exact + 1e-9).astype(np.int64)
        order = np.argsort(sizes - exact, kind="stable")
        sizes[order[: wanted - int(sizes.sum())]] += 1
        return sizes


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}


def _tumour(name: str, table: Mapping[str, Any]) -> Tumour:
    row, people, logits = table["tumour"][name], table["people"][name], table["phenotype_logit"]
    missing, logit = table["missing"], logits.get(name, logits["default"])
    return Tumour(
        name=name,
        oncotree=row["oncotree"],
        msi=row.get("msi"),
        core=row["core"],
        shares=(row["desert"], row["excluded"], row["inflamed"]),
        logits=(logit["desert"], logit["excluded"], logit["inflamed"]),
        tmb=row["tmb"],
        tmb_sd=row["tmb_sd"],
        zero_core=missing["zero_core"].get(name, missing["zero_core"]["default"]),
        non_evaluable=missing["non_evaluable"].get(name, missing["non_evaluable"]["default"]),
        **people,
    )


def _missing(row: Mapping[str, Any]) -> Missing:
    """The scalar shares; the two that differ by tumour belong to the tumours."""
    return Missing(**{key: value for key, value in row.items() if key not in ("zero_core", "non_evaluable")})


def parse(text: str) -> Recipe:
    """Read a recipe; InvalidMapping where a key is missing, unknown or misspelt."""
    table = tomllib.loads(text)
    canonical = json.dumps({"model": MODEL_VERSION, "recipe": table}, sort_keys=True)
    try:
        return _recipe(table, hashlib.sha256(canonical.encode()).hexdigest())
    except (KeyError, TypeError) as error:
        raise InvalidMapping(f"the simulation recipe cannot be read: {error}. Compare it with {RECIPE.name}") from error


def _recipe(table: Mapping[str, Any], digest: str) -> Recipe:
    return Recipe(
        digest=digest,
        general=General(**table["simulate"]),
        phenotype=PhenotypeModel(**table["phenotype"]),
        correlation=Correlation(**table["correlation"]),
        tumours=tuple(_tumour(name, table) for name in table["tumour"]),
        arms=tuple(Arm(**_tuples(row)) for row in table["arms"]["list"]),
        response=ResponseModel(**table["response"]),
        scans=Scans(**table["scans"]),
        delayed=DelayedEffect(**table["delayed_effect"]),
        on_treatment=OnTreatment(**table["on_treatment"]),
        response_factor=ResponseFactor(**table["response_factor"]),
        pdl1=tuple(Pdl1(**_tuples(row)) for row in table["pdl1"].values()),
        follow_up=FollowUp(**table["follow_up"]),
        biopsy=Biopsy(**_tuples(table["biopsy"])),
        missing=_missing(table["missing"]),
        scales=Scales(**table["values"]),
        cohorts=tuple(Cohort(id=name, **row) for name, row in table["cohort"].items()),
        age_sd=table["people"]["age_sd"],
    )


@cache
def load(path: Path = RECIPE) -> Recipe:
    """The recipe in this file; the committed one by default."""
    return parse(path.read_text(encoding="utf-8"))
