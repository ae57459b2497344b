"""What a person has to say, or should confirm, before a draft is used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from tilexplorer import vocabulary
from tilexplorer.recognise import meanings, words
from tilexplorer.recognise.draft import Draft, Question
from tilexplorer.recognise.guess import ROLES, Recognised
from tilexplorer.recognise.layout import PATIENT_ROLES, Layout, layout
from tilexplorer.recognise.matrix_questions import matrix_questions
from tilexplorer.recognise.propose import when_described
from tilexplorer.recognise.sampling import group
from tilexplorer.recognise.source import Source

# Columns of words that are read whether or not a word was translated.
_CANONICAL: Final = ("tumour", "response")


def questions(draft: Draft) -> tuple[Question, ...]:
    """The open questions: what is required first, then what was proposed without being sure; not those answered."""
    plan = layout(draft.sources)
    asked = [
        *_patients(draft, plan),
        *_endpoints(draft, plan),
        *_samples(draft),
        *_cards(draft, plan),
        *_files(plan),
        *matrix_questions(draft, plan),
    ]
    still = [question for question in asked if question.required or question.id not in draft.confirmed]
    return tuple(sorted(still, key=lambda question: not question.required))


def _patients(draft: Draft, plan: Layout) -> Iterator[Question]:
    if not plan.column:
        yield Question("patient", "patients", "say which column holds the patients' ids", required=True)
    if plan.stand_in:
        empty = len(plan.main.frame) - plan.main.profile(plan.column).n
        text = f"confirm that each of the {empty} rows without an id in '{plan.column}' is a patient: its "
        yield Question("patient.empty", "patients", f"{text}'{plan.stand_in}' stands in for the id", column=plan.column)
    if not draft.tumour and plan.place("tumour") is None:
        text = "say the tumour type: no column has it; one OncoTree code for all patients, or a column"
        yield Question("tumour", "patients", text, required=True)
    if draft.regimen is None and plan.place("regimen") is None:
        text = "say the regimen: no column names drugs; its components for all patients, or a column with a map"
        yield Question("regimen", "patients", text, required=True)
    yield from _unknown_regimens(draft, plan)
    yield from _unknown_words(draft, plan)
    for role in ("tumour", "regimen"):
        yield from _empty_cells(draft, plan, role)
    yield from _codes(plan)
    yield from _histology(draft, plan)
    yield from _unsure(draft, plan)


def _said(draft: Draft, role: str) -> bool:
    return bool(draft.tumour) if role == "tumour" else role == "regimen" and draft.regimen is not None


def _unknown_regimens(draft: Draft, plan: Layout) -> Iterator[Question]:
    """Values of the regimens' column of which nobody said the components."""
    place = plan.place("regimen")
    if place is None or _said(draft, "regimen"):
        return
    one = place[1].of("regimen")[0]
    known = {value for value, _ in one.details.regimens}
    yield from _words(one, "regimen", [value for value in place[1].profile(one.column).values if value not in known])


def _unknown_words(draft: Draft, plan: Layout) -> Iterator[Question]:
    """Values of columns of words that have no meaning yet."""
    for role in meanings.WORDS:
        place = plan.place(role)
        if place is None or _said(draft, role):
            continue
        one = place[1].of(role)[0]
        # A flag or a sex without any meaning is not read at all, which is asked elsewhere or seen in the preview.
        if one.details.map or role in _CANONICAL:
            yield from _words(one, role, meanings.unsaid(place[1], one))
    for source in draft.sources:
        of_samples = [*source.of("timepoint"), *source.of("tissue"), *source.of("measure")]
        for one in of_samples if source.of("measure") else []:
            label = vocabulary.measures()[one.details.measure].label if one.details.measure else one.role
            yield from _words(one, one.details.measure or one.role, meanings.unsaid(source, one), label)


