"""Source files on this machine: from a mirror, from what was downloaded before, or from their public address."""

from __future__ import annotations

import hashlib
import http.client
import os
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

from tilexplorer.errors import UnreachableFile, WrongChecksum
from tilexplorer.importers.mapping import File

# Name of the file, bytes received, bytes in total (0 where it is not known).
Progress = Callable[[str, int, int], None]

CHUNK: Final = 1 << 16
TIMEOUT_SECONDS: Final = 30.0
ATTEMPTS: Final = 3


def fetch(
    file: File,
    mirror: str | Path | None,
    downloads: Path,
    progress: Progress | None = None,
    timeout: float = TIMEOUT_SECONDS,
) -> Path:
    """The path of a source file whose size and sha256 are those that the catalogue names.

    Parameters
    ----------
    file
        The file, with its folder and name, its public address, its size and its sha256.
    mirror
        A folder or a base address to take it from instead of the public address.
    downloads
        Folder that keeps what was downloaded.
    progress
        Called as bytes arrive.
    timeout
        Longest silence of the server [s].

    Raises
    ------
    UnreachableFile
        The mirror does not have it, or it could not be downloaded.
    WrongChecksum
        The bytes are others than the catalogue names.
    """
    if mirror is not None and not _is_address(mirror):
        return _in_folder(file, Path(mirror))
    kept = downloads / file.folder / file.name
    if kept.is_file() and _is_right(file, kept):
        return kept
    address = _below(str(mirror), file) if mirror is not None else file.address
    if not address:
        raise UnreachableFile(f"{file.name}: has no public address; give a mirror that holds {_place(file)}")
    return _download(file, address, kept, progress, timeout)


def _is_address(mirror: str | Path) -> bool:
    return str(mirror).startswith(("http://", "https://"))


def _place(file: File) -> str:
    return f"{file.folder}/{file.name}" if file.folder else file.name


def _below(base: str, file: File) -> str:
    return f"{base.rstrip('/')}/{urllib.parse.quote(_place(file))}"


def _in_folder(file: File, mirror: Path) -> Path:
    path = mirror / file.folder / file.name
    if not path.is_file():
        raise UnreachableFile(
            f"{file.name}: the mirror {mirror} has no {_place(file)}; copy it there, or go without it"
        )
    check(file, path)
    return path


def check(file: File, path: Path) -> None:
    """WrongChecksum where a file is not the one that is named, byte for byte."""
    size = path.stat().st_size
    if file.bytes and size != file.bytes:
        raise WrongChecksum(f"{path.name}: has {size} bytes, the catalogue names {file.bytes}; {_MEND}")
    found = _sha256(path)
    if file.sha256 and found != file.sha256:
        raise WrongChecksum(f"{path.name}: has the sha256 {found}, the catalogue names {file.sha256}; {_MEND}")


_MEND: Final = "the file was changed or damaged: fetch it again from the address in the catalogue"


def _is_right(file: File, path: Path) -> bool:
    try:
        check(file, path)
    except WrongChecksum:
        return False
    return True


def _sha256(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _download(file: File, address: str, kept: Path, progress: Progress | None, timeout: float) -> Path:
    """Fetch, check, and only then give the file its name: an interrupted download leaves nothing behind."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=kept.parent, prefix=f".{kept.name}.", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            _receive(file, address, out, progress, timeout)
        try:
            check(file, part)
        except WrongChecksum as fault:
            raise WrongChecksum(f"{address}: {str(fault).replace(part.name, file.name)}") from None
        part.replace(kept)
    finally:
        part.unlink(missing_ok=True)
    return kept


def _receive(file: File, address: str, out: IO[bytes], progress: Progress | None, timeout: float) -> None:
    """Try a few times: a server that is slow or cuts off once often answers the second time."""
    for attempt in range(1, ATTEMPTS + 1):
        out.seek(0)
        out.truncate()
        try:
            return _once(file, address, out, progress, timeout)
        except urllib.error.HTTPError as fault:
            fault.close()
            if attempt == ATTEMPTS or fault.code < 500:
                raise UnreachableFile(f"{file.name}: {address} answered {fault.code} {fault.reason}; {_ELSE}") from None
        except (urllib.error.URLError, http.client.HTTPException, TimeoutError, OSError) as fault:
            if attempt == ATTEMPTS:
                reason = getattr(fault, "reason", None) or fault or type(fault).__name__
                raise UnreachableFile(f"{file.name}: {address} could not be fetched ({reason}); {_ELSE}") from None
    return None


_ELSE: Final = "try again, or give a mirror (--mirror, TILEXPLORER_MIRROR) that holds the file"


def _once(file: File, address: str, out: IO[bytes], progress: Progress | None, timeout: float) -> None:
    request = urllib.request.Request(address, headers={"User-Agent": "tilexplorer"})
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        total = file.bytes or int(answer.headers.get("Content-Length") or 0)
        received = 0
        while chunk := answer.read(CHUNK):
            out.write(chunk)
            received += len(chunk)
            if progress is not None:
                progress(file.name, received, total)
            if file.bytes and received > file.bytes:
                raise WrongChecksum(
                    f"{address}: sends more than the {file.bytes} bytes that the catalogue names; {_MEND}"
                )
        promised = int(answer.headers.get("Content-Length") or 0)
        if promised and received < promised:
            raise ConnectionError(f"cut off after {received} of {promised} bytes")
