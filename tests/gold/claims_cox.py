"""Claims of the Cox models of a survival case, of their tests of proportional hazards, and of Firth's Cox."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tests.gold.harness import (
    BIG,
    EXACT,
    FITTED,
    FITTED_BIG,
    PENALISED,
    TIGHT,
    Case,
    Claim,
    Compared,
    NotCompared,
    leaves,
    number,
    numbers,
)
from tilexplorer.statistics import concordance, cox, firth_cox
from tilexplorer.statistics.proportional_hazards import ph_test
from tilexplorer.statistics.results import Test
from tilexplorer.statistics.small import SHOW_ALL
from tilexplorer.statistics.tables import EventTable

Floats = NDArray[np.float64]
Ties = Literal["efron", "breslow"]
TIES: tuple[Ties, ...] = ("efron", "breslow")
TRANSFORMS: tuple[Literal["km", "rank", "identity"], ...] = ("km", "rank", "identity")

STATUS = "status where R has no finite answer"
UNBELIEVABLE = 40.0  # a standard error of a log hazard ratio with which R reports a coefficient at infinity


@dataclass(frozen=True)
class Rows:
    """Counted rows with what the models are made of."""

    time: Floats
    events: Floats
    censored: Floats
    group: NDArray[np.str_]
    stratum: NDArray[np.str_]
    x: Floats | None

    @classmethod
    def of_case(cls, case: Case) -> Rows:
        """The rows of the input."""
        columns = case.input
        event = numbers(columns["event"])
        return cls(
            numbers(columns["time"]), event, 1 - event, np.array(columns["group"]), np.array(columns["stratum"]),
            numbers(columns["x"]),
        )  # fmt: skip

    @classmethod
    def of_table(cls, table: EventTable) -> Rows:
        """The rows of an aggregated table, which has no x."""
        return cls(
            table.time, table.events.astype(float), table.censored.astype(float),
            np.array(table.groups)[table.group], np.array(table.strata)[table.stratum], None,
        )  # fmt: skip

    def indicators(self, labels: NDArray[np.str_], prefix: str) -> dict[str, Floats]:
        """Indicators of all levels but the first, named as R does."""
        return {f"{prefix}{level}": (labels == level).astype(float) for level in sorted(set(labels))[1:]}

    def columns(self, model: str) -> tuple[dict[str, Floats], bool]:
        """Named covariates of a model, and whether it is stratified."""
        group = self.indicators(self.group, "group")
        stratum = self.indicators(self.stratum, "stratum")
        x = {"x": self.x} if self.x is not None else {}
        parts = {
            "group": (group, False),
            "x": (x, False),
            "group_x": (group | x, False),
            "group_x_strata": (group | x, True),
            "group_by_stratum": (group | stratum | _products(group, stratum), False),
            "x_by_group": (group | x | _products(group, x), False),
        }
        return parts[model]

    def fit(self, model: str, ties: Ties, main_effects_only: bool = False) -> cox.CoxFit:
        """A model fitted to these rows."""
        columns, stratified = self.columns(model)
        if main_effects_only:
            columns = {name: column for name, column in columns.items() if ":" not in name}
        design = cox.CoxDesign.make(
            self.time, self.events, self.censored, np.column_stack(list(columns.values())),
            stratum=self.stratum if stratified else None, names=list(columns),
        )  # fmt: skip
        return cox.fit(design, ties)


def _products(first: dict[str, Floats], second: dict[str, Floats]) -> dict[str, Floats]:
    """Interaction columns in R's order and names: the first factor varies fastest."""
    return {f"{a}:{b}": first[a] * second[b] for b in second for a in first}


def cox_claims(case: Case, table: EventTable, source: str) -> Iterator[Claim]:
    """The models that the source can give: without x from the aggregated table."""
    gold = case.gold("cox")
    if not gold:
        return
    rows = Rows.of_case(case) if source == "rows" else Rows.of_table(table)
    for ties in TIES:
        for model in gold[ties]:
            if not gold[ties][model] or (source != "rows" and model not in ("group", "group_by_stratum")):
                continue
            yield from _model(case, f"cox/{ties}/{model}", rows, model, ties, source)
        if source == "aggregated" and gold[ties].get("group"):
            yield from _levels(case, f"cox/{ties}/group", table.merge_strata(), ties)


