"""What a view shows at a size at which its interval or test did not hold its nominal level in simulation."""

from __future__ import annotations

from collections.abc import Sequence

from tilexplorer.statistics.calibration_notes import caution


def of_survival(interval: str, sizes: Sequence[int], *, ordered: bool) -> tuple[str, ...]:
    """The caution of a survival panel, if any; interval: that of its curves, sizes: patients of the groups shown."""
    methods = [f"km-{interval}", "median", "rmst"]
    if len(sizes) > 1:
        methods += ["rmst-difference", "hazard-ratio", "log-rank", "ph"]
    if len(sizes) > 2 and ordered:
        methods.append("log-rank-trend")
    return _caution(methods, sizes)


def of_response(interval: str, sizes: Sequence[int], *, ordered: bool) -> tuple[str, ...]:
    """The caution of a response panel, if any; interval: that of its rates, sizes: denominators of the rates shown."""
    methods = [interval]
    if len(sizes) > 1:
        methods += ["newcombe", "odds-ratio", "association"]
        methods += ["cochran-armitage"] if ordered else []
    return _caution(methods, sizes)


def _caution(methods: Sequence[str], sizes: Sequence[int]) -> tuple[str, ...]:
    found = caution(methods, min(sizes)) if sizes else ""
    return (found,) if found else ()
