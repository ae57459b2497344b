"""The terms that a clinic knows: how each is read from the store, and how it enters a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.analysis.row_outcome import STRATUM, Rows
from tilexplorer.analysis_table import measure_column
from tilexplorer.resolve import PDL1_SCORES, Resolved, options, pdl1_values
from tilexplorer.scope import Scope
from tilexplorer.selection import BY
from tilexplorer.statistics.terms import Category, Number, Term, design_of

NONE: Final = "none"
RARE: Final = 10  # patients; biopsy sites below are taken together
OTHER_SITES: Final = "other sites"
RECORDED_FROM: Final = 0.7  # share of the patients, for a term that nobody asked for

# Every term with its words, in the order in which it enters the model.
TERMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "age": "age", "sex": BY["sex"], "ecog": BY["ecog"], "line": BY["line"], "prior_io": BY["prior_io"],
        "tmb": "TMB", "pdl1": BY["pdl1"], "msi": BY["msi"], "site": BY["site"], "sample_age": BY["sample_age"],
    }
)  # fmt: skip
DEFAULTS: Final = ("age", "sex", "ecog", "line", "prior_io", "tmb", "pdl1", "msi")
_ORDERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "sex": vocabulary.SEXES,
        "ecog": ("0", "1", "2 or more"),
        "line": ("1", "2", "3 or more"),
        "prior_io": ("no", "yes"),
        "msi": vocabulary.MSI,
        "sample_age": vocabulary.SAMPLE_AGES,
    }
)


@dataclass(frozen=True)
class TermState:
    """One term among the patients at hand.

    Attributes
    ----------
    recorded, missing : patients with measure and outcome who have it and who do not.
    chosen : whether it is in the model. reason : why it cannot be, or was not.
    """

    id: str
    words: str
    recorded: int
    missing: int
    chosen: bool
    reason: str


def columns(scope: Scope) -> dict[str, str]:
    """SQL of every term that the store has a column for."""
    found = {"age": "a.age"} | {key: scope.group(key) for key in TERMS if key not in ("age", "tmb")}
    if measure_column("tmb") in scope.resolved.store.columns:
        found["tmb"] = f"a.{measure_column('tmb')}"
    return {key: f"({sql})::VARCHAR" if key not in ("age", "tmb") else sql for key, sql in found.items()}


def states(resolved: Resolved, frame: pd.DataFrame) -> tuple[TermState, ...]:
    """What can be done with each term, and which are chosen: as asked for, else those that most patients have."""
    asked = tuple(term for term in resolved.selection.terms if term in TERMS)
    automatic = not asked and NONE not in resolved.selection.terms
    found = []
    for term, words in TERMS.items():
        known = int(frame[term].notna().sum()) if term in frame else 0
        reason = _why_not(resolved, term, frame)
        wanted = term in asked or (automatic and term in DEFAULTS)
        if wanted and automatic and not reason and known < RECORDED_FROM * len(frame):
            wanted, reason = False, f"recorded for {known} of {len(frame)} only"
        found.append(TermState(term, words, known, len(frame) - known, wanted and not reason, reason))
    return tuple(found)


def independent(resolved: Resolved, found: Sequence[TermState], rows: Rows) -> tuple[TermState, ...]:
    """Leave out a term that says nothing beyond those before it within cohort, study and tumour type."""
    frame = prepared(rows.frame)
    kept: list[str] = []
    made: list[TermState] = []
    for term in found:
        if term.chosen and not _adds(resolved, [*kept, term.id], frame):
            reason = "says nothing beyond the terms before it within cohort, study and tumour type"
            made.append(replace(term, chosen=False, reason=reason))
            continue
        if term.chosen:
            kept.append(term.id)
        made.append(term)
    return tuple(made)


def _adds(resolved: Resolved, terms: Sequence[str], frame: pd.DataFrame) -> bool:
    """Whether the design of the complete cases has full rank once every stratum has its own mean."""
    complete = frame.dropna(subset=list(terms)).reset_index(drop=True)
    if complete.empty:
        return False
    design = design_of(complete, model_terms(resolved, terms, complete))[0]
    centred = design - pd.DataFrame(design).groupby(complete[STRATUM].to_numpy()).transform("mean").to_numpy()
    spread = centred.std(axis=0)
    if not design.shape[1] or np.any(spread < 1e-9):
        return False
    rank = int(np.linalg.matrix_rank(centred / spread, tol=1e-7 * len(complete)))
    return rank == int(design.shape[1])


def _why_not(resolved: Resolved, term: str, frame: pd.DataFrame) -> str:
    if term not in frame or not frame[term].notna().any():
        return "not recorded in the chosen cohorts"
    if frame[term].nunique() < 2:
        return "the same in all patients"
    measures = set(resolved.measure_of.values())
    if (term == "tmb" and "tmb" in measures) or (term == "pdl1" and measures & set(PDL1_SCORES)):
        return "it is the measure itself"
    if term == "pdl1" and _pdl1_scores(resolved, frame) > 1:
        return "several PD-L1 scores, which are never pooled: choose one cohort"
    return ""


def _pdl1_scores(resolved: Resolved, frame: pd.DataFrame) -> int:
    """PD-L1 scores among the patients' values; of several, a patient has the first of `PDL1_SCORES`."""
    return len({score for score, values in pdl1_values(resolved.store).items() if frame["pdl1"].isin(values).any()})


def prepared(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns as the model takes them: TMB in doublings, age in decades, rare biopsy sites together."""
    made = frame.copy()
    if "tmb" in made:
        made["tmb"] = np.log2(made["tmb"].astype(float) + 1)
    sizes = made["site"].map(made["site"].value_counts())
    made.loc[(sizes < RARE).fillna(False).to_numpy(dtype=bool), "site"] = OTHER_SITES
    return made


def model_terms(resolved: Resolved, chosen: Sequence[str], frame: pd.DataFrame) -> list[Term]:
    """The chosen terms as columns of a design; the commonest site and else the first level is the reference."""
    return [_term(resolved, term, frame) for term in chosen]


def _term(resolved: Resolved, term: str, frame: pd.DataFrame) -> Term:
    if term == "age":
        return Number("age", 10.0)
    if term == "tmb":
        return Number("tmb")
    present = set(frame[term].dropna())
    if term == "site":
        return Category("site", tuple(str(name) for name in frame["site"].value_counts().index))
    order = options(resolved.store, "pdl1") if term == "pdl1" else _ORDERS[term]
    return Category(term, tuple(level for level in order if level in present))


def label(name: str) -> str:
    """A coefficient's name in words."""
    if name.startswith("age"):
        return "age, per 10 years"
    if name == "tmb":
        return "TMB, per doubling"
    term, _, level = name.partition(": ")
    return f"{TERMS.get(term, term)}: {level}" if level else TERMS.get(term, term)
