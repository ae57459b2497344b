"""A mapping whose ids are replaced on import: of patients, samples and lesions alike, since any may hold a number."""

from __future__ import annotations

from dataclasses import replace

from tilexplorer.importers.mapping import Mapped, Rule, Samples


def pseudonymous(mapped: Mapped) -> Mapped:
    """The mapping with `pseudonym = true` wherever an id is read."""
    patients = replace(mapped.patients, id=_replaced(mapped.patients.id))
    return replace(mapped, patients=patients, samples=tuple(_block(block) for block in mapped.samples))


def _block(block: Samples) -> Samples:
    lesion = None if block.lesion is None else _replaced(block.lesion)
    return replace(block, patient=_replaced(block.patient), sample=_replaced(block.sample), lesion=lesion)


def _replaced(rule: Rule) -> Rule:
    """A constant is no id of anybody."""
    return replace(rule, pseudonym=True) if rule.sources else rule
