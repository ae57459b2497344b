"""Claims of the kind "survival": curves, tests, restricted means, milestones and Cox models.

What the aggregated table suffices for is claimed twice, from the rows and from the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from scipy import special

from tests.gold.claims_cox import cox_claims, firth_claims, zph_claims
from tests.gold.claims_cutpoints import maxstat_claims, spline_claims
from tests.gold.harness import EXACT, TIGHT, Case, Claim, Compared, NotCompared, leaves, numbers
from tilexplorer.statistics import concordance
from tilexplorer.statistics.kaplan_meier import INTERVALS, Curve, curves
from tilexplorer.statistics.logrank import logrank, logrank_trend, pairwise
from tilexplorer.statistics.milestones import extended_survival_at, milestone_test, point, survival_difference
from tilexplorer.statistics.quantiles import median_follow_up, quantile
from tilexplorer.statistics.results import Test
from tilexplorer.statistics.risk_table import risk_table
from tilexplorer.statistics.rmst import restricted_mean, rmst_difference, rmst_ratio
from tilexplorer.statistics.small import SHOW_ALL
from tilexplorer.statistics.tables import EventTable

QUARTILES = {"q25": 0.25, "median": 0.5, "q75": 0.75}


def tables(case: Case) -> dict[str, EventTable]:
    """The event table from the rows and, where it is stored, from the aggregated counts."""
    rows = case.input
    levels = sorted(set(rows["group"]))
    found = {
        "rows": EventTable.from_rows(
            numbers(rows["time"]), numbers(rows["event"]), group=rows["group"], stratum=rows["stratum"], groups=levels
        )
    }
    counts = case.aggregated
    if counts is not None:
        found["aggregated"] = EventTable.from_counts(
            numbers(counts["time"]),
            numbers(counts["events"]),
            numbers(counts["censored"]),
            group=counts["group"],
            stratum=counts["stratum"],
            groups=levels,
        )
    return found


def claims(case: Case) -> Iterator[Claim]:
    """Every leaf of a survival case."""
    for source, table in tables(case).items():
        by_interval = {interval: curves(table, interval) for interval in INTERVALS}
        for interval, found in by_interval.items():
            for label, curve in found.items():
                yield from _curve(case, f"km/{interval}/{label}", curve, source)
        yield from _risk_table(case, table, by_interval["log"], source)
        yield from _tests(case, table, source)
        yield from _follow_up(case, table, source)
        yield from _restricted_means(case, by_interval["plain"], source)
        yield from _milestone(case, by_interval["plain"], source)
        yield from firth_claims(case, table, source)
        yield from cox_claims(case, table, source)
    yield from zph_claims(case)
    yield from _concordance(case)
    yield from maxstat_claims(case)
    yield from spline_claims(case)


def _curve(case: Case, key: str, curve: Curve, source: str) -> Iterator[Claim]:
    """One curve with its quartiles."""
    gold = case.gold(key)
    series = {
        "time": (curve.time, "times", TIGHT),
        "n_risk": (curve.at_risk, "at risk, events, censored", EXACT),
        "n_event": (curve.events, "at risk, events, censored", EXACT),
        "n_censor": (curve.censored, "at risk, events, censored", EXACT),
        "surv": (curve.survival, "survival", TIGHT),
        "std_err_log": (curve.std_error_log, "standard error", TIGHT),
        "lower": (curve.lower, f"{curve.interval} limits", TIGHT),
        "upper": (curve.upper, f"{curve.interval} limits", TIGHT),
        "n": (curve.n, "at risk, events, censored", EXACT),
        "events": (curve.n_events, "at risk, events, censored", EXACT),
    }
    for name, (ours, statistic, tolerance) in series.items():
        yield Compared(f"{key}/{name}", ours, gold[name], f"Kaplan-Meier {statistic}", tolerance, source)
    for name, p in QUARTILES.items():
        result = quantile(curve, p)
        for leaf, ours in ((name, result.value), (f"{name}_lcl", result.lower), (f"{name}_ucl", result.upper)):
            yield Compared(f"{key}/{leaf}", ours, gold[leaf], "quartiles with limits", TIGHT, source)


def _risk_table(case: Case, table: EventTable, log: dict[str, Curve], source: str) -> Iterator[Claim]:
    times = case.gold("risk_table/times")
    found = risk_table(table, times)
    yield Compared("risk_table/times", found.times, times, "risk table", EXACT, source)
    for row, label in enumerate(found.groups):
        key = f"risk_table/groups/{label}"
        gold = case.gold(key)
        counts = {"n_risk": found.at_risk, "cum_events": found.events, "cum_censored": found.censored}
        for name, ours in counts.items():
            yield Compared(f"{key}/{name}", ours[row], gold[name], "risk table", EXACT, source)
        at = [extended_survival_at(log[label], t) for t in times]
        for name, values in (
            ("surv", [each.value for each in at]),
            ("lower_log", [each.lower for each in at]),
            ("upper_log", [each.upper for each in at]),
        ):
            yield Compared(f"{key}/{name}", values, gold[name], "survival at fixed times", TIGHT, source)


def _tests(case: Case, table: EventTable, source: str) -> Iterator[Claim]:
    plain = table.merge_strata()
    for name, each, rho in (("logrank", plain, 0.0), ("peto_peto_rho1", plain, 1.0), ("stratified", table, 0.0)):
        gold = case.gold(f"logrank/{name}")
        if gold is None:
            continue
        found = logrank(each, rho=rho, thresholds=SHOW_ALL)
        statistic = {"logrank": "log-rank", "peto_peto_rho1": "Peto-Peto", "stratified": "log-rank, stratified"}[name]
        yield from _test(case, f"logrank/{name}", found.test, statistic, source)
        if "error" not in gold:
            for leaf, ours in (("obs", found.observed), ("exp", found.expected), ("var", found.variance)):
                yield Compared(f"logrank/{name}/{leaf}", ours, gold[leaf], statistic, TIGHT, source)
    for name, each in (("trend", plain), ("trend_stratified", table)):
        gold = case.gold(f"logrank/{name}")
        if gold is not None:
            yield from _trend(case, f"logrank/{name}", logrank_trend(each, thresholds=SHOW_ALL), each, source)
    if case.gold("logrank/pairwise") is not None:
        yield from _pairwise(case, plain, source)


def _test(case: Case, key: str, test: Test, statistic: str, source: str) -> Iterator[Claim]:
    """A chi-square test; where R has no p, ours must not be shown."""
    gold = case.gold(key)
    if "error" in gold or gold["p"] in ("NaN", "NA"):
        hidden = "not shown" if not test.shown else "shown"
        for leaf in [leaf for leaf in ("error", "chisq", "df", "p") if leaf in gold]:
            yield Compared(f"{key}/{leaf}", hidden, "not shown", "status where R has no answer", EXACT, source)
        return
    for leaf, ours in (("chisq", test.statistic), ("df", test.df), ("p", test.p_value)):
        yield Compared(f"{key}/{leaf}", ours, gold[leaf], statistic, TIGHT, source)


def _trend(case: Case, key: str, test: Test, table: EventTable, source: str) -> Iterator[Claim]:
    gold = case.gold(key)
    if "error" in gold or gold["p"] in ("NaN", "NA"):
        hidden = "not shown" if not test.shown else "shown"
        for leaf, _ in leaves(gold):
            yield Compared(f"{key}/{leaf}", hidden, "not shown", "status where R has no answer", EXACT, source)
        return
    yield Compared(f"{key}/scores", list(range(len(table.groups))), gold["scores"], "log-rank trend", EXACT, source)
    for leaf, ours in (("z", test.statistic), ("chisq", test.statistic**2), ("p", test.p_value)):
        yield Compared(f"{key}/{leaf}", ours, gold[leaf], "log-rank trend", TIGHT, source)


def _pairwise(case: Case, table: EventTable, source: str) -> Iterator[Claim]:
    key, gold = "logrank/pairwise", case.gold("logrank/pairwise")
    holm, bh = (pairwise(table, adjust, thresholds=SHOW_ALL) for adjust in ("holm", "bh"))
    for leaf, ours in (
        ("a", [each.first for each in holm]),
        ("b", [each.second for each in holm]),
        ("chisq", [each.test.statistic for each in holm]),
        ("p", [each.test.p_value for each in holm]),
        ("holm", [each.adjusted_p for each in holm]),
        ("BH", [each.adjusted_p for each in bh]),
    ):
        yield Compared(f"{key}/{leaf}", ours, gold[leaf], "log-rank pairwise", TIGHT, source)


def _follow_up(case: Case, table: EventTable, source: str) -> Iterator[Claim]:
    gold, found = case.gold("reverse_km_median"), median_follow_up(table)
    for leaf, ours in (("median", found.value), ("lcl", found.lower), ("ucl", found.upper)):
        yield Compared(f"reverse_km_median/{leaf}", ours, gold[leaf], "median follow-up", TIGHT, source)


def _restricted_means(case: Case, found: dict[str, Curve], source: str) -> Iterator[Claim]:
    if isinstance(case.gold("rmst"), dict):
        reason = "R refuses a tau before the first time or a single time; ours is tau itself there"
        yield NotCompared("rmst", "restricted mean", reason)
        return
    for index, gold in enumerate(case.gold("rmst") or []):
        key, tau, labels = f"rmst/{index}", gold["tau"], gold["groups"]
        means = [restricted_mean(found[label], tau, thresholds=SHOW_ALL) for label in labels]
        yield Compared(f"{key}/tau", tau, tau, "restricted mean", EXACT, source)
        yield Compared(f"{key}/groups", list(found), labels, "restricted mean", EXACT, source)
        yield Compared(f"{key}/rmst", [each.value for each in means], gold["rmst"], "restricted mean", TIGHT, source)
        yield Compared(f"{key}/se", [each.std_error for each in means], gold["se"], "restricted mean", TIGHT, source)
        if "diff" in gold:
            yield from _contrasts(f"{key}/diff", gold["diff"], found, tau, source)


def _contrasts(
    key: str, gold: dict[str, list[float]], found: dict[str, Curve], tau: float, source: str
) -> Iterator[Claim]:
    pairs = list(combinations(found, 2))
    differences = [rmst_difference(found[a], found[b], tau, thresholds=SHOW_ALL) for a, b in pairs]
    ratios = [rmst_ratio(found[a], found[b], tau, thresholds=SHOW_ALL) for a, b in pairs]
    for leaf, ours in (
        ("a", [a for a, _ in pairs]),
        ("b", [b for _, b in pairs]),
        ("diff", [each.value for each in differences]),
        ("se", [each.std_error for each in differences]),
        ("lower", [each.lower for each in differences]),
        ("upper", [each.upper for each in differences]),
        ("p", [each.p_value for each in differences]),
        ("ratio", [each.value for each in ratios]),
        ("ratio_lower", [each.lower for each in ratios]),
        ("ratio_upper", [each.upper for each in ratios]),
        ("ratio_p", [each.p_value for each in ratios]),
    ):
        yield Compared(f"{key}/{leaf}", ours, gold[leaf], "restricted mean, contrasts", TIGHT, source)


def _milestone(case: Case, found: dict[str, Curve], source: str) -> Iterator[Claim]:
    gold = case.gold("milestone")
    if not gold:
        return
    t, first, second = gold["t"], found[gold["a"]], found[gold["b"]]
    difference, test = survival_difference(first, second, t), milestone_test(first, second, t)
    error = difference.std_error
    z = difference.value / error if error > 0 else float("nan")
    (survival_a, error_a), (survival_b, error_b) = point(first, t), point(second, t)
    for leaf, ours in (
        ("t", t),
        ("a", next(iter(found))),
        ("b", list(found)[1]),
        ("Sa", survival_a),
        ("se_a", error_a),
        ("Sb", survival_b),
        ("se_b", error_b),
        ("diff", difference.value),
        ("se", error),
        ("lower", difference.lower),
        ("upper", difference.upper),
        ("z", z),
        ("p", 2 * float(special.ndtr(-abs(z)))),
        ("cloglog_chisq", test.statistic),
        ("cloglog_p", difference.p_value),
    ):
        yield Compared(f"milestone/{leaf}", ours, gold[leaf], "milestone difference", TIGHT, source)


def _concordance(case: Case) -> Iterator[Claim]:
    gold = case.gold("cindex")
    if gold is None:
        return
    time, event, score = (numbers(case.input[name]) for name in ("time", "event", "x"))
    harrell = concordance.harrell(time, event, score)
    tau = gold["uno_tau"]["tau"]
    found = {"harrell": harrell, "uno": concordance.uno(time, event, score)}
    found["uno_tau"] = concordance.uno(time, event, score, tau=tau)
    for name, each in found.items():
        statistic = "Harrell's C" if name == "harrell" else "Uno's C"
        yield Compared(f"cindex/{name}/c", each.estimate.value, gold[name]["c"], statistic)
        yield Compared(f"cindex/{name}/se", each.estimate.std_error, gold[name]["se"], statistic)
    yield Compared("cindex/uno_tau/tau", tau, tau, "Uno's C", EXACT)
    counts = {
        "concordant": harrell.concordant,
        "discordant": harrell.discordant,
        "tied.x": harrell.tied_score,
        "tied.y": harrell.tied_time,
        "tied.xy": harrell.tied_both,
    }
    yield Compared("cindex/harrell/counts", list(counts.values()), gold["harrell"]["counts"], "Harrell's C")
    yield Compared("cindex/harrell/count_names", list(counts), gold["harrell"]["count_names"], "Harrell's C", EXACT)
