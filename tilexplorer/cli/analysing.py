"""`analyse` and `doctor`: a view as JSON or CSV, and the state of the installation."""

from __future__ import annotations

import argparse
import json
from typing import Final

from tilexplorer.cli.command import Commands
from tilexplorer.errors import InvalidQuery
from tilexplorer.store import Store, store_folder

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


def add(commands: Commands[argparse.ArgumentParser], common: argparse.ArgumentParser) -> None:
    """The commands `analyse` and `doctor`."""
    analyse = commands.add_parser("analyse", parents=[common], help="print a view")
    analyse.add_argument("view", help=f"overview, survival, response, {', '.join(OTHER_VIEWS)}")
    analyse.add_argument("query", nargs="?", default="", help="a page's address or its query string")
    analyse.add_argument("--format", choices=("json", "csv"), default="json")
    analyse.set_defaults(run=_analyse)
    doctor = commands.add_parser("doctor", parents=[common], help="check the installation and the store")
    doctor.set_defaults(run=_doctor)


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
