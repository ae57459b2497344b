"""What is looked at: one frozen value that every view takes, and its form as a query string.

A selection holds ids only, never labels, and says nothing about how it is drawn on a page. An empty tuple is "no
filter". Reading a query never fails: what it does not know is reported and ignored, so an old link still opens.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from tilexplorer import vocabulary
from tilexplorer.errors import InvalidQuery
from tilexplorer.infiltration import parse_rule

LINK_VERSION: Final = "1"

# What a view may be stratified by, with the words for it.
BY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "level": "infiltration level",
        "tumour": "tumour type",
        "regimen": "regimen",
        "therapy": "therapy class",
        "cohort": "cohort",
        "study": "study",
        "line": "line of treatment",
        "prior_io": "prior immunotherapy",
        "ecog": "ECOG",
        "sex": "sex",
        "msi": "microsatellite status",
        "site": "biopsy site",
        "sample_age": "age of the biopsy",
        "pdl1": "PD-L1",
        "tmb": "TMB",
    }
)

# Filters over fields of the analysis table, with the words for each.
FILTERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "study": "study",
        "setting": "setting",
        "tumour": "tumour type",
        "regimen": "regimen",
        "therapy": "therapy class",
        "line": "line of treatment",
        "prior_io": "prior immunotherapy",
        "sample_age": "age of the biopsy",
        "site": "biopsy site",
        "sex": "sex",
        "ecog": "ECOG",
        "msi": "microsatellite status",
        "pdl1": "PD-L1",
        "tmb": "TMB",
    }
)

INTERVALS: Final = ("log-log", "log", "plain")
RATE_INTERVALS: Final = ("clopper-pearson", "wilson")
POPULATIONS: Final = ("all", "evaluable")
OUTCOMES: Final = ("survival", "response")
EFFECTS: Final = ("continuous", "levels", "therapy")
MOST_BY: Final = 2

_ONE_OF: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "response": tuple(vocabulary.RESPONSE_RATES),
        "population": POPULATIONS,
        "interval": INTERVALS,
        "rate_interval": RATE_INTERVALS,
        "outcome": OUTCOMES,
        "effect": EFFECTS,
    }
)
_FREE: Final = ("measure", "endpoint", "reference", "other", "cut_name", "patient")
NUMBERS: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        "age_min": (0.0, 120.0),
        "age_max": (0.0, 120.0),
        "tau": (1.0, 240.0),
        "like_age": (0.0, 120.0),
        "like_value": (-1e6, 1e6),
    }
)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which patients, which measure and rule, which outcome, and what to stratify by.

    Attributes
    ----------
    cohort ... tmb : ids to keep, empty for no filter. `therapy` holds classes: a regimen passes that contains one.
    age_min, age_max : years, inclusive; None for no bound.
    measure : a measure, a family, or "" for the cohorts' declared default.
    rule : a level rule, or "" for `recorded` for a category and `tertile` for a number.
    by : one or two of BY; with two, one panel for each value of the second.
    reference : the group that others are compared with, or "" for the first.
    tau : horizon of the restricted mean [months], or None for the default rule.
    outcome : which outcome a view that can take either looks at.
    effect : of what: infiltration as a number, between levels, or therapy.
    terms : covariates of the adjusted model. other : a second measure. cut_name : the name given to a chosen cut.
    patient : "<cohort>/<patient>" for a profile. like_age [years], like_value [unit of the measure] : of "patients
        like this one".
    """

    cohort: tuple[str, ...] = ()
    study: tuple[str, ...] = ()
    setting: tuple[str, ...] = ()
    tumour: tuple[str, ...] = ()
    regimen: tuple[str, ...] = ()
    therapy: tuple[str, ...] = ()
    line: tuple[str, ...] = ()
    prior_io: tuple[str, ...] = ()
    sample_age: tuple[str, ...] = ()
    site: tuple[str, ...] = ()
    sex: tuple[str, ...] = ()
    ecog: tuple[str, ...] = ()
    msi: tuple[str, ...] = ()
    pdl1: tuple[str, ...] = ()
    tmb: tuple[str, ...] = ()
    age_min: float | None = None
    age_max: float | None = None
    measure: str = ""
    rule: str = ""
    endpoint: str = "os"
    response: str = "orr"
    by: tuple[str, ...] = ("level",)
    population: str = "all"
    reference: str = ""
    interval: str = "log-log"
    rate_interval: str = "clopper-pearson"
    tau: float | None = None
    outcome: str = "survival"
    effect: str = "continuous"
    terms: tuple[str, ...] = ()
    other: str = ""
    cut_name: str = ""
    patient: str = ""
    like_age: float | None = None
    like_value: float | None = None

    def to_query(self, generation: str = "") -> str:
        """The query string with every key that differs from "no filter" and every choice explicit."""
        pairs: list[tuple[str, str]] = [("v", LINK_VERSION)]
        for field in fields(self):
            pairs += [(field.name, text) for text in _texts(getattr(self, field.name))]
        if generation:
            pairs.append(("generation", generation))
        return urlencode(pairs)

    def only(self, **changes: object) -> Selection:
        """This selection with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query string as read: the selection, what was not understood, and the generation the link was made on."""

    selection: Selection
    problems: tuple[str, ...] = ()
    generation: str = ""