def _tolerance(fit: cox.CoxFit) -> float:
    return FITTED_BIG if fit.n >= BIG else FITTED


def _troubled(gold: dict[str, Any]) -> bool:
    """Whether R's own answer is an error, has an aliased coefficient or one on its way to infinity."""
    if "error" in gold:
        return True
    errors = [number(str(each)) for each in gold["se"]]
    return "NA" in gold["coef"] or any(not 0 < each < UNBELIEVABLE for each in errors)


def _hidden(case: Case, key: str, shown: bool, source: str) -> Iterator[Claim]:
    """Every leaf below a key that ours must not show."""
    for leaf, _ in leaves(case.gold(key)):
        yield Compared(f"{key}/{leaf}", "shown" if shown else "not shown", "not shown", STATUS, EXACT, source)


def _model(case: Case, key: str, rows: Rows, model: str, ties: Ties, source: str) -> Iterator[Claim]:
    gold, found = case.gold(key), rows.fit(model, ties)
    if _troubled(gold):
        yield from _hidden(case, key, found.shown, source)
        return
    statistic, tolerance = f"Cox {model}, {ties}", _tolerance(found)
    ratios = [found.hazard_ratio(i, thresholds=SHOW_ALL) for i in range(len(found.names))]
    loglik = [found.loglik_null, found.loglik]
    # p of a likelihood ratio near 0 moves by several times the error of R's statistic
    of_lr = (tolerance, EXACT, tolerance if tolerance == FITTED else 10 * tolerance)
    for leaf, ours in (
        ("terms", list(found.names)),
        ("coef", found.coef),
        ("se", found.std_error),
        ("hr", [each.value for each in ratios]),
        ("hr_lower", [each.lower for each in ratios]),
        ("hr_upper", [each.upper for each in ratios]),
        ("z", found.coef / found.std_error),
        ("p", [each.p_value for each in ratios]),
        ("loglik", loglik),
        ("lr", _triple(found.lr)),
        ("wald", _triple(found.wald)),
        ("score", _triple(found.score)),
        ("n", found.n),
        ("nevent", found.events),
    ):
        allowed = of_lr if leaf == "lr" else tolerance
        yield Compared(f"{key}/{leaf}", ours, gold[leaf], statistic, allowed, source)
    if "interaction_lr" in gold:
        test = cox.likelihood_ratio(found, rows.fit(model, ties, main_effects_only=True))
        name = f"{key}/interaction_lr"
        yield Compared(name, _triple(test), gold["interaction_lr"], "Cox interaction", tolerance, source)
    yield from _concordance(case, key, rows, model, found, source)


def _triple(test: Test) -> list[float]:
    return [test.statistic, test.df, test.p_value]


def _concordance(case: Case, key: str, rows: Rows, model: str, found: cox.CoxFit, source: str) -> Iterator[Claim]:
    """Harrell's C of the linear predictor, within strata where the model has them."""
    columns, stratified = rows.columns(model)
    predictor = sum(column * b for column, b in zip(columns.values(), found.coef, strict=True))
    strata = rows.stratum if stratified else np.zeros(rows.time.size)
    # one row per patient and outcome; a counted row has two
    twice = [np.concatenate([each, each]) for each in (rows.time, predictor, strata)]
    event = np.repeat([1.0, 0.0], rows.time.size)
    count = np.concatenate([rows.events, rows.censored])
    c = concordance.harrell(twice[0], event, twice[1], stratum=twice[2], count=count).estimate
    gold, name = case.gold(key), "Harrell's C of a Cox model"
    rounded = _ordered_by_rounding(predictor)
    for leaf, ours in (("concordance", c.value), ("concordance_se", c.std_error)):
        if rounded:
            yield NotCompared(f"{key}/{leaf}", name, "equal predictors of a saturated model: R orders them by rounding")
        else:
            yield Compared(f"{key}/{leaf}", ours, gold[leaf], name, TIGHT, source)


