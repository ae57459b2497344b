"""`import` and `validate`: files of your own by a mapping."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tilexplorer.cli.command import Commands
from tilexplorer.store import store_folder

if TYPE_CHECKING:
    from tilexplorer.schema import Canonical


def add(commands: Commands[argparse.ArgumentParser], common: argparse.ArgumentParser) -> None:
    """The commands `import` and `validate`."""
    for name, run, words in (
        ("import", _import, "import files by a mapping of your own"),
        ("validate", _validate, "read files by a mapping, say what is wrong or what would be counted, store nothing"),
    ):
        one = commands.add_parser(name, parents=[common], help=words)
        one.add_argument("files", nargs="+", metavar="FILE", help="file, folder or archive (.zip, .tar, .tar.gz)")
        one.add_argument("--mapping", required=True, metavar="M.toml")
        one.set_defaults(run=run)


def _mapped(options: argparse.Namespace) -> Canonical:
    """The files as their mapping reads them; every fault in them is an error that names its place."""
    from tilexplorer.importers import import_files, read_mapping
    from tilexplorer.importers.local import match_files

    mapped = read_mapping(Path(options.mapping))
    with match_files(mapped, [Path(file) for file in options.files]) as files:
        part = import_files(mapped, files)
    print(f"{', '.join(part.cohorts)}: {len(part['course'])} patients")
    return part


def _validate(options: argparse.Namespace) -> int:
    part = _mapped(options)
    for table in part.frames:
        print(f"{len(part[table]):>9} {table}")
    print("nothing is wrong, nothing was stored")
    return 0


def _import(options: argparse.Namespace) -> int:
    from tilexplorer.publish import publish

    part = _mapped(options)
    print(f"generation {publish(store_folder(options.store), [part])}")
    return 0
