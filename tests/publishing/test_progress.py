"""The bar moves: many shares, never backwards, to the end; and readers are not disturbed meanwhile."""

from __future__ import annotations

import io
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.importers.made import MAPPING, ROWS
from tests.miniature import miniature, published_store
from tilexplorer.importers import parse_mapping, read_batches
from tilexplorer.importers.streaming import Streamed
from tilexplorer.progress import Bar
from tilexplorer.publish import publish
from tilexplorer.publishing.stages import STAGES, TOTAL
from tilexplorer.store import Store, published


def in_batches(folder: Path, patients: int, size: int) -> Streamed:
    """A made-up file, read in batches."""
    mapped = parse_mapping(MAPPING, "made.toml")
    path = folder / "clinical.csv"
    body = "".join(f"{i:04d},PR,{1 + i % 9}.5,{i % 2},{i % 50}\n" for i in range(patients))
    path.write_text(ROWS.splitlines(keepends=True)[0] + body, encoding="utf-8")
    return Streamed(mapped, partial(read_batches, mapped.files["clinical"], path), size)


def test_the_stages_add_up() -> None:
    assert sum(STAGES.values()) == TOTAL


def test_a_publication_reports_many_shares_in_order(tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []
    publish(tmp_path / "s", [miniature("alpha")])
    part = in_batches(tmp_path, 200, 20)
    publish(tmp_path / "s", [part], progress=lambda *now: told.append(now[:2]))
    shares = [done for _, done in told]
    assert shares == sorted(shares)
    assert shares[-1] == TOTAL
    assert len(set(shares)) > 30
    assert list(dict.fromkeys(words for words, _ in told)) == list(STAGES)


def test_the_bar_is_drawn_at_many_lengths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    part = in_batches(tmp_path, 60, 20)
    with Bar("made") as bar:
        publish(tmp_path / "s", [part], progress=bar.update)
        bar.finish("published")
    drawn = terminal.getvalue().split("\r\x1b[K")
    lengths = [line.count("#") for line in drawn if "[" in line]
    assert lengths == sorted(lengths)
    assert len(set(lengths)) >= 8
    assert drawn[-1] == "made: published\n"


def test_readers_go_on_with_their_generation_while_another_is_built(tmp_path: Path) -> None:
    reader = published_store(tmp_path, miniature("alpha"))
    seen: list[tuple[int, str | None]] = []

    def asked(*_: object) -> None:
        counted = reader.frame("SELECT count(*) AS n FROM analysis")["n"][0]
        assert Store.open(tmp_path) == reader  # whoever comes meanwhile
        seen.append((int(counted), reader.newer()))

    made = publish(tmp_path, [miniature("beta")], progress=asked)
    assert set(seen) == {(60, None)}
    assert len(seen) > 10
    assert reader.newer() == made == published(tmp_path)
    assert reader.frame("SELECT count(*) AS n FROM analysis")["n"][0] == 60
    assert Store.open(tmp_path).frame("SELECT count(*) AS n FROM analysis")["n"][0] == 120
    assert Store.open(tmp_path).newer() is None
