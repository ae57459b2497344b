"""Names of the rules of the validation report: what `[[accept]]` may name."""

from __future__ import annotations

from typing import Final

from tilexplorer import vocabulary

_PLAIN: Final = {
    "mapping": ("required", "proposed"),
    "structure": ("unusable", "column", "unread_file"),
    "step": ("expect",),
    "join": ("repeated",),
    "cell": ("date", "empty", "flag", "number", "pattern", "unmapped", "unusable", "whole", "word"),
    "regimen": ("unknown",),
    "spreadsheet": ("date",),
    "identifier": ("birth_date", "email", "name", "record_number", "unread_column"),
    "patient": ("age", "alike", "contradiction", "duplicate", "ecog", "empty", "few", "line", "shrinkage"),
    "time": ("absurd", "mixed_units", "negative", "unit"),
    "outcome": ("dss_without_death", "status"),
    "response": ("contradicts_growth", "convention"),
    "sample": ("contradiction", "two_patients", "unknown_patient"),
    "value": ("mixed_units", "none", "range", "repeated", "unit"),
}
# With the id of an endpoint in them.
_OF_ENDPOINTS: Final = (
    "outcome.{}_after_os",
    "outcome.dead_without_{}_event",
    "outcome.progression_as_{}",
    "outcome.progression_flag_as_{}",
    "response.contradicts_{}",
)

RULES: Final = frozenset(
    [f"{subject}.{name}" for subject, names in _PLAIN.items() for name in names]
    + [rule.format(endpoint) for rule in _OF_ENDPOINTS for endpoint in vocabulary.ENDPOINTS]
)
