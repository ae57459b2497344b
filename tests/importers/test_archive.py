"""Archives: good ones are unpacked, hostile ones end in one message, and nothing is ever written outside the folder."""

from __future__ import annotations

import gzip
import io
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilexplorer.errors import UnreadableFile
from tilexplorer.importers.archive import Limits, is_archive, opened, stem, unpack

Make = Callable[..., Path]

SMALL = Limits(total=1_000_000, ratio=200, members=10)


def zipped(folder: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    path = folder / "study.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def tarred(folder: Path, *members: tuple[str | tarfile.TarInfo, bytes], name: str = "study.tar.gz") -> Path:
    path = folder / name
    with tarfile.open(path, "w:gz" if name.endswith("gz") else "w", format=tarfile.GNU_FORMAT) as archive:
        for member, content in members:
            info = tarfile.TarInfo(member) if isinstance(member, str) else member
            if isinstance(member, str):
                info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def refused(path: Path, message: str, limits: Limits = SMALL) -> None:
    """The archive is refused with this message, and nothing appears beside the folder."""
    into = path.parent / "deep" / "into"
    into.mkdir(parents=True)
    before = {p for p in path.parent.rglob("*") if not p.is_relative_to(into)}
    with pytest.raises(UnreadableFile, match=f"^{path.name}: .*{message}"):
        unpack(path, into, limits)
    assert {p for p in path.parent.rglob("*") if not p.is_relative_to(into)} == before
    assert not any(p.is_symlink() for p in into.rglob("*"))


def entry(name: str, kind: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (kind | 0o644) << 16
    return info


def special(name: str, kind: bytes, target: str = "", size: int = 0) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, target, size
    return info


@pytest.mark.parametrize("make", [zipped, tarred])
def test_a_good_archive(tmp_path: Path, make: Make) -> None:
    path = make(tmp_path, ("a.txt", b"1"), ("sub/b.txt", b"2"), ("./c.txt", b"3"))
    with opened(path, SMALL) as folder:
        found = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        assert found == {"a.txt": b"1", "sub/b.txt": b"2", "c.txt": b"3"}
    assert not folder.exists()


def test_a_plain_tar_and_a_folder(tmp_path: Path) -> None:
    with opened(tarred(tmp_path, ("a.txt", b"1"), name="study.tar")) as folder:
        assert (folder / "a.txt").read_bytes() == b"1"
    with opened(tmp_path) as folder:
        assert folder == tmp_path
    assert tmp_path.is_dir()


@pytest.mark.parametrize("make", [zipped, tarred])
@pytest.mark.parametrize(
    "name",
    ["../out.txt", "a/../../out.txt", "/tmp/out.txt", "..\\out.txt", "C:\\out.txt", "C:out.txt", "\\\\host\\share\\a"],
)
def test_names_that_lead_elsewhere(tmp_path: Path, make: Make, name: str) -> None:
    refused(make(tmp_path, ("good.txt", b"1"), (name, b"2")), "lies outside of the archive's folder")


@pytest.mark.parametrize(
    ("kind", "message"),
    [(stat.S_IFLNK, "is a link"), (stat.S_IFIFO, "is a device"), (stat.S_IFCHR, "is a device")],
)
def test_zip_members_that_are_no_files(tmp_path: Path, kind: int, message: str) -> None:
    refused(zipped(tmp_path, (entry("a.txt", kind), b"/etc/passwd")), message)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (tarfile.SYMTYPE, "is a link"),
        (tarfile.LNKTYPE, "is a link"),
        (tarfile.FIFOTYPE, "is a device"),
        (tarfile.CHRTYPE, "is a device"),
    ],
)
def test_tar_members_that_are_no_files(tmp_path: Path, kind: bytes, message: str) -> None:
    refused(tarred(tmp_path, (special("a.txt", kind, "/etc/passwd"), b""), ("a.txt/b", b"1")), message)


def test_a_link_that_a_later_member_would_follow(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    refused(tarred(tmp_path, (special("sub", tarfile.SYMTYPE, str(outside)), b""), ("sub/a.txt", b"1")), "is a link")
    assert list(outside.iterdir()) == []


def test_an_encrypted_member(tmp_path: Path) -> None:
    path = zipped(tmp_path, ("a.txt", b"secret"))
    raw = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(signature) + offset] |= 1
    path.write_bytes(raw)
    refused(path, "'a.txt' is encrypted")


@pytest.mark.parametrize("make", [zipped, tarred])
def test_too_many_bytes_and_too_many_members(tmp_path: Path, make: Make) -> None:
    path = make(tmp_path, ("a.txt", b"0" * 600_000), ("b.txt", b"0" * 600_000))
    refused(path, "holds more than 1,000,000 bytes when unpacked")


