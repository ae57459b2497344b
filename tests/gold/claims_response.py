"""Claims of the kinds about response: two rates, strata, trends, and Firth's logistic regression."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.gold.harness import FITTED, LOOSE, PENALISED, TIGHT, Case, Claim, Compared, NotCompared, number, numbers
from tilexplorer.statistics.fisher_exact import fisher_exact
from tilexplorer.statistics.logistic import LogisticFit, likelihood_ratio, logistic_regression
from tilexplorer.statistics.proportions import Interval, difference_limits, rate_limits, risk_ratio
from tilexplorer.statistics.results import Estimate
from tilexplorer.statistics.small import SHOW_ALL
from tilexplorer.statistics.stratified import mantel_haenszel
from tilexplorer.statistics.tables2x2 import chi_square, expected_counts, fisher, odds_ratio
from tilexplorer.statistics.trend import cochran_armitage

INTERVALS: dict[str, Interval] = {
    "clopper_pearson": "clopper-pearson",
    "wilson": "wilson",
    "wilson_cc": "wilson-cc",
    "jeffreys": "jeffreys",
    "agresti_coull": "agresti-coull",
}
EMPTY = "a column of the table is empty: no association can be estimated or tested, and the status says so"
ZERO = "a cell is zero: no log-normal interval, and the status says so"
UNIROOT = "R's fisher.test stops its root search at 1e-4: fisher_tight is compared instead"


def _expanded(x1: int, n1: int, x2: int, n2: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Outcome and group indicator of the patients of a table."""
    outcome = np.repeat([1.0, 0.0, 1.0, 0.0], [x1, n1 - x1, x2, n2 - x2])
    return outcome, np.repeat([1.0, 0.0], [n1, n2])


def binary(case: Case) -> Iterator[Claim]:
    """Every leaf of every table."""
    for index, row in enumerate(case.answers["rows"]):
        yield from _table(f"rows/{index}", row, [int(case.input[name][index]) for name in ("x1", "n1", "x2", "n2")])


def _table(key: str, gold: dict[str, Any], counts: list[int]) -> Iterator[Claim]:
    x1, n1, x2, n2 = counts
    for name, value in zip(("x1", "n1", "x2", "n2"), counts, strict=True):
        yield Compared(f"{key}/{name}", value, gold[name], "counts", 0.0)
    for name, interval in INTERVALS.items():
        yield Compared(f"{key}/{name}", rate_limits(x1, n1, interval), gold[name], f"rate, {interval}")
    yield from _differences(key, gold, x1, n1, x2, n2)
    a, b, c, d = x1, n1 - x1, x2, n2 - x2
    if 0 in (a + c, b + d):
        yield from _nothing_to_associate(key, a, b, c, d)
        return
    yield from _tests(key, gold, a, b, c, d)
    yield from _odds_ratios(key, gold, a, b, c, d)
    yield from _ratio(f"{key}/rr_katz", "rr", gold, risk_ratio(x1, n1, x2, n2, thresholds=SHOW_ALL), "risk ratio, Katz")
    outcome, group = _expanded(x1, n1, x2, n2)
    model = logistic_regression(outcome, group[:, None], ["group"], firth=True, guard=False)
    for leaf, ours in (("coef", model.coef[1]), ("se", model.std_error[1])):
        yield Compared(f"{key}/firth_logit/{leaf}", ours, gold["firth_logit"][leaf], "Firth logistic", PENALISED)


def _differences(key: str, gold: dict[str, Any], x1: int, n1: int, x2: int, n2: int) -> Iterator[Claim]:
    yield Compared(f"{key}/diff", x1 / n1 - x2 / n2, gold["diff"], "rate difference")
    newcombe = difference_limits(x1, n1, x2, n2, "newcombe")
    for leaf in ("newcombe", "newcombe_Epi_ci.pd"):
        yield Compared(f"{key}/{leaf}", newcombe, gold[leaf], "rate difference, newcombe")
    wald = difference_limits(x1, n1, x2, n2, "wald")
    yield Compared(f"{key}/wald_diff", wald, gold["wald_diff"], "rate difference, wald")
    score = difference_limits(x1, n1, x2, n2, "miettinen-nurminen")
    name = "rate difference, miettinen-nurminen"
    yield Compared(f"{key}/miettinen_nurminen", score, gold["miettinen_nurminen"], name, FITTED)
    mee = difference_limits(x1, n1, x2, n2, "mee")
    yield Compared(f"{key}/mee_score", mee, gold["mee_score"], "rate difference, mee", FITTED)


