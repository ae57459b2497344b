"""The log says who published what, when, from which file, and loses nothing to a process that dies."""

from __future__ import annotations

import getpass
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.command import run
from tests.importers.made import MAPPING, ROWS
from tests.miniature import miniature
from tilexplorer.origin import Origin, SourceFile, source_file
from tilexplorer.publish import publish, roll_back
from tilexplorer.publishing import log
from tilexplorer.publishing.log import LOG
from tilexplorer.store import POINTER, pointed


def test_an_import_is_logged_with_the_hashes_of_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILEXPLORER_USER", "Ada")
    data, mapping, store = tmp_path / "clinical.csv", tmp_path / "made.toml", tmp_path / "store"
    data.write_text(ROWS, encoding="utf-8")
    mapping.write_text(MAPPING, encoding="utf-8")
    assert run("import", data, "--mapping", mapping, "--store", store).code == 0
    (entry,) = json.loads(run("log", "--format", "json", "--store", store).out)
    assert (entry["by"], entry["action"], entry["before"]) == ("Ada", "publish", "")
    (made,) = entry["added"]
    assert (made["cohort"], made["patients"]) == ("made", 3)
    assert made["files"] == [
        {"name": "clinical.csv", "bytes": len(ROWS), "sha256": hashlib.sha256(ROWS.encode()).hexdigest()}
    ]
    assert made["mapping"]["sha256"] == hashlib.sha256(MAPPING.encode()).hexdigest()
    assert abs((datetime.now(UTC) - datetime.fromisoformat(entry["time"])).total_seconds()) < 60
    told = run("log", "--store", store).out
    assert f"Ada  published {entry['generation']}" in told
    assert f"{hashlib.sha256(ROWS.encode()).hexdigest()}  clinical.csv" in told
    assert "0040" not in (store / LOG).read_text(encoding="utf-8")  # no patient's data


def test_who(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TILEXPLORER_USER", raising=False)
    monkeypatch.setattr(getpass, "getuser", lambda: "Bob")
    assert log.user() == "Bob"
    monkeypatch.setenv("TILEXPLORER_USER", "Ada")
    assert log.user() == "Ada"
    monkeypatch.delenv("TILEXPLORER_USER")

    def nameless() -> str:
        raise OSError("no name")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert log.user() == "unknown"


def test_every_change_is_an_entry_in_its_order(tmp_path: Path) -> None:
    origin = Origin("alpha", None, (SourceFile("a.csv", 3, "abc"),))
    first = publish(tmp_path, [miniature("alpha")], by="Ada", origins=[origin])
    second = publish(tmp_path, [miniature("beta")], ["alpha"], by="Bob")
    roll_back(tmp_path, first, by="Eve")
    found = log.entries(tmp_path)
    assert [(e.by, e.action, e.before, e.generation, e.removed) for e in found] == [
        ("Ada", "publish", "", first, ()),
        ("Bob", "publish", first, second, ("alpha",)),
        ("Eve", "rollback", second, first, ()),
    ]
    assert found[0].added == (log.Added("alpha", 60, None, origin.files),)
    assert len({entry.id for entry in found}) == 3


def test_an_entry_that_could_not_be_written_is_found_in_the_pointer(tmp_path: Path) -> None:
    publish(tmp_path, [miniature("alpha")], by="Ada")
    second = publish(tmp_path, [miniature("beta")], by="Bob")
    lines = (tmp_path / LOG).read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / LOG).write_text(lines[0] + lines[1][:40], encoding="utf-8")  # died while it wrote
    assert [entry.by for entry in log.entries(tmp_path)] == ["Ada", "Bob"]
    publish(tmp_path, remove=["beta"], by="Eve")
    assert [entry.by for entry in log.entries(tmp_path)] == ["Ada", "Bob", "Eve"]
    written = [line for line in (tmp_path / LOG).read_text(encoding="utf-8").splitlines() if line.endswith("}")]
    assert [json.loads(line)["by"] for line in written] == ["Ada", "Bob", "Eve"]
    assert json.loads(written[1])["generation"] == second


def test_the_pointer_and_the_log_agree(tmp_path: Path) -> None:
    publish(tmp_path, [miniature("alpha")])
    (entry,) = log.entries(tmp_path)
    assert log.parsed((pointed(tmp_path) or {})["entry"]) == entry


def test_a_store_without_a_log(tmp_path: Path) -> None:
    assert log.entries(tmp_path) == []
    assert run("log", "--store", tmp_path).out == "nothing was ever published\n"


def test_the_hash_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "abc.txt"
    path.write_bytes(b"abc")
    # FIPS 180-2, appendix B.1
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert source_file(path) == SourceFile("abc.txt", 3, known)


def test_a_line_that_was_cut_off_within_a_letter(tmp_path: Path) -> None:
    publish(tmp_path, [miniature("alpha")])
    whole = (tmp_path / LOG).read_bytes()
    (tmp_path / LOG).write_bytes(whole + '{"by": "M\u00fc'.encode()[:-1])
    publish(tmp_path, [miniature("beta")])
    assert len(log.entries(tmp_path)) == 2


@pytest.mark.parametrize("line", ["[]", "7", "null", "{}", '{"added": 1}'])
def test_what_is_no_entry_is_left_out(tmp_path: Path, line: str) -> None:
    publish(tmp_path, [miniature("alpha")])
    with (tmp_path / LOG).open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    pointer = json.loads((tmp_path / POINTER).read_text(encoding="utf-8"))
    (tmp_path / POINTER).write_text(json.dumps({**pointer, "entry": json.loads(line)}), encoding="utf-8")
    publish(tmp_path, [miniature("beta")])
    assert len(log.entries(tmp_path)) == 2


@pytest.mark.parametrize("name", ["a\u2028b", "a\x85b", "caf\udce9", "two\nlines"])
def test_any_name_is_one_line_of_the_log(tmp_path: Path, name: str) -> None:
    origin = Origin("alpha", None, (SourceFile(name, 3, "abc"),))
    publish(tmp_path, [miniature("alpha")], by=name, origins=[origin])
    publish(tmp_path, [miniature("beta")], by="Ada")
    found = log.entries(tmp_path)
    assert [entry.by for entry in found] == [name, "Ada"]
    assert found[0].added[0].files == origin.files
    printed = run("log", "--store", tmp_path)
    assert printed.code == 0
    assert len(printed.out.splitlines()) == 5
