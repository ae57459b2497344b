"""Cohorts and selections as files for others: a bundle of canonical tables, or a cBioPortal study."""

from __future__ import annotations

from tilexplorer.export.bundle import write_bundle
from tilexplorer.export.cbioportal import write_studies
from tilexplorer.export.extract import Extract, of_cohorts, of_selection

__all__ = ["Extract", "of_cohorts", "of_selection", "write_bundle", "write_studies"]
