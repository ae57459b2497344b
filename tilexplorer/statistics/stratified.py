"""Two groups compared across strata (tumour types, cohorts): Mantel-Haenszel and what belongs to it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tilexplorer.statistics import conditional
from tilexplorer.statistics.results import Z95, Estimate, Test, no_test, not_estimable

Array = NDArray[np.float64]

_ODDS = "Mantel-Haenszel odds ratio, Robins-Breslow-Greenland interval"
_RISK = "Mantel-Haenszel risk difference, Sato interval"
_CMH = "Cochran-Mantel-Haenszel test"
_EXACT = "common odds ratio, exact conditional"
# Above this many patients in informative strata the exact test says what the CMH test says.
EXACT_PATIENTS = 10_000


@dataclass(frozen=True, slots=True)
class DroppedStratum:
    """A stratum that says nothing about the comparison, by its place in the input, and why."""

    index: int
    reason: str


@dataclass(frozen=True, slots=True)
class MantelHaenszel:
    """Everything about two groups compared within strata.

    Attributes
    ----------
    odds_ratio : common odds ratio, first row over second.
    risk_difference : common difference of rates, first row minus second.
    cmh, cmh_corrected : test of no association within strata, without and with continuity correction.
    exact : exact conditional common odds ratio with its p; not estimable above EXACT_PATIENTS.
    breslow_day, tarone : tests that the odds ratio is the same in all strata.
    strata : number of strata used.
    dropped : strata without information, with the reason.
    """

    odds_ratio: Estimate
    risk_difference: Estimate
    cmh: Test
    cmh_corrected: Test
    exact: Estimate
    breslow_day: Test
    tarone: Test
    strata: int
    dropped: tuple[DroppedStratum, ...]


def mantel_haenszel(tables: ArrayLike) -> MantelHaenszel:
    """Compare two groups within strata.

    Parameters
    ----------
    tables : shape (S, 2, 2), per stratum [[responders, others] of the first group, then of the second].

    Returns
    -------
    MantelHaenszel
        Strata with an empty group, or where all or none responded, are dropped first and named (for the risk
        difference only strata with an empty group are). Without a stratum left everything is not estimable.

    Raises
    ------
    ValueError
        If the shape is not (S, 2, 2) or a count is negative.

    References
    ----------
    Mantel, Haenszel. JNCI 1959;22:719. Robins, Breslow, Greenland. Biometrics 1986;42:311. Sato. Biometrics
    1989;45:1323. Tarone. Biometrika 1985;72:91.
    """
    counts = np.asarray(tables, dtype=float)
    if counts.size == 0:
        counts = counts.reshape(0, 2, 2)
    if counts.shape[1:] != (2, 2) or np.any(counts < 0):
        raise ValueError(f"tables must have shape (S, 2, 2) and no negative count, not shape {counts.shape}")
    reasons = [_uninformative(table) for table in counts]
    dropped = tuple(DroppedStratum(i, reason) for i, reason in enumerate(reasons) if reason)
    kept = counts[[not reason for reason in reasons]]
    both_groups = counts[(counts.sum(axis=2) > 0).all(axis=1)]
    breslow_day, tarone = _homogeneity(kept)
    return MantelHaenszel(
        odds_ratio=_odds_ratio(kept),
        risk_difference=_risk_difference(both_groups),
        cmh=_cmh(kept, correction=0.0),
        cmh_corrected=_cmh(kept, correction=0.5),
        exact=_exact(kept),
        breslow_day=breslow_day,
        tarone=tarone,
        strata=len(kept),
        dropped=dropped,
    )


def _uninformative(table: Array) -> str:
    """Why a stratum cannot compare the groups, or an empty string."""
    if table.sum() == 0:
        return "no patients"
    if 0 in table.sum(axis=1):
        return "one group only"
    if table[:, 0].sum() == 0:
        return "no responders"
    return "all responded" if table[:, 1].sum() == 0 else ""


def _cells(kept: Array) -> tuple[Array, Array, Array, Array, Array]:
    a, b, c, d = kept[:, 0, 0], kept[:, 0, 1], kept[:, 1, 0], kept[:, 1, 1]
    return a, b, c, d, kept.sum(axis=(1, 2))


def _size(kept: Array) -> tuple[int, int]:
    return int(kept.sum()), int(kept[:, :, 0].sum())


def _p_of_chi2(statistic: float, df: float) -> float:
    return float(special.chdtrc(df, statistic))


def _odds_ratio(kept: Array) -> Estimate:
    n, events = _size(kept)
    if len(kept) == 0:
        return not_estimable(_ODDS, "no stratum compares the groups", n=n, events=events)
    a, b, c, d, total = _cells(kept)
    r, s = a * d / total, b * c / total
    if r.sum() == 0 or s.sum() == 0:
        return not_estimable(_ODDS, "0 or infinite: see the exact interval", n=n, events=events)
    p, q = (a + d) / total, (b + c) / total
    big_r, big_s = r.sum(), s.sum()
    variance = (p @ r) / (2 * big_r**2) + (p @ s + q @ r) / (2 * big_r * big_s) + (q @ s) / (2 * big_s**2)
    log_ratio, error = math.log(big_r / big_s), math.sqrt(variance)
    lower, upper = math.exp(log_ratio - Z95 * error), math.exp(log_ratio + Z95 * error)
    p_value = math.erfc(abs(log_ratio) / error / math.sqrt(2))
    return Estimate(math.exp(log_ratio), lower, upper, _ODDS, n, events, std_error=error, p_value=p_value)


def _cmh(kept: Array, correction: float) -> Test:
    n, events = _size(kept)
    method = f"{_CMH} {'with' if correction else 'without'} continuity correction"
    if len(kept) == 0:
        return no_test(method, "no stratum compares the groups", n=n, events=events)
    a, b, c, d, total = _cells(kept)
    expected = (a + b) * (a + c) / total
    variance = (a + b) * (c + d) * (a + c) * (b + d) / (total**2 * (total - 1))
    gap = abs(float((a - expected).sum()))
    statistic = max(0.0, gap - min(correction, gap)) ** 2 / float(variance.sum())
    return Test(statistic, 1, _p_of_chi2(statistic, 1), method, n, events, strata=len(kept))


def _risk_difference(kept: Array) -> Estimate:
    n, events = _size(kept)
    if len(kept) == 0:
        return not_estimable(_RISK, "no stratum has both groups", n=n, events=events)
    a, b, c, d, total = _cells(kept)
    n1, n2 = a + b, c + d
    weight = n1 * n2 / total
    difference = float((weight * (a / n1 - c / n2)).sum() / weight.sum())
    # Sato's variance holds with many small strata as well as with few large ones.
    p = (n1**2 * c - n2**2 * a + n1 * n2 * (n2 - n1) / 2) / total**2
    q = (a * (n2 - c) + c * (n1 - a)) / (2 * total)
    error = math.sqrt(max(0.0, float(difference * p.sum() + q.sum()))) / float(weight.sum())
    p_value = math.erfc(abs(difference) / error / math.sqrt(2)) if error > 0 else math.nan
    lower, upper = max(-1.0, difference - Z95 * error), min(1.0, difference + Z95 * error)  # a difference of rates
    return Estimate(difference, lower, upper, _RISK, n, events, std_error=error, p_value=p_value)


def _exact(kept: Array) -> Estimate:
    n, events = _size(kept)
    if len(kept) == 0:
        return not_estimable(_EXACT, "no stratum compares the groups", n=n, events=events)
    if n > EXACT_PATIENTS:
        return not_estimable(_EXACT, f"made up to {EXACT_PATIENTS:,} patients only", n=n, events=events)
    rows = [tuple(int(value) for value in table.ravel()) for table in kept]
    law = conditional.several_tables([(a, b, c, d) for a, b, c, d in rows])
    lower, upper = conditional.exact_limits(law)
    value, p_value = conditional.conditional_estimate(law), conditional.two_sided_p(law)
    return Estimate(value, lower, upper, _EXACT, n, events, p_value=p_value)


def _homogeneity(kept: Array) -> tuple[Test, Test]:
    """Breslow-Day test and Tarone's form of it, at the Mantel-Haenszel odds ratio."""
    methods = (
        "Breslow-Day test of equal odds ratios",
        "Breslow-Day test of equal odds ratios, Tarone's correction",
    )
    n, events = _size(kept)
    common = _odds_ratio(kept)
    if len(kept) < 2 or not common.shown:
        reason = "fewer than two strata compare the groups" if len(kept) < 2 else common.reason
        no1, no2 = (no_test(method, reason, n=n, events=events) for method in methods)
        return no1, no2
    a = kept[:, 0, 0]
    expected, variance = _fitted_cells(kept, common.value)
    plain = float(((a - expected) ** 2 / variance).sum())
    tarone = plain - float((a - expected).sum() ** 2 / variance.sum())
    df, strata = len(kept) - 1, len(kept)
    first, second = (
        Test(statistic, df, _p_of_chi2(max(0.0, statistic), df), method, n, events, strata=strata)
        for statistic, method in zip((plain, tarone), methods, strict=True)
    )
    return first, second


def _fitted_cells(kept: Array, ratio: float) -> tuple[Array, Array]:
    """First cells that the common odds ratio implies given each stratum's margins, and their variances."""
    a, b, c, d, _ = _cells(kept)
    n1, n2, column = a + b, c + d, a + c
    linear = n2 - column + ratio * (n1 + column)
    if math.isclose(ratio, 1.0, rel_tol=1e-9):
        fitted = n1 * column / (n1 + n2)
    else:
        # The root between the bounds of the support, written without cancellation.
        discriminant = np.sqrt(linear**2 - 4 * (ratio - 1) * ratio * n1 * column)
        fitted = 2 * ratio * n1 * column / (linear + discriminant)
    others = np.stack([fitted, n1 - fitted, column - fitted, n2 - column + fitted])
    return fitted, 1 / (1 / others).sum(axis=0)
