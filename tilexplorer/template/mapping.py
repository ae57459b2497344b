"""The mapping that reads the filled-in template as it is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final

from tilexplorer.template.fields import ENDPOINTS, NO, YES, Field, every

MISSING: Final = ("NA", "n/a", "not known", "not done")
T0: Final = "start of the course"
MEANS: Final = {"os": "death from any cause", "pfs": "progression or death from any cause"}

_HEAD: Final = """# Reads the TIL Explorer template. Give the cohort an id, a title and a citation of its own,
# and say how things were measured; nothing else has to change.

[cohort]
id = "my-cohort"
title = "My cohort"
citation = ""
# The measure that is shown first, one of the columns of samples:
# default_measure = "cd8_density_centre"
"""


def text(places: Mapping[str, tuple[str, str]]) -> str:
    """The mapping as TOML.

    Parameters
    ----------
    places
        For each sheet, the file that holds it, and its name in a workbook (empty for CSV).
    """
    return "\n".join([_HEAD, *(_file(sheet, *place) for sheet, place in places.items()), _patients(), *_endpoints(),
                      *_assays(), _samples()])  # fmt: skip


def _quoted(value: str) -> str:
    # The vocabulary has no character that TOML's and JSON's quoted text write in different ways.
    return json.dumps(value, ensure_ascii=False)


def _listed(words: Iterable[str]) -> str:
    return f"[{', '.join(map(_quoted, words))}]"


def _table(head: str, lines: Iterable[str]) -> str:
    return "\n".join([head, *lines]) + "\n"


def _file(sheet: str, name: str, within: str) -> str:
    form = [f"format = {_quoted('excel')}", f"sheet = {_quoted(within)}"] if within else ['format = "csv"']
    return _table(f"[files.{sheet}]", [f"name = {_quoted(name)}", *form, f"missing = {_listed(MISSING)}"])


def _rule(field: Field) -> str:
    """The rule that reads a column; words may be written in capitals."""
    column = f"column = {_quoted(field.name)}"
    if field.kind == "flag":
        return f"{{{column}, map = {{{YES} = true, {NO} = false}}, fold_case = true}}"
    if field.words and field.name != "tumour":
        same = ", ".join(f"{_quoted(word)} = {_quoted(word)}" for word in field.words)
        return f"{{{column}, map = {{{same}}}, fold_case = true}}"
    return f"{{{column}}}"


def _patients() -> str:
    own = [f for f in every() if f.sheet == "patients" and f.role == "field"]
    rules = {("id" if f.name == "patient" else f.name): _rule(f) for f in own}
    rules["regimen"] = '{column = "regimen", separator = "+"}'
    return _table("[patients]", ['table = "patients"', *(f"{name} = {rule}" for name, rule in rules.items())])


def _endpoints() -> list[str]:
    cased = [_listed((word, word.capitalize(), word.upper())) for word in (YES, NO)]
    return [
        _table(
            "[[endpoints]]",
            [
                f"id = {_quoted(name)}",
                f"time = {_quoted(f'{name}_days')}",
                'unit = "days"',
                f"status = {_quoted(f'{name}_event')}",
                f"event = {cased[0]}",
                f"censored = {cased[1]}",
                f"t0 = {_quoted(T0)}",
                f"means = {_quoted(MEANS[name])}",
            ],
        )
        for name in ENDPOINTS
    ]


def _assays() -> list[str]:
    return [f'[measures.{f.name}]\nassay = ""  # how it was measured\n' for f in every() if f.role == "measure"]


def _samples() -> str:
    own = [f for f in every() if f.sheet == "samples"]
    rules = [f"{f.name} = {_rule(f)}" for f in own if f.role == "field"]
    values = [f"{f.name} = {_rule(f)}" for f in own if f.role == "measure"]
    return _table("[[samples]]", ['table = "samples"', *rules, "[samples.values]", *values])
