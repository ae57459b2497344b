"""Endpoints of a study: every prefix P whose P_STATUS and P_MONTHS stand in one file.

The event is the digit before the colon of a status, never its label: an official export writes 'LIVING' and 'DECEASED'
for progression. OS and DFS without a digit are the older form, which cBioPortal still reads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from tilexplorer import vocabulary
from tilexplorer.importers.cbioportal.clinical import Clinical
from tilexplorer.importers.cbioportal.findings import Finding
from tilexplorer.importers.mapping import Endpoint

STATUS: Final = "_STATUS"
MONTHS: Final = "_MONTHS"

_DIGIT: Final = re.compile(r"([01]):.*")
# By prefix and folded label: whether the event happened.
_LEGACY: Final = MappingProxyType(
    {
        ("OS", "living"): False,
        ("OS", "deceased"): True,
        ("DFS", "diseasefree"): False,
        ("DFS", "recurred/progressed"): True,
        ("DFS", "recurred"): True,
        ("DFS", "progressed"): True,
    }
)


@dataclass(frozen=True, slots=True)
class Survival:
    """A pair of columns that is an endpoint.

    Attributes
    ----------
    prefix
        What the two columns share, e.g. 'PFS'.
    event, censored
        The statuses in the file that mean event and censored.
    unknown
        Statuses that say neither.
    described
        The descriptions of months and status: the only place where a study says what time zero is.
    """

    prefix: str
    event: tuple[str, ...]
    censored: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    described: str = ""

    @property
    def id(self) -> str:
        """The endpoint's id in the vocabulary; empty where it has none."""
        return self.prefix.lower() if self.prefix.lower() in vocabulary.ENDPOINTS else ""

    @property
    def status(self) -> str:
        """Name of the status column."""
        return self.prefix + STATUS

    @property
    def months(self) -> str:
        """Name of the column of times [months]."""
        return self.prefix + MONTHS

    def mapped(self) -> Endpoint | None:
        """As a mapping says it; None where the vocabulary has no such endpoint or no event happened."""
        if not self.id or not self.event:
            return None
        means = vocabulary.ENDPOINTS[self.id]
        return Endpoint(self.id, self.months, "months", self.status, self.event, self.censored, self.described, means)


def happened(prefix: str, status: str) -> bool | None:
    """Whether a status of an endpoint says that the event happened; None where it does not say."""
    if found := _DIGIT.fullmatch(status.strip()):
        return found[1] == "1"
    return _LEGACY.get((prefix, status.strip().casefold()))


def endpoints(clinical: Clinical) -> tuple[Survival, ...]:
    """The endpoints of a clinical file, in the order of their status columns."""
    names = list(clinical.frame.columns)
    prefixes = [name.removesuffix(STATUS) for name in names if name.endswith(STATUS)]
    return tuple(_survival(clinical, prefix) for prefix in prefixes if prefix and prefix + MONTHS in names)


def _survival(clinical: Clinical, prefix: str) -> Survival:
    values = [value for value in clinical.frame[prefix + STATUS].unique() if value]
    by_meaning = {
        meaning: tuple(v for v in values if happened(prefix, v) is meaning) for meaning in (True, False, None)
    }
    texts = {a.name: a.description for a in clinical.attributes}
    described = [texts.get(prefix + MONTHS, ""), texts.get(prefix + STATUS, "")]
    return Survival(
        prefix, by_meaning[True], by_meaning[False], by_meaning[None], "; ".join(dict.fromkeys(filter(None, described)))
    )


def findings(clinical: Clinical, place: str) -> tuple[Finding, ...]:
    """Statuses without a meaning, endpoints without a name, half pairs: PF_STATUS beside PFS_MONTHS is no endpoint."""
    names = list(clinical.frame.columns)
    found = [
        Finding(f"{place}, column '{survival.status}'", f"'{value}' has neither 0: nor 1: before its label")
        for survival in endpoints(clinical)
        for value in survival.unknown
    ]
    found += [
        Finding(
            f"{place}, column '{survival.status}'",
            f"is an endpoint with {survival.months}, but '{survival.prefix}' is none of the vocabulary's: "
            f"declare it as one of {', '.join(vocabulary.ENDPOINTS)} to read it",
        )
        for survival in endpoints(clinical)
        if not survival.id
    ]
    for ending, other in ((STATUS, MONTHS), (MONTHS, STATUS)):
        lonely = [n for n in names if n.endswith(ending) and n.removesuffix(ending) + other not in names]
        found += [
            Finding(f"{place}, column '{n}'", f"is no endpoint: there is no {n.removesuffix(ending)}{other}")
            for n in lonely
            # SMOKING_STATUS and the like are no half of anything.
            if ending == MONTHS or n.removesuffix(ending).lower() in vocabulary.ENDPOINTS
        ]
    return tuple(found)
