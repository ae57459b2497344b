"""Samples and what was measured on them: from rows, from wide columns, or from long tables of values."""

from __future__ import annotations

from typing import Final

import pandas as pd

from tilexplorer import vocabulary
from tilexplorer.errors import InvalidData
from tilexplorer.importers import checks
from tilexplorer.importers.mapping import Mapped, Rule, Samples, Value
from tilexplorer.importers.patients import Reader
from tilexplorer.importers.rules import flags, numbers, texts, whole
from tilexplorer.importers.tables import Data, Dropped
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
    samples: list[pd.DataFrame] = []
    values: list[pd.DataFrame] = []
    dropped: list[Dropped] = []
    known = set(patients)
    for spec, data in zip(mapped.samples, blocks, strict=True):
        chosen, left_out = _chosen(spec, data, known)
        dropped.extend(left_out)
        frame = _samples(spec, chosen)
        samples.append(frame)
        values.extend(_values(mapped, spec, chosen, frame))
    return _merged(samples), _unrepeated(values), dropped


def _chosen(spec: Samples, data: Data, known: set[str]) -> tuple[Data, list[Dropped]]:
    """The block's rows that belong to known patients."""
    if spec.where is not None:
        data = data.rows(data.column(spec.where.column).isin(spec.where.values))
    patients = texts(data, spec.patient, "patient")
    there = patients.isin(known)
    if there.all():
        return data, []
    if spec.unknown_patients == "error":
        mend = 'correct the id, or leave such samples out with unknown_patients = "exclude"'
        raise data.fault(spec.patient.sources[0], ~there, "is no patient of the patient table", mend)
    reason = spec.unknown_reason or "sample of a patient who is not in the patient table"
    return data.rows(there), [Dropped("sample", reason, int((~there).sum()))]


def _samples(spec: Samples, data: Data) -> pd.DataFrame:
    made = {"patient": texts(data, spec.patient, "patient"), "sample": texts(data, spec.sample, "sample")}
    for field, read in READ.items():
        rule = getattr(spec, field)
        if rule is not None:
            made[field] = read(data, rule, field)
    for field in ("sample", "timepoint", "tissue"):
        if made[field].isna().any():
            rule = getattr(spec, field)
            raise data.fault(rule.sources[0], made[field].isna(), f"gives no {field} of a sample", "fill the cell")
    if "days" in made and "sample_age" not in made:
        made["sample_age"] = made["days"].map(_age, na_action="ignore").astype("string")
    return pd.DataFrame(made, index=data.frame.index)


def _age(days: int) -> str:
    """The age band of a sample by its day from the start of treatment; negative is before."""
    if days > 0:
        return "fresh"
    years = -days / 365.25
    return "under 1 year" if years < 1 else "1 to 2 years" if years <= 2 else "over 2 years"


def _values(mapped: Mapped, spec: Samples, data: Data, frame: pd.DataFrame) -> list[pd.DataFrame]:
    return [_value(mapped, measure, rule, data, frame) for measure, rule in spec.measured.items()]


def _value(mapped: Mapped, measure: str, rule: Value, data: Data, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of one measure: a number with its limit, or a category."""
    if rule.where is not None:
        chosen = data.column(rule.where.column).isin(rule.where.values).fillna(False).astype(bool)
        data, frame = data.rows(chosen), frame[chosen.to_numpy()].reset_index(drop=True)
    made = frame[KEY].assign(measure=measure)
    entry = vocabulary.measures()[measure]
    if entry.kind == "number":
        made["number"], made["limit"] = numbers(data, rule, measure)
        checks.measured(data, rule.sources[0] if rule.sources else "#row", measure, made["number"])
        return made[made["number"].notna()]
    own = mapped.measures[measure].levels if measure in mapped.measures else ()
    made["category"] = texts(data, rule, measure, own or entry.levels)
    return made[made["category"].notna()]


def _merged(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """The sample table: rows of one sample as one; they have to agree in what they record."""
    if not parts:
        return pd.DataFrame()
    rows = _stacked("sample", parts)
    repeated = rows.duplicated(KEY, keep=False)
    if not repeated.any():
        return rows
    grouped = rows.groupby(KEY, sort=False)
    differing = rows[repeated].groupby(KEY, sort=False).nunique() > 1  # noqa: PD101 - one group at a time
    if differing.to_numpy().any():
        patient, sample = differing.index[differing.any(axis=1)][0]
        field = differing.columns[differing.loc[(patient, sample)]][0]
        found = rows.loc[(rows["patient"] == patient) & (rows["sample"] == sample), field].dropna().unique()
        raise InvalidData(
            f"sample '{sample}' of patient '{patient}': its rows contradict each other in {field}: "
            f"{', '.join(map(str, found))}; give each sample an id of its own (sample = {{columns = [...]}}, prefix)"
        )
    return grouped.first().reset_index()


def _unrepeated(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """The value table; a sample has each measure once."""
    if not parts:
        return pd.DataFrame()
    by_measure: dict[str, list[pd.DataFrame]] = {}
    for part in filter(len, parts):
        by_measure.setdefault(str(part["measure"].iloc[0]), []).append(part[KEY])
    # Measure by measure: the keys of a million patients and all their measures at once would fill the memory.
    for measure, keys in by_measure.items():
        _check_once(measure, pd.concat(keys, ignore_index=True))
    return _stacked("value", parts)


def _check_once(measure: str, keys: pd.DataFrame) -> None:
    repeated = keys.duplicated()
    if repeated.any():
        row = keys[repeated].iloc[0]
        raise InvalidData(
            f"sample '{row['sample']}' of patient '{row['patient']}' has {measure} more than once; "
            "choose the rows with where = {...}, or give each sample an id of its own"
        )


def _stacked(table: str, parts: list[pd.DataFrame]) -> pd.DataFrame:
    """The parts one below the other, with the types of a canonical table; the cohort is added later."""
    types = {c.name: PANDAS_TYPES[c.type] for c in BY_NAME[table].columns if c.name != "cohort"}
    typed = [part.reindex(columns=list(types)).astype(types) for part in parts]
    return pd.concat(typed, ignore_index=True)
