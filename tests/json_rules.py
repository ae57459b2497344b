"""What holds for the JSON of every view, whatever was asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

# A label that is null where a view has one panel only; no number is missing there.
LABELS = ("panel",)
SLACK = 1e-9


def walk(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object in a JSON value, with its path."""
    if isinstance(value, dict):
        yield path, value
        for key, inner in value.items():
            yield from walk(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from walk(inner, f"{path}[{i}]")


def unexplained_nulls(view: dict[str, Any]) -> list[str]:
    """Paths of nulls without a status and a reason beside them, under their own name or the object's."""
    return [
        f"{path}.{key}"
        for path, found in walk(view)
        for key, value in found.items()
        if value is None and key not in LABELS and not _explained(found, key)
    ]


def _explained(found: dict[str, Any], key: str) -> bool:
    """`rmst_se` is explained by `rmst_status` and `rmst_reason`, else by the object's `status` and `reason`."""
    parts = key.split("_")
    stems = ["_".join(parts[:i]) + "_" for i in range(len(parts), 0, -1)]
    own = next((stem for stem in stems if f"{stem}status" in found), "")
    if not own and "status" not in found:
        return False
    # `excluded` has the reason itself as its key; there the count is what is missing.
    return bool(found.get(f"{own}reason"))


def disordered_limits(view: dict[str, Any]) -> list[str]:
    """Paths of estimates that lie outside of their own limits."""
    bad = []
    for path, found in walk(view):
        for value, lower, upper in _estimates(found):
            if lower is not None and value is not None and lower > value + SLACK * abs(value):
                bad.append(f"{path}: {lower} > {value}")
            if upper is not None and value is not None and upper < value - SLACK * abs(value):
                bad.append(f"{path}: {upper} < {value}")
    return bad


def _estimates(found: dict[str, Any]) -> Iterator[tuple[Any, Any, Any]]:
    for key, value in found.items():
        if f"{key}_lower" in found:
            yield value, found[f"{key}_lower"], found[f"{key}_upper"]
    for key in ("hr", "rate"):
        if key in found and "lower" in found:
            yield found[key], found["lower"], found["upper"]


def shares_out_of_range(view: dict[str, Any]) -> list[str]:
    """Paths of probabilities and rates outside of 0 to 1, and of differences outside of -1 to 1."""
    bad = []
    for path, found in walk(view):
        for key, value in found.items():
            if not isinstance(value, int | float) or isinstance(value, bool):
                continue
            share = key in ("p_value", "adjusted_p", "rate", "rate_lower", "rate_upper") or key.startswith("survival")
            low = -1.0 if path.endswith(".difference") else 0.0
            within = path.endswith(".difference") and key.startswith("value")
            if (share or within) and not low <= value <= 1.0 and not key.endswith("_days"):
                bad.append(f"{path}.{key} = {value}")
    return bad


def every_rule(view: dict[str, Any]) -> list[str]:
    """Every rule that this JSON breaks, in words."""
    json.dumps(view, allow_nan=False)
    counted = sum(e["n"] for e in view["excluded"] if e["n"] is not None)
    broken = [f"null without a reason: {path}" for path in unexplained_nulls(view)]
    broken += [f"limits: {text}" for text in disordered_limits(view)]
    broken += [f"out of range: {text}" for text in shares_out_of_range(view)]
    if view["n"] + counted != view["chosen"]:
        broken.append(f"{view['n']} analysed + {counted} excluded are not {view['chosen']} chosen")
    if view["view"] != "overview" and sum(g["n"] for g in view["groups"]) != view["n"]:
        broken.append(f"the groups' sizes do not add up to {view['n']}")
    if view["n"] == 0 and not view["emptied_by"]:
        broken.append("nobody is left and nothing says why")
    if "significant" in view["sentence"].lower() or not view["sentence"]:
        broken.append(f"sentence: {view['sentence']}")
    return broken
