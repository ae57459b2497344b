"""The score step: a matrix of gene expression becomes a table of scores, a row for each sample."""

from __future__ import annotations

from types import MappingProxyType

import pandas as pd

from tilexplorer.errors import InvalidData
from tilexplorer.importers.expression import Matrix, matrix
from tilexplorer.importers.score_step import Score
from tilexplorer.importers.tables import NUMBER, Data, Lookup, apply
from tilexplorer.importers.text import as_text
from tilexplorer.signatures import SIGNATURES, Scored, score

SAMPLE = "sample"


@apply.register
def scores(step: Score, data: Data, lookup: Lookup) -> Data:  # noqa: ARG001 - the steps share one signature
    """A column 'sample' and one for each measure; a note of each says how much of the signature there was."""
    label = data.labels[""]
    found = matrix(step, data)
    made = {measure: _scored(step, measure, found, label) for measure in step.measures}
    frame = pd.DataFrame({measure: as_text(s.scores).replace("", pd.NA) for measure, s in made.items()}, dtype="string")
    frame.insert(0, SAMPLE, pd.Series(list(found.table.columns), dtype="string"))
    frame.insert(0, NUMBER, found.numbers.to_numpy())
    notes = {measure: _note(step, s, found) for measure, s in made.items()}
    labels = MappingProxyType({"": f"{label}, scored"})
    return Data(frame, labels, data.dropped, data.reading, MappingProxyType(notes))


def _scored(step: Score, measure: str, found: Matrix, label: str) -> Scored:
    try:
        return score(SIGNATURES[measure], found.table, offset=step.added)
    except InvalidData as fault:
        raise InvalidData(f"{label}: {fault}") from None


def _note(step: Score, made: Scored, found: Matrix) -> str:
    """How a measure was scored: '16 of 18 genes; absent: CD276, PSMB10. From log2(TPM + 0.001) of 27 samples.'"""
    total = len(made.used) + len(made.absent) + len(made.constant)
    several = [gene for gene in made.used if gene in found.several]
    parts = [
        f"{len(made.used)} of {total} gene{'s' if total > 1 else ''}",
        f"absent: {', '.join(made.absent)}" if made.absent else "",
        f"without variation: {', '.join(made.constant)}" if made.constant else "",
        f"more than one row, the highest on average was taken: {', '.join(several)}" if several else "",
    ]
    return f"{'; '.join(filter(None, parts))}. From {step.wording} of {len(made.scores)} samples."
