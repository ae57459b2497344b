"""The simulated patients as canonical tables: frames built from whole arrays, never patient by patient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.schema import Canonical
from tilexplorer.simulate import cards, values
from tilexplorer.simulate.latents import Flags, Ints
from tilexplorer.simulate.people import People
from tilexplorer.simulate.response import CATEGORIES, durable

Texts = npt.NDArray[np.object_]


def _pick(options: Sequence[str | None], codes: Any) -> Texts:
    """One of the options for each code. The texts are shared, not copied: a row costs eight bytes."""
    return np.asarray(np.array([*options], dtype=object)[codes], dtype=object)


def _where(known: Flags, column: Any) -> pd.Series:
    """The column with what is not known left empty."""
    return pd.Series(column).where(known)


def _flag_where(known: Flags, flag: bool) -> Texts:
    """The flag where it is known, else nothing."""
    return np.array([None, flag], dtype=object)[known.astype(np.int64)]


def patient_ids(people: People) -> Texts:
    """Ids that are unique over all cohorts: prefix and number within the cohort, shape (n,)."""
    cohort = people.cohort
    width = max(4, len(str(people.n)))
    ids = np.empty(people.n, dtype=object)
    for position, card in enumerate(people.recipe.cohorts):
        rows = np.flatnonzero(cohort == position)
        ids[rows] = [f"{card.prefix}{number:0{width}d}" for number in range(1, len(rows) + 1)]
    return ids


def canonical(people: People) -> Canonical:
    """Every canonical table of a simulation."""
    ids = patient_ids(people)
    cohort = _pick([c.id for c in people.recipe.cohorts], people.cohort)
    regimen, component = cards.regimens(people.recipe)
    blocks = list(values.blocks(people))
    frames = {
        "cohort": cards.cohorts(people.recipe),
        "study": cards.studies(people.recipe),
        "endpoint": cards.endpoints(people.recipe),
        "patient": pd.DataFrame(
            {"cohort": cohort, "patient": ids, "sex": _pick(vocabulary.SEXES, people.male.astype(np.int64))}
        ),
        "course": _course(people, cohort, ids),
        "outcome": _outcome(people, cohort, ids),
        "regimen": regimen,
        "component": component,
        "sample": _samples(people, cohort, ids),
        "measure": cards.measures(people.recipe),
        "value": _values(blocks, cohort, ids),
        "exclusion": _exclusions(people, blocks),
    }
    return Canonical.of(frames)


def _course(people: People, cohort: Texts, ids: Texts) -> pd.DataFrame:
    arms, arm, tumour = people.recipe.arms, people.baseline.arm, people.baseline.tumour
    benefit, known = durable(people.recipe, people.course, people.response.category)
    regimen = _pick([cards.regimen_id(a) for a in arms], arm)
    return pd.DataFrame(
        {
            "cohort": cohort,
            "patient": ids,
            "course": 1,
            "study": _pick([a.study for a in arms], arm),
            "tumour": _pick([t.oncotree for t in people.recipe.tumours], tumour),
            "regimen": regimen,
            "arm": regimen,
            "line": np.array([a.line for a in arms])[arm],
            "prior_io": np.array([a.prior_io for a in arms])[arm],
            "age": people.age.astype(np.float64),
            "ecog": _where(~people.missing["ecog"], people.baseline.ecog1.astype(np.int64)),
            "msi": _pick([t.msi for t in people.recipe.tumours], tumour),
            "response": _pick(CATEGORIES, people.response.category),
            "durable": _where(known, benefit.astype(object)),
            "shrinkage": people.response.shrinkage,
        }
    )


def _outcome(people: People, cohort: Texts, ids: Texts) -> pd.DataFrame:
    seen = people.course
    os = {"endpoint": "os", "days": seen.os, "event": seen.os_event}
    pfs = {"endpoint": "pfs", "days": seen.pfs, "event": seen.pfs_event}
    both = [pd.DataFrame({"cohort": cohort, "patient": ids, "course": 1, **columns}) for columns in (os, pfs)]
    return pd.concat(both, ignore_index=True)


def _samples(people: People, cohort: Texts, ids: Texts) -> pd.DataFrame:
    """Tissue before treatment for everyone; tissue and blood on treatment where they were taken."""
    taken = people.on_treatment.taken
    blood = values.measured(people, "t_cell_fraction_blood")
    local = values.has_untreated_lesion(people)
    before, on = _baseline_samples(people, local), _on_treatment_samples(people, local)
    zero = np.zeros(people.n, dtype=np.int64)
    drawn = {"tissue": "blood", "sample_age": "fresh"}
    parts = [
        _part(values.TISSUE, np.ones(people.n, dtype=np.bool_), before),
        _part(values.TISSUE_ON, taken, on),
        _part(values.TISSUE_UNTREATED, taken & local, _untreated_samples(on, local)),
        _part(values.BLOOD, blood, pd.DataFrame({"timepoint": "baseline", "days": zero, **drawn})),
        _part(
            values.BLOOD_ON,
            blood & taken,
            pd.DataFrame({"timepoint": "on_treatment", "days": people.on_treatment.day, **drawn}),
        ),
    ]
    frame = pd.concat(parts, ignore_index=True)
    rows = frame.pop("row").to_numpy()
    sample = ids[rows] + "-" + frame["sample"].to_numpy()
    return frame.assign(cohort=cohort[rows], patient=ids[rows], sample=sample)


def _part(sample: str, keep: Flags, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of the patients who have the sample."""
    rows = np.flatnonzero(keep)
    return frame.iloc[rows].assign(sample=sample, row=rows)


