"""The mapping language: what a TOML file may say about source files and how they become canonical tables.

docs/mapping.md describes it for people; the dataclasses here are the language itself. A field without a default is
required, and a key that is no field is an error.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from tilexplorer import vocabulary
from tilexplorer.importers.rule_names import RULES
from tilexplorer.importers.steps import Step
from tilexplorer.importers.strict import nearest

DAYS: Final[Mapping[str, float]] = MappingProxyType({"days": 1.0, "weeks": 7.0, "months": 30.4375, "years": 365.25})

COHORT_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]*")
COHORT_ID_WORDS: Final = "lower-case letters, digits, '.', '_' and '-'"
# Files of an export are named by it.
LONGEST_ID: Final = 100

DUPLICATES: Final = ("error", "identical outcome, keep first", "one row per sample")


def _one_of(word: str, words: object, what: str) -> None:
    if word not in words:  # type: ignore[operator]
        raise ValueError(f"'{word}' is no {what}; {nearest(word, words)}")


def _pattern(text: str) -> None:
    try:
        re.compile(text)
    except re.error as fault:
        raise ValueError(f"'{text}' is no regular expression ({fault})") from fault


@dataclass(frozen=True, slots=True)
class Cohort:
    """The cohort card."""

    id: str
    title: str
    citation: str = ""
    doi: str = ""
    licence: str = ""
    default_measure: str = ""
    population: str = ""
    notes: tuple[str, ...] = ()
    immunotherapy: bool = True
    minimum_patients: int = 10
    simulated: bool = False

    def __post_init__(self) -> None:
        if not COHORT_ID.fullmatch(self.id):
            raise ValueError(f"the cohort's id '{self.id}' may hold {COHORT_ID_WORDS} only")
        if len(self.id) > LONGEST_ID:
            raise ValueError(f"the cohort's id has {len(self.id):,} characters; it may have {LONGEST_ID}")


@dataclass(frozen=True, slots=True)
class File:
    """A source file: where it lies, how to know it, how to read it."""

    name: str
    format: str
    folder: str = ""
    repository: str = ""
    commit: str = ""
    path: str = ""
    url: str = ""
    bytes: int = 0
    sha256: str = ""
    encoding: str = "utf-8-sig"
    delimiter: str = ""
    quote: str = '"'
    comment: str = ""
    header: tuple[int, ...] = (1,)
    sheet: str = ""
    object: str = ""
    entities: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    part: str = ""
    missing: tuple[str, ...] = ("NA",)

    def __post_init__(self) -> None:
        if not self.header or min(self.header) < 1:
            raise ValueError("header is a list of row numbers from 1, e.g. [1] or [1, 2]")

    @property
    def label(self) -> str:
        """What messages call it: a row 5 is in every sheet of a workbook."""
        return f"{self.name}, sheet {self.sheet}" if self.sheet else self.name

    @property
    def address(self) -> str:
        """The public address: the given one, or the raw address of a pinned commit."""
        if self.url or not self.repository:
            return self.url
        return f"https://raw.githubusercontent.com/{self.repository}/{self.commit}/{self.path}"


@dataclass(frozen=True, slots=True)
class Table:
    """A table made from a file by steps, in their order."""

    file: str
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Pattern:
    """A value for every source value that a regular expression matches as a whole."""

    match: str
    value: str

    def __post_init__(self) -> None:
        _pattern(self.match)


@dataclass(frozen=True, slots=True)
class Rule:
    """How one canonical field is made: a constant, or a column with its map, unit factor and missing tokens."""

    value: str | None = None
    column: str = ""
    columns: tuple[str, ...] = ()
    map: Mapping[str, str] = field(default_factory=dict)
    patterns: tuple[Pattern, ...] = ()
    codes: str = ""
    fold_case: bool = False
    unmapped: str = "error"
    missing: tuple[str, ...] = ()
    empty: str = ""
    prefix: str = ""
    factor: float = 1.0
    decimal: str = "."
    limits: bool = False
    required: bool = False
    pseudonym: bool = False

    def __post_init__(self) -> None:
        given = sum((self.value is not None, bool(self.column), bool(self.columns)))
        if given != 1:
            raise ValueError("give exactly one of value = ..., column = ... and columns = [...]")
        if not math.isfinite(self.factor):
            raise ValueError(f"factor has to be a number, not {self.factor}")
        _one_of(self.codes, ("", "tcga"), "list of codes")
        _one_of(self.unmapped, ("error", "missing", "keep"), "answer to an unmapped value")

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns it reads, in order of preference."""
        return (self.column,) if self.column else self.columns


@dataclass(frozen=True, slots=True)
class Regimen:
    """Which components each patient received: the same for all, or by the value of a column.

    A separator reads cells that the map does not have as names of the vocabulary: '+' for 'nivolumab + ipilimumab'.
    """

    components: tuple[str, ...] = ()
    column: str = ""
    map: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    separator: str = ""
    fold_case: bool = False

    def __post_init__(self) -> None:
        if bool(self.components) == bool(self.column):
            raise ValueError('give either components = ["nivolumab", ...] or column = "..." with a map')
        for name in (*self.components, *(n for names in self.map.values() for n in names)):
            if vocabulary.fold(name) not in vocabulary.therapies():
                near = nearest(name, vocabulary.therapies())
                raise ValueError(f"no therapy is called '{name}'; {near} (data/vocabulary/therapies.csv)")