def _nothing_to_associate(key: str, a: int, b: int, c: int, d: int) -> Iterator[Claim]:
    """Our results must have no number here; R's 0, 1 or infinity are not compared."""
    assert not fisher(a, b, c, d).shown
    assert not chi_square([[a, b], [c, d]]).shown
    assert not any(odds_ratio(a, b, c, d, method).shown for method in ("woolf", "haldane", "conditional", "mid-p"))
    for leaf in ("fisher", "fisher_tight", "chisq", "chisq_yates", "or_midp", "or_woolf", "or_haldane", "rr_katz"):
        yield NotCompared(f"{key}/{leaf}", "empty margin", EMPTY)
    yield NotCompared(f"{key}/firth_logit", "empty margin", EMPTY)


def _tests(key: str, gold: dict[str, Any], a: int, b: int, c: int, d: int) -> Iterator[Claim]:
    yield Compared(f"{key}/fisher/p", fisher(a, b, c, d).p_value, gold["fisher"]["p"], "Fisher p")
    table = [[a, b], [c, d]]
    plain, corrected = chi_square(table), chi_square(table, yates=True)
    smallest = float(expected_counts(table).min())
    yield Compared(f"{key}/chisq/chisq", plain.statistic, gold["chisq"]["chisq"], "chi-square")
    yield Compared(f"{key}/chisq/p", plain.p_value, gold["chisq"]["p"], "chi-square")
    yield Compared(f"{key}/chisq/min_expected", smallest, gold["chisq"]["min_expected"], "chi-square")
    yield Compared(f"{key}/chisq_yates/chisq", corrected.statistic, gold["chisq_yates"]["chisq"], "chi-square, Yates")
    yield Compared(f"{key}/chisq_yates/p", corrected.p_value, gold["chisq_yates"]["p"], "chi-square, Yates")


def _odds_ratios(key: str, gold: dict[str, Any], a: int, b: int, c: int, d: int) -> Iterator[Claim]:
    exact, mid_p = odds_ratio(a, b, c, d, "conditional"), odds_ratio(a, b, c, d, "mid-p")
    for leaf, ours in (("est", exact.value), ("lower", exact.lower), ("upper", exact.upper)):
        yield Compared(f"{key}/fisher_tight/{leaf}", ours, gold["fisher_tight"][leaf], "OR, conditional exact", FITTED)
    for leaf in ("cond_mle_or", "lower", "upper"):
        yield NotCompared(f"{key}/fisher/{leaf}", "OR, conditional exact", UNIROOT)
    for leaf, ours in (("lower", mid_p.lower), ("upper", mid_p.upper), ("p", mid_p.p_value)):
        yield Compared(f"{key}/or_midp/{leaf}", ours, gold["or_midp"][leaf], "OR, mid-p", FITTED)
    yield from _ratio(f"{key}/or_woolf", "or", gold, odds_ratio(a, b, c, d, "woolf"), "OR, Woolf")
    yield from _ratio(f"{key}/or_haldane", "or", gold, odds_ratio(a, b, c, d, "haldane"), "OR, Haldane")


def _ratio(key: str, value: str, gold: dict[str, Any], ours: Estimate, name: str) -> Iterator[Claim]:
    """A ratio with log-normal limits; where a cell is zero ours must have no number."""
    answers = gold[key.rsplit("/", 1)[1]]
    if not ours.shown:
        assert not all(math.isfinite(number(str(answers[leaf]))) for leaf in (value, "lower", "upper"))
        yield NotCompared(key, name, ZERO)
        return
    for leaf, mine in ((value, ours.value), ("lower", ours.lower), ("upper", ours.upper)):
        yield Compared(f"{key}/{leaf}", mine, answers[leaf], name)


