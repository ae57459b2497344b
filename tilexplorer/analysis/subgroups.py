"""The subgroups view: the effect of infiltration or of therapy in every subgroup that the store knows.

No row has a p-value; one interaction test for each variable says whether its rows differ by more than chance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, cast

import numpy as np
import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.analysis.benefit_instead import benefit_instead
from tilexplorer.analysis.concurrent import arm_labels, concurrent_studies, has_concurrent, within_studies
from tilexplorer.analysis.context import Context, describe
from tilexplorer.analysis.groups import Group, grouping, id_of
from tilexplorer.analysis.missing import Missing, cohorts_measuring, missing
from tilexplorer.analysis.power import Possible
from tilexplorer.analysis.predictive import Predictive, predictive
from tilexplorer.analysis.row_outcome import Rows, need_outcome, outcome_rows
from tilexplorer.analysis.subgroup_effect import EXPOSURE, Effect, Question, effect, interaction
from tilexplorer.analysis.synthesis_scale import Scale, scale_of
from tilexplorer.resolve import Resolved, resolve
from tilexplorer.scope import Scope
from tilexplorer.selection import BY, Selection
from tilexplorer.statistics import power
from tilexplorer.statistics.results import Test, no_test
from tilexplorer.store import Store

# The variables of the forest, in their order; age is cut at 65 years, as the trials of the field do.
VARIABLES: Final = (
    "cohort", "study", "tumour", "therapy", "regimen", "line", "prior_io", "age", "sex", "ecog", "site", "sample_age",
    "msi", "pdl1", "tmb", "level",
)  # fmt: skip
OLD: Final = 65
AGES: Final = (f"under {OLD} years", f"{OLD} years or older")
MOST_ROWS: Final = 24  # of one variable: the largest; the rest is counted
TREATMENTS: Final = ("therapy", "regimen")


@dataclass(frozen=True)
class Subgroup:
    """One row of the forest."""

    group: Group
    effect: Effect


@dataclass(frozen=True)
class Variable:
    """A variable: its rows, one interaction test, who is in none of its rows.

    Attributes
    ----------
    left_out : subgroups that do not enter the interaction test, with the reason.
    not_recorded : patients without the variable. hidden : rows beyond the largest MOST_ROWS.
    """

    key: str
    words: str
    rows: tuple[Subgroup, ...]
    interaction: Test
    left_out: tuple[str, ...]
    not_recorded: int
    hidden: int


@dataclass(frozen=True)
class Subgroups:
    """The subgroups view of a selection."""

    context: Context
    question: Question
    rule: str
    outcome_words: str
    overall: Effect
    variables: tuple[Variable, ...]
    power: tuple[Possible, ...]
    predictive: Predictive
    missing: tuple[Missing, ...]


def subgroups(store: Store, selection: Selection) -> Subgroups:
    """Compute the subgroups view: `selection.effect` of what, `outcome` on what."""
    resolved = resolve(store, selection)
    asked = _asked(resolved)
    scope = subgroup_scope(asked)
    context = describe(asked, scope, *_cautions(resolved, asked))
    rows, question, rule = _patients(asked, scope)
    overall = effect(rows, rows.frame, question)
    return Subgroups(
        context=replace(context, selection=resolved.selection),
        question=question,
        rule=rule,
        outcome_words=rows.words,
        overall=overall,
        variables=tuple(_variables(asked, rows, question)),
        power=tuple(_power(rows, question)),
        predictive=predictive(resolved),
        missing=tuple(_missing(resolved, context)),
    )


def _asked(resolved: Resolved) -> Resolved:
    """The selection that the question needs: a category has no doubling, and therapy needs concurrent arms."""
    selection = resolved.selection
    if selection.effect == "therapy":
        return within_studies(resolved, concurrent_studies(resolved))
    if selection.effect == "continuous" and resolved.kind == "category":
        return replace(resolved, selection=selection.only(effect="levels"))
    return resolved


def subgroup_scope(resolved: Resolved) -> Scope:
    """The patients of the subgroups view."""
    scope = Scope(resolved)
    if resolved.selection.effect != "therapy":
        scope.need_measure(level=resolved.selection.effect == "levels")
    need_outcome(scope)
    return scope


def _patients(resolved: Resolved, scope: Scope) -> tuple[Rows, Question, str]:
    """Rows with the exposure and every variable's value, the question, and the rule of the exposure in words."""
    selection = resolved.selection
    columns = {f"v_{key}": f"({scope.group(key)})" for key in VARIABLES if key != "age"}
    rows = outcome_rows(scope, {**columns, "age": "a.age", "value": "value"})
    frame = rows.frame
    outcome = cast('Literal["survival", "response"]', selection.outcome)
    if selection.effect == "continuous":
        scale: Scale = scale_of(resolved)
        exposure = scale.scores(frame) if len(frame) else pd.Series(dtype=float)
        question, rule = Question("continuous", outcome, unit=scale.words), scale.rule
    elif selection.effect == "levels":
        levels = _labelled(resolved, frame, "level")
        names = tuple(dict.fromkeys(label for _, label in levels[1]))
        exposure, rule = levels[0], resolved.rule.words
        reference, target = ends_of(names, exposure)
        question = Question("levels", outcome, levels=names, target=target, reference=reference)
    else:
        exposure, arms = arm_labels(resolved, frame["v_regimen"])
        question = Question("therapy", outcome, levels=arms, target=_last(arms), reference=_first(arms))
        rule = "therapy against the comparator without immunotherapy, within studies with concurrent arms"
    return replace(rows, frame=frame.assign(**{EXPOSURE: exposure})), question, rule


