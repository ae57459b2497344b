"""The step that scores signatures of gene expression: what it may say in a mapping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from tilexplorer.importers.strict import nearest
from tilexplorer.signatures import NEEDS_TPM, SIGNATURES


@dataclass(frozen=True, slots=True)
class Scale:
    """What the numbers of a matrix are.

    Attributes
    ----------
    name
        as the mapping and the notes of the measures write it
    is_log
        already log2; else the logarithm is taken here, after the offset is added
    per_million
        raw counts: each sample's are divided by their sum and multiplied by a million first
    largest
        the highest value that the scale allows
    """

    name: str
    is_log: bool
    per_million: bool
    largest: float


# A million transcripts are 2^19.93; counts and NanoString codes have no such bound but that of a machine's range.
SCALES: Final[Mapping[str, Scale]] = MappingProxyType(
    {
        s.name: s
        for s in (
            Scale("TPM", False, False, 1e6),
            Scale("log2 TPM", True, False, 20.0),
            Scale("counts", False, True, 1e12),
            Scale("log2 CPM", True, False, 20.0),
            Scale("NanoString", False, False, 1e9),
            Scale("log2 NanoString", True, False, 30.0),
        )
    }
)

IDS: Final = ("symbol", "ensembl")

# R writes the names of rows into a column without a name of its own.
UNNAMED: Final = "(no name)"


@dataclass(frozen=True, slots=True)
class Score:
    """Make a row for each sample, with a score for each measure, from a matrix of gene expression.

    Either `genes` names the column of gene ids and the other columns are samples, or `samples` names the column of
    sample ids and the other columns are genes; "(no name)" is the column without a name. Columns of joined tables and
    those of `ignore` are neither.
    """

    scale: str
    measures: tuple[str, ...]
    genes: str = ""
    samples: str = ""
    ids: str = "symbol"
    offset: float | None = None
    ignore: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if bool(self.genes) == bool(self.samples):
            raise ValueError("give either genes = ... (a row is a gene) or samples = ... (a row is a sample)")
        if self.scale not in SCALES:
            raise ValueError(f"'{self.scale}' is no scale; {nearest(self.scale, SCALES)}")
        if self.ids not in IDS:
            raise ValueError(f"'{self.ids}' is no kind of gene id; {nearest(self.ids, IDS)}")
        if not self.measures:
            raise ValueError("measures = [...] has to name what is scored")
        if self.offset is not None and self.offset <= 0:
            raise ValueError("offset is what is added before the logarithm, a number above 0")
        for measure in self.measures:
            self._check(measure)

    def _check(self, measure: str) -> None:
        if measure not in SIGNATURES:
            raise ValueError(f"'{measure}' is no signature that can be scored; {nearest(measure, SIGNATURES)}")
        if SIGNATURES[measure].formula not in NEEDS_TPM:
            return
        if "TPM" not in self.scale:
            raise ValueError(
                f"{measure} is defined in TPM, which {self.scale} cannot give without the genes' lengths; leave it out"
            )
        if SCALES[self.scale].is_log and self.offset is None:
            raise ValueError(f"{measure} needs the offset that the source added to TPM before the logarithm")

    @property
    def key(self) -> str:
        """The column of gene ids or of sample ids, as the table has it."""
        named = self.genes or self.samples
        return "" if named == UNNAMED else named

    @property
    def added(self) -> float:
        """What is added before the logarithm is taken here, or was added by the source."""
        return 1.0 if self.offset is None else self.offset

    @property
    def wording(self) -> str:
        """The scale on which the scores were made, e.g. 'log2(TPM + 0.001)'."""
        scale = SCALES[self.scale]
        quantity = "counts per million" if scale.per_million else self.scale.removeprefix("log2 ")
        known = not scale.is_log or self.offset is not None
        return f"log2({quantity} + {self.added:g})" if known else self.scale
