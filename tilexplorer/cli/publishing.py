"""`simulate`, `generations`, `rollback`: what is published."""

from __future__ import annotations

import argparse

from tilexplorer.cli.command import Commands
from tilexplorer.store import published, store_folder


def add(commands: Commands[argparse.ArgumentParser], common: argparse.ArgumentParser) -> None:
    """The commands `simulate`, `generations` and `rollback`."""
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
