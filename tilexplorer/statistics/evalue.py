"""E-value: how strong an unmeasured confounder would have to be to explain an association away."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tilexplorer.statistics.results import Estimate

RARE = 0.15  # outcomes below this share let a hazard ratio stand for a risk ratio


@dataclass(frozen=True, slots=True)
class EValue:
    """E-values of a ratio (`point`) and of its limit nearest to 1 (`limit`; 1 when the interval holds 1)."""

    point: float = math.nan
    limit: float = math.nan
    reason: str = ""


def risk_ratio_of(hazard_ratio: float, *, rare: bool) -> float:
    """Risk ratio that a hazard ratio stands for: itself for rare outcomes, else (1 - .5^√HR) / (1 - .5^√(1/HR)).

    VanderWeele. Biometrics 2020;76:746.
    """
    if rare or hazard_ratio in (0.0, math.inf):
        return hazard_ratio
    root = math.sqrt(hazard_ratio)
    return float(-math.expm1(-root * math.log(2)) / -math.expm1(-math.log(2) / root))


def _bias(ratio: float) -> float:
    """RR + √(RR (RR - 1)), for the ratio turned above 1."""
    above = ratio if ratio >= 1 else (1 / ratio if ratio > 0 else math.inf)
    return above + math.sqrt(above * (above - 1)) if math.isfinite(above) else math.inf


def e_value(estimate: Estimate, *, hazard: bool, event_share: float = 1.0) -> EValue:
    """E-value of a hazard or risk ratio.

    Parameters
    ----------
    estimate : a ratio with its limits.
    hazard : whether it is a hazard ratio, to be read as a risk ratio first unless the event is rare.
    event_share : share of patients with an event by the end of follow-up; below 15% counts as rare.

    Returns
    -------
    EValue
        NaN with the reason where the estimate shows no number.

    References
    ----------
    VanderWeele, Ding. Ann Intern Med 2017;167:268.
    """
    if not estimate.shown or not estimate.value >= 0:
        return EValue(reason=estimate.reason or "no ratio")

    def as_risk(ratio: float) -> float:
        return risk_ratio_of(ratio, rare=event_share < RARE) if hazard else ratio

    nearest = estimate.lower if estimate.value >= 1 else estimate.upper
    if math.isnan(nearest):
        limit = math.nan
    else:
        limit = 1.0 if estimate.lower <= 1 <= estimate.upper else _bias(as_risk(nearest))
    return EValue(_bias(as_risk(estimate.value)), limit)
