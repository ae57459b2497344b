"""Pseudonyms: identifiers that must not be stored, replaced by short ids that only the holder of a key can make again.

HMAC-SHA256 (RFC 2104, FIPS 198-1) of the identifier under a random key. Without the key nobody can go through all
record numbers and see which one gives an id, as could be done with a plain hash. The key stays with the hospital: it
lies in a file beside the store, is readable by its owner alone, and is no part of a generation or an export.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pandas as pd

from tilexplorer.errors import InvalidMapping

KEY_FILE: Final = "pseudonym.key"
_KEY_BYTES: Final = 32
PREFIX: Final = "ps-"
# Sixty bits: among a million patients two share an id with a probability below 1 in 2,000,000.
_LENGTH: Final = 12


@dataclass(frozen=True)
class Pseudonyms:
    """Makes pseudonyms under one key; the same identifier gives the same one, in every file and every import."""

    key: bytes = field(repr=False)

    def of(self, identifier: str) -> str:
        """The pseudonym of an identifier."""
        digest = hmac.digest(self.key, identifier.encode(), hashlib.sha256)
        return PREFIX + base64.b32encode(digest)[:_LENGTH].decode().lower()


def applied(pseudonyms: Pseudonyms | None, identifiers: pd.Series) -> pd.Series:
    """A column's pseudonyms; a missing identifier stays missing.

    Raises
    ------
    InvalidMapping
        The mapping asks for pseudonyms, and no key was given.
    """
    if pseudonyms is None:
        raise InvalidMapping(
            "pseudonym = true needs a key: import with `python -m tilexplorer import`, which keeps one beside the store"
        )
    codes, distinct = pd.factorize(identifiers)
    made = pd.array([pseudonyms.of(str(one)) for one in distinct], dtype="string")
    return pd.Series(made.take(codes, allow_fill=True), index=identifiers.index, dtype="string")


def for_storing(folder: Path, key_file: str | None = None) -> Pseudonyms:
    """The pseudonyms of a store, or those of a key that lies elsewhere; a store's key is made the first time."""
    if key_file:
        return from_file(Path(key_file))
    if not (folder / KEY_FILE).exists():
        folder.mkdir(parents=True, exist_ok=True)
        _create(folder / KEY_FILE)
    return from_file(folder / KEY_FILE)


def for_reading(folder: Path, key_file: str | None = None) -> Pseudonyms:
    """The same, for a look that stores nothing: where there is no key yet, one that is forgotten afterwards."""
    path = Path(key_file) if key_file else folder / KEY_FILE
    return from_file(path) if key_file or path.exists() else Pseudonyms(secrets.token_bytes(_KEY_BYTES))


def _create(path: Path) -> None:
    """A new key, readable by its owner alone from its first moment on; one that another process made is kept."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(_KEY_BYTES) + "\n")


def from_file(path: Path) -> Pseudonyms:
    """The pseudonyms under the key in a file: 64 hexadecimal digits."""
    try:
        # A pipe or a device may have no end.
        key = bytes.fromhex(path.read_text(encoding="ascii").strip()) if path.is_file() else b""
    except (OSError, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise InvalidMapping(f"{path.name}: is no pseudonym key (64 hexadecimal digits); bring back the right file")
    return Pseudonyms(key)
