"""Files given to readers in a process of its own, which tells what was said of each and how much memory it took.

python -m tests.fuzz.apart READER FILE [READER FILE ...]
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from benchmarks.package import high_water_mark
from tests.fuzz.readers import OPTIONS, TAKERS
from tilexplorer.errors import TilExplorerError
from tilexplorer.importers import BATCHED, READERS


def said(reader: str, path: Path) -> str:
    """What a reader says of a file: its message, or the shape of its frame."""
    try:
        if reader.startswith("batches of "):
            return str(
                sum(len(batch.frame) for batch in BATCHED[reader.removeprefix("batches of ")](path, OPTIONS, 50_000))
            )
        if reader in READERS:
            return str(READERS[reader](path, OPTIONS).shape)
        TAKERS[reader](path)
    except TilExplorerError as fault:
        return f"{type(fault).__name__}: {fault}"
    return "taken"


def main() -> None:
    """Print, as JSON, message and seconds for each file, and the peak memory of the process [MB]."""
    told: list[tuple[str, float]] = []
    words = iter(sys.argv[1:])
    for reader in words:
        start = time.process_time()
        told.append((said(reader, Path(next(words))), time.process_time() - start))
    print(json.dumps({"told": told, "megabytes": round(high_water_mark())}))


if __name__ == "__main__":
    main()
