"""Days as months, and where a time axis has its ticks: the columns of the table under a survival curve."""

from __future__ import annotations

import math
from typing import Final

DAYS_PER_MONTH: Final = 30.4375
MOST_COLUMNS: Final = 6

_MONTH_STEPS: Final = (3, 6, 12, 24, 36, 60, 120, 240)
_DAY_STEPS: Final = (7, 14, 30, 60, 90, 180, 365, 730, 1825, 3650, 7300)


def ticks(longest: float, *, months: bool = True, most: int = MOST_COLUMNS) -> list[float]:
    """Ticks from 0 on, at most `most`, in months (every 3, 6, 12, ...) or in days, up to `longest` in that unit."""
    if not longest > 0 or math.isinf(longest):
        return [0.0]
    steps = _MONTH_STEPS if months else _DAY_STEPS
    fitting = (step for step in steps if longest // step + 1 <= most)
    step = next(fitting, math.ceil(longest / (most - 1)))
    return [float(step * place) for place in range(int(longest // step) + 1)]


def risk_times(longest_days: float, *, months: bool = True, most: int = MOST_COLUMNS) -> list[float]:
    """The times [d] at which a table of numbers at risk has its columns: those of the ticks."""
    unit = DAYS_PER_MONTH if months else 1.0
    return [tick * unit for tick in ticks(longest_days / unit, months=months, most=most)]
