"""Numbers as text, as LOOK asks."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from tilexplorer import formatting as f

NAN = math.nan


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f.p_value(0.0009999), "< 0.001"),
        (f.p_value(0.001), "0.001"),
        (f.p_value(0.04), "0.040"),
        (f.p_value(1), "1.000"),
        (f.p_phrase(0.4), "p = 0.400"),
        (f.p_phrase(1e-9), "p < 0.001"),
        (f.p_phrase(None), "p not estimable"),
        (f.months(365.25), "12.0"),
        (f.median(365.25, 300, NAN), "12.0 (9.9 to NE)"),
        (f.median(NAN, 300, NAN), "NR (9.9 to NE)"),
        (f.signed_months(30.4375), "+1.0"),
        (f.signed_months(-60.875), "−2.0"),
        (f.signed_months(0.1), "0.0"),
        (f.ratio(0.746), "0.75"),
        (f.ratio(0.001), "< 0.01"),
        (f.ratio(math.inf), "> 100"),
        (f.ratio_interval(0.75, 0.64, 0.88), "0.75 (0.64 to 0.88)"),
        (f.ratio_interval(NAN, 0.64, 0.88), "NE"),
        (f.percent(0.274), "27%"),
        (f.percent(0.274, 199), "27%"),
        (f.percent(0.274, 200), "27.4%"),
        (f.percent_interval(0.27, 0.18, 0.38), "27% (18 to 38%)"),
        (f.percent_interval(0.27, NAN, 0.38), "27% (NE to 38%)"),
        (f.signed_percent(-31.6), "−32%"),
        (f.signed_percent(0.2), "0%"),
        (f.count(1284), "1\u2009284"),
        (f.count(1234567.0), "1\u2009234\u2009567"),
        (f.count(999), "999"),
        (f.out_of(12, 1200), "12/1\u2009200"),
        (f.rate(12, 45), "27% (12/45)"),
        (f.rate(2, 4), "2/4"),
        (f.rate(0, 0), "0/0"),
        (f.rate(None, 45), "–/45"),
        (f.measured(0.01234), "0.0123"),
        (f.measured(3.4), "3.4"),
        (f.measured(-3.4), "−3.4"),
        (f.measured(0), "0"),
        (f.measured(1250.4), "1\u2009250"),
    ],
)
def test_numbers_have_one_form(text: str, expected: str) -> None:
    assert text == expected


@pytest.mark.parametrize("missing", [None, NAN])
@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (f.p_value, "NE"),
        (f.months, "NE"),
        (f.signed_months, "NE"),
        (f.ratio, "NE"),
        (f.percent, "NE"),
        (f.signed_percent, "NE"),
        (f.count, "–"),
        (f.measured, "–"),
    ],
)
def test_what_is_missing_has_a_name(
    function: Callable[[float | None], str], expected: str, missing: float | None
) -> None:
    assert function(missing) == expected
    assert expected in f.EXPLANATIONS
    assert f.is_missing(missing)
