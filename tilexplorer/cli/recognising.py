"""`recognise`: what the columns of files are taken for, and a draft of their mapping."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tilexplorer.cli.command import Commands

if TYPE_CHECKING:
    from tilexplorer.recognise import Draft, Recognised, Source

_WIDEST: Final = 32


def add(commands: Commands[argparse.ArgumentParser], common: argparse.ArgumentParser) -> None:
    """The command `recognise`."""
    one = commands.add_parser("recognise", parents=[common], help="say what files hold, and draft a mapping for them")
    one.add_argument("files", nargs="+", metavar="FILE")
    one.add_argument("--output", metavar="M.toml", help="write the draft of a mapping, with what is open as comments")
    one.set_defaults(run=_recognise)


def _recognise(options: argparse.Namespace) -> int:
    from tilexplorer.recognise import draft

    made = draft([Path(file) for file in options.files])
    for source in made.sources:
        _print_source(source)
    _print_noticed(made)
    _print_questions(made)
    if options.output:
        _write(Path(options.output), made)
    return 0


def _print_source(source: Source) -> None:
    """The columns of a file that are read, then the names of the others."""
    print(f"{source.file.name}: {source.file.format}, {len(source.frame)} rows, {len(source.frame.columns)} columns")
    for reason in source.why:
        print(f"  {reason}")
    if source.file.missing:
        print(f"  missing: {', '.join(source.file.missing)}")
    if source.matrix is not None:
        from tilexplorer.recognise.matrix_questions import described

        print(f"  {described(source, source.matrix)}")
    for one in source.columns:
        if one.role not in ("ignored", "identifying"):
            print(f"  {one.column[:_WIDEST]:<{_WIDEST}}  {one.confidence:>4.0%}  {_said(one)}: {one.why}")
    for role, words in (("identifying", "never read"), ("ignored", "not read")):
        if names := [one.column for one in source.of(role)]:
            print(f"  {words}: {', '.join(names)}")


def _said(one: Recognised) -> str:
    details = one.details
    about = [
        details.endpoint,
        details.measure,
        details.unit,
        "/".join(details.event),
        details.timepoint,
        details.tissue,
    ]
    return " ".join(filter(None, [one.role, *about]))


def _print_noticed(made: Draft) -> None:
    """What is odd about what was given, and what of it is not read."""
    if made.noticed:
        print("noticed:")
    for line in made.noticed:
        print(f"  {line}")


def _print_questions(made: Draft) -> None:
    print("open:")
    for question in made.questions():
        print(f"  {'required: ' if question.required else ''}{question.text}")


def _write(path: Path, made: Draft) -> None:
    from tilexplorer.errors import InvalidMapping

    if path.exists():
        raise InvalidMapping(f"{path}: is there already and is not overwritten; name another file")
    path.write_text(made.text(), encoding="utf-8")
    print(f"wrote {path}: answer what is open in it, then `validate` and `import --mapping {path}`")
