"""The catalogue: what it names, and how files are fetched from a mirror, a server, or a server that misbehaves."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.importers.made import MAPPING, ROWS
from tilexplorer import catalog, fetch, vocabulary
from tilexplorer.errors import UnknownCohort, UnreachableFile, WrongChecksum
from tilexplorer.importers.mapping import File

CONTENT = ROWS.encode() * 2000
SHA = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """A loopback server whose answer depends on the address; `seen` counts the requests."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[str] = []
        self.stop = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Answers /good, /slow, /silent, /cut, /cut-once, /wrong, /long, /error-once; everything else is 404."""

    server: Server

    def do_GET(self) -> None:
        kind = self.path.split("/")[1]
        self.server.seen.append(kind)
        first = self.server.seen.count(kind) == 1
        if kind == "error-once" and first:
            self.send_error(503)
        elif kind in ("good", "slow", "silent", "cut", "cut-once", "wrong", "long", "error-once"):
            self._answer(kind, first)
        else:
            self.send_error(404)

    def _answer(self, kind: str, first: bool) -> None:
        body = {"wrong": CONTENT.swapcase(), "long": CONTENT * 3}.get(kind, CONTENT)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if kind == "silent":
            self.server.stop.wait(5)
        elif kind == "cut" or (kind == "cut-once" and first):
            self.wfile.write(body[: len(body) // 2])
        elif kind == "slow":
            for start in range(0, len(body), len(body) // 5):
                self.wfile.write(body[start : start + len(body) // 5])
                self.wfile.flush()
                time.sleep(0.05)
        else:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output clean."""

    def handle(self) -> None:
        try:
            super().handle()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client left, as it should when too much is sent


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        yield running
        running.stop.set()
        running.shutdown()
        thread.join()


def file(address: str = "", **changes: object) -> File:
    given = {"name": "a.csv", "format": "csv", "folder": "made", "url": address, "bytes": len(CONTENT), "sha256": SHA}
    return File(**{**given, **changes})  # type: ignore[arg-type]


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(("kind", "requests"), [("good", 1), ("slow", 1), ("cut-once", 2), ("error-once", 2)])
def test_a_file_is_downloaded_once_and_kept(server: Server, tmp_path: Path, kind: str, requests: int) -> None:
    seen: list[tuple[str, int, int]] = []
    wanted = file(f"{server.address}/{kind}/a.csv")
    path = fetch.fetch(wanted, None, tmp_path, lambda *step: seen.append(step), timeout=3)
    assert path == tmp_path / "made" / "a.csv"
    assert path.read_bytes() == CONTENT
    assert seen[-1] == ("a.csv", len(CONTENT), len(CONTENT))
    assert [n for _, n, _ in seen if n > len(CONTENT)] == []
    fetch.fetch(wanted, None, tmp_path)
    assert len(server.seen) == requests


def test_progress_moves_while_a_slow_file_arrives(server: Server, tmp_path: Path) -> None:
    received: list[int] = []
    fetch.fetch(file(f"{server.address}/slow/a.csv"), None, tmp_path, lambda _, n, __: received.append(n))
    assert len(received) > 2
    assert received == sorted(received)


@pytest.mark.parametrize(
    ("kind", "fault", "message"),
    [
        ("none", UnreachableFile, "answered 404 Not Found.*--mirror"),
        ("cut", UnreachableFile, r"cut off after \d+ of \d+ bytes.*try again"),
        ("silent", UnreachableFile, "timed out"),
        ("wrong", WrongChecksum, "a.csv: has the sha256 .* the catalogue names"),
        ("long", WrongChecksum, "sends more than the"),
    ],
)
def test_a_bad_download_leaves_nothing_behind(
    server: Server, tmp_path: Path, kind: str, fault: type[Exception], message: str
) -> None:
    with pytest.raises(fault, match=message):
        fetch.fetch(file(f"{server.address}/{kind}/a.csv"), None, tmp_path, timeout=0.3)
    assert leftovers(tmp_path) == []
    assert len(server.seen) == (fetch.ATTEMPTS if kind in ("cut", "silent") else 1)


