"""The hazard ratio of a continuous measure along its whole range, by a restricted cubic spline."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tilexplorer.statistics import small
from tilexplorer.statistics.cox_fit import likelihood_ratio
from tilexplorer.statistics.maxstat import complete_rows
from tilexplorer.statistics.regression import fit_rows
from tilexplorer.statistics.results import NAN, Z95, Test, no_test
from tilexplorer.statistics.small import DEFAULT, Thresholds
from tilexplorer.statistics.splines import knots_for, place_knots, spline_basis

Array = NDArray[np.float64]

GRID_POINTS = 101
_METHOD = "Cox with a restricted cubic spline, likelihood ratio test"


@dataclass(frozen=True, slots=True, eq=False)
class SplineEffect:
    """Log hazard ratio along a measure, against its median.

    Attributes
    ----------
    x, log_hr, std_error, lower, upper : shape (m,): where, and the log hazard ratio there with pointwise 95% limits.
    reference : the value whose log hazard ratio is zero. knots : of the spline.
    overall : whether the measure matters at all (df k - 1). nonlinear : whether a line would not do (df k - 2).
    """

    overall: Test
    nonlinear: Test
    reference: float = NAN
    knots: tuple[float, ...] = ()
    x: Array = field(default_factory=lambda: np.empty(0))
    log_hr: Array = field(default_factory=lambda: np.empty(0))
    std_error: Array = field(default_factory=lambda: np.empty(0))
    loglik: float = NAN

    @property
    def lower(self) -> Array:
        """Lower pointwise limits."""
        return np.asarray(self.log_hr - Z95 * self.std_error)

    @property
    def upper(self) -> Array:
        """Upper pointwise limits."""
        return np.asarray(self.log_hr + Z95 * self.std_error)


def spline_effect(
    time: ArrayLike,
    event: ArrayLike,
    x: ArrayLike,
    *,
    stratum: ArrayLike | None = None,
    knots: ArrayLike | None = None,
    grid: ArrayLike | None = None,
    thresholds: Thresholds = DEFAULT,
) -> SplineEffect:
    """Fit a spline of one measure.

    Parameters
    ----------
    time, event, x : shape (n,); patients with a missing value are left out. stratum : shape (n,), own baselines.
    knots : None: three below 100 events, else four, at Harrell's quantiles.
    grid : where to evaluate; None: 101 points between the 2.5 and 97.5 percentiles.

    Returns
    -------
    SplineEffect
        Suppressed below 40 events; not estimable where ties leave no distinct knots or the fit has no maximum.

    Raises
    ------
    ValueError
        If the arrays differ in length.
    """
    t, e, v = complete_rows(time, event, x)
    strata = _complete_strata(time, event, x, stratum)
    n, events = len(t), int(e.sum())
    places = place_knots(v, knots_for(events)) if knots is None else tuple(np.asarray(knots, dtype=float).tolist())
    verdict = small.spline(events, thresholds)
    if not places or not verdict.shown:
        reason = verdict.reason or "tied values leave no distinct knots: the measure is a category"
        missing = no_test(_METHOD, reason, n=n, events=events)
        missing = missing if verdict.shown else missing.suppressed(reason)
        return SplineEffect(missing, missing)
    basis = spline_basis(v, places)
    names = [f"basis {i}" for i in range(basis.shape[1])]
    model = fit_rows(t, e, basis, names, stratum=strata)
    line = fit_rows(t, e, v[:, None], ["x"], stratum=strata)
    if not model.shown:
        missing = no_test(_METHOD, model.reason, n=n, events=events)
        return SplineEffect(missing, missing, knots=places)
    reference = float(np.median(v))
    low, high = np.quantile(v, [0.025, 0.975])
    where = np.linspace(low, high, GRID_POINTS) if grid is None else np.asarray(grid, dtype=float)
    contrast = spline_basis(where, places) - spline_basis(np.array([reference]), places)
    error = np.sqrt(np.einsum("ij,jk,ik->i", contrast, model.covariance, contrast))
    nonlinear = likelihood_ratio(model, line)
    return SplineEffect(model.lr, nonlinear, reference, places, where, contrast @ model.coef, error, model.loglik)


def _complete_strata(
    time: ArrayLike, event: ArrayLike, x: ArrayLike, stratum: ArrayLike | None
) -> NDArray[np.generic] | None:
    """Strata of the rows that `complete_rows` keeps."""
    if stratum is None:
        return None
    t, e, v = (np.asarray(values, dtype=float) for values in (time, event, x))
    with np.errstate(invalid="ignore"):
        kept = np.isfinite(t) & (t >= 0) & np.isin(e, (0.0, 1.0)) & np.isfinite(v)
    strata: NDArray[np.generic] = np.asarray(stratum)[kept]
    return strata
