"""The command line: catalogue, simulated cohorts, generations, and every view as JSON or CSV.

Exit codes: 0 done, 1 a fault that the user can mend (one message on the error stream), 2 a misspelt command.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tilexplorer import __version__
from tilexplorer.errors import InvalidQuery, StoreMissing, TilExplorerError
from tilexplorer.progress import Bar
from tilexplorer.store import Store, published, store_folder

if TYPE_CHECKING:
    from tilexplorer.schema import Canonical

OTHER_VIEWS: Final = (
    "subgroups",
    "thresholds",
    "microenvironment",
    "on_treatment",
    "synthesis",
    "therapies",
    "model",
    "patients",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except TilExplorerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of our output went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--store", metavar="DIR", help="folder of the generations (default data/store)")
    parser = argparse.ArgumentParser(prog="python -m tilexplorer", description="T-cell infiltration and immunotherapy.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _catalog_parser(commands, common)
    _import_parser(commands, common)
    simulate = commands.add_parser("simulate", parents=[common], help="publish the simulated cohorts")
    simulate.add_argument("--patients", type=int, help="number of patients (default: the recipe's 2,670)")
    simulate.add_argument("--seed", type=int, help="seed of the draws (default: the recipe's)")
    simulate.add_argument("--if-empty", action="store_true", help="only where nothing has been published")
    simulate.set_defaults(run=_simulate)
    listing = commands.add_parser("generations", parents=[common], help="list the generations of the store")
    listing.set_defaults(run=_generations)
    back = commands.add_parser("rollback", parents=[common], help="publish an older generation again")
    back.add_argument("generation")
    back.set_defaults(run=_rollback)
    analyse = commands.add_parser("analyse", parents=[common], help="print a view")
    analyse.add_argument("view", help=f"overview, survival, response; to come: {', '.join(OTHER_VIEWS)}")
    analyse.add_argument("query", nargs="?", default="", help="a page's address or its query string")
    analyse.add_argument("--format", choices=("json", "csv"), default="json")
    analyse.set_defaults(run=_analyse)
    doctor = commands.add_parser("doctor", parents=[common], help="check the installation and the store")
    doctor.set_defaults(run=_doctor)
    return parser


def _catalog_parser(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    catalog = commands.add_parser("catalog", help="public cohorts: list, add, remove")
    actions = catalog.add_subparsers(title="actions", required=True, metavar="ACTION")
    listing = actions.add_parser("list", parents=[common], help="what the catalogue has")
    listing.set_defaults(run=_catalog_list)
    add = actions.add_parser("add", parents=[common], help="fetch, check, import and publish cohorts")
    add.add_argument("names", nargs="*", metavar="NAME")
    add.add_argument("--all", action="store_true", help="every cohort of the catalogue")
    add.add_argument("--mirror", metavar="DIR", help="folder or base address to take the files from")
    add.set_defaults(run=_catalog_add)
    remove = actions.add_parser("remove", parents=[common], help="publish a generation without these cohorts")
    remove.add_argument("names", nargs="+", metavar="NAME")
    remove.set_defaults(run=_catalog_remove)


def _import_parser(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    for name, run, words in (
        ("import", _import, "import files by a mapping of your own"),
        ("validate", _validate, "read files by a mapping, say what is wrong or what would be counted, store nothing"),
    ):
        one = commands.add_parser(name, parents=[common], help=words)
        one.add_argument("files", nargs="+", metavar="FILE")
        one.add_argument("--mapping", required=True, metavar="M.toml")
        one.set_defaults(run=run)


def _catalog_list(options: argparse.Namespace) -> int:
    from tilexplorer import catalog

    try:
        held = set(Store.open(options.store).table("cohort")["cohort"])
    except StoreMissing:
        held = set()
    for name in catalog.names():
        print(f"{'*' if name in held else ' '} {name:<18} {catalog.card(name).title}")
    print("* in the store", file=sys.stderr)
    return 0


def _catalog_add(options: argparse.Namespace) -> int:
    """Import what can be had, publish it in one generation, and name what could not."""
    from tilexplorer import catalog
    from tilexplorer.publish import publish

    names = catalog.names() if options.all else tuple(options.names)
    if not names:
        raise InvalidQuery("name at least one cohort, or --all; `catalog list` shows them")
    loaded, failed = [], []
    for i, name in enumerate(names):
        with Bar(f"[{i + 1}/{len(names)}] {name}") as bar:
            try:
                part = catalog.load(name, options.mirror, bar.update)
            except TilExplorerError as error:
                failed.append(f"{name}: {error}")
                bar.finish("failed")
            else:
                loaded.append(part)
                bar.finish(f"{len(part['course'])} patients")
    if loaded:
        with Bar("publishing") as bar:
            bar.finish(f"generation {publish(store_folder(options.store), loaded)}")
    for line in failed:
        print(f"error: {line}", file=sys.stderr)
    return 1 if failed else 0


def _catalog_remove(options: argparse.Namespace) -> int:
    from tilexplorer.errors import UnknownCohort
    from tilexplorer.publish import publish

    held = set(Store.open(options.store).table("cohort")["cohort"])
    unknown = [name for name in options.names if name not in held]
    if unknown:
        raise UnknownCohort(f"the store has no cohort {', '.join(unknown)}; it has {', '.join(sorted(held))}")
    print(f"generation {publish(store_folder(options.store), remove=options.names)}")
    return 0


def _mapped(options: argparse.Namespace) -> Canonical:
    """The files as their mapping reads them; every fault in them is an error that names its place."""
    from tilexplorer.importers import import_files, read_mapping
    from tilexplorer.importers.local import match_files

    mapped = read_mapping(Path(options.mapping))
    part = import_files(mapped, match_files(mapped, [Path(file) for file in options.files]))
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


def _simulate(options: argparse.Namespace) -> int:
    from tilexplorer.demonstration import is_empty, publish_simulated

    folder = store_folder(options.store)
    if options.if_empty and not is_empty(folder):
        return 0
    part, generation = publish_simulated(folder, options.patients, options.seed)
    print(f"{len(part['course'])} simulated patients in {len(part.cohorts)} cohorts, generation {generation}")
    return 0


def _generations(options: argparse.Namespace) -> int:
    from tilexplorer.publish import generations

    found = generations(store_folder(options.store))
    if not found:
        published(store_folder(options.store))  # says that there is none, and what to do
    for info in found:
        mark = "*" if info.published else " "
        print(f"{mark} {info.id}  {info.made:%Y-%m-%d %H:%M} UTC  {info.bytes / 1e6:.1f} MB")
    return 0


def _rollback(options: argparse.Namespace) -> int:
    from tilexplorer.publish import roll_back

    roll_back(store_folder(options.store), options.generation)
    print(f"generation {options.generation} is published")
    return 0


def _analyse(options: argparse.Namespace) -> int:
    from tilexplorer.analysis.tables import as_csv
    from tilexplorer.analysis.views import VIEWS
    from tilexplorer.selection import parse_query

    if options.view not in VIEWS:
        raise InvalidQuery(f"no view is called '{options.view}': use {', '.join(VIEWS)}")
    parsed = parse_query(options.query)
    store = Store.open(options.store)
    _known_cohorts(store, parsed.selection.cohort)
    made = VIEWS[options.view].json(store, parsed.selection)
    made["problems"] = [*parsed.problems, *made["problems"]]
    if parsed.generation and parsed.generation != store.generation:
        made["warnings"].append(f"the link was made on generation {parsed.generation}, this is {store.generation}")
    print(as_csv(made) if options.format == "csv" else json.dumps(made, indent=2, ensure_ascii=False, allow_nan=False))
    return 0


def _known_cohorts(store: Store, asked: tuple[str, ...]) -> None:
    """A script that names only cohorts which are not there must not get an answer about others."""
    from tilexplorer.errors import UnknownCohort

    held = set(store.table("cohort")["cohort"])
    if asked and not held.intersection(asked):
        raise UnknownCohort(
            f"the store has no cohort {', '.join(asked)}; it has {', '.join(sorted(held))}. "
            "Add one with `python -m tilexplorer catalog add NAME`"
        )


def _doctor(options: argparse.Namespace) -> int:
    from tilexplorer.doctor import report

    sound, lines = report(store_folder(options.store))
    print("\n".join(lines))
    return 0 if sound else 1
