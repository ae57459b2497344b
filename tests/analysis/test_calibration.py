"""The survival and response views ask the calibration for what they print, at the size of their smallest group."""

from __future__ import annotations

from tilexplorer.analysis import calibration


def test_small_groups_are_told_what_falls_short() -> None:
    (said,) = calibration.of_survival("log-log", [20, 80], ordered=False)
    assert "groups as small as 20" in said
    assert "the interval of the restricted mean held the truth in 9" in said
    assert "the limits of the curves" not in said
    assert "log-rank" not in said


def test_the_limits_that_were_chosen_are_the_ones_that_are_judged() -> None:
    assert "the limits of the curves" in calibration.of_survival("log", [20], ordered=False)[0]
    assert "difference" not in calibration.of_survival("log", [20], ordered=False)[0]


def test_large_groups_and_rates_need_no_caution() -> None:
    assert calibration.of_survival("log-log", [300, 400, 500], ordered=True) == ()
    assert calibration.of_response("clopper-pearson", [20, 30], ordered=True) == ()
    assert calibration.of_survival("log-log", [], ordered=True) == ()
