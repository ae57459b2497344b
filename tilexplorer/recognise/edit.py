"""Changes to a draft. Each gives a new draft and leaves the old one as it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from tilexplorer import vocabulary
from tilexplorer.errors import InvalidMapping
from tilexplorer.importers.mapping import DAYS, Measure, Regimen, Study
from tilexplorer.importers.score_step import SCALES
from tilexplorer.importers.strict import nearest
from tilexplorer.recognise import meanings, measured, names
from tilexplorer.recognise.columns import as_role, recognise
from tilexplorer.recognise.draft import Draft
from tilexplorer.recognise.expression_scale import Guessed
from tilexplorer.recognise.guess import ROLES, SEVERAL, Details, Recognised
from tilexplorer.recognise.source import Source, read_as
from tilexplorer.recognise.workbook import sniff_workbook

# Roles of ids, which may be replaced on import.
OF_IDS: Final = ("patient", "sample", "lesion")
# Roles that a file has once for each endpoint.
OF_ENDPOINTS: Final = ("time", "status")


def set_role(draft: Draft, column: str, role: str, file: str = "") -> Draft:
    """The draft with a column in another role; a column that had the role, where a file has it once, is left out.

    A column that says who a patient is becomes an id only with the ids replaced by pseudonyms.

    Raises
    ------
    InvalidMapping
        No such role, file or column.
    """
    _known(role, ROLES, "role")
    source = draft.source(file)
    one = _column(source, column)
    if not column:
        raise InvalidMapping(f"{source.file.name}: a column without a name cannot be read; give it a name in the file")
    details = _placed(source, column, role)
    samples = () if role == "identifying" else source.profile(column).shown
    made = replace(
        one, role=role, details=details, confidence=1.0, why="was chosen by you", confirmed=True, samples=samples
    )
    private = one.role == "identifying" and role in OF_IDS
    return _with(replace(draft, pseudonymous=draft.pseudonymous or private), chosen(source, made))


def _placed(source: Source, column: str, role: str) -> Details:
    """The details of a column in a role; a time or a status whose name says it is of its endpoint."""
    profile = source.profile(column)
    details = as_role(profile, role)
    if role in OF_ENDPOINTS and not details.endpoint:
        return replace(details, endpoint=names.first("endpoints", profile.folded))
    return details


def chosen(source: Source, made: Recognised) -> Source:
    """The file with this column as a person chose it, and without the one whose place it takes."""
    for other in source.of(made.role):
        same = other.details.endpoint == made.details.endpoint != "" if made.role in OF_ENDPOINTS else True
        if (made.role not in SEVERAL or made.role in OF_ENDPOINTS) and same and other.column != made.column:
            source = source.replaced(replace(other, role="ignored", why=f"'{made.column}' was chosen instead"))
    return source.replaced(made)


def keep_role(draft: Draft, column: str, file: str = "") -> Draft:
    """The draft with a column confirmed as what it was taken for, with all its details."""
    source = draft.source(file)
    one = replace(_column(source, column), confidence=1.0, why="was confirmed by you", confirmed=True)
    return _with(draft, source.replaced(one))


def set_endpoint(draft: Draft, column: str, endpoint: str, file: str = "") -> Draft:
    """The draft with a time or a status that belongs to another endpoint; the column that it had is left out."""
    _known(endpoint, vocabulary.ENDPOINTS, "endpoint")
    draft = _detailed(draft, file, column, lambda details: replace(details, endpoint=endpoint))
    source = draft.source(file)
    return _with(draft, chosen(source, source.column(column)))


def set_unit(draft: Draft, endpoint: str, unit: str) -> Draft:
    """The draft with an endpoint's times in another unit: days, weeks, months or years."""
    _known(unit, DAYS, "unit of time")
    source, one = _endpoint_column(draft, "time", endpoint)
    return _detailed(draft, source.key, one.column, lambda details: replace(details, unit=unit))


def set_event(draft: Draft, endpoint: str, event: Sequence[str], censored: Sequence[str] | None = None) -> Draft:
    """The draft with other values that mean the event; the remaining values are censored where none are given."""
    source, one = _endpoint_column(draft, "status", endpoint)
    values = (*source.profile(one.column).values, *(value for value in one.details.censored if value == ""))
    for value in event:
        _known(value, values, f"value of column '{one.column}'")
    rest = tuple(value for value in values if value not in event) if censored is None else tuple(censored)
    return _detailed(draft, source.key, one.column, lambda details: replace(details, event=tuple(event), censored=rest))


def set_map(draft: Draft, column: str, map: Mapping[str, str], file: str = "") -> Draft:
    """The draft with other meanings of a column's values."""
    return _detailed(draft, file, column, lambda details: replace(details, map=tuple(map.items())))


