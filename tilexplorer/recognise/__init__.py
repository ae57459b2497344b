"""What an unknown file holds: its format, its columns, and a mapping that a person confirms or corrects.

draft = recognise.draft([Path("clinical.csv")])     # columns with roles, confidence and reasons
draft = edit.set_tumour(draft, "MEL")               # every correction gives a new draft
draft.questions(), draft.missing()                  # what is open, what is still needed
preview(draft.mapped(), draft.frames)               # what would be counted
draft.text()                                        # the TOML that the catalogue and the command line use
"""

from __future__ import annotations

from tilexplorer.recognise.columns import recognise
from tilexplorer.recognise.draft import Draft, Question, draft, draft_of
from tilexplorer.recognise.format import Sniffed, sniff
from tilexplorer.recognise.guess import ROLES, Details, Guess, Recognised
from tilexplorer.recognise.preview import EndpointCount, MeasureCount, Preview, preview
from tilexplorer.recognise.source import Source, look, read_as

__all__ = [
    "ROLES",
    "Details",
    "Draft",
    "EndpointCount",
    "Guess",
    "MeasureCount",
    "Preview",
    "Question",
    "Recognised",
    "Sniffed",
    "Source",
    "draft",
    "draft_of",
    "look",
    "preview",
    "read_as",
    "recognise",
    "sniff",
]
