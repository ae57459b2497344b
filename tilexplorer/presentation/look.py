"""How a figure is looked at: the theme, the room it has, the stamp under it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tilexplorer.figures.palette import Theme
from tilexplorer.figures.template import Width


@dataclass(frozen=True, slots=True)
class Look:
    """What every figure of a page is drawn with."""

    theme: Theme
    width: Width
    stamp: str

    def narrow(self) -> Look:
        """The same in a column or on a phone."""
        return replace(self, width="narrow")
