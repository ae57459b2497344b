"""The patients that a resolved selection looks at, as SQL: one common table and the steps that keep its rows.

Values are bound, columns come from fixed lists; nothing that a user typed is formatted into SQL. The SQL is written
once, with `list_contains($name, column)`; `for_duckdb` turns that node into the form that DuckDB is fast at, and
another engine gets it transpiled.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.analysis_table import ORDERS, enum_type, measure_column, quoted
from tilexplorer.infiltration import RECORDED
from tilexplorer.resolve import PDL1_SCORES, Resolved, regimens_of
from tilexplorer.response_source import source_of
from tilexplorer.selection import FILTERS

NO_LEVEL: Final = "too few measured patients in study and tumour type for a level"

# Every level a numeric rule can make, cold to hot. SQL returns a place in this list, never a word to be sorted.
ALL_LEVELS: Final = (
    "absent",
    "low",
    "quartile 1",
    "quartile 2",
    "intermediate",
    "quartile 3",
    "quartile 4",
    "high",
    "present",
)


@dataclass(frozen=True, slots=True)
class Step:
    """One reason for leaving a patient out: the words, and the condition under which a patient is kept."""

    reason: str
    keep: str
    filter: str = ""


def for_duckdb(sql: str) -> str:
    """Render list membership over ENUM columns as `= ANY(...)`, several times faster than list_contains or IN."""

    def fast(match: re.Match[str]) -> str:
        name, column = match.groups()
        bare = column.removeprefix("a.")
        return f"{column} = ANY(${name}::{enum_type(bare)}[])" if bare in ORDERS else match.group(0)

    return re.sub(r"list_contains\(\$(\w+), ([\w.]+)\)", fast, sql)


def _text_of(key: str) -> str:
    """SQL for a filter's or a group's value as text, the same words as the option's."""
    if key == "line":
        return "CASE WHEN a.line >= 3 THEN '3 or more' ELSE a.line::VARCHAR END"
    if key == "ecog":
        return "CASE WHEN a.ecog >= 2 THEN '2 or more' ELSE a.ecog::VARCHAR END"
    if key == "prior_io":
        return "CASE a.prior_io WHEN true THEN 'yes' WHEN false THEN 'no' END"
    return f"a.{key}"