def set_word(draft: Draft, column: str, value: str, meaning: str, file: str = "") -> Draft:
    """The draft with another meaning of one value of a column, "" where it means not recorded; the others stay.

    Raises
    ------
    InvalidMapping
        No such column or value, or a meaning that its role does not have.
    """
    source = draft.source(file)
    one = _column(source, column)
    _known(value, source.profile(column).values, f"value of column '{column}'")
    if meaning:
        _known(meaning, meanings.words_of(one), f"meaning of a value of column '{column}'")
    # A value that a token of the file hides for now keeps its meaning.
    said = {**dict(one.details.map), **meanings.said(source, one), value: meaning}
    return set_map(draft, column, said, file)


def set_regimen_word(draft: Draft, column: str, value: str, components: Sequence[str], file: str = "") -> Draft:
    """The draft with the regimen that one value of a column means; without components it has none yet.

    Raises
    ------
    InvalidMapping
        A component that the vocabulary does not have.
    """
    try:
        Regimen(column=column, map={value: tuple(components)} if components else {})
    except ValueError as fault:
        raise InvalidMapping(str(fault)) from fault

    def changed(details: Details) -> Details:
        said = {**dict(details.regimens), value: tuple(components)}
        return replace(details, regimens=tuple((word, parts) for word, parts in said.items() if parts))

    return replace(_detailed(draft, file, column, changed), regimen=None)


def set_regimen(
    draft: Draft,
    components: Sequence[str] = (),
    column: str = "",
    map: Mapping[str, Sequence[str]] | None = None,
) -> Draft:
    """The draft with a regimen: the same components for all patients, or those of each value of a column.

    Without either the regimen is again what the column of that role says.

    Raises
    ------
    InvalidMapping
        A component that the vocabulary does not have.
    """
    if not components and not column:
        return replace(draft, regimen=None)
    try:
        made = Regimen(
            components=tuple(components),
            column=column,
            map={value: tuple(names) for value, names in (map or {}).items()},
        )
    except ValueError as fault:
        raise InvalidMapping(str(fault)) from fault
    return replace(draft, regimen=made)


def set_tumour(draft: Draft, code: str) -> Draft:
    """The draft with one tumour type for all patients; an empty code goes back to the column."""
    if code:
        _known(code, vocabulary.tumours(), "OncoTree code")
    return replace(draft, tumour=code)


def set_pseudonymous(draft: Draft, on: bool) -> Draft:
    """The draft with its ids replaced by pseudonyms on import, or as the files have them."""
    return replace(draft, pseudonymous=on)


def set_measure(
    draft: Draft,
    column: str,
    measure: str,
    *,
    file: str = "",
    factor: float | None = None,
    timepoint: str | None = None,
    tissue: str | None = None,
    unit: str = "",
    assay: str = "",
) -> Draft:
    """The draft with a column as a measured value; what is not given stays as it was recognised."""
    _known(measure, vocabulary.measures(), "measure")
    for word, words, what in ((timepoint, vocabulary.TIMEPOINTS, "timepoint"), (tissue, vocabulary.TISSUES, "tissue")):
        if word:
            _known(word, words, what)
    one = _column(draft.source(file), column)
    draft = draft if one.role == "measure" else set_role(draft, column, "measure", file)

    profile = draft.source(file).profile(column)

    def changed(details: Details) -> Details:
        given: dict[str, Any] = {"factor": factor, "timepoint": timepoint, "tissue": tissue}
        # Levels and factor belong to a measure: those of the measure before are not those of this one.
        made = details if details.measure == measure else measured.as_measure(profile, measure, details)
        return replace(made, **{name: v for name, v in given.items() if v is not None})

    draft = _detailed(draft, file, column, changed)
    old = draft.measures.get(measure, Measure())
    card = replace(old, unit=unit or old.unit, assay=assay or old.assay)
    return replace(draft, measures={**draft.measures, measure: card}) if card != old else draft


def set_missing(draft: Draft, tokens: Sequence[str], file: str = "") -> Draft:
    """The draft with other tokens that mean missing; columns are recognised again, but for those that were chosen."""
    source = draft.source(file)
    if source.matrix is not None:
        return _with(draft, replace(source, file=replace(source.file, missing=tuple(tokens))))
    again = recognise(source.frame, tuple(tokens))
    columns = tuple(old if old.confirmed else new for old, new in zip(source.columns, again, strict=True))
    return _with(draft, replace(source, file=replace(source.file, missing=tuple(tokens)), columns=columns))


