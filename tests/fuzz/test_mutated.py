"""Changed bytes of valid files: a frame or one message, from every reader; and what is published stays."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.command import run
from tests.fuzz.readers import OPTIONS, TAKERS, feed
from tests.fuzz.seeds import seeds
from tests.importers.made import MAPPING, ROWS
from tests.miniature import miniature, published_store
from tilexplorer.importers import READERS
from tilexplorer.importers.text import ReadOptions
from tilexplorer.store import published

# What readers stumble over: ends, quotes, delimiters, lengths, marks of encodings and of direction.
ODD = st.sampled_from(
    [b"", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00", b"\r", b"\n", b'"', b",",
     b"\t", b"#", b"=1+1", b"1e999", "\u202e".encode(), "\u2028".encode(), b"\xed\xa0\x80", b"[[", b"NaN", b"<", b"&a;"]
)  # fmt: skip
CHANGE = st.tuples(st.floats(0, 1), st.sampled_from([0, 1, 1, 4, 40]), ODD | st.binary(max_size=8))
# A fault is found as well without the smallest input for it, and in a fraction of the time.
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
CHANGES = st.lists(CHANGE, min_size=1, max_size=6)


def changed(raw: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    """The bytes with some of them replaced, each place told as a share of the whole."""
    made = bytearray(raw)
    for share, length, put in changes:
        at = int(share * len(made))
        made[at : at + length] = put
    return bytes(made)


def test_every_reader_is_fuzzed() -> None:
    assert set(READERS) < set(TAKERS)
    assert all(seeds(name) for name in TAKERS)


@pytest.mark.parametrize("name", READERS)
def test_a_seed_is_a_valid_file(name: str, tmp_path: Path) -> None:
    """Mutation of files that are refused at their first byte would show nothing."""
    (tmp_path / "seed").write_bytes(seeds(name)[-1 if name == "rda" else 0])
    options = {
        "delimited": ReadOptions(delimiter=";"),
        "rda": ReadOptions(object="more", part="colData"),
        "rds": ReadOptions(part="colData"),
    }
    frame = READERS[name](tmp_path / "seed", options.get(name, OPTIONS))
    assert len(frame) >= 2
    assert frame.shape[1] >= 3


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", TAKERS)
@settings(max_examples=100, deadline=None, phases=NO_SHRINKING, suppress_health_check=[HealthCheck.too_slow])
@given(number=st.integers(0, 9), changes=CHANGES)
def test_changed_bytes(
    name: str, number: int, changes: list[tuple[float, int, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    raw = seeds(name)[number % len(seeds(name))]
    feed(name, changed(raw, changes), _folder(tmp_path_factory))


def _folder(factory: pytest.TempPathFactory) -> Path:
    folder = factory.getbasetemp() / "fuzz"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one cohort and a mapping beside it."""
    folder = tmp_path_factory.mktemp("fuzzed")
    published_store(folder / "store", miniature(patients=6))
    (folder / "made.toml").write_text(MAPPING)
    return folder


def _digests(folder: Path) -> dict[str, str]:
    """Every generation file of a store by its bytes."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix == ".duckdb")
    assert files
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=8, deadline=None, phases=NO_SHRINKING, suppress_health_check=[HealthCheck.too_slow])
@given(changes=CHANGES)
def test_validation_answers_with_findings_and_the_store_stays(
    store: Path, changes: list[tuple[float, int, bytes]]
) -> None:
    """Changed tables through `validate`, and through `import` where they are refused."""
    before, files = published(store / "store"), _digests(store / "store")
    path = store / "clinical.csv"
    path.write_bytes(changed(ROWS.encode(), changes))
    checked = run("validate", path, "--mapping", store / "made.toml")
    assert checked.code in (0, 1, 3)  # nothing, errors, warnings
    assert "Traceback" not in checked.err + checked.out
    if checked.code == 1:
        refused = run("import", path, "--mapping", store / "made.toml", "--store", store / "store")
        assert refused.code == 1
        assert "Traceback" not in refused.err
    assert published(store / "store") == before
    assert _digests(store / "store") == files


ROW_CHANGE = st.tuples(
    st.sampled_from(["cell", "column", "row", "twice"]), st.integers(0, 3), st.integers(0, 4), st.text(max_size=20)
)


@settings(max_examples=30, deadline=None, phases=NO_SHRINKING)
@given(st.lists(ROW_CHANGE, min_size=1, max_size=5))
def test_changed_tables_give_findings(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[str, int, int, str]]
) -> None:
    """Cells replaced, columns and rows taken out or doubled: a report, or tables."""
    from tilexplorer.importers import parse_mapping
    from tilexplorer.validation.check import check_files

    rows = [line.split(",") for line in ROWS.splitlines()]
    for kind, row, column, text in changes:
        _change(rows, kind, row, column, text.replace("\x00", ""))
    path = _folder(tmp_path_factory) / "clinical.csv"
    path.write_text("\n".join(",".join(row) for row in rows), encoding="utf-8", errors="replace")
    found = check_files(parse_mapping(MAPPING, "made.toml"), {"clinical": path})
    assert (found.canonical is None) == bool(found.report.errors)


def _change(rows: list[list[str]], kind: str, row: int, column: int, text: str) -> None:
    if not rows:
        return
    chosen = rows[row % len(rows)]
    if kind == "cell" and chosen:
        chosen[column % len(chosen)] = text
    elif kind == "column":
        for cells in rows:
            del cells[column : column + 1]
    elif kind == "row":
        rows.remove(chosen)
    elif kind == "twice":
        rows.append(list(chosen))
