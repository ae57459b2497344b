"""`export`: cohorts or a selection as a bundle or as cBioPortal studies."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tilexplorer.cli.command import Commands
from tilexplorer.errors import InvalidQuery, UnreachableFile
from tilexplorer.store import Store

if TYPE_CHECKING:
    from tilexplorer.export import Extract

FORMATS: Final = ("parquet", "csv", "cbioportal")


def add(commands: Commands[argparse.ArgumentParser], common: argparse.ArgumentParser) -> None:
    """The command `export`."""
    export = commands.add_parser("export", parents=[common], help="write cohorts or a selection to a zip file")
    what = export.add_mutually_exclusive_group(required=True)
    what.add_argument("--cohort", nargs="+", metavar="NAME", help="whole cohorts")
    what.add_argument("--all", action="store_true", help="every cohort of the store")
    what.add_argument("--query", metavar="QUERY", help="the patients of a page's address or query string")
    export.add_argument("--format", choices=FORMATS, default="parquet", help="a bundle, or cBioPortal studies")
    export.add_argument("--output", required=True, metavar="FILE.zip")
    export.set_defaults(run=_export)


def _export(options: argparse.Namespace) -> int:
    from tilexplorer.export import write_bundle, write_studies

    path = Path(options.output)
    if not path.parent.is_dir() or path.is_dir():
        raise UnreachableFile(f"{path}: cannot be written: name a file in a folder that is there")
    extract = _extract(options)
    if options.format == "cbioportal":
        write_studies(extract, path)
    else:
        write_bundle(extract, path, options.format)
    for cohort, reason in extract.left_out:
        print(f"left out: {cohort}, {reason}", file=sys.stderr)
    print(f"{', '.join(extract.tables.cohorts)}: {extract.n} patients of generation {extract.generation} in {path}")
    return 0


def _extract(options: argparse.Namespace) -> Extract:
    from tilexplorer.export import of_cohorts, of_selection
    from tilexplorer.selection import parse_query

    store = Store.open(options.store)
    if options.query is None:
        return of_cohorts(store, list(store.table("cohort")["cohort"]) if options.all else options.cohort)
    parsed = parse_query(options.query)
    if parsed.problems:
        raise InvalidQuery(f"nothing is exported while a part of the selection is ignored: {parsed.problems[0]}")
    if parsed.generation and parsed.generation != store.generation:
        print(f"the link was made on generation {parsed.generation}, this is {store.generation}", file=sys.stderr)
    return of_selection(store, parsed.selection)
