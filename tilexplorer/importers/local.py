"""Files that a user gives by path, matched with the files that a mapping declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tilexplorer.errors import UnreachableFile
from tilexplorer.fetch import check
from tilexplorer.importers.mapping import Mapped


def match_files(mapped: Mapped, paths: Sequence[Path]) -> Mapping[str, Path]:
    """The path of each file of a mapping, by file name; a single file needs no matching name.

    Raises
    ------
    UnreachableFile
        A declared file was not given, or does not exist.
    WrongChecksum
        A declared size or sha256 is not that of the file.
    """
    given = {path.name: path for path in paths}
    if len(mapped.files) == 1 and len(paths) == 1:
        given = {next(iter(mapped.files.values())).name: paths[0]}
    found: dict[str, Path] = {}
    for key, file in mapped.files.items():
        if file.name not in given:
            listed = ", ".join(given) or "none"
            raise UnreachableFile(f"the mapping needs the file {file.name}; given are {listed}: name it too")
        if not given[file.name].is_file():
            raise UnreachableFile(f"{given[file.name]}: there is no such file")
        check(file, given[file.name])
        found[key] = given[file.name]
    return found