def _first(names: Sequence[str]) -> str:
    return names[0] if names else ""


def _last(names: Sequence[str]) -> str:
    return names[-1] if len(names) > 1 else ""


def ends_of(names: Sequence[str], labels: pd.Series) -> tuple[str, str]:
    """The coldest and the hottest level; where cohorts were cut by different rules, of the rule with most patients."""
    sizes = labels.value_counts()
    ends = [(scheme[0], scheme[-1]) for scheme in vocabulary.LEVELS.values()]
    there = [pair for pair in ends if set(pair) <= set(names)]
    if there:
        return max(there, key=lambda pair: int(sizes[list(pair)].sum()))
    return _first(names), _last(names)


def _labelled(resolved: Resolved, frame: pd.DataFrame, key: str) -> tuple[pd.Series, list[tuple[Group, str]]]:
    """Each patient's group label (None where not recorded), and the groups in their order."""
    if key == "age":
        age = pd.to_numeric(frame["age"]).to_numpy(dtype=float, na_value=np.nan)
        words = pd.Series(np.where(age < OLD, *AGES), index=frame.index, dtype=object)
        labels = words[~np.isnan(age)].reindex(frame.index)
        there = [name for name in AGES if (labels == name).any()]
        return labels, [(Group("age", name, name), name) for name in there]
    values = frame[f"v_{key}"].astype(object)
    known = values.notna()
    found = grouping(resolved, key, values[known], pd.Series(1, index=values[known].index))
    texts = values[known].map(lambda value: _label(found.groups, key, value))
    return texts.reindex(frame.index), [(group, group.label) for group in found.groups]


def _label(groups: Sequence[Group], key: str, value: object) -> str:
    wanted = id_of(key, value)
    return next(group.label for group in groups if group.id == wanted)


def _variables(resolved: Resolved, rows: Rows, question: Question) -> list[Variable]:
    found: list[Variable] = []
    partitions: set[tuple[tuple[int, ...], ...]] = set()
    for key in VARIABLES:
        if (key == "level" and question.kind != "therapy") or (key in TREATMENTS and question.kind == "therapy"):
            continue
        labels, groups = _labelled(resolved, rows.frame, key)
        if len(groups) < 2 or _seen(labels, partitions):
            continue
        found.append(_variable(resolved, replace(rows, frame=rows.frame.assign(sub=labels)), question, key, groups))
    return found


def _seen(labels: pd.Series, partitions: set[tuple[tuple[int, ...], ...]]) -> bool:
    """Whether an earlier variable makes the same subgroups under other names (a cohort of one study each)."""
    codes, _ = pd.factorize(labels)
    partition = (tuple(codes.tolist()),)
    if partition in partitions:
        return True
    partitions.add(partition)
    return False