def test_a_bad_download_keeps_the_good_file_of_before(server: Server, tmp_path: Path) -> None:
    kept = tmp_path / "made" / "a.csv"
    kept.parent.mkdir()
    kept.write_bytes(b"older")
    with pytest.raises(WrongChecksum):
        fetch.fetch(file(f"{server.address}/wrong/a.csv"), None, tmp_path)
    assert kept.read_bytes() == b"older"
    fetch.fetch(file(f"{server.address}/good/a.csv"), None, tmp_path)
    assert kept.read_bytes() == CONTENT


def test_no_server_at_all(tmp_path: Path) -> None:
    with pytest.raises(UnreachableFile, match=r"a\.csv: http://127\.0\.0\.1:9/a\.csv could not be fetched.*refused"):
        fetch.fetch(file("http://127.0.0.1:9/a.csv"), None, tmp_path, timeout=2)


def test_a_mirror_at_an_address(server: Server, tmp_path: Path) -> None:
    fetch.fetch(file("http://127.0.0.1:9/"), f"{server.address}/good/", tmp_path, timeout=2)
    assert (tmp_path / "made" / "a.csv").read_bytes() == CONTENT


def test_a_mirror_in_a_folder(tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    with pytest.raises(UnreachableFile, match=r"has no made/a\.csv"):
        fetch.fetch(file(), mirror, tmp_path)
    (mirror / "made").mkdir(parents=True)
    (mirror / "made" / "a.csv").write_bytes(CONTENT[:-1])
    with pytest.raises(WrongChecksum, match=rf"a\.csv: has {len(CONTENT) - 1} bytes, the catalogue names"):
        fetch.fetch(file(), mirror, tmp_path)
    (mirror / "made" / "a.csv").write_bytes(CONTENT)
    assert fetch.fetch(file(), mirror, tmp_path) == mirror / "made" / "a.csv"


def test_an_unknown_cohort() -> None:
    with pytest.raises(UnknownCohort, match="no cohort 'imvigor'; did you mean 'imvigor210'"):
        catalog.load("imvigor")


def test_a_cohort_is_loaded_from_the_mirror_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "catalog").mkdir()
    declared = f'folder = "made"\nbytes = {len(ROWS)}\nsha256 = "{hashlib.sha256(ROWS.encode()).hexdigest()}"'
    text = MAPPING.replace('format = "csv"', f'format = "csv"\n{declared}')
    (tmp_path / "catalog" / "made.toml").write_text(text)
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "clinical.csv").write_text(ROWS)
    monkeypatch.setattr(catalog, "FOLDER", tmp_path / "catalog")
    monkeypatch.setenv("TILEXPLORER_MIRROR", str(tmp_path))
    catalog.entries.cache_clear()
    try:
        assert catalog.names() == ("made",)
        assert len(catalog.load("made")["patient"]) == 3
    finally:
        catalog.entries.cache_clear()


@pytest.mark.parametrize("name", catalog.names())
def test_every_entry_is_complete(name: str) -> None:
    entry = catalog.entry(name)
    card = catalog.card(name)
    assert card.id == name
    assert card.title
    assert card.citation
    assert card.licence
    assert card.population
    assert card.notes
    assert card.default_measure in entry.measures
    assert "," not in card.id
    for source in entry.files.values():
        assert source.folder
        assert source.address.startswith("https://")
        assert len(source.commit) == 40
        assert source.bytes > 0
        assert len(source.sha256) == 64
    for endpoint in entry.endpoints:
        assert endpoint.t0
        assert endpoint.means
    for same in entry.same_patients:
        assert same.preferred in catalog.names()


def test_the_vocabulary_serves_regimen_ids() -> None:
    """A regimen's id is its components joined by ' + ', so no name may hold that."""
    assert not [t.name for t in vocabulary.therapies().values() if " + " in t.name]
