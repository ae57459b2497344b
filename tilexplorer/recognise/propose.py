"""A draft as a mapping: patients, endpoints and samples from the roles of the columns."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from tilexplorer import vocabulary
from tilexplorer.importers.mapping import (
    Cohort,
    Endpoint,
    Mapped,
    Measure,
    Patients,
    Regimen,
    Rule,
    Study,
    Table,
)
from tilexplorer.importers.steps import Join
from tilexplorer.recognise.draft import Draft
from tilexplorer.recognise.guess import Recognised
from tilexplorer.recognise.layout import Layout, layout
from tilexplorer.recognise.pseudonymous import pseudonymous
from tilexplorer.recognise.sampling import Sampling, sampling
from tilexplorer.recognise.scored import card, scored
from tilexplorer.recognise.source import Source

# Fields of [patients] that are read from the column of the same role.
FIELDS: Final = (
    *("arm", "sex", "line", "prior_io", "age", "ecog", "msi", "response", "benefit", "durable", "shrinkage"),
)
MEANS: Final = {
    "os": "death from any cause",
    "pfs": "progression or death",
    "irpfs": "progression by immune-related criteria, or death",
    "dfs": "recurrence or death",
    "rfs": "recurrence or death",
    "efs": "progression, recurrence or death",
    "dss": "death from the cancer",
    "pfi": "progression or new tumour",
    "dfi": "new tumour after being disease-free",
    "ttp": "progression",
    "dor": "progression or death after a response",
}
# Stand for what is still missing, so that the rest can be shown; such a mapping is never handed out as complete.
NO_TUMOUR: Final = Rule(value="OTHER")
NO_REGIMEN: Final = Regimen(components=("standard of care (not recorded)",))
# Patients with several rows are rare repeats below this share, and samples above it.
_REPEATS: Final = 0.05


def mapping_of(draft: Draft) -> Mapped:
    """The mapping of a draft; tumour type and regimen have a stand-in where they are still missing."""
    plan = layout(draft.sources)
    columns = sampling(draft, plan)
    taken = scored(draft, plan, columns)
    by_column = {measure for block in columns.blocks for measure in block.measured}
    studies = studies_of(draft, plan)
    used = list(dict.fromkeys(measure for block in taken.blocks for measure in block.measured))
    made = Mapped(
        cohort=_card(draft.cohort, used),
        files={source.key: source.file for source in draft.sources},
        tables=_tables(plan, taken),
        studies=studies,
        patients=_patients(draft, plan, studies),
        endpoints=endpoints(draft, plan),
        measures={name: draft.measures.get(name, Measure() if name in by_column else card(name)) for name in used},
        samples=taken.blocks,
    )
    return pseudonymous(made) if draft.pseudonymous else made


def rule(one: Recognised, column: str = "") -> Rule:
    """The rule of a field: its column, translated where its values are other words."""
    pairs = dict(one.details.map)
    same = all(value == made for value, made in pairs.items())
    return Rule(
        column=column or one.column,
        map={} if same else pairs,
        codes=one.details.codes,
        decimal=one.details.decimal,
    )


def studies_of(draft: Draft, plan: Layout) -> tuple[Study, ...]:
    """The studies: the values of the column of that role, each with what the draft says of its study."""
    values = _study_values(plan)
    if len(values) < 2 and draft.studies:
        return draft.studies
    said = draft.studies[0] if draft.studies else Study(id="study", title="study")
    made = {_slug(value): replace(said, id=_slug(value), title=value) for value in values}
    return tuple(made.values())


def _study_values(plan: Layout) -> tuple[str, ...]:
    place = plan.place("study")
    return () if place is None else place[1].profile(place[1].of("study")[0].column).values


def endpoints(draft: Draft, plan: Layout) -> tuple[Endpoint, ...]:
    """The endpoints that have both a time and a status, in the vocabulary's order."""
    made = (_endpoint(draft, plan, name) for name in vocabulary.ENDPOINTS)
    return tuple(endpoint for endpoint in made if endpoint)


