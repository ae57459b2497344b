"""How a measure becomes low, intermediate or high: the level rules and the cuts they give.

A cut is computed within cohort x study x tumour type (and so within one assay) from the baseline values of every
eligible patient, before any outcome or therapy filter, and is stored with the generation: it does not move when a
filter moves. Quantiles are R's type 7, and a value equal to the cut is low.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from tilexplorer.errors import InvalidQuery
from tilexplorer.vocabulary import LEVELS

RECORDED: Final = "recorded"
QUANTILE_RULES: Final = ("median", "tertile", "quartile")

# Section 8 of the statistical specification: fewer values than this do not carry the rule.
SMALLEST_MEDIAN: Final = 20
SMALLEST_TERTILE: Final = 60

# Every quantile that a rule may ask for, computed together.
PROBABILITIES: Final = (0.25, 1 / 3, 0.5, 2 / 3, 0.75)
_BY_RULE: Final[Mapping[str, tuple[int, ...]]] = MappingProxyType(
    {"median": (2,), "tertile": (1, 3), "quartile": (0, 2, 4)}
)

_FIXED: Final = re.compile(r"cut:(-?\d+(?:\.\d+)?(?:e-?\d+)?)(?:,(-?\d+(?:\.\d+)?(?:e-?\d+)?))?", re.IGNORECASE)

RULE_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        RECORDED: "as recorded by the source",
        "median": "median split within cohort, study and tumour type",
        "tertile": "tertiles within cohort, study and tumour type",
        "quartile": "quartiles within cohort, study and tumour type",
    }
)


@dataclass(frozen=True, slots=True)
class LevelRule:
    """A rule as a query names it: recorded, median, tertile, quartile, or one or two fixed cuts.

    `fixed` holds the cuts of a `cut:` rule in the measure's unit, ascending; it is empty for the others.
    """

    name: str
    fixed: tuple[float, ...] = ()

    @property
    def words(self) -> str:
        """The rule as a page prints it."""
        if not self.fixed:
            return RULE_WORDS[self.name]
        return "chosen cut at " + " and ".join(f"{cut:g}" for cut in self.fixed)

    @property
    def levels(self) -> tuple[str, ...]:
        """Level names that a fixed cut makes, cold to hot."""
        return LEVELS["median"] if len(self.fixed) == 1 else LEVELS["tertile"]


def parse_rule(text: str) -> LevelRule:
    """The rule that a query's `rule` names; InvalidQuery says what is allowed."""
    if text == RECORDED or text in QUANTILE_RULES:
        return LevelRule(text)
    match = _FIXED.fullmatch(text)
    if match is None:
        raise InvalidQuery(
            f"rule '{text}' is unknown: use recorded, median, tertile, quartile, cut:<x> or cut:<x>,<y> with x < y"
        )
    cuts = tuple(float(part) for part in match.groups() if part is not None)
    if list(cuts) != sorted(set(cuts)):
        raise InvalidQuery(f"rule '{text}': the second cut must be above the first")
    return LevelRule("cut", cuts)


@dataclass(frozen=True, slots=True)
class Cuts:
    """What a rule became for one cohort, study and tumour type.

    `scheme` names the level set in the vocabulary ("" where there is none), `points` the cuts ascending in the
    measure's unit, `n` the patients they were computed on, `reason` why the rule was not applied as asked.
    """

    scheme: str
    points: tuple[float, ...]
    n: int
    reason: str = ""


def cuts(rule: str, quantiles: tuple[float, ...], smallest: float, n: int) -> Cuts:
    """Apply a quantile rule by the size of the group, falling to a median split, then to no level.

    Parameters
    ----------
    rule : one of QUANTILE_RULES.
    quantiles : the values at PROBABILITIES, type 7, in the measure's unit.
    smallest : the smallest value.
    n : values in the group.
    """
    if n < SMALLEST_MEDIAN:
        return Cuts("", (), n, f"fewer than {SMALLEST_MEDIAN} measured patients: no level")
    if rule != "median" and n < SMALLEST_TERTILE:
        fallen = cuts("median", quantiles, smallest, n)
        reason = f"fewer than {SMALLEST_TERTILE} measured patients: median split"
        return Cuts(fallen.scheme, fallen.points, n, fallen.reason or reason)
    values = tuple(quantiles[i] for i in _BY_RULE[rule])
    if values[0] > smallest and len(set(values)) == len(values):
        return Cuts(rule, values, n)
    return _tied(rule, quantiles, smallest, n)


def _tied(rule: str, quantiles: tuple[float, ...], smallest: float, n: int) -> Cuts:
    """The lowest cut is the smallest value, or two cuts coincide: the rule cannot make its groups."""
    if smallest == 0 and quantiles[_BY_RULE[rule][0]] == 0:
        return Cuts("presence", (0.0,), n, "the lowest cut is zero: absent against present")
    if rule != "median" and quantiles[2] > smallest and not math.isnan(quantiles[2]):
        return Cuts("median", (quantiles[2],), n, "tied values at the cuts: median split")
    return Cuts("", (), n, "too many tied values: no level")
