"""Cuts that have a name: those that were published, and the one that a visitor chose, with its version."""

from __future__ import annotations

import hashlib
import math
import tomllib
from dataclasses import dataclass
from functools import cache

from tilexplorer import vocabulary
from tilexplorer.selection import Selection


@dataclass(frozen=True, slots=True)
class PublishedCut:
    """A cut from a paper: values from `high_from` on are high. `rule` makes the same groups (there, low is `<=`)."""

    measure: str
    name: str
    high_from: float
    source: str

    @property
    def rule(self) -> str:
        """The rule of a query: just below the first high value, at a precision that no assay reports."""
        below = self.high_from - 10 ** (math.floor(math.log10(self.high_from)) - 4)
        return f"cut:{below:.6g}"


@cache
def published_cuts() -> tuple[PublishedCut, ...]:
    """Every published cut of the vocabulary."""
    table = tomllib.loads((vocabulary.FOLDER / "cuts.toml").read_text(encoding="utf-8"))["cuts"]
    return tuple(PublishedCut(row["measure"], row["name"], float(row["high_from"]), row["source"]) for row in table)


def published_for(measures: set[str]) -> tuple[PublishedCut, ...]:
    """The published cuts of a single measure; a family of several has none."""
    return tuple(cut for cut in published_cuts() if {cut.measure} == measures)


@dataclass(frozen=True, slots=True)
class NamedCut:
    """A cut that was chosen: its name, the version that stands for measure and cut, and the rule."""

    name: str
    version: str
    rule: str

    @property
    def words(self) -> str:
        """Name and version as they stand in every stamp."""
        return f"{self.name or 'unnamed cut'} (version {self.version})"


def named_cut(selection: Selection) -> NamedCut | None:
    """The cut that the selection chose, or None. The version changes whenever measure or cut change, never else."""
    if not selection.rule.startswith("cut:"):
        return None
    text = f"{selection.measure}|{selection.rule}"
    return NamedCut(selection.cut_name, hashlib.sha256(text.encode()).hexdigest()[:8], selection.rule)