def set_part(draft: Draft, part: str, path: Path, file: str = "") -> Draft:
    """The draft with another sheet of a workbook, or another object of R's file, that is at `path`.

    Raises
    ------
    InvalidMapping
        The file has no such sheet or object.
    UnreadableFile
        It is no table.
    """
    source = draft.source(file)
    _known(part, source.parts, f"sheet or object of {source.file.name}")
    if source.file.format == "excel":
        found, _, why, _ = sniff_workbook(path, part)
    else:
        found, why = replace(source.file, object=part), (f"the object '{part}' of {len(source.parts)}",)
    parts = (part, *(other for other in source.parts if other != part))
    made = read_as(path, found, why, 1.0, parts)
    return _with(draft, replace(made, key=source.key))


def set_scale(draft: Draft, scale: str, offset: float | None = None, file: str = "") -> Draft:
    """The draft with what the numbers of a matrix are, and what was or is to be added before the logarithm.

    Raises
    ------
    InvalidMapping
        No such scale or file, a file that is no matrix, an offset that is not above 0.
    """
    _known(scale, SCALES, "scale")
    held = [source for source in draft.sources if source.matrix is not None and file in ("", source.key)]
    if not held or held[0].matrix is None:
        raise InvalidMapping(f"{draft.source(file).file.name} is no matrix of gene expression: it has no scale")
    if offset is not None and offset <= 0:
        raise InvalidMapping(f"{offset:g} is no offset: what is added before the logarithm is a number above 0")
    said = Guessed(scale, offset, 1.0, "was chosen by you")
    return _with(draft, replace(held[0], matrix=replace(held[0].matrix, scale=said, confirmed=True)))


def set_card(draft: Draft, **changes: Any) -> Draft:
    """The draft with another cohort card: id, title, citation, doi, licence, population, notes ..."""
    try:
        made = replace(draft.cohort, **changes)
    except (TypeError, ValueError) as fault:
        raise InvalidMapping(f"the cohort's card cannot be changed so: {fault}") from fault
    # A study that nobody named is called as its cohort.
    studies = tuple(
        replace(study, id=made.id, title=made.title) if study.id == draft.cohort.id else study
        for study in draft.studies
    )
    return replace(draft, cohort=made, studies=studies)


def set_study(draft: Draft, **changes: Any) -> Draft:
    """The draft with its study changed: id, title, criteria, setting, randomised, confirmed ...

    Where a column says the studies, each of them is changed so; their ids and titles are the column's.
    """
    old = draft.studies[0] if draft.studies else Study(draft.cohort.id, draft.cohort.title)
    try:
        return replace(draft, studies=(replace(old, **changes),))
    except (TypeError, ValueError) as fault:
        raise InvalidMapping(f"the study cannot be changed so: {fault}") from fault


def set_t0(draft: Draft, endpoint: str, t0: str, means: str = "") -> Draft:
    """The draft with where the clock of an endpoint starts, and what its event is."""
    _known(endpoint, vocabulary.ENDPOINTS, "endpoint")
    said = {**draft.means, endpoint: means} if means else draft.means
    return replace(draft, t0={**draft.t0, endpoint: t0}, means=said)


def set_timepoint(draft: Draft, timepoint: str) -> Draft:
    """The draft with a timepoint for the samples of which no column says it."""
    _known(timepoint, vocabulary.TIMEPOINTS, "timepoint")
    return replace(draft, timepoint=timepoint)


def confirm(draft: Draft, *questions: str) -> Draft:
    """The draft with these questions, by id, answered as proposed."""
    return replace(draft, confirmed=draft.confirmed | set(questions))


def _with(draft: Draft, source: Source) -> Draft:
    return replace(draft, sources=tuple(source if old.key == source.key else old for old in draft.sources))


def _detailed(draft: Draft, file: str, column: str, change: Callable[[Details], Details]) -> Draft:
    source = draft.source(file)
    one = _column(source, column)
    why = "was chosen by you"
    return _with(
        draft,
        source.replaced(replace(one, details=change(one.details), confidence=1.0, why=why, confirmed=True)),
    )


def _column(source: Source, name: str) -> Recognised:
    _known(name, [one.column for one in source.columns], f"column of {source.file.name}")
    return source.column(name)


def _endpoint_column(draft: Draft, role: str, endpoint: str) -> tuple[Source, Recognised]:
    for source in draft.sources:
        for one in source.of(role):
            if one.details.endpoint == endpoint:
                return source, one
    raise InvalidMapping(f"no column is the {role} of '{endpoint}'; choose one first")


def _known(word: str, words: Any, what: str) -> None:
    if word not in words:
        raise InvalidMapping(f"'{word}' is no {what}; {nearest(word, words)}")
