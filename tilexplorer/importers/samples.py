"""Samples and what was measured on them: from rows, from wide columns, or from long tables of values."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.importers import checks, placed
from tilexplorer.importers.faults import STRICT, Reading
from tilexplorer.importers.mapping import Mapped, Rule, Samples, Value
from tilexplorer.importers.patients import Reader
from tilexplorer.importers.placed import Part, Words
from tilexplorer.importers.rules import flags, numbers, recorded, texts, whole
from tilexplorer.importers.tables import NUMBER, Data, Dropped, among
from tilexplorer.schema import BY_NAME, PANDAS_TYPES

KEY: Final = ["patient", "sample"]
WORDS: Final = {
    "timepoint": vocabulary.TIMEPOINTS,
    "tissue": vocabulary.TISSUES,
    "sample_age": vocabulary.SAMPLE_AGES,
    "origin": ("primary", "metastasis"),
}


def _text(data: Data, rule: Rule, field: str) -> pd.Series:
    return texts(data, rule, field, WORDS.get(field, ()))


READ: Final[dict[str, Reader]] = {
    "timepoint": _text,
    "tissue": _text,
    "days": whole,
    "sample_age": _text,
    "site": _text,
    "origin": _text,
    "lymph_node": flags,
    "lesion": _text,
    "lesion_treated": flags,
}


def tables(mapped: Mapped, blocks: list[Data], patients: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame, list[Dropped]]:
    """The sample and the value table, and what was left out.

    Parameters
    ----------
    mapped
        The mapping.
    blocks
        The table of each of its samples blocks.
    patients
        Ids of the patients.

    Raises
    ------
    InvalidData
        A sample of an unknown patient, a sample with contradictory fields, a value that is there twice.
    """
    samples: list[Part] = []
    values: list[Part] = []
    dropped: list[Dropped] = []
    known = set(patients)
    reading = blocks[0].reading if blocks else STRICT
    for spec, data in zip(mapped.samples, blocks, strict=True):
        spec = _pseudonymous(mapped, spec)
        chosen, left_out = _chosen(spec, data, known)
        dropped.extend(left_out)
        frame = _samples(spec, chosen)
        data.reading.samples(spec, chosen, frame)
        if frame["sample"].isna().any():  # answered; nothing can be said of a sample without an id
            named = frame["sample"].notna()
            chosen, frame = chosen.rows(named), frame[named].reset_index(drop=True)
        samples.append(Part(frame, chosen.origin(_column(spec.sample))))
        values.extend(_values(mapped, spec, chosen, frame))
    reading.sampled(samples)
    return _merged(reading, samples), _unrepeated(reading, values), dropped


def _column(rule: Rule) -> str:
    """The column that a message names for a rule; a constant has none but the row."""
    return rule.sources[0] if rule.sources else NUMBER


def _pseudonymous(mapped: Mapped, spec: Samples) -> Samples:
    """The block with its patients' ids made as the patient table's are: else no sample would find its patient."""
    return replace(spec, patient=replace(spec.patient, pseudonym=True)) if mapped.patients.id.pseudonym else spec


def _chosen(spec: Samples, data: Data, known: set[str]) -> tuple[Data, list[Dropped]]:
    """The block's rows that belong to known patients."""
    if spec.where is not None:
        data = data.rows(among(data.column(spec.where.column), spec.where.values))
    patients = texts(data, spec.patient, "patient")
    there = patients.isin(known)
    if there.all():
        return data, []
    if spec.unknown_patients == "error":
        mend = 'correct the id, or leave such samples out with unknown_patients = "exclude"'
        data.refuse("sample.unknown_patient", _column(spec.patient), ~there, "is no patient of the patient table", mend)
        return data.rows(there), []
    reason = spec.unknown_reason or "sample of a patient who is not in the patient table"
    return data.rows(there), [Dropped("sample", reason, int((~there).sum()))]


def _samples(spec: Samples, data: Data) -> pd.DataFrame:
    made = {"patient": texts(data, spec.patient, "patient"), "sample": texts(data, spec.sample, "sample")}
    for field, read in READ.items():
        rule = getattr(spec, field)
        if rule is not None:
            made[field] = read(data, rule, field)
    for field in ("sample", "timepoint", "tissue"):
        rule = getattr(spec, field)
        if rule.sources and made[field].isna().any():
            missing = recorded(data, rule).isna()  # a word that cannot be used was answered already
            data.refuse("cell.empty", rule.sources[0], missing, f"gives no {field} of a sample", "fill the cell")
    if "days" in made:
        by_day = made["days"].map(_age, na_action="ignore").astype("string")
        made["sample_age"] = made["sample_age"].fillna(by_day) if "sample_age" in made else by_day
    return pd.DataFrame(made, index=data.frame.index)


