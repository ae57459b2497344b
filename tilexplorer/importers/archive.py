"""Archives, opened safely: every member is checked before it is written, and nothing is written outside one folder."""

from __future__ import annotations

import gzip
import stat
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Final

from tilexplorer.errors import UnreadableFile

CHUNK: Final = 1 << 20
# A short member may shrink to almost nothing, which says nothing about a bomb.
RATIO_MATTERS_FROM: Final = 10 << 20
LARGEST_PIECE: Final = 16 << 20
# How zipfile refuses a directory: damaged, of a newer version, with names that are no text or fields that are cut.
UNOPENED: Final = (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, struct.error)

ZIP: Final = (".zip",)
TAR: Final = (".tar", ".tar.gz", ".tgz")


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may be: bytes when unpacked, bytes when unpacked for each packed byte, number of members."""

    total: int = 4 << 30
    ratio: float = 200.0
    members: int = 10_000


LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Member:
    """An entry of an archive: its name as written there, its declared sizes, and why it may not be unpacked."""

    name: str
    size: int
    packed: int
    folder: bool
    fault: str
    open: Callable[[], IO[bytes]]


def is_archive(path: Path) -> bool:
    """Whether a file's name says that it is an archive: .zip, .tar, .tar.gz, .tgz."""
    return path.name.lower().endswith((*ZIP, *TAR))


def stem(path: Path) -> str:
    """An archive's name without what says that it is one."""
    ending = max((e for e in (*ZIP, *TAR) if path.name.lower().endswith(e)), key=len, default="")
    return path.name[: len(path.name) - len(ending)]


@contextmanager
def opened(path: Path, limits: Limits = LIMITS) -> Iterator[Path]:
    """The folder of an archive's members, removed afterwards; a folder is given as it is.

    Raises
    ------
    UnreadableFile
        See `unpack`; also where the path is neither a folder nor an archive.
    """
    if path.is_dir():
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="tilexplorer-") as folder:
        unpack(path, Path(folder), limits)
        yield Path(folder)


def unpack(path: Path, into: Path, limits: Limits = LIMITS) -> None:
    """Write an archive's members into an empty folder.

    Parameters
    ----------
    path
        The archive: .zip, .tar, .tar.gz or .tgz. Archives within it stay packed.
    into
        An empty folder. After an error it holds the members before the faulty one: remove it.
    limits
        How large it may become.

    Raises
    ------
    UnreadableFile
        Not an archive, damaged, encrypted, larger than the limits, a member that is a link or a device, or whose
        name would lie outside of the folder.
    """
    if not is_archive(path):
        raise UnreadableFile(
            f"{path.name}: is neither a folder nor an archive; give a folder or {', '.join(ZIP + TAR)}"
        )
    members = _zip_members if path.name.lower().endswith(ZIP) else _tar_members
    try:
        # Closed at once, not when it is collected: an error must not leave the archive open.
        with closing(members(path)) as found:
            _write_all(path, found, into, limits)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, NotImplementedError, RuntimeError) as fault:
        raise UnreadableFile(f"{path.name}: is not a readable archive ({fault}); pack it again") from fault
    except (OSError, ValueError, struct.error) as fault:
        raise UnreadableFile(f"{path.name}: could not be unpacked ({fault}); pack it again") from fault


def _write_all(path: Path, members: Iterator[Member], into: Path, limits: Limits) -> None:
    left = limits.total
    written: set[PurePosixPath] = set()
    for number, member in enumerate(members, 1):
        if number > limits.members:
            raise UnreadableFile(f"{path.name}: has more than {limits.members:,} members; pack only the study's files")
        place = _place(path, member)
        _check(path, member, left, limits)
        if member.folder:
            (into / place).mkdir(parents=True, exist_ok=True)
            continue
        if place in written:
            raise _refused(path, member, "is there twice", "pack the folder again")
        written.add(place)
        left -= _write(path, member, into / place, left, limits)


def _place(path: Path, member: Member) -> PurePosixPath:
    """Where a member belongs below the folder; a name that could lead elsewhere, on any system, is refused."""
    name = member.name.replace("\\", "/")
    place = PurePosixPath(name)
    elsewhere = place.is_absolute() or ".." in place.parts or PureWindowsPath(name).drive or "\x00" in name
    if elsewhere or (not place.parts and not member.folder):
        raise _refused(path, member, "lies outside of the archive's folder", "pack the folder with relative names")
    return place


def _check(path: Path, member: Member, left: int, limits: Limits) -> None:
    if member.fault:
        raise _refused(path, member, member.fault, "pack plain, unencrypted files only")
    if member.size > left:
        raise _too_large(path, limits)
    if member.size > RATIO_MATTERS_FROM and member.size > limits.ratio * max(member.packed, 1):
        raise _refused(
            path,
            member,
            f"grows more than {limits.ratio:g}-fold, as archives do that are made to fill a disk",
            "unpack it yourself and give the folder",
        )


def _write(path: Path, member: Member, target: Path, left: int, limits: Limits) -> int:
    """Write a member and count its bytes: the size that the archive declares may be a lie."""
    target.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with member.open() as packed, target.open("xb") as out:
        while chunk := packed.read(CHUNK):
            count += len(chunk)
            if count > left:
                raise _too_large(path, limits)
            out.write(chunk)
    return count


def _refused(path: Path, member: Member, problem: str, mend: str) -> UnreadableFile:
    return UnreadableFile(f"{path.name}: its member '{member.name}' {problem}; {mend}")


def _too_large(path: Path, limits: Limits) -> UnreadableFile:
    return UnreadableFile(
        f"{path.name}: holds more than {limits.total:,} bytes when unpacked; "
        "pack only the study's files, or unpack it yourself and give the folder"
    )


def _zip_members(path: Path) -> Generator[Member, None, None]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            yield Member(
                info.filename,
                info.file_size,
                info.compress_size,
                info.filename.endswith("/"),  # is_dir() fails where there is no name at all
                _zip_fault(info),
                lambda info=info: archive.open(info),  # type: ignore[misc]
            )


def _zip_fault(info: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if info.flag_bits & 0x1:
        return "is encrypted"
    if kind == stat.S_IFLNK:
        return "is a link"
    return "" if kind in (0, stat.S_IFREG, stat.S_IFDIR) else "is a device, not a file"


class _Guarded(gzip.GzipFile):
    """A gzip file that is read in pieces: tarfile reads a header as a whole, however large it says it is."""

    def read(self, size: int | None = -1) -> bytes:
        if size is None or not 0 <= size <= LARGEST_PIECE:
            raise tarfile.ReadError("a header that is larger than any file needs")
        return super().read(size)


def _tar_members(path: Path) -> Generator[Member, None, None]:
    packed = path.stat().st_size
    unzipped = _Guarded(path) if path.name.lower().endswith("gz") else path.open("rb")
    with unzipped, tarfile.open(fileobj=unzipped, mode="r:") as archive:
        for info in archive:
            yield Member(info.name, info.size, packed, info.isdir(), _tar_fault(info), _tar_opener(archive, info))


def _tar_opener(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Callable[[], IO[bytes]]:
    def open_member() -> IO[bytes]:
        content = archive.extractfile(info)
        assert content is not None  # a regular file, as _check saw
        return content

    return open_member


def _tar_fault(info: tarfile.TarInfo) -> str:
    if info.issym() or info.islnk():
        return "is a link"
    if info.size < 0:
        return "has a negative size"
    # A sparse file declares holes of any size for nothing.
    return "" if (info.isreg() and not info.issparse()) or info.isdir() else "is a device or has holes, not a file"
