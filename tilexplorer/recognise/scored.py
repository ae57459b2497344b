"""Samples whose values are scores of signatures: a matrix beside the clinical tables, joined by its samples' ids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from tilexplorer.importers.mapping import Measure, Rule, Samples, Value
from tilexplorer.importers.score_step import Score
from tilexplorer.importers.scoring import SAMPLE
from tilexplorer.importers.steps import Join
from tilexplorer.recognise.draft import Draft
from tilexplorer.recognise.layout import Layout, Related
from tilexplorer.recognise.matrix import Matrix
from tilexplorer.recognise.sampling import Sampling
from tilexplorer.recognise.source import Source
from tilexplorer.signatures import SIGNATURES

# Below this share of ids in common, columns do not speak of the same samples.
_COMMON: Final = 0.2
# Ids of samples say more than those of patients, and these more than what is not recognised.
_ROLES: Final = ("sample", "patient", "ignored")


@dataclass(frozen=True, slots=True)
class Link:
    """The column of a clinical table that names the samples of a matrix.

    `related` is how its file belongs to the patients' (None: it is that file), `unique` whether an id is there once,
    `folded` whether ids agree but for case only, `share` and `all` which of the matrix's samples are there.
    """

    source: Source
    related: Related | None
    column: str
    role: str
    unique: bool
    folded: bool
    share: float
    all: bool

    @property
    def joined(self) -> bool:
        """Whether the clinical table is needed beside the scores: for the patient, the timepoint or the tissue."""
        told = any(self.source.only(role) for role in ("timepoint", "tissue"))
        return self.role != "patient" or self.folded or self._cased or (told and self.unique)

    @property
    def _cased(self) -> bool:
        return self.related is not None and not self.related.exact


def scored(draft: Draft, plan: Layout, already: Sampling) -> Sampling:
    """What is read already, and a block for each matrix with the measures that no column holds."""
    blocks, steps, files = list(already.blocks), dict(already.steps), dict(already.files)
    taken = {measure for block in blocks for measure in block.measured}
    for source, matrix in matrices(draft):
        link, measures = linked(plan, matrix), tuple(name for name in matrix.measures if name not in taken)
        if link is None or not measures or not plan.column:
            continue
        table = _free(f"{source.key}_scores", draft)
        steps[table], files[table] = _steps(plan, matrix, measures, link), source.key
        blocks.append(_block(draft, plan, table, measures, link))
        taken |= set(measures)
    return Sampling(tuple(blocks), steps, files)


def matrices(draft: Draft) -> Iterator[tuple[Source, Matrix]]:
    """The files that are matrices."""
    for source in draft.sources:
        if source.matrix is not None:
            yield source, source.matrix


def card(measure: str) -> Measure:
    """The card of a scored measure of which nobody said more; the import notes genes and scale beside it."""
    return Measure(assay=f"gene expression, {SIGNATURES[measure].formula}")


def linked(plan: Layout, matrix: Matrix) -> Link | None:
    """The column with most of the matrix's samples, ids of samples before those of patients; None without any."""
    here: list[tuple[Source, Related | None]] = [(plan.main, None), *((r.source, r) for r in plan.related)]
    found = [_link(matrix, source, related, role, one.column)
             for role in _ROLES for source, related in here for one in source.of(role) if one.column]  # fmt: skip
    usable = [link for link in found if link.share >= _COMMON and (link.unique or link.role == "patient")]
    return max(usable, key=lambda link: round(link.share, 2), default=None)  # the first of those that tie


def _link(matrix: Matrix, source: Source, related: Related | None, role: str, column: str) -> Link:
    profile = source.profile(column)
    ids, wanted = set(profile.values), set(matrix.names)
    exact = len(ids & wanted)
    same = {one.casefold() for one in ids}
    folded = sum(name.casefold() in same for name in wanted)
    share = max(exact, folded) / max(1, min(len(ids), len(wanted)))
    return Link(source, related, column, role, profile.unique, folded > exact, share, max(exact, folded) == len(wanted))


def _free(name: str, draft: Draft) -> str:
    while any(source.key == name for source in draft.sources):
        name = f"{name}_"
    return name


def _steps(plan: Layout, matrix: Matrix, measures: tuple[str, ...], link: Link) -> tuple[Any, ...]:
    score = Score(
        scale=matrix.scale.name,
        offset=matrix.scale.offset,
        measures=measures,
        genes=matrix.genes,
        samples=matrix.samples,
        ids=matrix.ids,
        ignore=matrix.ignore,
    )
    if not link.joined:
        return (score,)
    key = link.source.key
    beside = [Join(table=key, on={SAMPLE: link.column}, fold_case=link.folded)]
    if link.related is not None and not link.related.exact:
        # The patients' file says how the ids of patients are written.
        beside.append(Join(table=plan.main.key, on={f"{key}:{link.related.column}": plan.column}, fold_case=True))
    return (score, *beside)


def _block(draft: Draft, plan: Layout, table: str, measures: tuple[str, ...], link: Link) -> Samples:
    complete = link.all and (link.related is None or link.related.complete)
    return Samples(
        table=table,
        patient=Rule(column=_patient(plan, link)),
        sample=Rule(column=_sample(link)),
        timepoint=_told(link, "timepoint") or Rule(value=draft.timepoint or "baseline"),
        tissue=_told(link, "tissue") or Rule(value="tumour"),
        unknown_patients="error" if complete else "exclude",
        measured={name: Value(column=name) for name in measures},
    )


def _patient(plan: Layout, link: Link) -> str:
    if not link.joined:
        return SAMPLE
    if link.related is None:
        return f"{link.source.key}:{plan.column}"
    exact = link.related.exact
    return f"{link.source.key}:{link.related.column}" if exact else f"{plan.main.key}:{plan.column}"


def _sample(link: Link) -> str:
    """The id of the sample as the clinical table writes it, so that values of both lie on the same sample."""
    if not link.joined:
        return SAMPLE
    own = link.source.only("sample")
    unique = own is not None and link.source.profile(own.column).n == len(link.source.frame)
    if own is not None and unique and link.source.profile(own.column).unique:
        return f"{link.source.key}:{own.column}"
    return f"{link.source.key}:{link.column}"


def _told(link: Link, role: str) -> Rule | None:
    one = link.source.only(role) if link.joined else None
    return Rule(column=f"{link.source.key}:{one.column}", map=dict(one.details.map)) if one else None