def _age(days: int) -> str:
    """The age band of a sample by its day from the start of treatment; negative is before."""
    if days > 0:
        return "fresh"
    years = -days / 365.25
    return "under 1 year" if years < 1 else "1 to 2 years" if years <= 2 else "over 2 years"


def _values(mapped: Mapped, spec: Samples, data: Data, frame: pd.DataFrame) -> list[Part]:
    return [_value(mapped, measure, rule, data, frame) for measure, rule in spec.measured.items()]


def _value(mapped: Mapped, measure: str, rule: Value, data: Data, frame: pd.DataFrame) -> Part:
    """The rows of one measure: a number with its limit, or a category."""
    if rule.where is not None:
        chosen = among(data.column(rule.where.column), rule.where.values)
        data, frame = data.rows(chosen), frame[chosen.to_numpy(dtype=bool)].reset_index(drop=True)
    made = frame[KEY].assign(measure=measure)
    entry = vocabulary.measures()[measure]
    column = _column(rule)
    if entry.kind == "number":
        found, made["limit"] = numbers(data, rule, measure)
        made["number"] = checks.measured(data, column, measure, found)
        data.reading.values(measure, data, column, made["number"])
        return Part(made[made["number"].notna()], data.origin(column))
    made["category"] = texts(data, rule, measure, levels(mapped, measure))
    return Part(made[made["category"].notna()], data.origin(column))


def levels(mapped: Mapped, measure: str) -> tuple[str, ...]:
    """The categories of a measure, by the mapping or else by the vocabulary; a number has none."""
    own = mapped.measures[measure].levels if measure in mapped.measures else ()
    return own or vocabulary.measures()[measure].levels


def _merged(reading: Reading, parts: list[Part]) -> pd.DataFrame:
    """The sample table: rows of one sample as one; they have to agree in what they record."""
    if not parts:
        return pd.DataFrame()
    rows = _stacked("sample", [part.rows for part in parts])
    repeated = rows.duplicated(KEY, keep=False)
    if not repeated.any():
        return rows
    grouped = rows.groupby(KEY, sort=False)
    differing = rows[repeated].groupby(KEY, sort=False).nunique() > 1  # noqa: PD101 - one group at a time
    for field in differing.columns[differing.any(axis=0)]:
        first = grouped[field].transform("first")
        placed.take(reading, parts, (rows[field].notna() & (rows[field] != first)), _contradiction(rows, field, first))
    return grouped.first().reset_index()


def _contradiction(rows: pd.DataFrame, field: str, first: pd.Series) -> Words:
    def told(row: int) -> str:
        sample, patient, cell = rows.loc[row, "sample"], rows.loc[row, "patient"], rows.loc[row, field]
        return (
            f"sample '{sample}' of patient '{patient}': its rows contradict each other in {field}: {first[row]}, {cell}"
        )

    mend = "give each sample an id of its own (sample = {columns = [...]}, prefix)"
    return Words("sample.contradiction", "contradicts an earlier row of the sample", mend, told)


def _unrepeated(reading: Reading, parts: list[Part]) -> pd.DataFrame:
    """The value table; a sample has each measure once."""
    if not parts:
        return pd.DataFrame()
    by_measure: dict[str, list[Part]] = {}
    for part in parts:
        if len(part.rows):
            by_measure.setdefault(str(part.rows["measure"].iloc[0]), []).append(part)
    # Measure by measure: the keys of a million patients and all their measures at once would fill the memory.
    for measure, found in by_measure.items():
        _check_once(reading, measure, found)
    return _stacked("value", [part.rows for part in parts])


def _check_once(reading: Reading, measure: str, parts: list[Part]) -> None:
    keys = pd.concat([part.rows[KEY] for part in parts], ignore_index=True)
    repeated = keys.duplicated()
    if not repeated.any():
        return

    def told(row: int) -> str:
        return (
            f"sample '{keys.loc[row, 'sample']}' of patient '{keys.loc[row, 'patient']}' has {measure} more than once"
        )

    mend = "choose the rows with where = {...}, or give each sample an id of its own"
    placed.take(reading, parts, repeated, Words("value.repeated", f"is a further {measure} of its sample", mend, told))


def _stacked(table: str, parts: list[pd.DataFrame]) -> pd.DataFrame:
    """The parts one below the other, with the types of a canonical table; the cohort is added later."""
    types = {c.name: PANDAS_TYPES[c.type] for c in BY_NAME[table].columns if c.name != "cohort"}
    typed = [part.reindex(columns=list(types)).astype(types) for part in parts]
    return pd.concat(typed, ignore_index=True)
