"""The manifest of a bundle, read strictly: versions first, then what the tables are and which checksums they have."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tilexplorer.bundles import FORMAT, FORMAT_VERSION, KINDS, MANIFEST, table_path
from tilexplorer.errors import UnreadableFile
from tilexplorer.schema import BY_NAME, SCHEMA_VERSION, TABLES
from tilexplorer.vocabulary import VOCABULARY_VERSION

_VERSIONS: Final = {
    "format_version": FORMAT_VERSION,
    "schema_version": SCHEMA_VERSION,
    "vocabulary_version": VOCABULARY_VERSION,
}
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Manifest:
    """What a bundle says about itself.

    Attributes
    ----------
    generation : id of the generation that it was exported from.
    query : the selection as a query string; "" for whole cohorts.
    kind : how the tables are written, "parquet" or "csv".
    whole : for each cohort, whether all of its patients are there.
    rows : number of rows of each table.
    members : size [bytes] and sha256 of every member but the manifest.
    """

    generation: str
    query: str
    kind: str
    whole: Mapping[str, bool]
    rows: Mapping[str, int]
    members: Mapping[str, tuple[int, str]]

    @property
    def partial(self) -> bool:
        """Whether some cohort is there in part."""
        return not all(self.whole.values())


def parse_manifest(raw: bytes, label: str) -> Manifest:
    """The manifest; UnreadableFile says what in it is missing, unknown, or of another version."""
    place = f"{label}, {MANIFEST}"
    try:
        told = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as fault:
        raise UnreadableFile(f"{place}: is not JSON ({fault}); export the bundle again") from None
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise UnreadableFile(f"{place}: does not say format = '{FORMAT}', so this is no bundle of this program")
    for key, version in _VERSIONS.items():
        if told.get(key) != version:
            raise UnreadableFile(
                f"{place}: {key} is {told.get(key)!r}, this program reads {version}; "
                "import the bundle with the program that wrote it, or import the source files again"
            )
    try:
        return _manifest(told)
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise UnreadableFile(f"{place}: is not complete ({fault}); export the bundle again") from None


def _manifest(told: Mapping[str, Any]) -> Manifest:
    kind = told["tables_format"]
    if kind not in KINDS:
        raise ValueError(f"tables_format is {kind!r}, known are {', '.join(KINDS)}")
    rows = {name: _size(table["rows"]) for name, table in told["tables"].items()}
    if set(rows) != set(BY_NAME):
        raise ValueError(f"its tables are not {', '.join(BY_NAME)}")
    members = {str(name): (_size(m["bytes"]), _sha256(m["sha256"])) for name, m in told["members"].items()}
    for table in TABLES:
        if table_path(table, kind) not in members:
            raise ValueError(f"it names no member {table_path(table, kind)}")
    whole = {str(card["cohort"]): not _flag(card["partial"]) for card in told["cohorts"]}
    return Manifest(str(told["generation"]), str(told["query"]), kind, whole, rows, members)


def _size(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{value!r} is no number of rows or bytes")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"partial is {value!r}, neither true nor false")
    return value


def _sha256(value: object) -> str:
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise ValueError(f"{value!r} is no sha256")
    return value
