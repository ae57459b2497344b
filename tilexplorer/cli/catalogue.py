"""`catalog`: public cohorts by name."""

from __future__ import annotations

import argparse
import sys

from tilexplorer.cli.command import Commands, publisher
from tilexplorer.errors import InvalidQuery, StoreMissing, TilExplorerError
from tilexplorer.progress import Bar
from tilexplorer.store import Store, store_folder


def add(commands: Commands[argparse.ArgumentParser], common: argparse.ArgumentParser) -> None:
    """The command `catalog`."""
    catalog = commands.add_parser("catalog", help="public cohorts: list, add, remove")
    actions = catalog.add_subparsers(title="actions", required=True, metavar="ACTION")
    listing = actions.add_parser("list", parents=[common], help="what the catalogue has")
    listing.set_defaults(run=_list)
    adding = actions.add_parser("add", parents=[common, publisher()], help="fetch, check, import and publish cohorts")
    adding.add_argument("names", nargs="*", metavar="NAME")
    adding.add_argument("--all", action="store_true", help="every cohort of the catalogue")
    adding.add_argument("--mirror", metavar="DIR", help="folder or base address to take the files from")
    adding.set_defaults(run=_add)
    remove = actions.add_parser(
        "remove", parents=[common, publisher()], help="publish a generation without these cohorts"
    )
    remove.add_argument("names", nargs="+", metavar="NAME")
    remove.set_defaults(run=_remove)


def _list(options: argparse.Namespace) -> int:
    from tilexplorer import catalog

    try:
        held = set(Store.open(options.store).table("cohort")["cohort"])
    except StoreMissing:
        held = set()
    for name in catalog.names():
        print(f"{'*' if name in held else ' '} {name:<18} {catalog.card(name).title}")
    print("* in the store", file=sys.stderr)
    return 0


def _add(options: argparse.Namespace) -> int:
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
        origins = [catalog.origin(cohort) for part in loaded for cohort in part.cohorts]
        with Bar("publishing") as bar:
            folder = store_folder(options.store)
            made = publish(folder, loaded, progress=bar.update, by=options.by, origins=origins)
            bar.finish(f"generation {made}")
    for line in failed:
        print(f"error: {line}", file=sys.stderr)
    return 1 if failed else 0


def _remove(options: argparse.Namespace) -> int:
    from tilexplorer.errors import UnknownCohort
    from tilexplorer.publish import publish

    held = set(Store.open(options.store).table("cohort")["cohort"])
    unknown = [name for name in options.names if name not in held]
    if unknown:
        raise UnknownCohort(f"the store has no cohort {', '.join(unknown)}; it has {', '.join(sorted(held))}")
    with Bar("publishing") as bar:
        made = publish(store_folder(options.store), remove=options.names, progress=bar.update, by=options.by)
        bar.finish("done")
    print(f"generation {made}")
    return 0
