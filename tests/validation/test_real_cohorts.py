"""The catalogue's cohorts: no errors, and every warning is true and accepted with a reason."""

from __future__ import annotations

import pytest

from tests.shared import real_cohorts
from tilexplorer import catalog
from tilexplorer.fetch import fetch
from tilexplorer.importers.mapping import Mapped
from tilexplorer.validation.check import Checked, check_files

pytestmark = pytest.mark.cohorts


def checked(mapped: Mapped) -> Checked:
    mirror = str(real_cohorts())
    return check_files(mapped, {k: fetch(file, mirror, catalog.DOWNLOADS) for k, file in mapped.files.items()})


@pytest.mark.parametrize("name", [name for name in catalog.names() if name != "tcga"])
def test_a_real_cohort_gives_no_finding(name: str) -> None:
    found = checked(catalog.entry(name))
    assert [f.sentence for f in found.report.findings] == []
    assert found.canonical is not None


def test_tcga_has_intervals_that_end_after_death() -> None:
    """Eleven intervals to progression and three without disease, counted in the source file by hand."""
    report = checked(catalog.entry("tcga")).report
    assert not report.blocks(strict=True)
    rules = [f.rule for f in report.findings]
    assert (rules.count("outcome.pfi_after_os"), rules.count("outcome.dfi_after_os"), len(rules)) == (11, 3, 14)
    worst = next(f for f in report.findings if f.row == 9366 and f.column == "PFI.time")
    assert (worst.value, worst.problem) == ("467", "pfi of 467 days is longer than os of 21 days")
    assert all(f.accepted for f in report.findings)
