"""Every rule of the report has a name that a mapping may accept, and that the documentation explains."""

from __future__ import annotations

import re

from tests.shared import ROOT
from tilexplorer import vocabulary
from tilexplorer.importers.rule_names import RULES

SUBJECTS = sorted({rule.partition(".")[0] for rule in RULES})
NAMES = re.compile(r'f?"((?:' + "|".join(SUBJECTS) + r')\.[a-z_{}]+)"')


def written() -> set[str]:
    """The rules in the code of importers, validation and recognition; of those with an endpoint one for each."""
    found = set()
    for room in ("importers", "validation", "recognise"):
        for path in (ROOT / "tilexplorer" / room).rglob("*.py"):
            if path.name != "rule_names.py":
                found |= set(NAMES.findall(path.read_text(encoding="utf-8")))
    return {rule.replace("{name}", endpoint) for rule in found for endpoint in vocabulary.ENDPOINTS}


def test_every_rule_can_be_named() -> None:
    assert written() == RULES


def test_every_subject_is_explained() -> None:
    text = (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")
    assert not [subject for subject in SUBJECTS if f"`{subject}." not in text]