@dataclass(frozen=True, slots=True)
class Patients:
    """The patients and their courses: one row each."""

    table: str
    id: Rule
    tumour: Rule
    regimen: Regimen
    duplicates: str = "error"
    duplicates_reason: str = ""
    study: Rule | None = None
    arm: Rule | None = None
    sex: Rule | None = None
    line: Rule | None = None
    prior_io: Rule | None = None
    age: Rule | None = None
    ecog: Rule | None = None
    msi: Rule | None = None
    response: Rule | None = None
    benefit: Rule | None = None
    durable: Rule | None = None
    shrinkage: Rule | None = None

    def __post_init__(self) -> None:
        _one_of(self.duplicates, DUPLICATES, "policy for patients with several rows")


@dataclass(frozen=True, slots=True)
class Study:
    """A trial or series within the cohort."""

    id: str
    title: str
    registry: str = ""
    phase: str = ""
    setting: str = ""
    randomised: bool | None = None
    concurrent_arms: bool | None = None
    criteria: str = ""
    confirmed: bool | None = None
    durable_benefit: str = ""

    def __post_init__(self) -> None:
        if self.setting:
            _one_of(self.setting, vocabulary.SETTINGS, "setting")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A time-to-event endpoint: columns, unit, the value that means event, and its card."""

    id: str
    time: str
    unit: str
    status: str
    event: tuple[str, ...]
    censored: tuple[str, ...]
    t0: str = ""
    means: str = ""
    note: str = ""
    decimal: str = "."
    month: float = DAYS["months"]

    def __post_init__(self) -> None:
        _one_of(self.id, vocabulary.ENDPOINTS, "endpoint")
        _one_of(self.unit, DAYS, "unit of time")
        if self.month != DAYS["months"] and (self.unit != "months" or not 28 <= self.month <= 31):
            raise ValueError("month says how many days the source counts as a month, 28 to 31, where unit is months")
        both = set(self.event) & set(self.censored)
        if both:
            raise ValueError(f"the value '{min(both)}' cannot mean both event and censored")
        if not self.event:
            raise ValueError("event = [...] has to name the value that means that the event happened")

    @property
    def days_in_unit(self) -> float:
        """Days in one of the source's units."""
        return self.month if self.unit == "months" else DAYS[self.unit]


@dataclass(frozen=True, slots=True)
class Absent:
    """An endpoint that the source seems to hold but does not, with the reason."""

    id: str
    reason: str

    def __post_init__(self) -> None:
        _one_of(self.id, vocabulary.ENDPOINTS, "endpoint")


@dataclass(frozen=True, slots=True)
class Measure:
    """How this cohort measured something: assay, unit, categories."""

    assay: str = ""
    unit: str = ""
    levels: tuple[str, ...] = ()
    comparable: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Where:
    """Rows of a table by the values of a column."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Value(Rule):
    """How a measured value is read from a row of a sample table; where: only from the rows that it names."""

    where: Where | None = None


@dataclass(frozen=True, slots=True)
class Samples:
    """Samples from the rows of a table, and what was measured on them."""

    table: str
    patient: Rule
    sample: Rule
    timepoint: Rule
    tissue: Rule = field(default_factory=lambda: Rule(value="tumour"))
    where: Where | None = None
    unknown_patients: str = "error"
    unknown_reason: str = ""
    days: Rule | None = None
    sample_age: Rule | None = None
    site: Rule | None = None
    origin: Rule | None = None
    lymph_node: Rule | None = None
    lesion: Rule | None = None
    lesion_treated: Rule | None = None
    measured: Mapping[str, Value] = field(default_factory=dict, metadata={"key": "values"})

    def __post_init__(self) -> None:
        _one_of(self.unknown_patients, ("error", "exclude"), "answer to a sample of an unknown patient")


@dataclass(frozen=True, slots=True)
class SamePatients:
    """Another cohort that holds the same people and whose copy is preferred."""

    preferred: str
    patients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Accept:
    """Warnings of the validation report that are known to be true of the source, and why they may stand."""

    rule: str
    reason: str

    def __post_init__(self) -> None:
        _one_of(self.rule, RULES, "rule of the validation report")


@dataclass(frozen=True, slots=True)
class Mapped:
    """A whole mapping."""

    cohort: Cohort
    files: Mapping[str, File]
    patients: Patients
    tables: Mapping[str, Table] = field(default_factory=dict)
    studies: tuple[Study, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    absent: tuple[Absent, ...] = ()
    measures: Mapping[str, Measure] = field(default_factory=dict)
    samples: tuple[Samples, ...] = ()
    same_patients: tuple[SamePatients, ...] = ()
    accept: tuple[Accept, ...] = ()

    @property
    def pseudonymous(self) -> bool:
        """Whether ids of patients, samples or lesions are replaced by pseudonyms."""
        rules = [self.patients.id, *(rule for block in self.samples for rule in (block.patient, block.sample))]
        lesions = [block.lesion for block in self.samples if block.lesion is not None]
        return any(rule.pseudonym for rule in [*rules, *lesions])