def _baseline_samples(people: People, local: Flags) -> pd.DataFrame:
    taken = people.biopsies
    return pd.DataFrame(
        {
            "timepoint": "baseline",
            "days": taken.day,
            "sample_age": _pick(vocabulary.SAMPLE_AGES, _age_code(taken.day, taken.fresh)),
            "tissue": "tumour",
            "site": _pick(people.recipe.sites, taken.site),
            "origin": _pick(("metastasis", "primary"), taken.primary.astype(np.int64)),
            "lymph_node": taken.lymph_node.astype(object),
            "lesion": "L1",
            "lesion_treated": _flag_where(local, True),
        }
    )


def _age_code(day: Ints, fresh: Flags) -> Ints:
    """Position in the vocabulary's sample ages."""
    return np.where(fresh, 0, 1 + np.searchsorted([365, 730], -day, side="right"))


def _on_treatment_samples(people: People, local: Flags) -> pd.DataFrame:
    """A fresh biopsy of the same lesion as before."""
    return _baseline_samples(people, local).assign(
        timepoint="on_treatment", days=people.on_treatment.day, sample_age="fresh"
    )


def _untreated_samples(on: pd.DataFrame, local: Flags) -> pd.DataFrame:
    """A second lesion, which was not treated locally; its site is not recorded."""
    return on.assign(
        site=None, origin="metastasis", lymph_node=None, lesion="L2", lesion_treated=_flag_where(local, False)
    )


def _values(blocks: Sequence[values.Block], cohort: Texts, ids: Texts) -> pd.DataFrame:
    """All blocks one under the other."""
    rows = np.concatenate([b.rows for b in blocks])
    sizes = [len(b.rows) for b in blocks]
    sample = np.empty(len(rows), dtype=object)
    category = np.full(len(rows), None, dtype=object)
    number = np.concatenate([np.full(len(b.rows), np.nan) if b.levels else b.numbers for b in blocks])
    names = {kind: ids + f"-{kind}" for kind in dict.fromkeys(b.sample for b in blocks)}
    start = 0
    for block, size in zip(blocks, sizes, strict=True):
        sample[start : start + size] = names[block.sample][block.rows]
        if block.levels:
            category[start : start + size] = _pick(block.levels, block.numbers.astype(np.int64))
        start += size
    measure = np.repeat(np.array([b.measure for b in blocks], dtype=object), sizes)
    return pd.DataFrame(
        {
            "cohort": cohort[rows],
            "patient": ids[rows],
            "sample": sample,
            "measure": measure,
            "number": number,
            "category": category,
        }
    )


def _exclusions(people: People, blocks: Sequence[values.Block]) -> pd.DataFrame:
    """Baseline values that the recipe left out, counted by cohort and measure."""
    cohorts = [c.id for c in people.recipe.cohorts]
    found: dict[str, Ints] = {}
    for block in blocks:
        if block.sample in (values.TISSUE, values.BLOOD):
            present = np.bincount(people.cohort[block.rows], minlength=len(cohorts))
            found[block.measure] = found.get(block.measure, np.zeros(len(cohorts), dtype=np.int64)) + present
    rows = []
    for measure, present in found.items():
        wanted = np.bincount(people.cohort[values.measured(people, measure)], minlength=len(cohorts))
        label = vocabulary.measures()[measure].label
        for cohort, n in zip(cohorts, wanted - present, strict=True):
            if n > 0:
                rows.append({"cohort": cohort, "what": "value", "reason": f"{label} missing at baseline", "n": int(n)})
    return pd.DataFrame(rows, columns=["cohort", "what", "reason", "n"])
