"""What is proposed for a column: a role, how sure that is, why, and what else it could be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

# What a column can be, with the words that the wizard shows. One row of [patients], [[endpoints]] or [[samples]] each.
ROLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "patient": "patient id",
        "sample": "sample id",
        "study": "study or trial",
        "arm": "arm",
        "sex": "sex",
        "age": "age [years]",
        "ecog": "ECOG performance status",
        "line": "line of treatment",
        "prior_io": "had immunotherapy before",
        "msi": "microsatellite status",
        "response": "best overall response",
        "benefit": "the source's own responder flag",
        "durable": "durable benefit",
        "shrinkage": "best change of target lesions [%]",
        "tumour": "tumour type",
        "regimen": "regimen",
        "time": "time of an endpoint",
        "status": "event or censored",
        "measure": "measured value",
        "timepoint": "timepoint of the sample",
        "tissue": "tumour or blood",
        "site": "site of the biopsy",
        "origin": "primary or metastasis",
        "sample_age": "age of the biopsy",
        "days": "day of the sample",
        "lesion": "lesion",
        "unit": "unit of the times",
        "date": "date",
        "ignored": "not read",
        "identifying": "says who the patient is: never read",
    }
)

# Roles that a file can have in several columns; of every other role the best column is taken.
SEVERAL: Final = frozenset({"time", "status", "measure", "date", "ignored", "identifying"})

# A guess below this is not proposed: the column is left out, and the guess stays as an alternative.
PROPOSED: Final = 0.4
# From here on the wizard does not ask for a confirmation of its own.
SURE: Final = 0.8


@dataclass(frozen=True, slots=True)
class Details:
    """What a role needs beside the column; each role uses what concerns it.

    Attributes
    ----------
    endpoint, unit
        Of a time: the endpoint's id, and days, weeks, months or years.
    event, censored
        Of a status: the values that mean event and censored.
    map
        Source value and canonical value, in pairs.
    codes
        'tcga' where a tumour type is a TCGA code.
    regimens
        Source value and the components of its regimen, in pairs.
    measure, factor
        Of a measured value: id of data/vocabulary/measures.toml, and what a cell is multiplied by.
    timepoint, tissue
        What a measure's column name says about its sample; empty where it says nothing.
    decimal, limits
        How the numbers are written.
    """

    endpoint: str = ""
    unit: str = ""
    event: tuple[str, ...] = ()
    censored: tuple[str, ...] = ()
    map: tuple[tuple[str, str], ...] = ()
    codes: str = ""
    regimens: tuple[tuple[str, tuple[str, ...]], ...] = ()
    measure: str = ""
    factor: float = 1.0
    timepoint: str = ""
    tissue: str = ""
    decimal: str = "."
    limits: bool = False


@dataclass(frozen=True, slots=True)
class Guess:
    """A role that a column could have: confidence from 0 to 1, and the reason in words."""

    role: str
    confidence: float
    why: str
    details: Details = Details()


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a column is taken for.

    `samples` are some of its values, none of an identifying column; `alternatives` are further guesses, the best first.
    `confirmed` is set where a person chose the role.
    """

    column: str
    role: str
    confidence: float
    why: str
    samples: tuple[str, ...] = ()
    details: Details = Details()
    alternatives: tuple[Guess, ...] = ()
    confirmed: bool = False

    @property
    def sure(self) -> bool:
        """Whether it may stand without a question of its own."""
        return self.confirmed or self.confidence >= SURE
