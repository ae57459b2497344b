"""The members of a bundle, opened by name in memory and never larger than they may be."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tilexplorer.bundles import MANIFEST
from tilexplorer.errors import UnreadableFile, WrongChecksum
from tilexplorer.importers.archive import UNOPENED

MOST_MANIFEST: Final = 16_000_000
MOST_MEMBERS: Final = 20_000
# A table of text packs 10 to 60 times; zeros pack 1,000 times. Small members may be as empty as they like.
MOST_RATIO: Final = 250
ALWAYS_ALLOWED: Final = 16_000_000
_CHUNK: Final = 1 << 20

_DAMAGED: Final = (zlib.error, OSError, RuntimeError, *UNOPENED)


class Members:
    """The members of an open zip file. Nothing is written to disk, so no name can lead anywhere."""

    def __init__(self, archive: zipfile.ZipFile, label: str) -> None:
        self._archive = archive
        self._label = label
        self._sizes: Mapping[str, int] = {}
        entries = archive.infolist()
        if len(entries) > MOST_MEMBERS:
            raise UnreadableFile(f"{label}: has {len(entries)} members, no bundle has so many")
        twice = [name for name, n in Counter(entry.filename for entry in entries).items() if n > 1]
        if twice:
            raise UnreadableFile(f"{label}: holds '{twice[0]}' more than once; export the bundle again")
        self._entries = {entry.filename: entry for entry in entries}

    def manifest(self) -> bytes:
        """The manifest's bytes."""
        if MANIFEST not in self._entries:
            raise UnreadableFile(f"{self._label}: has no {MANIFEST}, so it is no bundle; other files need --mapping")
        return self._read(MANIFEST, MOST_MANIFEST)

    def check(self, told: Mapping[str, tuple[int, str]]) -> None:
        """Every member is named in the manifest, is there, and has its size and its checksum."""
        unknown = sorted(set(self._entries) - set(told) - {MANIFEST})
        if unknown:
            raise UnreadableFile(f"{self._label}: holds '{unknown[0]}', which its manifest does not name; remove it")
        self._sizes = {name: size for name, (size, _) in told.items()}
        for name, (size, sha256) in told.items():
            if name not in self._entries:
                raise UnreadableFile(f"{self._label}: '{name}' is missing, which its manifest names; export it again")
            self._check_size(name, size)
            if self._sha256(name, size) != sha256:
                raise WrongChecksum(
                    f"{self._label}: '{name}' was changed after the export; export the bundle again, or unpack it "
                    "and import edited wide files with --mapping mapping.toml"
                )

    def content(self, name: str) -> bytes:
        """The bytes of a member that was checked."""
        return self._read(name, self._sizes[name])

    def _check_size(self, name: str, size: int) -> None:
        entry = self._entries[name]
        if entry.file_size != size:
            raise WrongChecksum(
                f"{self._label}: '{name}' has {entry.file_size} bytes, its manifest says {size}; export it again"
            )
        if size > max(ALWAYS_ALLOWED, MOST_RATIO * entry.compress_size):
            raise UnreadableFile(
                f"{self._label}: '{name}' would unpack to {size} bytes from {entry.compress_size}; "
                "no table does that, and it is not read"
            )

    def _blocks(self, name: str, most: int) -> Iterator[bytes]:
        """The member block by block; whatever its header says, not more than `most` bytes."""
        left = most
        try:
            with self._archive.open(self._entries[name]) as file:
                while block := file.read(min(_CHUNK, left + 1)):
                    left -= len(block)
                    if left < 0:
                        raise UnreadableFile(f"{self._label}: '{name}' is larger than {most} bytes and is not read")
                    yield block
        except _DAMAGED as fault:
            raise UnreadableFile(f"{self._label}: '{name}' is damaged ({fault}); fetch or export it again") from None

    def _read(self, name: str, most: int) -> bytes:
        return b"".join(self._blocks(name, most))

    def _sha256(self, name: str, size: int) -> str:
        digest = hashlib.sha256()
        for block in self._blocks(name, size):
            digest.update(block)
        return digest.hexdigest()


@contextmanager
def opened(path: Path) -> Iterator[Members]:
    """The members of a zip file; UnreadableFile where it is none."""
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, *UNOPENED) as fault:
        raise UnreadableFile(f"{path.name}: is no readable zip file ({fault}); fetch or export it again") from None
    with archive:
        yield Members(archive, path.name)