def _words(one: Recognised, what: str, unknown: Sequence[str], label: str = "") -> Iterator[Question]:
    if unknown:
        listed = ", ".join(f"'{value}'" for value in unknown[:5]) + (" ..." if len(unknown) > 5 else "")
        text = f"say what {listed} in column '{one.column}' means as {label or what.replace('_', ' ')}"
        yield Question(f"{what}.words", "patients", text, required=True, column=one.column)


def _empty_cells(draft: Draft, plan: Layout, role: str) -> Iterator[Question]:
    """Patients without a tumour type or regimen: every patient needs one."""
    place = plan.place(role)
    if place is None or _said(draft, role) or place[1] is not plan.main:
        return
    one = place[1].of(role)[0]
    empty = int(place[1].profile(one.column).cells.isna().sum())
    if empty:
        text = f"{empty} rows have no {role} in column '{one.column}': say it for all patients, or leave the rows out"
        yield Question(f"{role}.empty", "patients", text, required=True, column=one.column)


def _codes(plan: Layout) -> Iterator[Question]:
    """Sex as numbers: nobody can know which is which."""
    place = plan.place("sex")
    if place is not None and not place[1].of("sex")[0].details.map:
        column = place[1].of("sex")[0].column
        text = f"say which value of column '{column}' is female and which is male; until then sex is not read"
        yield Question("sex.words", "patients", text, column=column)


def _histology(draft: Draft, plan: Layout) -> Iterator[Question]:
    """Codes that call every tumour adenocarcinoma, while another column speaks of squamous ones."""
    place = plan.place("tumour")
    if place is None or draft.tumour or place[1].of("tumour")[0].confirmed:
        return
    one = place[1].of("tumour")[0]
    if set(place[1].profile(one.column).values) & {"LUSC", "ESCC", "HNSC", "CESC"}:
        return
    for source in draft.sources:
        for other in source.columns:
            spoken = " ".join(other.samples).casefold()
            if "histolog" in other.column.casefold() and "squamous" in spoken:
                text = f"confirm the tumour type of '{one.column}': '{other.column}' speaks of squamous tumours as well"
                yield Question("tumour.histology", "patients", text, column=one.column)


def _unsure(draft: Draft, plan: Layout) -> Iterator[Question]:
    """Columns that are read and whose role is not sure."""
    apart = ("time", "status", "measure", "ignored", "identifying", "date", "unit")
    for source in draft.sources:
        for one in source.columns:
            elsewhere = one.role in PATIENT_ROLES and plan.place(one.role) not in _places(plan, source, one)
            if one.role not in apart and not one.sure and not elsewhere:
                text = f"confirm that column '{one.column}' is {ROLES[one.role]} ({one.confidence:.0%}: {one.why})"
                yield Question(_id(source, one), "patients", text, column=one.column)
            doubtful = [value for value, _ in one.details.map if words.plain(value) in words.DOUBTFUL]
            if one.role == "response" and doubtful and not one.confirmed:
                made = dict(one.details.map)[doubtful[0]]
                text = f"confirm that '{doubtful[0]}' counts as {made} in column '{one.column}'"
                yield Question("response.convention", "patients", text, column=one.column)


def _places(plan: Layout, source: Source, one: Recognised) -> list[tuple[str, Source]]:
    """How the patients' table would name a column."""
    return [(one.column if source is plan.main else f"{source.key}:{one.column}", source)]


def _id(source: Source, one: Recognised) -> str:
    return f"column.{source.key}.{one.column}"


