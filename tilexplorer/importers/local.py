"""Files that a user gives by path (files, folders, archives), matched with the files that a mapping declares."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Final

from tilexplorer.errors import UnreachableFile
from tilexplorer.fetch import check
from tilexplorer.importers.archive import is_archive, stem, unpack
from tilexplorer.importers.mapping import File, Mapped

# A folder with more files than this was given by mistake, e.g. a whole disk.
MOST_FILES: Final = 10_000
_SHOWN: Final = 10


class Matched(dict[str, Path]):
    """The path of each file of a mapping. What was unpacked for it is removed by `with`, or else together with it."""

    def __init__(self, paths: Mapping[str, Path], unpacked: Path | None) -> None:
        super().__init__(paths)
        folders = [unpacked] if unpacked else []
        self._remove = weakref.finalize(self, _remove_all, folders)

    def __enter__(self) -> Matched:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._remove()


def match_files(mapped: Mapped, paths: Sequence[Path]) -> Matched:
    """The path of each file of a mapping, by name.

    Parameters
    ----------
    mapped
        The mapping. The name of a file may have a folder before it: then the folder has to match too.
    paths
        Files; folders, which are searched with all their subfolders; archives (.zip, .tar, .tar.gz), which are
        unpacked into a temporary folder first. A single plain file needs no matching name.

    Returns
    -------
    Matched
        Keep it, or use it with `with`, as long as the files are read.

    Raises
    ------
    UnreachableFile
        A declared file was not given, is there more than once, or does not exist.
    UnreadableFile
        An archive that cannot be unpacked safely.
    WrongChecksum
        A declared size or sha256 is not that of the file.
    """
    unpacked = Path(tempfile.mkdtemp(prefix="tilexplorer-")) if any(map(_packed, paths)) else None
    try:
        given = list(_given(paths, unpacked))
        # A single file needs no matching name, nor do several sheets of one workbook.
        if len({file.name for file in mapped.files.values()}) == 1 and len(paths) == 1 and given == list(paths):
            found = {key: _existing(given[0]) for key in mapped.files}
        else:
            found = {key: _existing(_only(file, given, unpacked)) for key, file in mapped.files.items()}
        for key, path in found.items():
            check(mapped.files[key], path)
    except BaseException:
        _remove_all([unpacked] if unpacked else [])
        raise
    return Matched(found, unpacked)


def _remove_all(folders: Iterable[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _packed(path: Path) -> bool:
    return is_archive(path) and path.is_file()


def _given(paths: Sequence[Path], unpacked: Path | None) -> Iterator[Path]:
    """Every file that was given, those within folders and archives too."""
    for number, path in enumerate(paths):
        if path.is_dir():
            yield from files_below(path)
        elif unpacked is not None and _packed(path):
            # Named like the archive: a mapping may name the folder that was packed without its top.
            folder = unpacked / str(number) / stem(path)
            folder.mkdir(parents=True)
            unpack(path, folder)
            yield from files_below(folder)
        else:
            yield path


def files_below(folder: Path) -> list[Path]:
    """The files in a folder and its subfolders, in order; what operating systems add of their own is left out.

    Raises
    ------
    UnreachableFile
        More files than any study has.
    """
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__MACOSX")))
        found.extend(Path(place, name) for name in sorted(names) if not name.startswith("."))
        if len(found) > MOST_FILES:
            raise UnreachableFile(f"{folder}: holds more than {MOST_FILES:,} files; give the folder of the study")
    return found


def _only(file: File, given: Sequence[Path], unpacked: Path | None) -> Path:
    """The one given file that has the declared name."""
    wanted = PurePosixPath(file.name).parts
    found = [path for path in given if path.absolute().parts[-len(wanted) :] == wanted]
    if not found:
        shown = ", ".join(path.name for path in given[:_SHOWN]) or "none"
        more = f" and {len(given) - _SHOWN} more" if len(given) > _SHOWN else ""
        raise UnreachableFile(f"the mapping needs the file {file.name}; given are {shown}{more}: name it too")
    if len(found) > 1:
        shown = ", ".join(_shown(path, unpacked) for path in found[:_SHOWN])
        raise UnreachableFile(
            f"the mapping needs the file {file.name}, which is there {len(found)} times ({shown}): "
            "give the folder that holds the right one, or write its folder before its name in the mapping"
        )
    return found[0]


def _shown(path: Path, unpacked: Path | None) -> str:
    """A path for a message: of an unpacked file the place within its archive."""
    inside = unpacked is not None and path.is_relative_to(unpacked)
    return Path(*path.relative_to(unpacked).parts[1:]).as_posix() if inside and unpacked else str(path)


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise UnreachableFile(f"{path}: there is no such file")
    if not os.access(path, os.R_OK):
        raise UnreachableFile(f"{path}: may not be read by you; ask its owner, or copy it")
    return path
