"""The words of the field: tumour types, therapies and their classes, responses, endpoints, measures, levels.

Each list is a small table in data/vocabulary, read once. Orders come from here, never from sorting: R, Python and
DuckDB would each sort "low, intermediate, high" in another way.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from tilexplorer.errors import InvalidMapping

# Part of every generation's id: raise it when a code, a class or an order changes. OncoTree of 2025-10-03.
VOCABULARY_VERSION: Final = 1

FOLDER: Final = Path(__file__).resolve().parent.parent / "data" / "vocabulary"

RESPONSES: Final = ("CR", "PR", "CRPR", "SD", "SDPD", "PD", "NE")
# The source's own responder flag, as a mapping has to call its values: yes, then no.
BENEFIT: Final = ("benefit", "no benefit")
SEXES: Final = ("female", "male")
SETTINGS: Final = ("neoadjuvant", "adjuvant", "advanced", "natural history")
TIMEPOINTS: Final = ("baseline", "on_treatment", "post_treatment", "unknown")
SAMPLE_AGES: Final = ("fresh", "under 1 year", "1 to 2 years", "over 2 years", "unknown")
TISSUES: Final = ("tumour", "blood")
MSI: Final = ("MSS", "MSI-H")
SCALES: Final = ("ratio", "fraction", "percent", "score", "count", "ordinal", "nominal")

# Level names from cold to hot, by the number of groups a rule makes.
LEVELS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "median": ("low", "high"),
        "tertile": ("low", "intermediate", "high"),
        "quartile": ("quartile 1", "quartile 2", "quartile 3", "quartile 4"),
        "presence": ("absent", "present"),
    }
)

ENDPOINTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "os": "overall survival",
        "pfs": "progression-free survival",
        "dfs": "disease-free survival",
        "efs": "event-free survival",
        "rfs": "recurrence-free survival",
        "dss": "disease-specific survival",
        "pfi": "progression-free interval",
        "dfi": "disease-free interval",
        "ttp": "time to progression",
        "dor": "duration of response",
        "irpfs": "immune-related progression-free survival",
    }
)

RESPONSE_RATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "orr": "objective response rate",
        "dcr": "disease control rate",
        "dcb": "durable clinical benefit",
        "benefit": "benefit as the source defines it",
        "cr": "complete response rate",
        "pd": "primary progression",
        "pcr": "pathological complete response",
        "mpr": "major pathological response",
    }
)

IMMUNOTHERAPY_CLASSES: Final = (
    "anti-PD-1",
    "anti-PD-L1",
    "anti-CTLA-4",
    "anti-LAG-3",
    "anti-TIGIT",
    "other checkpoint inhibitor",
    "costimulatory agonist",
    "cytokine",
    "oncolytic virus",
    "intratumoural or innate agonist",
    "vaccine",
    "T-cell engager",
    "TIL therapy",
    "TCR T-cell therapy",
    "CAR T-cell therapy",
)
OTHER_CLASSES: Final = (
    "VEGF pathway",
    "TGF-beta pathway",
    "other targeted agent",
    "antibody-drug conjugate",
    "chemotherapy",
    "radiation",
    "local ablation",
    "surgery",
    "microbiome",
    "none",
)
THERAPY_CLASSES: Final = IMMUNOTHERAPY_CLASSES + OTHER_CLASSES


@dataclass(frozen=True, slots=True)
class Therapy:
    """A drug or an intervention, its classes (two for a bispecific) and the role it plays in a regimen."""

    name: str
    classes: tuple[str, ...]
    role: str
    target: str


@dataclass(frozen=True, slots=True)
class Tumour:
    """A tumour type: OncoTree code, name, organ, and the TCGA code where there is one."""

    code: str
    name: str
    organ: str
    tcga: str


@dataclass(frozen=True, slots=True)
class Measure:
    """What can be measured on a sample, independent of the assay."""

    id: str
    label: str
    quantity: str
    compartment: str
    kind: str
    scale: str
    unit: str
    levels: tuple[str, ...]


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fold(text: str) -> str:
    """A name as it is compared: lower case, single blanks."""
    return " ".join(text.casefold().split())


@cache
def therapies() -> Mapping[str, Therapy]:
    """Every therapy by each of its names and aliases, folded."""
    found: dict[str, Therapy] = {}
    for row in _rows("therapies.csv"):
        therapy = Therapy(row["name"], tuple(row["class"].split(";")), row["role"], row["target"])
        for name in (row["name"], *filter(None, row["aliases"].split(";"))):
            found.setdefault(fold(name), therapy)
    return MappingProxyType(found)


def therapy(name: str) -> Therapy:
    """The therapy of this name or alias; InvalidMapping where the vocabulary has none."""
    try:
        return therapies()[fold(name)]
    except KeyError:
        raise InvalidMapping(
            f"no therapy is called '{name}': use a name or an alias from data/vocabulary/therapies.csv, or add it there"
        ) from None


def combination(components: Iterable[Therapy]) -> tuple[str, ...]:
    """The treatment classes of a set of components, each once, in the vocabulary's order."""
    present = {c for t in components if t.role == "treatment" for c in t.classes}
    return tuple(c for c in THERAPY_CLASSES if c in present)


def is_immunotherapy(classes: Iterable[str]) -> bool:
    """Whether any of the classes is an immunotherapy."""
    return any(c in IMMUNOTHERAPY_CLASSES for c in classes)


@cache
def tumours() -> Mapping[str, Tumour]:
    """Tumour types by OncoTree code, in the vocabulary's order."""
    rows = _rows("tumours.csv")
    return MappingProxyType({r["oncotree"]: Tumour(r["oncotree"], r["name"], r["organ"], r["tcga"]) for r in rows})


@cache
def tcga_codes() -> Mapping[str, str]:
    """OncoTree code by TCGA code; the two are not the same codes."""
    return MappingProxyType({t.tcga: t.code for t in tumours().values() if t.tcga})


@cache
def ensembl_genes() -> Mapping[str, str]:
    """HGNC symbol by Ensembl gene id, without version, of the genes of the signatures."""
    return MappingProxyType({row["ensembl"]: row["symbol"] for row in _rows("genes.csv")})


@cache
def measures() -> Mapping[str, Measure]:
    """Measures by id, in the vocabulary's order."""
    table = tomllib.loads((FOLDER / "measures.toml").read_text(encoding="utf-8"))["measures"]
    return MappingProxyType({name: _measure(name, row) for name, row in table.items()})


def _measure(name: str, row: Mapping[str, object]) -> Measure:
    levels = row.get("levels", ())
    assert isinstance(levels, Sequence)
    return Measure(
        name,
        str(row["label"]),
        str(row["quantity"]),
        str(row["compartment"]),
        str(row["kind"]),
        str(row["scale"]),
        str(row.get("unit", "")),
        tuple(str(level) for level in levels),
    )


@cache
def families() -> Mapping[str, tuple[str, ...]]:
    """Families of measures of one biology: their measures in order of preference."""
    table = tomllib.loads((FOLDER / "measures.toml").read_text(encoding="utf-8"))["families"]
    return MappingProxyType({name: tuple(members) for name, members in table.items()})
