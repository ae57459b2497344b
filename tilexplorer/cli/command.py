"""What the commands share: the type of the subcommand list, and the options that every command has."""

from __future__ import annotations

import argparse

Commands = argparse._SubParsersAction


def common() -> argparse.ArgumentParser:
    """The options of every command."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--store", metavar="DIR", help="folder of the generations (default data/store)")
    return parser


def publisher() -> argparse.ArgumentParser:
    """The option of the commands that change what is published."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--by", metavar="NAME", help="who publishes, for the log (default TILEXPLORER_USER, else you)")
    return parser
