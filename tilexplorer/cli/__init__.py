"""The command line: catalogue, imports, generations, and every view as JSON or CSV.

Exit codes: 0 done, 1 a fault that the user can mend (one message on the error stream), 2 a misspelt command.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from tilexplorer import __version__
from tilexplorer.cli import analysing, catalogue, exporting, importing, publishing, recognising
from tilexplorer.cli.command import common
from tilexplorer.errors import TilExplorerError


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
    except OSError as fault:  # no permission, a full disk
        print(f"error: {fault}; see that the file is there and that you may use it", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tilexplorer", description="T-cell infiltration and immunotherapy.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    # A new group of commands is a file beside this one and a line here.
    for group in (catalogue, recognising, importing, exporting, publishing, analysing):
        group.add(commands, common())
    return parser
