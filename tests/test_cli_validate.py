"""`validate` and `import` with a report: exit codes, forms, what blocks, what is accepted, pseudonyms."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from pathlib import Path

import pytest

from tests.command import Ran, analyse, run
from tests.test_cli_import import BODY, HEADER, MAPPING, write
from tilexplorer.store import Store

PFS = """
[[endpoints]]
id = "pfs"
time = "pfs"
unit = "months"
status = "dead"
event = ["1"]
censored = ["0"]
"""
# Patient p04 is alive after 5 months and progresses after 9.
LATE = [f"{line},{9 if i == 4 else (i + 1) * 0.9}" for i, line in enumerate(BODY)]
WITH_PFS = HEADER.replace("tils", "tils,pfs")


def validated(folder: Path, body: list[str], *options: str, mapping: str = MAPPING, header: str = HEADER) -> Ran:
    data, toml = write(folder, body, mapping, header)
    return run("validate", data, "--mapping", toml, "--store", folder / "store", *options)


def test_exit_code_and_json_of_a_clean_file(tmp_path: Path) -> None:
    ran = validated(tmp_path, BODY, "--format", "json")
    found = json.loads(ran.out)
    assert ran.code == 0
    assert (found["status"], found["errors"], found["warnings"], found["findings"]) == ("ok", 0, 0, [])
    assert found["would_store"]["patient"] == found["would_store"]["value"] == 30
    assert not (tmp_path / "store").exists()


def test_exit_code_and_json_of_errors(tmp_path: Path) -> None:
    bad = ["p00,PR,x,0,0", *BODY[1:3], "p03,PD,-4,1,3", *BODY[4:]]
    ran = validated(tmp_path, bad, "--format", "json")
    found = json.loads(ran.out)
    assert ran.code == 1
    assert (found["status"], found["errors"], found["would_store"]) == ("error", 2, None)
    assert [(f["row"], f["column"], f["value"]) for f in found["findings"]] == [(2, "months", "x"), (5, "months", "-4")]


def test_exit_code_of_warnings_and_their_acceptance(tmp_path: Path) -> None:
    mapping = MAPPING + PFS
    ran = validated(tmp_path, LATE, mapping=mapping, header=WITH_PFS)
    assert ran.code == 3
    assert "warning: clinical.csv, row 6, column 'pfs': pfs of 274 days is longer than os of 152 days" in ran.err
    assert "1 warning, nothing was stored" in ran.out
    accepted = mapping + '[[accept]]\nrule = "outcome.pfs_after_os"\nreason = "published so"\n'
    ran = validated(tmp_path, LATE, "--format", "json", mapping=accepted, header=WITH_PFS)
    assert ran.code == 0
    assert json.loads(ran.out)["findings"][0]["accepted"] == "published so"


def test_an_import_goes_on_after_warnings_unless_it_is_strict(tmp_path: Path) -> None:
    data, toml = write(tmp_path, LATE, MAPPING + PFS, WITH_PFS)
    ran = run("import", data, "--mapping", toml, "--store", tmp_path / "store", "--strict")
    assert (ran.code, ran.out) == (1, "")
    assert not (tmp_path / "store").exists()
    ran = run("import", data, "--mapping", toml, "--store", tmp_path / "store")
    assert ran.code == 0
    assert "pfs of 274 days" in ran.err
    assert analyse(tmp_path / "store", "overview")["n"] == 30


def test_every_error_is_printed_by_an_import(tmp_path: Path) -> None:
    data, toml = write(tmp_path, ["p00,PR,x,0,0", "p01,PD,2,3,1", *BODY[2:]])
    ran = run("import", data, "--mapping", toml, "--store", tmp_path / "store")
    assert ran.code == 1
    assert [line.split(":")[0] for line in ran.err.splitlines()] == ["error", "error"]


def test_csv_into_a_file_is_no_formula(tmp_path: Path) -> None:
    ran = validated(
        tmp_path, ["p00,=1+1,1,0,0", *BODY[1:]], "--format", "csv", "--output", str(tmp_path / "report.csv")
    )
    assert ran.code == 1
    text = (tmp_path / "report.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["row"], row["value"], row["severity"]) for row in rows] == [("2", "'=1+1", "error")]


@pytest.mark.parametrize("form", ["json", "csv", "text"])
def test_a_mapping_that_cannot_be_read_is_a_finding(tmp_path: Path, form: str) -> None:
    ran = validated(tmp_path, BODY, "--format", form, mapping=MAPPING.replace("title", "titel", 1))
    assert ran.code == 1
    assert "titel" in ran.out + ran.err
    if form == "json":
        assert json.loads(ran.out)["findings"][0]["rule"] == "structure.unusable"


def test_a_cell_that_is_no_text_is_named_at_its_row(tmp_path: Path) -> None:
    (tmp_path / "clinical.csv").write_bytes(HEADER.encode() + b"p00,PR,1,0,\xe9\n")
    (tmp_path / "made.toml").write_text(MAPPING, encoding="utf-8")
    ran = run("validate", tmp_path / "clinical.csv", "--mapping", tmp_path / "made.toml", "--store", tmp_path / "s")
    assert ran.err.startswith("error: clinical.csv, row 2: is not text in utf-8-sig")


def test_what_cannot_be_read_is_named_once_at_its_row_and_column(tmp_path: Path) -> None:
    """A reader's message names file, row and column itself; the report has them in their own fields."""
    path = tmp_path / "data_clinical_patient.txt"
    path.write_text("#P\tA\n#P\tNA\n#STRING\tNUMBER\n#1\t1\nPATIENT_ID\tAGE\n1\t2\n")
    label = path.name
    mapping = re.sub(r'name = "[^"]*"\nformat = "csv"', f'name = "{label}"\nformat = "cbioportal"', MAPPING)
    assert label in mapping
    (tmp_path / "my.toml").write_text(mapping, encoding="utf-8")
    ran = run("validate", path, "--mapping", tmp_path / "my.toml")
    assert ran.err.count(label) == 1, ran.err
    assert "row 2, column 'AGE': the description is missing; correct the file" in ran.err
    report = run("validate", path, "--mapping", tmp_path / "my.toml", "--format", "json")
    [finding] = json.loads(report.out)["findings"]
    assert (finding["file"], finding["row"], finding["column"]) == (label, 2, "AGE")


