"""When a group is too small to print a number: the thresholds, and the one place that decides by them.

Every function of the package that returns an estimate or a test asks here. A verdict is a status with a reason
in plain words; it is laid over a result with `Verdict.apply`. The thresholds are values, so that a page may show
them in its methods panel and a deployment may change them; `SHOW_ALL` asks for no size at all, which is what the
comparison with R needs.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tilexplorer.statistics.results import Estimate, Status, Test

Result = TypeVar("Result", Estimate, Test)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The smallest sizes at which a quantity is printed (numbers of patients unless named otherwise)."""

    curve_patients: int = 5
    median_at_risk: int = 5
    test_events: int = 5  # in total over the groups that are compared
    test_group_events: int = 1
    test_group_patients: int = 10  # fewer: a warning, not a suppression
    hazard_events: int = 10
    hazard_events_per_df: int = 5  # fewer: suppressed
    hazard_events_per_df_warning: int = 10  # fewer: a warning
    rate_patients: int = 5
    interaction_patients: int = 10
    interaction_events: int = 5
    cut_patients: int = 50
    cut_events: int = 20
    tertile_patients: int = 60
    median_split_patients: int = 20
    spline_events: int = 40
    auc_class: int = 10
    restricted_mean_at_risk: int = 10  # fewer at tau: a warning
    prediction_interval_studies: int = 3
    prediction_interval_trusted: int = 5
    tail_at_risk: int = 10  # a curve is greyed below min(this, max(3, n/4)) at risk
    disclosure_cell: int = 0  # counts below are hidden where disclosure control asks for it


DEFAULT = Thresholds()
SHOW_ALL = Thresholds(**{field.name: 0 for field in fields(Thresholds)})


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether something may be printed, and why not."""

    status: Status = Status.OK
    reason: str = ""

    @property
    def shown(self) -> bool:
        """Whether the number may be printed."""
        return self.status in (Status.OK, Status.WARNING)

    def apply(self, result: Result) -> Result:
        """The result under this verdict; a result that already has no number stays as it is."""
        if not result.shown or self.status is Status.OK:
            return result
        return result.warned(self.reason) if self.status is Status.WARNING else result.suppressed(self.reason)


FINE = Verdict()


def _suppress(reason: str) -> Verdict:
    return Verdict(Status.SUPPRESSED, reason)


def _warn(reason: str) -> Verdict:
    return Verdict(Status.WARNING, reason)


def curve(n: int, limits: Thresholds = DEFAULT) -> Verdict:
    """May a survival curve of n patients be drawn?"""
    if n >= limits.curve_patients:
        return FINE
    return _suppress(f"only {n} patients (fewer than {limits.curve_patients})")


def median(n: int, at_risk: int, limits: Thresholds = DEFAULT) -> Verdict:
    """May a median be printed where at_risk of n patients were still followed at that time?"""
    verdict = curve(n, limits)
    if not verdict.shown or at_risk >= limits.median_at_risk:
        return verdict
    return _suppress(f"only {at_risk} patients at risk at that time (fewer than {limits.median_at_risk})")


def comparison(
    n_by_group: NDArray[np.int64], events_by_group: NDArray[np.int64], limits: Thresholds = DEFAULT
) -> Verdict:
    """May the p-value of a log-rank or Cox test between these groups be printed?"""
    events = int(events_by_group.sum())
    if events < limits.test_events:
        return _suppress(f"only {events} events in total (fewer than {limits.test_events})")
    if events_by_group.size and int(events_by_group.min()) < limits.test_group_events:
        return _suppress("a group without events: see the Firth estimate")
    if n_by_group.size and int(n_by_group.min()) < limits.test_group_patients:
        return _warn(f"a group has fewer than {limits.test_group_patients} patients")
    return FINE


def hazard_ratio(events: int, df: int, limits: Thresholds = DEFAULT) -> Verdict:
    """May hazard ratios of a model with df coefficients be printed?"""
    if events < limits.hazard_events:
        return _suppress(f"only {events} events (fewer than {limits.hazard_events})")
    if events < limits.hazard_events_per_df * df:
        return _suppress(f"{events} events for {df} coefficients (fewer than {limits.hazard_events_per_df} each)")
    if events < limits.hazard_events_per_df_warning * df:
        return _warn(f"{events} events for {df} coefficients: the model may be overfitted")
    return FINE


def rate(n: int, limits: Thresholds = DEFAULT) -> Verdict:
    """May x of n be printed as a percentage?"""
    if n >= limits.rate_patients:
        return FINE
    return _suppress(f"only {n} patients (fewer than {limits.rate_patients}): shown as x/n")


def interaction_cell(n: int, events: int, limits: Thresholds = DEFAULT) -> Verdict:
    """May a cell (level within arm) enter an interaction test?"""
    if n < limits.interaction_patients:
        return _suppress(f"left out: {n} patients (fewer than {limits.interaction_patients})")
    if events < limits.interaction_events:
        return _suppress(f"left out: {events} events (fewer than {limits.interaction_events})")
    return FINE


def selected_cut(n: int, events: int, limits: Thresholds = DEFAULT) -> Verdict:
    """May a cut point be chosen by its outcome?"""
    if n < limits.cut_patients or events < limits.cut_events:
        return _suppress(f"{n} patients and {events} events (needs {limits.cut_patients} and {limits.cut_events})")
    return FINE


def quantile_groups(n: int, limits: Thresholds = DEFAULT) -> int:
    """Into how many quantile groups n values may be cut: 3, 2, or 1 (continuous only)."""
    if n >= limits.tertile_patients:
        return 3
    return 2 if n >= limits.median_split_patients else 1


def spline(events: int, limits: Thresholds = DEFAULT) -> Verdict:
    """May a restricted cubic spline be fitted?"""
    if events >= limits.spline_events:
        return FINE
    return _suppress(f"only {events} events (fewer than {limits.spline_events})")


def auc(positives: int, negatives: int, limits: Thresholds = DEFAULT) -> Verdict:
    """May an area under the ROC curve be printed?"""
    least = min(positives, negatives)
    if least >= limits.auc_class:
        return FINE
    return _suppress(f"only {least} patients in a class (fewer than {limits.auc_class})")


def prediction_interval(studies: int, limits: Thresholds = DEFAULT) -> Verdict:
    """May a prediction interval over studies be printed, and trusted?"""
    if studies < limits.prediction_interval_studies:
        return _suppress(f"only {studies} studies (fewer than {limits.prediction_interval_studies})")
    if studies < limits.prediction_interval_trusted:
        return _warn(f"only {studies} studies: the prediction interval is itself uncertain")
    return FINE


def restricted_mean(at_risk: int, limits: Thresholds = DEFAULT) -> Verdict:
    """Is a restricted mean to tau well supported with at_risk patients left at tau?"""
    if at_risk >= limits.restricted_mean_at_risk:
        return FINE
    return _warn(f"only {at_risk} patients at risk at tau (fewer than {limits.restricted_mean_at_risk})")


def tail(n: int, limits: Thresholds = DEFAULT) -> float:
    """Numbers at risk below this are the tail of a curve of n patients, which is drawn grey."""
    return min(limits.tail_at_risk, max(3.0, n / 4))
