"""The report: what blocks, what is accepted one by one or all, and what is downloaded."""

from __future__ import annotations

import json
from pathlib import Path

from tests.validation.made import MAPPING, changed, checked
from tilexplorer.importers import parse_mapping
from tilexplorer.validation.check import check_files
from tilexplorer.validation.finding import FIELDS

TWO_WARNINGS = changed(pfs_months={6: "17", 10: "27"})
ONE_OF_EACH = changed(pfs_months={6: "17"}, cd8={9: "-4"})


def test_warnings_are_accepted_one_by_one_by_rule_or_all() -> None:
    report = checked(TWO_WARNINGS).report
    assert [f.row for f in report.open_warnings] == [6, 10]
    assert (report.blocks(), report.blocks(strict=True)) == (False, True)
    one = report.accepted([report.warnings[0].key], "looked at")
    assert [(f.row, f.accepted) for f in one.warnings] == [(6, "looked at"), (10, "")]
    assert one.blocks(strict=True)
    for every in (one.accepted(), report.accepted(["outcome.pfs_after_os"])):
        assert not every.blocks(strict=True)
        assert len(every.warnings) == 2
    assert report.accepted(["time.negative"]) == report


def test_errors_are_not_accepted_and_come_first() -> None:
    report = checked(ONE_OF_EACH).report
    assert [f.severity for f in report.findings] == ["error", "warning"]
    assert report.accepted().errors == report.errors
    assert report.accepted().blocks()
    assert report.declared({"value.range": "we know"}).blocks()
    assert report.summary == "1 error, 1 warning"


def test_the_frame_has_a_row_for_each_finding() -> None:
    frame = checked(ONE_OF_EACH).report.frame()
    assert tuple(frame.columns) == FIELDS
    assert list(frame["row"]) == [9, 6]
    assert checked(changed()).report.frame().empty


def test_json_has_the_numbers_and_the_rows() -> None:
    found = checked(TWO_WARNINGS)
    made = json.loads(found.report.as_json(found.counts))
    assert (made["status"], made["warnings"], made["accepted"]) == ("warning", 2, 0)
    assert made["would_store"]["patient"] == 14
    assert made["findings"][0]["problem"] == "pfs of 517 days is longer than os of 487 days"


def test_a_cell_cannot_steer_a_terminal_or_break_a_line() -> None:
    report = checked(changed(sex={4: "x\x1b[2J\r\n"})).report
    assert report.findings[0].value == "x\N{REPLACEMENT CHARACTER}[2J"
    assert len(report.as_text().splitlines()) == 2


def test_a_message_of_a_reader_is_a_finding_at_its_place(tmp_path: Path) -> None:
    path = tmp_path / "clinical.txt"
    path.write_text("PATIENT_ID\tAGE\nP1\t60\nP2\t61\t62\n", encoding="utf-8")
    mapped = parse_mapping(MAPPING.replace("clinical.csv", "clinical.txt").replace('"csv"', '"cbioportal"'), "m.toml")
    (finding,) = check_files(mapped, {"clinical": path}).report.findings
    assert (finding.rule, finding.file, finding.row) == ("structure.unusable", "clinical.txt", 3)
    assert finding.problem == "has 3 cells, the header has 2"
    assert finding.mend == "an empty cell needs its tab too"
