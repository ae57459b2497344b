"""What a person said of files before they were dropped again, kept for the draft of the new ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tilexplorer.recognise import missing
from tilexplorer.recognise.draft import Draft
from tilexplorer.recognise.edit import chosen, set_missing
from tilexplorer.recognise.source import Source

# A file with so many columns in common is the same file: mended, or under another name.
_SAME: Final = 0.8


def carried(old: Draft, new: Draft) -> Draft:
    """The new draft with what was confirmed or corrected in the old one, for each file that is there again.

    A file is there again where its columns are nearly those of before, or where a matrix has its name. Of other files
    nothing is kept: then the new draft comes back as it is.
    """
    again = {source.key: before for source in new.sources if (before := _before(old, source)) is not None}
    if not again:
        return new
    made = new
    for key, before in again.items():
        made = _with_tokens(made, key, before)
    sources = tuple(_corrected(source, again.get(source.key)) for source in made.sources)
    return replace(
        old, sources=sources, confirmed=old.confirmed | new.confirmed, cohort=old.cohort, studies=old.studies
    )


def _before(old: Draft, source: Source) -> Source | None:
    """The file of before that this one is again."""
    for one in old.sources:
        both = one.matrix is not None, source.matrix is not None
        if both == (True, True) and one.file.name == source.file.name:
            return one
        names, there = {c.column for c in one.columns}, {c.column for c in source.columns}
        if both == (False, False) and len(names & there) >= _SAME * len(names | there):
            return one
    return None


def _with_tokens(draft: Draft, key: str, before: Source) -> Draft:
    """The draft with the tokens of before, where they were not those that were found."""
    if before.matrix is not None or before.file.missing == (missing.tokens(before.frame) or ("NA",)):
        return draft
    return set_missing(draft, before.file.missing, key)


def _corrected(source: Source, before: Source | None) -> Source:
    if before is None:
        return source
    if before.matrix is not None and source.matrix is not None and before.matrix.confirmed:
        return replace(source, matrix=replace(source.matrix, scale=before.matrix.scale, confirmed=True))
    there = {one.column: one for one in source.columns}
    for one in before.columns:
        if one.confirmed and one.column in there:
            source = chosen(source, replace(one, samples=there[one.column].samples))
    return source
