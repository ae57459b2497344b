"""The same Cox model by lifelines: what another implementation says, in tests and on request."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tilexplorer.statistics.ties import merge_close_times

Array = NDArray[np.float64]

# lifelines' own defaults stop as early as 1e-4 from the maximum.
_PRECISION = {"precision": 1e-12, "r_precision": 1e-14}


@dataclass(frozen=True, slots=True, eq=False)
class SecondOpinion:
    """Log hazard ratios (p,), their standard errors (p,) and the log likelihood; or the reason why there are none."""

    coef: Array
    std_error: Array
    loglik: float
    reason: str = ""


def lifelines_cox(
    time: ArrayLike, event: ArrayLike, covariates: ArrayLike, *, stratum: ArrayLike | None = None
) -> SecondOpinion:
    """Fit rows with lifelines' CoxPHFitter (Efron ties).

    Covariates are centred and scaled first and close times merged; any convergence warning counts as failure, since
    lifelines may then return what is not a maximum.
    """
    import pandas as pd
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError, ConvergenceWarning

    x = np.asarray(covariates, dtype=float)
    scale = x.std(axis=0)
    names = [f"x{i}" for i in range(x.shape[1])]
    frame = pd.DataFrame((x - x.mean(axis=0)) / np.where(scale > 0, scale, 1.0), columns=names)
    frame["time"], frame["event"] = merge_close_times(np.asarray(time)), np.asarray(event)
    strata: Sequence[str] = []
    if stratum is not None:
        frame["stratum"], strata = np.asarray(stratum), ["stratum"]
    empty = np.full(x.shape[1], np.nan)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ConvergenceWarning)
            model = CoxPHFitter().fit(frame, "time", "event", strata=list(strata) or None, fit_options=_PRECISION)
    except (ConvergenceError, ConvergenceWarning, np.linalg.LinAlgError) as failure:
        return SecondOpinion(empty, empty, float("nan"), str(failure).split("\n")[0])
    coef, error = model.params_.to_numpy(dtype=float), model.standard_errors_.to_numpy(dtype=float)
    return SecondOpinion(coef / scale, error / scale, float(model.log_likelihood_))
