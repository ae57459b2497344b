"""`import`, `validate` and `template`: files of your own by a mapping, or a bundle that `export` wrote."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tilexplorer.cli.command import Commands, publisher
from tilexplorer.progress import Bar
from tilexplorer.store import Store, store_folder

if TYPE_CHECKING:
    from tilexplorer.importers.mapping import Mapped
    from tilexplorer.importers.pseudonyms import Pseudonyms
    from tilexplorer.origin import Origin
    from tilexplorer.publishing.arriving import Arriving
    from tilexplorer.schema import Canonical
    from tilexplorer.validation.check import Checked
    from tilexplorer.validation.report import Report

# Exit code of a validation that found warnings and no errors.
WARNED: Final = 3


def add(commands: Commands[argparse.ArgumentParser], common: argparse.ArgumentParser) -> None:
    """The commands `import`, `validate` and `template`."""
    importing = commands.add_parser(
        "import", parents=[common, publisher()], help="import files by a mapping of your own"
    )
    importing.add_argument("--strict", action="store_true", help="warnings that the mapping does not accept block too")
    importing.set_defaults(run=_import, unmapped=False)
    validating = commands.add_parser(
        "validate",
        parents=[common],
        help="report everything that is wrong in files, store nothing; exit code 0 nothing, 1 errors, 3 only warnings",
    )
    validating.add_argument("--format", choices=("text", "json", "csv"), default="text")
    validating.add_argument("--output", metavar="F", help="write the report into a file")
    validating.set_defaults(run=_validate, unmapped=True)
    for one in (importing, validating):
        one.add_argument("files", nargs="+", metavar="FILE", help="file, folder or archive (.zip, .tar, .tar.gz)")
        one.add_argument("--mapping", metavar="M.toml", help="how the files are read; a bundle needs none")
        one.add_argument("--name", metavar="N", help="id of the cohort, in place of the one in the mapping")
        one.add_argument("--pseudonym-key", metavar="FILE", help="key of pseudonyms (default: one beside the store)")
    template = commands.add_parser("template", help="write a workbook, CSV files and a mapping to start from")
    template.add_argument("--output", default=".", metavar="DIR")
    template.set_defaults(run=_template)


def _checked(options: argparse.Namespace, key: Callable[[Path, str | None], Pseudonyms]) -> Checked:
    """The files as their mapping reads them, with the report of what is wrong; the key only where it is needed."""
    from tilexplorer.importers.local import match_files
    from tilexplorer.validation.check import check_files
    from tilexplorer.validation.unread_file import with_unread

    if options.mapping is None:
        return _self_describing(options)
    mapped = _mapping(options)
    pseudonyms = key(store_folder(options.store), options.pseudonym_key) if mapped.pseudonymous else None
    given = [Path(file) for file in options.files]
    with match_files(mapped, given) as files:
        return with_unread(check_files(mapped, files, pseudonyms), mapped, given, files.values())


def _mapping(options: argparse.Namespace) -> Mapped:
    """The mapping that was given, under the name that was given."""
    from tilexplorer.importers import read_mapping, renamed

    mapped = read_mapping(Path(options.mapping))
    return mapped if options.name is None else renamed(mapped, options.name)


def _self_describing(options: argparse.Namespace) -> Checked:
    """Files without a mapping. A bundle says itself what it holds: it was checked when it was exported, and is whole or
    refused. Others are checked as they are recognised, but never imported so.
    """
    from tilexplorer.errors import InvalidMapping
    from tilexplorer.importers.bundle import import_bundle, is_bundle
    from tilexplorer.recognise.unmapped import check_unmapped
    from tilexplorer.validation.check import Checked
    from tilexplorer.validation.report import Report

    files = [Path(file) for file in options.files]
    if options.name is not None:
        raise InvalidMapping(
            "--name goes with --mapping M.toml: without one, only a bundle knows the names of its cohorts"
        )
    if len(files) == 1 and is_bundle(files[0]):
        return Checked(Report(), import_bundle(files[0]))
    if not options.unmapped:
        raise InvalidMapping(f"{files[0]}: only a single bundle of `export` needs no --mapping M.toml")
    return check_unmapped(files)


def _say(report: Report) -> None:
    """The findings as lines on the error stream."""
    for finding in report.findings:
        said = f"accepted ({finding.accepted})" if finding.accepted else finding.severity
        print(f"{said}: {finding.sentence}", file=sys.stderr)


def _patients(checked: Checked) -> None:
    if checked.canonical is not None:
        print(f"{', '.join(checked.canonical.cohorts)}: {len(checked.canonical['course'])} patients")


def _validate(options: argparse.Namespace) -> int:
    from tilexplorer.errors import TilExplorerError
    from tilexplorer.importers import pseudonyms
    from tilexplorer.validation.check import Checked, refused

    try:
        checked = _checked(options, pseudonyms.for_reading)
    except (TilExplorerError, OSError) as fault:  # a mapping or a file that cannot be used is a finding as well
        checked = Checked(refused(fault, Path(options.mapping or options.files[0]).name), None)
    report = checked.report
    if options.format == "text" and not options.output:
        _print(checked)
    else:
        _write(_formatted(checked, options.format), options.output)
    return 1 if report.errors else WARNED if report.open_warnings else 0


def _formatted(checked: Checked, form: str) -> str:
    if form == "json":
        return checked.report.as_json(checked.counts) + "\n"
    return checked.report.as_csv() if form == "csv" else checked.report.as_text()


def _write(text: str, output: str | None) -> None:
    from tilexplorer.errors import UnwritableFile

    if output:
        try:
            Path(output).write_text(text, encoding="utf-8")
        except OSError as fault:
            raise UnwritableFile(f"{output}: cannot be written ({fault.strerror}); name another file") from fault
        print(f"the report is in {output}, nothing was stored")
    else:
        print(text, end="")


def _print(checked: Checked) -> None:
    """What is wrong, and what would be counted."""
    _say(checked.report)
    _patients(checked)
    for table, rows in (checked.counts or {}).items():
        print(f"{rows:>9} {table}")
    print(f"{checked.report.summary}, nothing was stored")


def _import(options: argparse.Namespace) -> int:
    """Publish what has no errors. Warnings are printed: who imports after them has seen them."""
    from tilexplorer.importers import pseudonyms

    large = _large(options)
    if large is not None:
        return large
    checked = _checked(options, pseudonyms.for_storing)
    _say(checked.report)
    if checked.canonical is None or checked.report.blocks(strict=options.strict):
        return 1
    _publish(options, checked.canonical)
    return 0


def _large(options: argparse.Namespace) -> int | None:
    """Check and publish a large file while it is read; None where it has to be read as a whole."""
    from tilexplorer.importers import pseudonyms, streamable
    from tilexplorer.importers.faults import Unfit
    from tilexplorer.importers.local import match_files
    from tilexplorer.importers.streaming import Streamed
    from tilexplorer.validation.batches import CollectingInBatches

    if options.mapping is None:
        return None
    mapped = _mapping(options)
    with match_files(mapped, [Path(file) for file in options.files]) as files:
        read = streamable(mapped, files)
        if read is None:
            return None
        key = (
            pseudonyms.for_storing(store_folder(options.store), options.pseudonym_key) if mapped.pseudonymous else None
        )
        reading = CollectingInBatches(mapped, key, strict=options.strict)
        try:
            _publish(options, Streamed(mapped, read, reading=reading))
        except Unfit:
            return 1
        finally:
            _say(reading.report)
    return 0


def _publish(options: argparse.Namespace, part: Canonical | Arriving) -> None:
    """Publish what arrives, with a bar, and say how many patients came."""
    from tilexplorer.publish import publish

    folder = store_folder(options.store)
    with Bar(", ".join(part.cohorts)) as bar:
        generation = publish(
            folder, [part], progress=bar.update, by=options.by, origins=_origins(options, part.cohorts)
        )
        bar.finish("published")
    counts = Store.at(folder, generation).frame("SELECT cohort, count(*) AS n FROM patient GROUP BY ALL")
    for cohort in part.cohorts:
        print(f"{cohort}: {counts.loc[counts['cohort'] == cohort, 'n'].sum()} patients")
    print(f"generation {generation}")


def _origins(options: argparse.Namespace, cohorts: Sequence[str]) -> list[Origin]:
    """The files as they were given, by their hashes."""
    from tilexplorer.importers.local import files_below
    from tilexplorer.origin import Origin, source_file

    given = [Path(file) for file in options.files]
    files = [file for path in given for file in (files_below(path) if path.is_dir() else [path])]
    mapping = source_file(Path(options.mapping)) if options.mapping else None
    return [Origin(cohort, mapping, tuple(map(source_file, files))) for cohort in cohorts]


def _template(options: argparse.Namespace) -> int:
    from tilexplorer.template import write

    for path in write(Path(options.output)):
        print(path)
    return 0
