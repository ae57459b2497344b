"""`simulate`, `generations`, `rollback`, `forget`, `log`: what is published, and who changed it."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from tilexplorer.cli.command import Commands, publisher
from tilexplorer.errors import InvalidQuery
from tilexplorer.progress import Bar
from tilexplorer.store import published, store_folder


def add(commands: Commands[argparse.ArgumentParser], common: argparse.ArgumentParser) -> None:
    """The commands `simulate`, `generations`, `rollback`, `forget` and `log`."""
    simulate = commands.add_parser("simulate", parents=[common, publisher()], help="publish the simulated cohorts")
    simulate.add_argument("--patients", type=int, help="number of patients (default: the recipe's 2,670)")
    simulate.add_argument("--seed", type=int, help="seed of the draws (default: the recipe's)")
    simulate.add_argument("--if-empty", action="store_true", help="only where nothing has been published")
    simulate.set_defaults(run=_simulate)
    listing = commands.add_parser("generations", parents=[common], help="list the generations of the store")
    listing.set_defaults(run=_generations)
    back = commands.add_parser("rollback", parents=[common, publisher()], help="publish an older generation again")
    back.add_argument("generation")
    back.set_defaults(run=_rollback)
    forget = commands.add_parser(
        "forget", parents=[common, publisher()], help="remove a cohort from every generation and from the disk"
    )
    forget.add_argument("cohort", metavar="NAME")
    forget.add_argument("--yes", action="store_true", help="do it; without this, say what would change and ask")
    forget.set_defaults(run=_forget)
    log = commands.add_parser("log", parents=[common], help="who published what, when, from which files")
    log.add_argument("--format", choices=("text", "json"), default="text")
    log.set_defaults(run=_log)


def _simulate(options: argparse.Namespace) -> int:
    from tilexplorer.demonstration import is_empty, publish_simulated

    folder = store_folder(options.store)
    if options.if_empty and not is_empty(folder):
        return 0
    part, generation = publish_simulated(folder, options.patients, options.seed, by=options.by)
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
    from tilexplorer.publishing import changes

    folder = store_folder(options.store)
    print("\n".join(changes.of_rolling_back(folder, options.generation).sentences()))
    roll_back(folder, options.generation, by=options.by)
    print(f"generation {options.generation} is published")
    return 0


def _forget(options: argparse.Namespace) -> int:
    """Forgetting cannot be undone: it is asked for twice."""
    from tilexplorer.publish import forget
    from tilexplorer.publishing import changes

    folder = store_folder(options.store)
    print("\n".join(changes.of_forgetting(folder, options.cohort).sentences()))
    if not options.yes and not _confirmed(options.cohort):
        raise InvalidQuery(f"nothing was forgotten; `forget {options.cohort} --yes` does what is said above")
    with Bar(options.cohort) as bar:
        forget(folder, options.cohort, progress=bar.update, by=options.by)
        bar.finish("forgotten")
    return 0


def _confirmed(cohort: str) -> bool:
    if not sys.stdin.isatty():
        return False
    return input(f"Forget {cohort}? This cannot be undone. Type its name: ").strip() == cohort


def _log(options: argparse.Namespace) -> int:
    from tilexplorer.publishing import log

    found = log.entries(store_folder(options.store))
    if options.format == "json":
        print(json.dumps([asdict(entry) for entry in found], indent=2, ensure_ascii=False))
    else:
        print("\n".join(line for entry in found for line in log.sentences(entry)) or "nothing was ever published")
    return 0
