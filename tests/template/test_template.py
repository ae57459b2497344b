"""The template, filled in with made-up patients, is read by its own mapping as it is."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from tests.command import one_message, run
from tilexplorer import template, vocabulary
from tilexplorer.importers import import_files, read_mapping
from tilexplorer.importers.local import match_files
from tilexplorer.template import fields
from tilexplorer.validation.check import check_files

PATIENTS = 12


def rows() -> dict[str, list[dict[str, object]]]:
    """Made-up rows; what is not named stays empty."""
    people: list[dict[str, object]] = [
        {"patient": f"S-{i:03d}", "sex": ("female", "Male")[i % 2], "tumour": "SKCM", "age": 50 + i, "prior_io": "no",
         "regimen": ("nivolumab + ipilimumab", "Keytruda")[i % 2], "response": ("PR", "PD", "not done")[i % 3],
         "os_days": 200 + 30 * i, "os_event": ("yes", "No")[i % 2], "pfs_days": 100 + 30 * i, "pfs_event": "yes"}
        for i in range(PATIENTS)
    ]  # fmt: skip
    biopsies: list[dict[str, object]] = [
        {"patient": f"S-{i:03d}", "sample": f"B-{i:03d}", "timepoint": "baseline", "tissue": "tumour",
         "days": -10 - 40 * i, "lymph_node": "no", "immune_phenotype": ("desert", "inflamed")[i % 2],
         "cd8_density_centre": 35.5 + i,
         "pdl1_cps": ("<1", "1-19", ">=20")[i % 3]}
        for i in range(PATIENTS)
    ]  # fmt: skip
    return {"patients": people, "samples": biopsies}


def fill_workbook(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    for sheet, filled in rows().items():
        header = [cell.value for cell in book[sheet][1]]
        for row in filled:
            book[sheet].append([row.get(str(name)) for name in header])
    book.save(path)


def fill_csv(folder: Path) -> None:
    for sheet, filled in rows().items():
        path = folder / f"{sheet}.csv"
        header = path.read_text(encoding="utf-8").strip().split(",")
        with path.open("a", newline="", encoding="utf-8") as file:
            csv.DictWriter(file, header).writerows(filled)


@pytest.mark.parametrize("mapping", ["mapping.toml", "mapping-csv.toml"])
def test_the_filled_in_template_is_imported_as_it_is(tmp_path: Path, mapping: str) -> None:
    template.write(tmp_path)
    fill_workbook(tmp_path / template.WORKBOOK)
    fill_csv(tmp_path)
    mapped = read_mapping(tmp_path / mapping)
    names = {file.name for file in mapped.files.values()}
    paths = match_files(mapped, [tmp_path / name for name in sorted(names)])
    checked = check_files(mapped, paths)
    assert checked.report.findings == ()
    made = import_files(mapped, paths)
    assert list(made["course"]["regimen"][:2]) == ["nivolumab + ipilimumab", "pembrolizumab"]
    assert list(made["patient"]["sex"][:2]) == ["female", "male"]
    assert made["course"]["response"].value_counts().to_dict() == {"PR": 4, "PD": 4}
    assert list(made["outcome"]["days"][:2]) == [200, 230]
    assert made["outcome"]["event"].sum() == 6 + 12
    assert made["value"].groupby("measure").size().to_dict() == {
        "cd8_density_centre": 12, "immune_phenotype": 12, "pdl1_cps": 12}  # fmt: skip
    assert list(made["sample"]["sample_age"].unique()) == ["under 1 year", "1 to 2 years"]


def test_every_column_is_in_the_dictionary_with_its_words_and_unit() -> None:
    found = {(row[0], row[1]): row for row in template.dictionary()}
    assert set(found) == {(f.sheet, f.name) for f in fields.every()}
    assert {name for sheet, name in found if sheet == "samples"} >= set(vocabulary.measures())
    assert found["patients", "response"][5] == ", ".join(vocabulary.RESPONSES)
    assert found["samples", "cd8_density_centre"][4] == "cells/mm2"
    assert found["patients", "os_days"][4] == "days"
    assert found["patients", "shrinkage"][4] == "%"
    assert all(row[3] for row in found.values())


def test_the_workbook_offers_the_words(tmp_path: Path) -> None:
    template.write(tmp_path)
    book = openpyxl.load_workbook(tmp_path / template.WORKBOOK)
    assert book.sheetnames == ["how to", "patients", "samples", "dictionary", "lists"]
    columns = {str(cells[0].value): [c.value for c in cells[1:] if c.value] for cells in book["lists"].iter_cols()}
    for sheet in fields.SHEETS:
        header = {get_column_letter(n): cell.value for n, cell in enumerate(book[sheet][1], 1)}
        offered = {
            header[str(check.sqref).split(":")[0].rstrip("0123456789")]: check.formula1
            for check in book[sheet].data_validations.dataValidation
            if check.type == "list"
        }
        assert set(offered) == {f.name for f in fields.every() if f.sheet == sheet and f.words}
        for name, place in offered.items():
            cells = book["lists"][place.removeprefix("lists!").replace("$", "")]
            assert tuple(cell[0].value for cell in cells) == tuple(columns[str(name)])
    assert columns["response"] == list(vocabulary.RESPONSES)
    assert "how to" in book.sheetnames
    assert any("NA" in str(row[0].value) for row in book["how to"].iter_rows())


def test_the_command_writes_it_once(tmp_path: Path) -> None:
    ran = run("template", "--output", tmp_path / "start")
    assert ran.code == 0, ran.err
    assert (tmp_path / "start" / "mapping.toml").is_file()
    assert template.WORKBOOK in ran.out
    assert "already" in one_message(run("template", "--output", tmp_path / "start"))
    assert (
        run("validate", tmp_path / "start" / template.WORKBOOK, "--mapping", tmp_path / "start" / "mapping.toml").code
        == 1
    )


def test_a_finding_names_its_sheet(tmp_path: Path) -> None:
    """A row 3 is in every sheet, and what is wrong in one must not hide the same in another."""
    template.write(tmp_path)
    book = openpyxl.load_workbook(tmp_path / template.WORKBOOK)
    for sheet in fields.SHEETS:
        names = [cell.value for cell in book[sheet][1]]
        for row in (2, 3):
            book[sheet].cell(row, names.index("patient") + 1, "Maria Schmidt" if row == 3 else "H-1")
    names = [cell.value for cell in book["patients"][1]]
    for row in (2, 3):
        book["patients"].cell(row, names.index("tumour") + 1, "MEL")
        book["patients"].cell(row, names.index("regimen") + 1, "nivolumab")
    book.save(tmp_path / template.WORKBOOK)
    ran = run("validate", tmp_path / template.WORKBOOK, "--mapping", tmp_path / "mapping.toml", "--format", "json")
    found = [(f["file"], f["row"]) for f in json.loads(ran.out)["findings"] if f["rule"] == "identifier.name"]
    assert found == [(f"{template.WORKBOOK}, sheet {sheet}", 3) for sheet in fields.SHEETS]