def _ordered_by_rounding(predictor: NDArray[np.float64]) -> bool:
    """Whether two predictors differ in their last bits only; which is the larger one then changes with the machine."""
    gaps = np.diff(np.unique(predictor))
    return bool((gaps < concordance.LAST_BITS * np.abs(predictor).max()).any())


def _levels(case: Case, key: str, table: EventTable, ties: Ties) -> Iterator[Claim]:
    """The function that the pages call, from the aggregated table: the first level is R's reference."""
    gold = case.gold(key)
    found = cox.level_hazard_ratios(table, table.groups[0], ties, thresholds=SHOW_ALL)
    if _troubled(gold):
        unpenalised = any(each.shown and not found.firth for each in found.hazard_ratios.values())
        yield from _hidden(case, key, unpenalised, "levels")
        return
    tolerance = FITTED_BIG if found.n >= BIG else FITTED
    ratios = list(found.hazard_ratios.values())
    for leaf, ours in (
        ("hr", [each.value for each in ratios]),
        ("hr_lower", [each.lower for each in ratios]),
        ("hr_upper", [each.upper for each in ratios]),
        ("se", [each.std_error for each in ratios]),
        ("p", [each.p_value for each in ratios]),
        ("lr", _triple(found.lr)),
        ("wald", _triple(found.wald)),
        ("score", _triple(found.score)),
    ):
        yield Compared(f"{key}/{leaf}", ours, gold[leaf], "hazard ratios of levels", tolerance, "levels")


def zph_claims(case: Case) -> Iterator[Claim]:
    """Tests of proportional hazards of the model group + x."""
    gold = case.gold("cox_zph")
    if gold is None:
        return
    rows = Rows.of_case(case)
    columns, _ = rows.columns("group_x")
    found = rows.fit("group_x", "efron") if columns else None
    if "error" in gold or found is None or _troubled(case.gold("cox/efron/group_x") or {"error": ""}):
        yield from _hidden(case, "cox_zph", found is not None and found.shown, "rows")
        return
    levels = len(found.names) - 1
    terms: dict[str, Sequence[int]] = {"group": range(levels), "x": [levels]} if levels else {"x": [0]}
    for transform in TRANSFORMS:
        for layout, chosen in (("by_term", terms), ("by_column", None)):
            result = ph_test(found, transform, chosen)
            key = f"cox_zph/{transform}/{layout}"
            tests = [*result.tests, result.overall]
            for leaf, ours in (
                ("names", [*result.names, "GLOBAL"]),
                ("chisq", [each.statistic for each in tests]),
                ("df", [each.df for each in tests]),
                ("p", [each.p_value for each in tests]),
            ):
                yield Compared(f"{key}/{leaf}", ours, case.gold(key)[leaf], "proportional hazards", TIGHT)


def firth_claims(case: Case, table: EventTable, source: str) -> Iterator[Claim]:
    """Firth's Cox of two groups."""
    gold = case.gold("firth_cox")
    if not gold:
        return
    plain = table.merge_strata()
    design = cox.CoxDesign.of_levels(plain, plain.groups[0])
    for ties in TIES:
        found = firth_cox.fit(design, ties)
        if "error" in gold:
            yield from _hidden(case, "firth_cox", bool(np.isfinite(found.coef).all()), source)
            return
        for leaf, ours in (
            ("contrast", f"{plain.groups[1]} vs {plain.groups[0]}"),
            ("coef", found.coef[0]),
            ("se", found.std_error[0]),
            ("pl_lower", found.lower[0]),
            ("pl_upper", found.upper[0]),
            ("lr_chisq", found.lr.statistic),
            ("lr_p", found.p_value[0]),
            ("penalised_loglik", found.penalised_loglik),
        ):
            yield Compared(f"firth_cox/{ties}/{leaf}", ours, gold[ties][leaf], "Firth's Cox", PENALISED, source)