def _endpoints(draft: Draft, plan: Layout) -> Iterator[Question]:
    for source in draft.sources:
        for one in (*source.of("time"), *source.of("status")):
            if not one.details.endpoint:
                text = f"say to which endpoint '{one.column}' belongs: it is not read until then"
                yield Question(_id(source, one), "patients", text, column=one.column)
    for name in vocabulary.ENDPOINTS:
        time, status = plan.place("time", name), plan.place("status", name)
        if (time is None) != (status is None):
            here, lacks = ("time", "status") if time else ("status", "time")
            column = (time or status or ("",))[0]
            text = f"{name.upper()} has a {here} ('{column}') but no {lacks} and is not read: say which column it is"
            yield Question(f"endpoint.{name}", "patients", text, column=column)
        if time is None or status is None:
            continue
        section = f"endpoints.{name}"
        when = next(one for one in time[1].of("time") if one.details.endpoint == name)
        what = next(one for one in status[1].of("status") if one.details.endpoint == name)
        if not when.details.unit or not what.details.event:
            text = f"{name.upper()} is not read: say the unit of '{when.column}' and the event of '{what.column}'"
            yield Question(f"endpoint.{name}", "patients", text, column=when.column)
            continue
        if not when.sure:
            text = f"confirm the unit of '{when.column}', {when.details.unit} ({when.confidence:.0%}: {when.why})"
            yield Question(f"unit.{name}", section, text, column=when.column)
        if not what.sure:
            text = f"confirm the event of '{what.column}' ({what.confidence:.0%}: {what.why})"
            yield Question(f"event.{name}", section, text, column=what.column)
        if not draft.t0.get(name) and (said := when_described(time[1], when)):
            text = f"confirm where the clock of {name.upper()} starts: all that its file says is '{said}'"
            yield Question(f"t0.{name}", section, text, column=when.column)
        elif not draft.t0.get(name):
            text = f"say where the clock of {name.upper()} starts (t0): first dose, randomisation, diagnosis, or other"
            yield Question(f"t0.{name}", section, text, column=when.column)


def _samples(draft: Draft) -> Iterator[Question]:
    used: dict[str, str] = {}
    for source in draft.sources:
        for one in source.of("measure"):
            used.setdefault(one.details.measure, one.column)
            if not one.details.measure:
                text = f"say which measure column '{one.column}' holds: it is not read until then"
                yield Question(_id(source, one), "patients", text, column=one.column)
            elif not one.sure:
                label = vocabulary.measures()[one.details.measure].label
                text = f"confirm that '{one.column}' is {label} ({one.confidence:.0%}: {one.why})"
                yield Question(_id(source, one), f"measures.{one.details.measure}", text, column=one.column)
        yield from _twice(draft, source)
        silent = [one for one in source.of("measure") if not one.details.timepoint]
        if silent and not draft.timepoint and source.only("timepoint") is None:
            text = f"confirm that the samples of {source.file.name} were taken before treatment: no column says when"
            yield Question(f"timepoint.{source.key}", "patients", text)
    for measure, column in used.items():
        if measure and not (measure in draft.measures and draft.measures[measure].assay):
            yield Question(
                f"assay.{measure}",
                f"measures.{measure}",
                f"say by which assay {vocabulary.measures()[measure].label} was measured",
                column=column,
            )


def _twice(draft: Draft, source: Source) -> Iterator[Question]:
    """Two columns of one measure, timepoint and tissue: one of them would be lost."""
    first: dict[tuple[str, str, str], str] = {}
    for one in source.of("measure"):
        if not one.details.measure:
            continue
        timepoint, tissue = group(source, one)
        key = (one.details.measure, timepoint or draft.timepoint or "baseline", tissue)
        if key in first:
            label = vocabulary.measures()[key[0]].label
            text = (
                f"'{first[key]}' and '{one.column}' are both {label} at one timepoint: say which is another "
                "measure, timepoint or tissue, or leave one out"
            )
            yield Question(f"twice.{key[0]}", f"measures.{key[0]}", text, required=True, column=one.column)
        first.setdefault(key, one.column)


def _cards(draft: Draft, plan: Layout) -> Iterator[Question]:
    if not draft.cohort.citation:
        yield Question("card", "cohort", "say the id, the title and the citation of the cohort")
    if not any(study.criteria for study in draft.studies) and plan.place("response"):
        yield Question("criteria", "cohort", "say the response criteria (RECIST 1.1 ...) and the setting of the study")


def _files(plan: Layout) -> Iterator[Question]:
    for source in plan.unrelated:
        text = f"{source.file.name} shares no patients' ids with {plan.main.file.name}: it is declared, but not read"
        yield Question(f"file.{source.key}", f"files.{source.key}", text)