RECORDS = [line.replace(f"p{i:02d}", str(48_100_000 + 7919 * i), 1) for i, line in enumerate(BODY)]
PSEUDONYMS = MAPPING.replace('{column = "id"}', '{column = "id", pseudonym = true}')


def test_record_numbers_are_refused_and_nothing_of_them_is_shown(tmp_path: Path) -> None:
    ran = validated(tmp_path, RECORDS)
    assert ran.code == 1
    assert "pseudonym = true" in ran.err
    assert all(line.split(",", 1)[0] not in ran.err for line in RECORDS)


def stored(store: Path, table: str, column: str) -> set[str]:
    with Store.open(str(store)).cursor() as cursor:
        return {row[0] for row in cursor.execute(f"SELECT {column} FROM {table}").fetchall()}


def test_pseudonyms_are_the_same_for_patients_samples_and_later_imports(tmp_path: Path) -> None:
    stores = [tmp_path / "one", tmp_path / "two"]
    ids: list[set[str]] = []
    data, toml = write(tmp_path, RECORDS, PSEUDONYMS)
    for store in (stores[0], stores[0], stores[1]):
        ran = run("import", data, "--mapping", toml, "--store", store)
        assert ran.code == 0, ran.err
        ids.append(stored(store, "patient", "patient"))
        assert ids[-1] == stored(store, "sample", "patient") == stored(store, "sample", "sample")
    assert ids[0] == ids[1]
    assert not ids[0] & ids[2]  # another store has another key
    assert all(one.startswith("ps-") and len(one) == 15 for one in ids[0])
    assert (stores[0] / "pseudonym.key").stat().st_mode & 0o077 == 0
    key = ("--pseudonym-key", str(stores[0] / "pseudonym.key"))
    run("import", data, "--mapping", toml, "--store", stores[1], *key)
    assert stored(stores[1], "patient", "patient") == ids[0]


def test_whoever_knows_the_ids_accepts_a_guess(tmp_path: Path) -> None:
    accepted = MAPPING + '[[accept]]\nrule = "identifier.record_number"\nreason = "study numbers"\n'
    assert validated(tmp_path, RECORDS, mapping=accepted).code == 0
    data, toml = write(tmp_path, RECORDS, accepted)
    assert run("import", data, "--mapping", toml, "--store", tmp_path / "store").code == 0
    assert stored(tmp_path / "store", "patient", "patient") == {line.split(",", 1)[0] for line in RECORDS}
    errors = MAPPING + '[[accept]]\nrule = "time.negative"\nreason = "no"\n'
    assert validated(tmp_path, ["p00,PR,-1,0,0", *BODY[1:]], mapping=errors).code == 1