class Scope:
    """The patients that a resolved selection looks at, as SQL: a common table `scope` and the steps that keep rows."""

    def __init__(self, resolved: Resolved) -> None:
        self.resolved = resolved
        self.parameters: dict[str, object] = {"cohorts": list(resolved.cohorts)}
        self.steps: list[Step] = []
        self.response_column = "response"
        self._copies()
        self._filters()
        self._age()

    def _copies(self) -> None:
        overlap = self.resolved.store.table("overlap")
        chosen = overlap[
            overlap["cohort"].isin(self.resolved.cohorts) & overlap["preferred"].isin(self.resolved.cohorts)
        ]
        if len(chosen):
            kept = ", ".join(self.resolved.title(str(c)) for c in sorted(chosen["preferred"].unique()))
            self.steps.append(Step(f"same patients as {kept}", "NOT list_has_any(a.same_as, $cohorts::VARCHAR[])"))

    def _filters(self) -> None:
        selection = self.resolved.selection
        for key, words in FILTERS.items():
            wanted: tuple[str, ...] = getattr(selection, key)
            if not wanted:
                continue
            if key == "therapy":
                wanted = regimens_of(self.resolved.store, wanted)
            self.parameters[key] = list(wanted)
            value = "a.regimen" if key == "therapy" else self.group(key)
            if key not in ("study", "tumour", "regimen", "therapy", "setting"):
                self.steps.append(Step(f"{words} not recorded", f"{value} IS NOT NULL", words))
            self.steps.append(Step(f"other {words}", f"list_contains(${key}, {value})", words))

    def _age(self) -> None:
        selection = self.resolved.selection
        if selection.age_min is None and selection.age_max is None:
            return
        self.parameters["age_min"] = selection.age_min if selection.age_min is not None else 0.0
        self.parameters["age_max"] = selection.age_max if selection.age_max is not None else 1000.0
        self.steps.append(Step("age not recorded", "a.age IS NOT NULL", "age"))
        self.steps.append(Step("age outside the range", "a.age BETWEEN $age_min AND $age_max", "age"))

    # What a view needs beyond the filters -------------------------------------------------------------------------

    def need_measure(self, *, level: bool = True) -> None:
        """Keep patients with the measure at baseline, and with a level where one is drawn."""
        label = self.resolved.measure_label
        self.parameters["measured_cohorts"] = list(self.resolved.measure_of)
        self.steps.append(
            Step(f"{label} not measured in this cohort", "list_contains($measured_cohorts, a.cohort)", "measure")
        )
        self.steps.append(Step(f"no {label} at baseline", "value_known", "measure"))
        if level and self.resolved.rule.name != RECORDED:
            self.steps.append(Step(NO_LEVEL, "level IS NOT NULL"))

    def need_groups(self, by: Sequence[str]) -> None:
        """Keep patients whose groups are recorded."""
        for key in by:
            if key == "level":
                self.need_measure()
            elif key not in ("cohort", "study", "tumour", "regimen", "therapy"):
                self.steps.append(Step(f"{_words(key)} not recorded", f"{self.group(key)} IS NOT NULL"))

    def need_outcome(self, endpoint: str) -> None:
        """Keep patients with a time and a flag for the endpoint."""
        words = vocabulary.ENDPOINTS.get(endpoint, endpoint)
        known = f"a.{quoted(endpoint + '_days')} IS NOT NULL" if self.has_endpoint(endpoint) else "false"
        self.steps.append(Step(f"{words} not recorded", known, "endpoint"))

    def need_same_level(self, value: float) -> None:
        """Keep patients in the level that a value (in the measure's unit) would have in their own study and tumour."""
        self.parameters["like_value"] = value
        self.steps.append(Step("another level than the entered value", "level = like_level", "measure"))

    def need_age_near(self, age: float, years: float) -> None:
        """Keep patients whose age lies within so many years of the given one."""
        self.parameters |= {"like_youngest": age - years, "like_oldest": age + years}
        self.steps.append(Step("age not recorded", "a.age IS NOT NULL", "age"))
        within = "a.age BETWEEN $like_youngest AND $like_oldest"
        self.steps.append(Step(f"more than {years:g} years older or younger", within, "age"))

    def need_response(self, rate: str) -> None:
        """Keep studies that record what the rate is made of; in them, missing is not evaluable."""
        source = source_of(rate)
        self.response_column = source.column
        self.steps.append(Step(f"{source.words} not recorded in this cohort and study", "response_known", "response"))

    def need_evaluable(self, rate: str) -> None:
        """Keep patients in whom the rate could be judged."""
        self.steps.append(Step("response not evaluable", source_of(rate).judged, "population"))

    def need_recorded(self, sql: str, words: str) -> None:
        """Keep patients with a covariate; `sql` is of the library's own making."""
        self.steps.append(Step(f"{words} not recorded", f"{sql} IS NOT NULL", words))

    def has_endpoint(self, endpoint: str) -> bool:
        """Whether any cohort of the store has the endpoint."""
        return f"{endpoint}_days" in self.resolved.store.columns

    # SQL ------------------------------------------------------------------------------------------------------------

    def group(self, key: str) -> str:
        """SQL for a group's value: a level's place or name, an id, or the option's words."""
        if key == "level":
            return "level"
        if key == "therapy":
            return "a.combination"
        if key == "pdl1":
            return self._pdl1()
        if key == "tmb":
            return "tmb_level"
        return _text_of(key)

    def _pdl1(self) -> str:
        """PD-L1 with its score in the words: scores are never pooled."""
        columns = self.resolved.store.columns
        parts = [
            f"'{score}' || a.{quoted(measure_column(m))}::VARCHAR"
            for m, score in PDL1_SCORES.items()
            if measure_column(m) in columns
        ]
        return f"coalesce({', '.join(parts)})" if parts else "NULL::VARCHAR"

    def _value(self) -> str:
        """SQL for the measure's value, each cohort from its own column."""
        measures = sorted(set(self.resolved.measure_of.values()))
        held = [m for m in measures if measure_column(m) in self.resolved.store.columns]
        if not held:
            return "NULL::DOUBLE"
        if len(held) == 1:
            return f"a.{quoted(measure_column(held[0]))}"
        cases = []
        for i, measure in enumerate(held):
            self.parameters[f"holding{i}"] = [c for c, m in self.resolved.measure_of.items() if m == measure]
            cases.append(f"WHEN list_contains($holding{i}, a.cohort) THEN a.{quoted(measure_column(measure))}")
        return f"CASE {' '.join(cases)} END"

    def _level(self, value: str = "value") -> str:
        """SQL for the level of a value under the rule of the row's cohort, study and tumour type."""
        rule = self.resolved.rule
        if rule.name == RECORDED:
            return value
        if rule.fixed:
            places = [ALL_LEVELS.index(name) for name in rule.levels]
            for i, cut in enumerate(rule.fixed):
                self.parameters[f"cut{i}"] = cut
            whens = " ".join(f"WHEN {value} <= $cut{i} THEN {places[i]}" for i in range(len(rule.fixed)))
            return f"CASE WHEN {value} IS NULL THEN NULL {whens} ELSE {places[-1]} END"
        return _place_sql("r", value)

    def _with(self, select: str) -> str:
        """The common table `a`: rows of the cohorts with the measure's value and level, and what `select` uses."""
        columns = ["a.*", "value IS NOT NULL AS value_known", f"{self._level()} AS level"]
        joins = [self._level_join()]
        if "tmb_level" in select:
            columns.append(self._tmb_level())
            joins.append(_rules_join("t", "rule = 'median' AND measure = 'tmb'"))
        if "like_level" in select:
            columns.append(f"{self._level('$like_value::DOUBLE')} AS like_level")
        if "response_known" in select:
            columns.append("q.study IS NOT NULL AS response_known")
            joins.append(_recorded_join("q", self.response_column))
        # In two steps: DuckDB does not let one select list use an alias that holds a membership test.
        valued = f"SELECT a.*, {self._value()} AS value FROM analysis a WHERE list_contains($cohorts, a.cohort)"
        return f"WITH v AS ({valued}), a AS (SELECT {', '.join(columns)} FROM v a {' '.join(joins)})"

    def _level_join(self) -> str:
        if self.resolved.rule.name in (RECORDED, "cut"):
            return ""
        self.parameters["rule"] = self.resolved.rule.name
        self.parameters["pairs"] = [f"{c}/{m}" for c, m in self.resolved.measure_of.items()]
        return _rules_join("r", "rule = $rule AND list_contains($pairs, cohort || '/' || measure)")

    def _tmb_level(self) -> str:
        if measure_column("tmb") not in self.resolved.store.columns:
            return "NULL::VARCHAR AS tmb_level"
        return f"CASE {_place_sql('t', 'a.m_tmb')} WHEN 1 THEN 'low' WHEN 7 THEN 'high' END AS tmb_level"

    def where(self) -> str:
        """The condition that keeps a row through every step."""
        return " AND ".join(f"({step.keep})" for step in self.steps) or "true"

    def run(self, select: str) -> pd.DataFrame:
        """The rows of `select` over the common table."""
        sql = for_duckdb(f"{self._with(select)} {select}")
        used = {name: value for name, value in self.parameters.items() if re.search(rf"\${name}\b", sql)}
        return self.resolved.store.frame(sql, used)


