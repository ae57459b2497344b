"""Methods and sources as tables and text."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from tilexplorer.analysis.methods import Methods


def functions(found: Methods) -> pd.DataFrame:
    """A row for each function of the statistics: its family, its name, what it computes."""
    return pd.DataFrame(
        [
            {"Family": _words(method.name), "Function": function.name, "Computes": function.summary}
            for method in found.statistics
            for function in method.functions
        ]
    )


def words_of(found: Methods) -> Callable[[str], str]:
    """The words for a family by its name: the name and the first sentence about it."""
    words = {method.name: f"{_words(method.name)}: {method.summary}" for method in found.statistics}
    return lambda name: words[name]


def text(summary: str, details: str) -> str:
    """A docstring as it is read."""
    return f"{summary}\n\n{details}".strip()


def _words(name: str) -> str:
    return name.replace("_", " ")
