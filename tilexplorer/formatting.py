"""Numbers as text, one way everywhere: pages, figures, tables and exports call these and nothing else.

Every function takes None and NaN. What is missing has a name: NR (a median that was not reached), NE (a limit or an
estimate that the data do not determine), a dash (a count that may not be printed).
"""

from __future__ import annotations

import math
from typing import Final

from tilexplorer.timescale import DAYS_PER_MONTH

NOT_REACHED: Final = "NR"
NOT_ESTIMABLE: Final = "NE"
MISSING: Final = "–"
EXPLANATIONS: Final = {
    NOT_REACHED: "not reached: the curve never falls to 50%",
    NOT_ESTIMABLE: "not estimable from these data",
    MISSING: "not shown: too few patients, or not recorded",
}

THIN_SPACE: Final = "\u2009"
MINUS: Final = "\u2212"

# From here on one patient moves a rate by half a point or less, so that a decimal says something.
DECIMAL_FROM_N: Final = 200
# Below this a rate is not a percentage but x/n.
RATE_FROM_N: Final = 5

Number = float | int | None


def is_missing(value: Number) -> bool:
    """Whether there is no number: None or NaN."""
    return value is None or math.isnan(value)


def p_value(p: Number) -> str:
    """A p-value: "< 0.001", else three decimals."""
    if p is None or math.isnan(p):
        return NOT_ESTIMABLE
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def p_phrase(p: Number, name: str = "p") -> str:
    """A p-value with its name, for a sentence: "p = 0.040", "p < 0.001"."""
    text = p_value(p)
    if text == NOT_ESTIMABLE:
        return f"{name} not estimable"
    return f"{name} {text}" if text.startswith("<") else f"{name} = {text}"


def months(days: Number, missing: str = NOT_ESTIMABLE) -> str:
    """Days [d] as months with one decimal."""
    if days is None or math.isnan(days):
        return missing
    return f"{days / DAYS_PER_MONTH:.1f}"


def median(days: Number, lower: Number, upper: Number) -> str:
    """A median survival time [d] with its limits, in months: "12.3 (9.0 to NE)", "NR (9.0 to NE)"."""
    return f"{months(days, NOT_REACHED)} ({months(lower)} to {months(upper)})"


def signed_months(days: Number) -> str:
    """A difference of times [d] in months, with its sign: "+2.1", "−0.4"."""
    if days is None or math.isnan(days):
        return NOT_ESTIMABLE
    return _signed(f"{days / DAYS_PER_MONTH:+.1f}")


def ratio(value: Number) -> str:
    """A hazard ratio or an odds ratio: two decimals; "< 0.01" and "> 100" instead of noise."""
    if value is None or math.isnan(value):
        return NOT_ESTIMABLE
    if value < 0.01:
        return "< 0.01"
    return "> 100" if value > 100 else f"{value:.2f}"


def ratio_interval(value: Number, lower: Number, upper: Number) -> str:
    """A ratio with its limits: "0.75 (0.64 to 0.88)"; "NE" where there is no estimate."""
    return interval(ratio(value), ratio(lower), ratio(upper))


def percent(fraction: Number, n: int | None = None) -> str:
    """A fraction as a percentage: no decimal, or one where `n` patients carry it. Print x/n beside it."""
    if fraction is None or math.isnan(fraction):
        return NOT_ESTIMABLE
    return f"{100 * fraction:.{_percent_decimals(n)}f}%"


def percent_interval(fraction: Number, lower: Number, upper: Number, n: int | None = None) -> str:
    """A percentage with its limits: "27% (18 to 38%)"."""
    low = percent(lower, n).removesuffix("%")
    return interval(percent(fraction, n), low, percent(upper, n))


def signed_percent(percentage: Number) -> str:
    """A change that is already in percent, with its sign: "−32%", "+7%"."""
    if percentage is None or math.isnan(percentage):
        return NOT_ESTIMABLE
    return _signed(f"{percentage:+.0f}%")


def count(n: Number) -> str:
    """A count with thin spaces between thousands; a dash where it may not be printed."""
    if n is None or math.isnan(n):
        return MISSING
    return f"{round(n):,}".replace(",", THIN_SPACE).replace("-", MINUS)


def out_of(x: Number, n: Number) -> str:
    """x/n, as it stands beside every percentage."""
    return f"{count(x)}/{count(n)}"


def rate(x: Number, n: Number) -> str:
    """A rate with its denominator: "27% (12/45)"; "2/3" alone where n is below five."""
    if x is None or n is None or math.isnan(x) or math.isnan(n) or n < RATE_FROM_N:
        return out_of(x, n)
    return f"{percent(x / n, round(n))} ({out_of(x, n)})"


def interval(value: str, lower: str, upper: str) -> str:
    """Three texts as an estimate with limits: "0.75 (0.64 to 0.88)"; without an estimate the limits say nothing."""
    return value if value == NOT_ESTIMABLE else f"{value} ({lower} to {upper})"


def measured(value: Number) -> str:
    """A measured value in its own unit, three significant digits: "0.012", "3.4", "1 250"."""
    if value is None or math.isnan(value):
        return MISSING
    if value == 0 or abs(value) >= 100:
        return count(value)
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".").replace("-", MINUS)


def _percent_decimals(n: int | None) -> int:
    return 1 if n is not None and n >= DECIMAL_FROM_N else 0


def _signed(text: str) -> str:
    """A true minus sign; a difference that rounds to nothing has no sign."""
    if not text.strip("+-0.%"):
        return text.lstrip("+-")
    return text.replace("-", MINUS)


def one_line(text: str) -> str:
    """A text of somebody else on one line: it may hold line ends and what steers a terminal."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