def test_a_file_without_a_mapping_is_checked_as_it_is_recognised(tmp_path: Path) -> None:
    rows = [f"P{i:03},nivolumab,melanoma,{('CR', 'PR', 'SD', 'PD')[i % 4]},{3 + i},{'dead' if i % 3 else 'alive'}"
            for i in range(30)]  # fmt: skip
    rows[4] = rows[4].replace(",7,", ",-7,")
    data = tmp_path / "clinical.csv"
    data.write_text("\n".join(["patient,drug,tumour,best response,OS months,OS status", *rows, ""]))
    ran = run("validate", data, "--store", tmp_path / "store", "--format", "json")
    found = {(f["rule"], f["severity"], f["row"]) for f in json.loads(ran.out)["findings"]}
    assert ran.code == 1
    assert ("time.negative", "error", 6) in found
    assert ("mapping.proposed", "warning", None) in found  # nobody has confirmed what was recognised
    data.write_text(data.read_text().replace(",-7,", ",7,"))
    ran = run("validate", data, "--store", tmp_path / "store", "--format", "json")
    assert ran.code == 3
    assert json.loads(ran.out)["would_store"]["patient"] == 30
    assert not (tmp_path / "store").exists()


def test_a_file_that_does_not_say_enough_asks_for_a_mapping(tmp_path: Path) -> None:
    data = tmp_path / "clinical.csv"
    data.write_text("\n".join([HEADER.strip(), *BODY, ""]))
    ran = run("validate", data, "--format", "json")
    found = json.loads(ran.out)
    assert (ran.code, found["would_store"]) == (1, None)
    assert {f["rule"] for f in found["findings"]} == {"mapping.required"}
    assert any("tumour" in f["problem"] for f in found["findings"])
    assert all("recognise FILE --output M.toml" in f["mend"] for f in found["findings"])


def test_a_name_in_a_further_table_is_not_shown(tmp_path: Path) -> None:
    mapping = MAPPING.replace("[patients]", '[files.samples]\nname = "samples.csv"\nformat = "csv"\n\n[patients]')
    head, _, block = mapping.partition("[[samples]]")
    (tmp_path / "my.toml").write_text(f"{head}[[samples]]{block.replace('clinical', 'samples')}", encoding="utf-8")
    (tmp_path / "clinical.csv").write_text("\n".join([HEADER, *BODY]), encoding="utf-8")
    named = [line.replace("p03", "Maria Schmidt") for line in BODY]
    (tmp_path / "samples.csv").write_text("\n".join([HEADER, *named]), encoding="utf-8")
    files = tmp_path / "clinical.csv", tmp_path / "samples.csv"
    ran = run("validate", *files, "--mapping", tmp_path / "my.toml", "--format", "json")
    assert [f["rule"] for f in json.loads(ran.out)["findings"]] == ["sample.unknown_patient"]
    assert "Maria" not in ran.out


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize("given", ["file", "mapping", "bundle", "key"])
def test_a_pipe_in_place_of_a_file_is_a_finding(tmp_path: Path, given: str) -> None:
    data, toml = write(tmp_path, BODY, PSEUDONYMS)
    os.mkfifo(pipe := tmp_path / "pipe")
    arguments = {
        "file": (pipe, "--mapping", toml),
        "mapping": (data, "--mapping", pipe),
        "bundle": (pipe,),
        "key": (data, "--mapping", toml, "--pseudonym-key", pipe),
    }[given]
    ran = run("validate", *arguments, "--format", "json")
    assert ran.code == 1
    assert json.loads(ran.out)["findings"][0]["rule"] == "structure.unusable"


def test_a_file_that_the_mapping_does_not_read_is_named(tmp_path: Path) -> None:
    data, toml = write(tmp_path, BODY)
    (tmp_path / "samples.csv").write_text("id,tils\np01,3\n")
    ran = run("validate", data, tmp_path / "samples.csv", "--mapping", toml, "--format", "json")
    [finding] = json.loads(ran.out)["findings"]
    assert (ran.code, finding["rule"], finding["file"]) == (3, "structure.unread_file", "samples.csv")
    toml.write_text(MAPPING + '[[accept]]\nrule = "structure.unread_file"\nreason = "a note beside it"\n')
    assert run("validate", data, tmp_path / "samples.csv", "--mapping", toml).code == 0


def test_a_misspelt_rule_accepts_nothing_without_a_word(tmp_path: Path) -> None:
    ran = validated(tmp_path, BODY, mapping=MAPPING + '[[accept]]\nrule = "outcome.pfs_afer_os"\nreason = "so"\n')
    assert ran.code == 1
    assert "did you mean 'outcome.pfs_after_os'" in ran.err
