"""What every figure function returns."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure, and alternative text that carries its main numbers for those who do not see it."""

    figure: go.Figure
    alt: str