def _endpoint(draft: Draft, plan: Layout, name: str) -> Endpoint | None:
    time, status = plan.place("time", name), plan.place("status", name)
    if time is None or status is None:
        return None
    when = next(one for one in time[1].of("time") if one.details.endpoint == name)
    what = next(one for one in status[1].of("status") if one.details.endpoint == name)
    if not what.details.event or not when.details.unit:
        return None
    return Endpoint(
        id=name,
        time=time[0],
        unit=when.details.unit,
        status=status[0],
        event=what.details.event,
        censored=what.details.censored,
        t0=draft.t0.get(name) or when_described(time[1], when),
        means=draft.means.get(name, MEANS[name]),
        decimal=when.details.decimal,
    )


def when_described(source: Source, when: Recognised) -> str:
    """What the file says of an endpoint's time: where its clock starts, and often more."""
    return source.described.get(when.column, "")


def _patients(draft: Draft, plan: Layout, studies: tuple[Study, ...]) -> Patients:
    fields: dict[str, Any] = {name: _field(plan, name) for name in FIELDS}
    return Patients(
        table=plan.main.key,
        id=plan.ids(plan.column or str(plan.main.frame.columns[0])),
        tumour=Rule(value=draft.tumour) if draft.tumour else _field(plan, "tumour") or NO_TUMOUR,
        regimen=draft.regimen or _regimen(plan) or NO_REGIMEN,
        duplicates=_duplicates(plan),
        study=_study(plan) if len(studies) > 1 else None,
        **{name: made for name, made in fields.items() if made is not None},
    )


def _field(plan: Layout, role: str) -> Rule | None:
    """The rule of a field of [patients]; none while its words have no meaning yet."""
    place = plan.place(role)
    if place is None:
        return None
    one = place[1].of(role)[0]
    needs_words = role in ("sex", "prior_io", "benefit", "durable", "msi")
    return None if needs_words and not one.details.map else rule(one, place[0])


def _regimen(plan: Layout) -> Regimen | None:
    place = plan.place("regimen")
    if place is None:
        return None
    one = place[1].of("regimen")[0]
    return Regimen(column=place[0], map=dict(one.details.regimens))


def _study(plan: Layout) -> Rule | None:
    place = plan.place("study")
    return None if place is None else Rule(column=place[0], map={v: _slug(v) for v in _study_values(plan)})


def _slug(value: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", value.casefold()).strip("-") or "study"


def _duplicates(plan: Layout) -> str:
    """What several rows of a patient are: an error, a rare repeat, or samples."""
    ids = plan.main.profile(plan.column) if plan.column else None
    if ids is None or ids.unique:
        return "error"
    repeats = 1 - len(ids.values) / max(1, ids.n)
    return "one row per sample" if repeats >= _REPEATS else "identical outcome, keep first"


def _tables(plan: Layout, taken: Sampling) -> dict[str, Table]:
    """The tables that need steps: the patients' one with what is read from beside it, and those of samples."""
    places = [plan.place(name) for name in ("tumour", "regimen", "study", *FIELDS)]
    places += [plan.place(role, name) for name in vocabulary.ENDPOINTS for role in ("time", "status")]
    used = {place[1].key for place in places if place}
    if (found := plan.samples_beside()) and plan.main.of("measure"):
        used.add(found.source.key)
    joins = tuple(
        Join(table=r.source.key, on={plan.column: r.column}, fold_case=not r.exact)
        for r in plan.related
        if r.source.key in used
    )
    main = plan.main.key
    steps: dict[str, tuple[Any, ...]] = {**taken.steps, main: (*joins, *taken.steps.get(main, ()))}
    return {name: Table(file=taken.files.get(name, name), steps=tuple(these)) for name, these in steps.items() if these}


def _card(card: Cohort, used: list[str]) -> Cohort:
    """The card with a measure to be shown first: of the CD8 family where there is one."""
    if card.default_measure in used:
        return card
    preferred = ["immune_phenotype", *vocabulary.families()["cd8"], *used]
    return replace(card, default_measure=next((name for name in preferred if name in used), ""))
