"""`recognise`: columns with reasons on the screen, a draft that can be completed and imported."""

from __future__ import annotations

from pathlib import Path

from tests.command import analyse, one_message, run
from tests.recognise.files import people, written


def test_from_a_file_to_a_cohort(tmp_path: Path) -> None:
    frame = people(30).rename(columns={"days": "OS days", "dead": "OS event"}).assign(surname="Miller")
    frame["TIL %"] = [str(n) for n in range(30)]
    path = written(tmp_path / "clinical.csv", frame)
    ran = run("recognise", path, "--output", tmp_path / "my.toml")
    assert ran.code == 0, ran.err
    assert "clinical.csv: csv, 30 rows, 10 columns" in ran.out
    assert "time os days: is named like the time of os; the name says days" in ran.out
    assert "never read: surname" in ran.out
    assert "Miller" not in ran.out
    assert "required: say the regimen" in ran.out
    text = (tmp_path / "my.toml").read_text()
    assert "surname" not in text
    assert "'tumour' is missing" in one_message(run("validate", path, "--mapping", tmp_path / "my.toml"))
    text = text.replace("# tumour = ...", 'tumour = {value = "MEL"} #')
    (tmp_path / "my.toml").write_text(text.replace("# regimen = ...", 'regimen = {components = ["nivolumab"]} #'))
    store = tmp_path / "store"
    assert run("import", path, "--mapping", tmp_path / "my.toml", "--store", store).code == 0
    assert analyse(store, "survival", "cohort=clinical&measure=til_percent&endpoint=os")["n"] == 30


def test_a_draft_does_not_overwrite(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", people(20))
    (tmp_path / "my.toml").write_text("mine")
    message = one_message(run("recognise", path, "--output", tmp_path / "my.toml"))
    assert "is not overwritten" in message
    assert (tmp_path / "my.toml").read_text() == "mine"


def test_what_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\x89PNG\r\n\x1a\n123456")
    assert "is a picture (PNG)" in one_message(run("recognise", tmp_path / "a.csv"))
    assert "cannot be read" in one_message(run("recognise", tmp_path / "none.csv"))