def stratified(case: Case) -> Iterator[Claim]:
    """Every leaf of a stratified comparison."""
    arms, strata = case.gold("arms"), case.gold("strata")
    yield Compared("arms", sorted(set(case.input["arm"])), arms, "labels", 0.0)
    yield Compared("strata", sorted(set(case.input["stratum"])), strata, "labels", 0.0)
    tables = np.zeros((len(strata), 2, 2))
    columns = (case.input[name] for name in ("stratum", "arm", "resp", "n"))
    for stratum, arm, responders, n in zip(*columns, strict=True):
        tables[strata.index(stratum), arms.index(arm)] = int(responders), int(n) - int(responders)
    found = mantel_haenszel(tables)
    for leaf, test in (("cmh", found.cmh), ("cmh_cc", found.cmh_corrected)):
        ours = {"chisq": test.statistic, "df": test.df, "p": test.p_value, **_limits(found.odds_ratio, "or")}
        yield from _all(case, leaf, ours, "Mantel-Haenszel")
    yield Compared("exact/p", found.exact.p_value, case.gold("exact/p"), "Mantel-Haenszel exact p")
    yield from _all(case, "exact", _limits(found.exact, "or"), "Mantel-Haenszel exact OR (R: uniroot 1e-4)", LOOSE)
    first, second = found.breslow_day, found.tarone
    homogeneity = {"BD": first.statistic, "BD_p": first.p_value, "df": first.df}
    homogeneity |= {"tarone": second.statistic, "tarone_p": second.p_value}
    yield from _all(case, "breslow_day", homogeneity, "Breslow-Day, Tarone")
    difference = {"se": found.risk_difference.std_error, **_limits(found.risk_difference, "rd")}
    yield from _all(case, "mh_rd", difference, "Mantel-Haenszel risk difference, Sato")
    yield from _logit_strata(case, tables, bool(found.dropped))


def _limits(estimate: Estimate, name: str) -> dict[str, float]:
    return {name: estimate.value, "lower": estimate.lower, "upper": estimate.upper}


def _all(case: Case, key: str, ours: dict[str, float], name: str, tolerance: float = TIGHT) -> Iterator[Claim]:
    for leaf, value in ours.items():
        yield Compared(f"{key}/{leaf}", value, case.gold(f"{key}/{leaf}"), name, tolerance)


def _logit_strata(case: Case, tables: NDArray[np.float64], sparse: bool) -> Iterator[Claim]:
    key, name = "logit_interaction_lr", "logistic, arm by stratum"
    informative = [table for table in tables if table[:, 0].sum() > 0 and table[:, 1].sum() > 0]
    outcome, second, stratum = _rows_of(np.array(informative))
    indicators = (stratum[:, None] == np.arange(1, len(informative))).astype(float)
    additive = np.column_stack([second, indicators])
    labels = ["arm", *(f"s{i}" for i in range(1, len(informative)))]
    main = logistic_regression(outcome, additive, labels, guard=False)
    yield Compared(f"{key}/adj_logor", main.coef[1], case.gold(f"{key}/adj_logor"), name, FITTED)
    yield Compared(f"{key}/adj_se", main.std_error[1], case.gold(f"{key}/adj_se"), name, FITTED)
    products = np.column_stack([additive, indicators * second[:, None]])
    full = logistic_regression(outcome, products, [*labels, *(f"arm x {each}" for each in labels[1:])], guard=False)
    test = likelihood_ratio(full, main)
    if sparse:
        assert not test.shown
        why = "R counts a coefficient that ran to infinity; ours is not estimable (separated), and the status says so"
        for leaf in ("chisq", "df", "p"):
            yield NotCompared(f"{key}/{leaf}", name, why)
        return
    for leaf, ours in (("chisq", test.statistic), ("df", test.df), ("p", test.p_value)):
        yield Compared(f"{key}/{leaf}", ours, case.gold(f"{key}/{leaf}"), name, FITTED)


