"""A bundle that was changed, is of another version, or is no bundle: one message, nothing stored, nothing unpacked."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.command import one_message, run
from tests.export.whole import bundled, everything, manifest, member, rebuilt
from tests.miniature import miniature, published_store
from tilexplorer.bundles import MANIFEST
from tilexplorer.errors import InvalidData, TilExplorerError, UnreadableFile, WrongChecksum
from tilexplorer.export.manifest import _fingerprint
from tilexplorer.importers import bundle_members
from tilexplorer.importers.bundle import import_bundle, is_bundle, read_bundle
from tilexplorer.store import published


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small store."""
    folder = tmp_path_factory.mktemp("refused") / "store"
    published_store(folder, miniature(patients=6))
    return folder


@pytest.fixture(scope="module")
def whole(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound bundle of it, with CSV tables."""
    from tilexplorer.store import Store

    return bundled(everything(Store.open(store)), tmp_path_factory.mktemp("bundle"), "csv")


def signed(bundle: Path, to: Path, changed: dict[str, bytes], **facts: Any) -> Path:
    """The bundle with changed members whose checksums are right again, as somebody would forge it."""
    told = manifest(bundle) | facts
    for name, content in changed.items():
        told["members"][name] = _fingerprint(content)
    return rebuilt(bundle, to, {**changed, "manifest.json": json.dumps(told).encode()})


def edited(bundle: Path, table: str, old: str, new: str) -> dict[str, bytes]:
    """A table of the bundle with a text replaced once."""
    name = f"tables/{table}.csv"
    text = member(bundle, name).decode()
    assert old in text
    return {name: text.replace(old, new, 1).encode()}


def test_a_sound_bundle_is_taken(whole: Path) -> None:
    assert is_bundle(whole)
    assert import_bundle(whole).cohorts == ("alpha",)


def test_a_changed_table_is_refused_and_the_store_stays(store: Path, whole: Path, tmp_path: Path) -> None:
    before = published(store)
    changed = rebuilt(whole, tmp_path / "x.zip", edited(whole, "outcome", ",10,true", ",99,true"))
    message = one_message(run("import", changed, "--store", store))
    assert "'tables/outcome.csv' was changed" in message or "has" in message
    assert published(store) == before
    with pytest.raises(WrongChecksum):
        read_bundle(changed)


def test_an_edited_wide_file_is_pointed_to_its_mapping(whole: Path, tmp_path: Path) -> None:
    name = "wide/alpha/patients.csv"
    text = member(whole, name)
    changed = rebuilt(whole, tmp_path / "x.zip", {name: text.replace(b"male", b"mole")})
    with pytest.raises(WrongChecksum, match="--mapping"):
        read_bundle(changed)


FACTS: dict[str, tuple[dict[str, Any], str]] = {
    "format": ({"format": "other"}, "no bundle"),
    "newer format": ({"format_version": 2}, "format_version is 2, this program reads 1"),
    "newer schema": ({"schema_version": 99}, "schema_version is 99"),
    "other vocabulary": ({"vocabulary_version": 0}, "vocabulary_version is 0"),
    "unknown kind": ({"tables_format": "xml"}, "'xml'"),
    "no members": ({"members": {}}, "names no member"),
    "cohorts of another shape": ({"cohorts": [1]}, "not complete"),
    "rows of another shape": ({"tables": {"cohort": {"rows": -1}}}, "-1"),
    "partial of another shape": ({"cohorts": [{"cohort": "alpha", "partial": "no"}]}, "'no'"),
}


@pytest.mark.parametrize("case", FACTS)
def test_a_manifest_that_is_not_understood(whole: Path, tmp_path: Path, case: str) -> None:
    facts, words = FACTS[case]
    with pytest.raises(UnreadableFile, match=words):
        read_bundle(signed(whole, tmp_path / "x.zip", {}, **facts))


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{", b"\xff\xfe", b"null", b'{"format": "tilexplorer bundle"}', b"[" * 9999]
)
def test_a_manifest_that_is_none(whole: Path, tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r"manifest\.json"):
        read_bundle(rebuilt(whole, tmp_path / "x.zip", {"manifest.json": raw}))


def test_members_that_the_manifest_does_not_name(whole: Path, tmp_path: Path) -> None:
    for name in ("../../evil.txt", "/etc/cron", "tables/extra.csv"):
        with pytest.raises(UnreadableFile, match="does not name"):
            read_bundle(rebuilt(whole, tmp_path / "x.zip", {name: b"x"}))
    with pytest.raises(UnreadableFile, match="is missing"):
        read_bundle(rebuilt(whole, tmp_path / "x.zip", {"README.txt": None}))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.zip"]


def test_a_member_that_is_there_twice(whole: Path, tmp_path: Path) -> None:
    twice = tmp_path / "x.zip"
    twice.write_bytes(whole.read_bytes())
    with zipfile.ZipFile(twice, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("README.txt", "other")
    with pytest.raises(UnreadableFile, match="more than once"):
        read_bundle(twice)


def test_a_member_that_would_fill_the_memory(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle_members, "ALWAYS_ALLOWED", 100_000)
    zeros = bytes(3_000_000)
    with pytest.raises(UnreadableFile, match="would unpack to 3000000 bytes"):
        read_bundle(signed(whole, tmp_path / "x.zip", {"README.txt": zeros}))
    monkeypatch.setattr(bundle_members, "MOST_MANIFEST", 1000)
    with pytest.raises(UnreadableFile, match="larger than 1000 bytes"):
        read_bundle(whole)


def test_a_size_that_lies(whole: Path, tmp_path: Path) -> None:
    told = manifest(whole)
    content = member(whole, "README.txt")
    told["members"]["README.txt"] = {"bytes": len(content) - 1, "sha256": hashlib.sha256(content[:-1]).hexdigest()}
    with pytest.raises(WrongChecksum, match="its manifest says"):
        read_bundle(rebuilt(whole, tmp_path / "x.zip", {"manifest.json": json.dumps(told).encode()}))


ROWS = {
    "the same patient twice": ("patient", "alpha-001", "alpha-000", "patient 'alpha-000' is there twice"),
    "a course of nobody": ("course", "alpha-003", "alpha-999", "patient 'alpha-999' is not in the table patient"),
    "a value of no sample": (
        "value",
        "alpha-003,alpha-003",
        "alpha-003,nothing",
        "sample 'nothing' is not in the table",
    ),
    "an unknown study": ("course", "alpha-study", "beta-study", "study 'beta-study' is not in the table study"),
    "no number": ("outcome", ",10,true", ",ten,true", r"outcome.csv, row 2, column 'days': 'ten' is no whole number"),
    "no number further down": ("outcome", ",50,", ",fifty,", r"outcome.csv, row 6, column 'days': 'fifty'"),
    "too large": ("outcome", ",10,true", ",9999999999,true", "32 bits"),
    "no flag": ("outcome", ",10,true", ",10,yes", "'yes' is neither true nor false"),
    "not finite": ("course", ",40.0,", ",inf,", "'inf' is no finite number"),
    "nothing where something is needed": ("outcome", ",10,true", ",,true", "has no days, which every row needs"),
    "an unknown column": ("patient", "sex", "gender", "the unknown column 'gender'"),
    "a column too few": ("patient", "cohort,patient,sex", "cohort,patient", "column 'sex' is there 0 times"),
    "a cell too many": ("patient", "alpha-001,", "alpha-001,x,", "row 3 has 4 cells"),
    "an unknown word": ("course", ",CR,", ",cr,", "course, row 1: 'cr' is no response"),
    "an unknown tumour": ("course", ",MEL,", ",MELANOMA,", "'MELANOMA' is no tumour"),
    "a name that leads elsewhere": ("cohort", "alpha,", "../alpha,", "the cohort's id '../alpha' may hold"),
    "another cohort": ("cohort", "alpha,", "beta,", "cohort 'alpha' is not in the table cohort"),
}


@pytest.mark.parametrize("case", ROWS)
def test_rows_that_no_table_may_hold(whole: Path, tmp_path: Path, case: str) -> None:
    table, old, new, words = ROWS[case]
    forged = signed(whole, tmp_path / "x.zip", edited(whole, table, old, new))
    with pytest.raises((InvalidData, UnreadableFile), match=words):
        read_bundle(forged)


def test_rows_fewer_than_promised(whole: Path, tmp_path: Path) -> None:
    told = manifest(whole)["tables"]
    told["overlap"]["rows"] = 3
    with pytest.raises(UnreadableFile, match="has 0 rows, the manifest says 3"):
        read_bundle(signed(whole, tmp_path / "x.zip", {}, tables=told))


def test_a_parquet_table_of_other_types(store: Path, tmp_path: Path) -> None:
    import io

    import pyarrow as pa
    from pyarrow import parquet

    from tilexplorer.store import Store

    bundle = bundled(everything(Store.open(store)), tmp_path)
    table = parquet.read_table(io.BytesIO(member(bundle, "tables/outcome.parquet")))

    def changed(new: pa.Table) -> Path:
        out = io.BytesIO()
        parquet.write_table(new, out)
        return signed(bundle, tmp_path / "x.zip", {"tables/outcome.parquet": out.getvalue()})

    floats = table.set_column(4, "days", table["days"].cast(pa.float64()))
    with pytest.raises(UnreadableFile, match="column 'days' is of type double, it has to be int32"):
        read_bundle(changed(floats))
    with pytest.raises(UnreadableFile, match="has 12 rows, the manifest says 6"):
        read_bundle(changed(pa.concat_tables([table, table])))
    with pytest.raises(UnreadableFile, match="'event' is there 0 times"):
        read_bundle(changed(table.drop_columns(["event"])))
    with pytest.raises(UnreadableFile, match="not a readable Parquet file"):
        read_bundle(signed(bundle, tmp_path / "x.zip", {"tables/outcome.parquet": b"PAR1 nothing PAR1"}))


def test_a_byte_that_was_damaged_on_the_way(tmp_path: Path, whole: Path) -> None:
    with zipfile.ZipFile(whole) as archive:
        middles = [e.header_offset + 30 + len(e.filename) + e.compress_size // 2 for e in archive.infolist()]
    for place in middles:
        raw = bytearray(whole.read_bytes())
        raw[place] ^= 0xFF
        damaged = tmp_path / "damaged.zip"
        damaged.write_bytes(bytes(raw))
        with pytest.raises(TilExplorerError):
            read_bundle(damaged)


def test_files_that_are_no_bundle(tmp_path: Path, whole: Path) -> None:
    store = tmp_path / "none"
    text = tmp_path / "a.csv"
    text.write_text("a,b\n")
    assert "needs no --mapping" in one_message(run("import", text, "--store", store))
    assert "needs no --mapping" in one_message(run("import", whole, whole, "--store", store))
    assert "nowhere.zip" in one_message(run("validate", tmp_path / "nowhere.zip"))
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("patients.csv", "x")
    assert not is_bundle(other)
    assert "needs no --mapping" in one_message(run("import", other, "--store", store))
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole.read_bytes()[:-200])
    with pytest.raises(UnreadableFile, match="no readable zip"):
        read_bundle(cut)


def test_a_member_whose_own_header_names_it_in_no_text(tmp_path: Path, whole: Path) -> None:
    """The directory at the end of a zip file may say something else than the header before a member."""
    raw = bytearray(whole.read_bytes())
    with zipfile.ZipFile(whole) as archive:
        start = next(entry.header_offset for entry in archive.infolist() if entry.filename != MANIFEST)
    raw[start + 7] |= 0x08  # the name is UTF-8
    raw[start + 30] = 0xCD
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(bytes(raw))
    with pytest.raises(UnreadableFile, match="is damaged"):
        read_bundle(damaged)