def _recorded_join(name: str, column: str) -> str:
    """SQL that joins the studies in which a column is recorded for anybody."""
    return (
        f"LEFT JOIN (SELECT DISTINCT cohort, study FROM analysis WHERE {column} IS NOT NULL) {name}"
        f" ON {name}.cohort = a.cohort AND {name}.study = a.study"
    )


def _rules_join(name: str, condition: str) -> str:
    """SQL that joins the stored cuts of each row's cohort, study and tumour type."""
    return (
        f"LEFT JOIN (SELECT * FROM level_rule WHERE {condition}) {name}"
        f" ON {name}.cohort = a.cohort AND {name}.study = a.study AND {name}.tumour = a.tumour"
    )


def _place_sql(rule: str, value: str) -> str:
    """SQL for the place in ALL_LEVELS of a value under the stored cuts of the joined rule."""
    schemes = []
    for scheme, names in vocabulary.LEVELS.items():
        places = [ALL_LEVELS.index(name) for name in names]
        whens = " ".join(f"WHEN {value} <= {rule}.cut{i + 1} THEN {place}" for i, place in enumerate(places[:-1]))
        schemes.append(f"WHEN '{scheme}' THEN CASE WHEN {value} IS NULL THEN NULL {whens} ELSE {places[-1]} END")
    return f"CASE {rule}.scheme {' '.join(schemes)} END"


def _words(key: str) -> str:
    return FILTERS.get(key, key)