def _rows_of(tables: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Outcome, indicator of the second arm, and stratum of every patient."""
    cells = [(1 - column, arm, s) for s in range(len(tables)) for arm in (0, 1) for column in (0, 1)]
    counts = tables.reshape(-1).astype(int)
    return tuple(np.repeat(np.array(values, dtype=float), counts) for values in zip(*cells, strict=True))


def trend(case: Case) -> Iterator[Claim]:
    """Every leaf of a trend over levels."""
    score, responders, n = (numbers(case.input[name]) for name in ("score", "resp", "n"))
    found = cochran_armitage(responders, n, score)
    z, total = found.test.statistic, float(n.sum())
    yield from _all(case, "cochran_armitage", {"chisq": z * z, "z": z, "p": found.test.p_value}, "Cochran-Armitage")
    table = np.column_stack([responders, n - responders])
    whole = chi_square(table)
    ours = {"chisq": whole.statistic, "df": whole.df, "p": whole.p_value}
    ours["min_expected"] = float(expected_counts(table).min())
    yield from _all(case, "chisq_k", ours, "chi-square, K groups")
    rest = found.departure
    ours = {"chisq": rest.statistic, "df": rest.df, "p": rest.p_value}
    yield from _all(case, "departure_from_trend", ours, "departure from trend")
    exact = fisher_exact(table.astype(int)).p_value
    yield Compared("fisher_k/p", exact, case.gold("fisher_k/p"), "Fisher, K groups")
    mantel = "the N - 1 variance: the specification takes the binomial one"
    gold = case.gold("linear_by_linear_mantel/chisq")
    yield Compared("linear_by_linear_mantel/chisq", z * z * (total - 1) / total, gold, "Mantel trend from ours")
    yield NotCompared("linear_by_linear_mantel/p", "Mantel trend from ours", mantel)
    yield from _logit_trend(case, score, responders, n)


def _logit_trend(
    case: Case, score: NDArray[np.float64], responders: NDArray[np.float64], n: NDArray[np.float64]
) -> Iterator[Claim]:
    yes, no = responders.astype(int), (n - responders).astype(int)
    outcome = np.repeat([1.0, 0.0], [yes.sum(), no.sum()])
    x = np.concatenate([np.repeat(score, yes), np.repeat(score, no)])
    model = logistic_regression(outcome, x[:, None], ["score"], guard=False)
    if model.firth:
        why = "separated: R's coefficient ran towards infinity, ours is Firth's, and the method says so"
        assert case.gold("logit_trend/se") > 1000
        yield NotCompared("logit_trend", "logistic trend", why)
        return
    ours = {"coef": model.coef[1], "se": model.std_error[1], "lr": model.lr.statistic, "p": model.lr.p_value}
    yield from _all(case, "logit_trend", ours, "logistic trend", FITTED)


def firth(case: Case) -> Iterator[Claim]:
    """Every leaf of Firth's logistic regression."""
    covariates = np.column_stack([numbers(case.input[name]) for name in ("a", "b")])
    model: LogisticFit = logistic_regression(numbers(case.input["y"]), covariates, ["a", "b"], guard=False)
    assert model.firth
    yield Compared("terms", model.names, case.gold("terms"), "Firth logistic, several terms", 0.0)
    leaves: dict[str, Any] = {
        "coef": model.coef,
        "se": model.std_error,
        "pl_lower": model.lower,
        "pl_upper": model.upper,
    }
    leaves |= {"plr_p": model.p_value, "penalised_loglik": model.loglik}
    for leaf, ours in leaves.items():
        yield Compared(leaf, ours, case.gold(leaf), "Firth logistic, several terms", PENALISED)


KINDS = {"binary": binary, "stratified2x2": stratified, "trend": trend, "firthlogit": firth}