def _texts(value: object) -> list[str]:
    if value is None or value == "":
        return []
    if isinstance(value, tuple):
        return [str(part) for part in value]
    return [f"{value:.12g}" if isinstance(value, float) else str(value)]


def parse_query(query: str) -> ParsedQuery:
    """Read a page's address or a bare query string; unknown keys and invalid values are reported and ignored."""
    text = urlsplit(query).query if "?" in query or "://" in query else query.lstrip("?")
    return from_parameters(parse_qs(text, keep_blank_values=False))


def from_parameters(parameters: Mapping[str, Iterable[str]]) -> ParsedQuery:
    """As `parse_query`, from keys with their values as a web server hands them over."""
    problems: list[str] = []
    values: dict[str, object] = {}
    generation = ""
    for key, raw in parameters.items():
        given = tuple(dict.fromkeys(raw))
        if key == "generation":
            generation = given[-1]
        elif key == "v":
            _check_version(given[-1], problems)
        else:
            _read(key, given, values, problems)
    _ages(values, problems)
    return ParsedQuery(Selection(**values), tuple(problems), generation)  # type: ignore[arg-type]


def _ages(values: dict[str, object], problems: list[str]) -> None:
    low, high = values.get("age_min"), values.get("age_max")
    if isinstance(low, float) and isinstance(high, float) and low > high:
        problems.append(f"age_min {low:g} is above age_max {high:g}: both are ignored")
        del values["age_min"], values["age_max"]


def _check_version(version: str, problems: list[str]) -> None:
    if version != LINK_VERSION:
        problems.append(f"the link is of version {version}, this is version {LINK_VERSION}: some of it may be ignored")


def _read(key: str, given: tuple[str, ...], values: dict[str, object], problems: list[str]) -> None:
    if key in ("cohort", "terms") or key in FILTERS:
        values[key] = given
    elif key == "by":
        values[key] = _by(given, problems)
    elif key == "rule":
        _rule(given[-1], values, problems)
    elif key in _ONE_OF:
        _one_of(key, given[-1], values, problems)
    elif key in NUMBERS:
        _number(key, given[-1], values, problems)
    elif key in _FREE:
        values[key] = given[-1]
    else:
        problems.append(f"'{key}' is not a key of a query and is ignored")


def _by(given: tuple[str, ...], problems: list[str]) -> tuple[str, ...]:
    known = tuple(value for value in given if value in BY)
    for value in set(given) - set(known):
        problems.append(f"by '{value}' is unknown and is ignored: use {', '.join(BY)}")
    if len(known) > MOST_BY:
        problems.append(f"a view is stratified by two fields at most: {', '.join(known[MOST_BY:])} ignored")
    return known[:MOST_BY] or ("level",)


def _rule(text: str, values: dict[str, object], problems: list[str]) -> None:
    try:
        parse_rule(text)
        values["rule"] = text
    except InvalidQuery as error:
        problems.append(f"{error}; ignored")


def _one_of(key: str, text: str, values: dict[str, object], problems: list[str]) -> None:
    if text in _ONE_OF[key]:
        values[key] = text
    else:
        problems.append(f"{key} '{text}' is unknown and is ignored: use {', '.join(_ONE_OF[key])}")


def _number(key: str, text: str, values: dict[str, object], problems: list[str]) -> None:
    low, high = NUMBERS[key]
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if low <= number <= high:
        values[key] = number
    else:
        problems.append(f"{key} '{text}' is not a number from {low:g} to {high:g} and is ignored")