def _variable(
    resolved: Resolved, rows: Rows, question: Question, key: str, groups: Sequence[tuple[Group, str]]
) -> Variable:
    frame = rows.frame
    sizes = frame["sub"].value_counts()
    largest = set(sizes.index[:MOST_ROWS])
    shown = [
        Subgroup(group, effect(rows, frame[frame["sub"] == label], question))
        for group, label in groups
        if label in largest
    ]
    test, left_out = _interaction(resolved, rows, question, key, [label for _, label in groups])
    words = "age" if key == "age" else BY[key]
    return Variable(
        key, words, tuple(shown), test, tuple(left_out), int(frame["sub"].isna().sum()), len(groups) - len(shown)
    )


def _interaction(
    resolved: Resolved, rows: Rows, question: Question, key: str, labels: Sequence[str]
) -> tuple[Test, list[str]]:
    if rows.why_not:
        return no_test("interaction", rows.why_not), []
    if key in TREATMENTS and not has_concurrent(resolved, rows.frame["study"]):
        reason = "treatments are compared only within one study with concurrent arms"
        return no_test("interaction", reason, n=len(rows.frame)), []
    return interaction(rows.frame.dropna(subset=["sub"]), question, "sub", labels)


def _power(rows: Rows, question: Question) -> list[Possible]:
    """The smallest overall effect that these patients could have shown."""
    frame = rows.frame
    if rows.why_not or frame.empty:
        return []
    if question.kind == "continuous":
        sd = float(frame[EXPOSURE].std(ddof=0))
        n = len(frame)
        made = (
            power.hazard_ratio_per_unit(sd, n, rows.events)
            if question.outcome == "survival"
            else power.odds_ratio_per_unit(sd, n, rows.events)
        )
        return [Possible(question.unit, "", made)] if math.isfinite(sd) else []
    target, base = (frame[frame[EXPOSURE] == name] for name in (question.target, question.reference))
    if question.outcome == "survival":
        events = int(target["event"].sum() + base["event"].sum())
        return [Possible(question.target, question.reference, power.hazard_ratio(len(target), len(base), events))]
    made = power.rate_difference(len(target), len(base), int(base["responder"].sum()))
    return [Possible(question.target, question.reference, made)]


def _cautions(resolved: Resolved, asked: Resolved) -> list[str]:
    if asked.selection.effect != "therapy":
        category = asked.selection.effect != resolved.selection.effect
        instead = f"{asked.measure_label} is a category: its levels are compared, since it has no number"
        return [instead if category else "", _mixed_arms(asked)]
    return [
        "the effect of therapy is asked only within studies that hold it beside a concurrent comparator without "
        "immunotherapy; filters on therapy and regimen are lifted for it"
    ]


def _mixed_arms(resolved: Resolved) -> str:
    """Where patients without immunotherapy are among those whose infiltration is asked about."""
    regimens = resolved.store.table("regimen")
    bare = set(regimens.loc[~regimens["immunotherapy"].astype(bool), "regimen"])
    used = resolved.selection.regimen or regimens["regimen"]
    if not concurrent_studies(resolved) or resolved.selection.therapy or not bare & set(used):
        return ""
    return "arms with and without immunotherapy are taken together here; choose a therapy class to look at one"


def _missing(resolved: Resolved, context: Context) -> list[Missing]:
    """What the question needs and the selection lacks."""
    store, selection = resolved.store, resolved.selection
    found = []
    if selection.effect == "therapy" and not concurrent_studies(resolved):
        studies = store.table("study")
        concurrent = list(studies.loc[studies["concurrent_arms"].fillna(False).astype(bool), "cohort"])
        words = "study with a concurrent arm without immunotherapy"
        found.append(missing(store, words, concurrent, effect="therapy", outcome=selection.outcome))
    elif context.empty and resolved.cohorts and not resolved.measure_of:
        holding = cohorts_measuring(store, [selection.measure])
        found.append(missing(store, resolved.measure_label, holding, measure=selection.measure))
    if selection.outcome == "response":
        found += benefit_instead(resolved)
    return found
