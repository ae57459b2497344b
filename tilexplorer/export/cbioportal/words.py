"""The words that lie beside the studies, for somebody who has only the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from tilexplorer.export.extract import Extract


def notes(extract: Extract, studies: Mapping[str, str], obstacles: Mapping[str, str]) -> str:
    """README.txt; `studies` gives the cohort of each study folder, `obstacles` why a study has no mapping."""
    parts = [*_what(extract), *_studies(extract, studies), *_reading(), *_import(studies, obstacles)]
    return "\n".join(parts) + "\n"


def _what(extract: Extract) -> Iterator[str]:
    yield "TIL Explorer: cBioPortal studies"
    yield ""
    yield f"{extract.n:,} patients of generation {extract.generation}."
    if extract.query:
        yield f"They are the patients of this selection: {extract.query}"
    for cohort, reason in extract.left_out:
        yield f"Left out: {cohort}, because {reason}."
    if extract.simulated:
        yield "SIMULATED: some or all of the patients are made by a recipe. They are no evidence of anything."
    yield ""


def _studies(extract: Extract, studies: Mapping[str, str]) -> Iterator[str]:
    cards = extract.tables["cohort"].set_index("cohort")
    for study, cohort in studies.items():
        card = cards.loc[cohort]
        yield f"{study}/: {card['title']}, {extract.counts[cohort]:,} of {extract.held[cohort]:,} patients"
        for key in ("citation", "doi", "licence"):
            yield f"  {key}: {card[key] if pd.notna(card[key]) and card[key] else 'not stated by the source'}"
        if pd.notna(card["note"]) and card["note"]:
            yield from (f"  {line}" for line in str(card["note"]).splitlines())
    yield ""


def _reading() -> Iterator[str]:
    yield "Each folder is loaded as a study of its own. What to know when reading it:"
    yield "- Where the clock of an endpoint starts stands in the description of its _MONTHS attribute."
    yield "- Day 0 of the timelines is the start of treatment, not the diagnosis. When treatment ended is not known."
    yield "- PLACEHOLDER is TRUE on rows that stand for patients of whom the source has no sample."
    yield "- A text that a spreadsheet would run as a formula has an apostrophe in front."
    yield "- Tabs and line breaks within a text became blanks."
    yield "- Studies without disease-free survival cause the validator's warning about DFS; nothing is missing."


def _import(studies: Mapping[str, str], obstacles: Mapping[str, str]) -> Iterator[str]:
    yield ""
    yield "STUDY.toml beside a study's folder is its mapping: with it TIL Explorer reads the study back."
    for study in studies:
        if study in obstacles:
            yield f"  {study} has none: {obstacles[study]}"
        else:
            yield f"  python -m tilexplorer import THIS.zip --mapping {study}.toml"
