"""Agreement of two measures, against numbers from the papers and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tilexplorer.statistics.agreement import bland_altman, cohen_kappa


def test_kappa_of_a_table_by_hand() -> None:
    # 20 + 15 of 50 agree, 0.5 expected: kappa 0.4.
    found = cohen_kappa([[20, 5], [10, 15]])
    assert found.value == pytest.approx(0.4)
    assert found.lower < 0.4 < found.upper


def test_kappa_is_one_for_full_agreement_and_zero_for_independence() -> None:
    assert cohen_kappa([[10, 0], [0, 10]]).value == pytest.approx(1)
    assert cohen_kappa([[10, 10], [10, 10]]).value == pytest.approx(0)


def test_kappa_agrees_with_statsmodels() -> None:
    from statsmodels.stats.inter_rater import cohens_kappa

    table = np.array([[30, 4, 1], [6, 22, 5], [2, 7, 23]])
    other, found = cohens_kappa(table), cohen_kappa(table)
    assert found.value == pytest.approx(other.kappa, rel=1e-12)
    assert found.std_error == pytest.approx(other.std_kappa, rel=1e-9)


def test_kappa_without_a_choice_is_not_estimable() -> None:
    found = cohen_kappa([[10, 0], [0, 0]])
    assert (found.shown, found.reason) == (False, "all patients are in one level")


def test_a_table_that_is_not_square_is_refused() -> None:
    with pytest.raises(ValueError, match="square"):
        cohen_kappa([[1, 2, 3], [4, 5, 6]])


def test_bland_altman_by_hand() -> None:
    first = np.arange(12.0)
    second = first + np.tile([1.0, 3.0], 6)
    found = bland_altman(first, second)
    assert found.mean.value == pytest.approx(2)
    assert found.high - found.low == pytest.approx(2 * 1.959963984540054 * np.std(second - first, ddof=1))


def test_ratios_are_of_densities() -> None:
    first = np.linspace(1, 100, 30)
    found = bland_altman(first, 4 * first + 3, ratio=True)  # (4x + 3 + 1) / (x + 1) = 4
    assert found.mean.value == pytest.approx(4)
    assert (found.low, found.high) == pytest.approx((4, 4))


def test_few_pairs_have_no_limits() -> None:
    assert "only 3 patients" in bland_altman([1, 2, 3], [1, 2, 4]).mean.reason