@pytest.mark.parametrize("make", [zipped, tarred])
def test_too_many_members(tmp_path: Path, make: Make) -> None:
    path = make(tmp_path, *((f"{n}.txt", b"") for n in range(11)))
    refused(path, "has more than 10 members")


@pytest.mark.parametrize("make", [zipped, tarred])
def test_a_bomb_is_known_by_how_much_it_grows(tmp_path: Path, make: Make) -> None:
    path = make(tmp_path, ("zeros.txt", b"\0" * 11_000_000))
    refused(path, "'zeros.txt' grows more than 200-fold", Limits())


def test_a_size_that_is_a_lie(tmp_path: Path) -> None:
    """The directory says 10 bytes, the member holds two million: what is written is counted."""
    path = zipped(tmp_path, ("a.txt", bytes(range(256)) * 8000))
    raw = bytearray(path.read_bytes())
    place = raw.index(b"PK\x01\x02") + 24
    raw[place : place + 4] = struct.pack("<I", 10)
    path.write_bytes(raw)
    refused(path, "")
    assert sum(p.stat().st_size for p in (tmp_path / "deep").rglob("*") if p.is_file()) <= SMALL.total


def test_a_tar_header_that_would_fill_the_memory(tmp_path: Path) -> None:
    """An extended header is read as a whole: one of 4 GB is refused before it is read."""
    info = special("x", tarfile.XHDTYPE, size=4_000_000_000)
    path = tmp_path / "study.tar.gz"
    path.write_bytes(gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + b"\0" * 10_240))
    refused(path, "not a readable archive .a header that is larger")


@pytest.mark.parametrize("make", [zipped, tarred])
def test_a_member_that_is_there_twice_or_is_file_and_folder(tmp_path: Path, make: Make) -> None:
    with pytest.warns(UserWarning, match="Duplicate name") if make is zipped else nullcontext():
        path = make(tmp_path, ("a.txt", b"1"), ("a.txt", b"2"))
    refused(path, "'a.txt' is there twice")
    (tmp_path / "deep" / "into" / "a.txt").unlink()
    (tmp_path / "deep" / "into").rmdir()
    (tmp_path / "deep").rmdir()
    refused(make(tmp_path, ("a", b"1"), ("a/b", b"2")), "could not be unpacked")


@pytest.mark.parametrize("name", ["study.zip", "study.tar", "study.tar.gz", "study.tgz"])
@pytest.mark.parametrize(
    "content", [b"", b"PATIENT_ID\nP1\n", b"PK\x03\x04" + b"\0" * 40, b"\x1f\x8b\x08" + b"\0" * 40]
)
def test_what_is_no_archive(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableFile, match=f"^{name}: "):
        unpack(tmp_path / name, tmp_path)


def test_a_name_that_says_nothing_and_a_cut_archive(tmp_path: Path) -> None:
    path = tmp_path / "study.7z"
    path.write_bytes(b"7z")
    with pytest.raises(UnreadableFile, match=r"neither a folder nor an archive; give a folder or .zip"), opened(path):
        pass
    whole = tarred(tmp_path, ("a.txt", bytes(range(256)) * 400))
    whole.write_bytes(whole.read_bytes()[:200])
    refused(whole, "is not a readable archive")


@given(st.binary(max_size=400), st.sampled_from(["zip", "tar", "tar.gz"]))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, raw: bytes, kind: str) -> None:
    folder = tmp_path_factory.mktemp("any")
    path = folder / f"a.{kind}"
    for head in (b"", b"PK\x05\x06", b"\x1f\x8b\x08\x00"):
        path.write_bytes(head + raw)
        with suppress(UnreadableFile), opened(path, SMALL) as unpacked:
            assert not any(p.is_file() for p in unpacked.rglob("*"))


def test_a_member_without_a_name(tmp_path: Path) -> None:
    """The directory gives the byte of the name to the extra field behind it."""
    path = zipped(tmp_path, ("b", b"2"))
    raw = bytearray(path.read_bytes())
    place = raw.index(b"PK\x01\x02") + 28
    raw[place : place + 4] = struct.pack("<HH", 0, 1)
    path.write_bytes(raw)
    refused(path, "its member '' lies outside")


def test_names_of_archives() -> None:
    assert is_archive(Path("A.TAR.GZ"))
    assert not is_archive(Path("a.txt.gz"))
    assert [stem(Path(name)) for name in ("my.study.tar.gz", "a.zip", "b.tgz")] == ["my.study", "a", "b"]
