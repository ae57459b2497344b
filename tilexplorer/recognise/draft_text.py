"""A draft as TOML text: the mapping, and what is open as comments beside it."""

from __future__ import annotations

from tilexplorer.importers.mapping import Mapped
from tilexplorer.importers.mapping_toml import write_mapping
from tilexplorer.recognise.draft import Draft
from tilexplorer.recognise.propose import mapping_of

# Keys without which nothing can be imported, by the question that is open.
_KEYS = {"tumour": "patients.tumour", "regimen": "patients.regimen", "patient": "patients.id"}


def draft_text(draft: Draft) -> str:
    """The mapping of a draft as TOML, open questions as comments; required keys without an answer are left open."""
    mapped = mapping_of(draft)
    comments: dict[str, list[str]] = {"": ["Draft of a mapping: read it, answer what stands behind OPEN, correct it."]}
    comments[""] += [f"NOTICED: {line}." for line in draft.noticed]
    for question in draft.questions():
        mark = "OPEN, required" if question.required else "OPEN"
        comments.setdefault(_section(mapped, question.section), []).append(f"{mark}: {question.text}.")
    required = [question.id for question in draft.questions() if question.required]
    return write_mapping(mapped, comments, [_KEYS[name] for name in required if name in _KEYS])


def _section(mapped: Mapped, wanted: str) -> str:
    """The section that a comment stands above; the patients' where it was not written."""
    group, _, name = wanted.partition(".")
    there = {
        "endpoints": [endpoint.id for endpoint in mapped.endpoints],
        "measures": list(mapped.measures),
        "files": list(mapped.files),
    }
    return wanted if name in there.get(group, [name]) else "patients"
