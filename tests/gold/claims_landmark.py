"""Claims of the kind "landmark": responders against non-responders from fixed times on."""

from __future__ import annotations

from collections.abc import Iterator

from tests.gold.harness import EXACT, FITTED, TIGHT, Case, Claim, Compared, NotCompared, numbers
from tilexplorer.statistics import concordance, cox
from tilexplorer.statistics.kaplan_meier import kaplan_meier
from tilexplorer.statistics.landmark import Landmark, responders_from
from tilexplorer.statistics.logrank import logrank
from tilexplorer.statistics.quantiles import quantile
from tilexplorer.statistics.small import SHOW_ALL

STATISTIC = "landmark"


def claims(case: Case) -> Iterator[Claim]:
    """Every leaf of a case."""
    time, event, response = (numbers(case.input[name]) for name in ("time", "event", "resp_time"))
    for index, gold in enumerate(case.gold("landmarks")):
        found = responders_from(time, event, response, gold["L"], labels=("nonresp", "resp"))
        yield from _landmark(f"landmarks/{index}", gold, found)
        yield from _logrank(f"landmarks/{index}/logrank", gold["logrank"], found)
        yield from _cox(f"landmarks/{index}/cox", gold["cox"], found)
    yield NotCompared("time_varying_cox", "time-varying Cox", "no view offers it: responders are compared by landmark")


def _landmark(key: str, gold: dict, found: Landmark) -> Iterator[Claim]:  # type: ignore[type-arg]
    table = found.table
    for leaf, ours in (
        ("L", found.landmark),
        ("n", table.n),
        ("excluded", found.excluded),
        ("n_resp", table.n_by_group[1]),
    ):
        yield Compared(f"{key}/{leaf}", ours, gold[leaf], STATISTIC, EXACT)
    for label in table.groups:
        curve = kaplan_meier(table.of_group(label), interval="log")
        middle = quantile(curve)
        for leaf, value in (
            ("n", curve.n),
            ("events", curve.n_events),
            ("median", middle.value),
            ("lcl", middle.lower),
            ("ucl", middle.upper),
        ):
            yield Compared(f"{key}/{label}/{leaf}", value, gold[label][leaf], STATISTIC, TIGHT)


def _logrank(key: str, gold: dict, found: Landmark) -> Iterator[Claim]:  # type: ignore[type-arg]
    test = logrank(found.table, thresholds=SHOW_ALL)
    if "error" in gold:
        hidden = "shown" if test.test.shown else "not shown"
        yield Compared(f"{key}/error", hidden, "not shown", "status where R has no answer", EXACT)
        return
    for leaf, ours in (
        ("chisq", test.test.statistic),
        ("df", test.test.df),
        ("p", test.test.p_value),
        ("obs", test.observed),
        ("exp", test.expected),
        ("var", test.variance),
    ):
        yield Compared(f"{key}/{leaf}", ours, gold[leaf], STATISTIC, TIGHT)


def _cox(key: str, gold: dict, found: Landmark) -> Iterator[Claim]:  # type: ignore[type-arg]
    levels = cox.level_hazard_ratios(found.table, "nonresp", thresholds=SHOW_ALL)
    ratio, model = levels.hazard_ratios["resp"], levels.fit
    if "error" in gold or model is None:
        for leaf in gold:
            yield Compared(f"{key}/{leaf}", "not shown" if model is None else "shown", "not shown", STATISTIC, EXACT)
        return
    table = found.table
    c = concordance.harrell(
        [*table.time, *table.time],
        [1.0] * table.time.size + [0.0] * table.time.size,
        [*(table.group * model.coef[0]), *(table.group * model.coef[0])],
        count=[*table.events, *table.censored],
    ).estimate
    for leaf, ours in (
        ("terms", ["g"]),
        ("coef", model.coef),
        ("se", model.std_error),
        ("hr", ratio.value),
        ("hr_lower", ratio.lower),
        ("hr_upper", ratio.upper),
        ("z", model.coef / model.std_error),
        ("p", ratio.p_value),
        ("loglik", [model.loglik_null, model.loglik]),
        ("lr", [levels.lr.statistic, levels.lr.df, levels.lr.p_value]),
        ("wald", [levels.wald.statistic, levels.wald.df, levels.wald.p_value]),
        ("score", [levels.score.statistic, levels.score.df, levels.score.p_value]),
        ("n", levels.n),
        ("nevent", levels.events),
        ("concordance", c.value),
        ("concordance_se", c.std_error),
    ):
        yield Compared(f"{key}/{leaf}", ours, gold[leaf], "landmark Cox", FITTED)
