"""One reader under atheris: inputs grow from the seeds towards code that was not reached before."""

from __future__ import annotations

import sys
import tempfile
import warnings
from pathlib import Path
from typing import Final

# What ends a run as a fault, besides an error that is not meant: seconds for one input, and memory of the process.
SECONDS: Final = 10
MEGABYTES: Final = 1024
# Bytes of an input: many times those of the largest seed.
LONGEST: Final = 1 << 16


def fuzz(name: str, runs: int, seed: int) -> None:
    """Feed a reader with so many inputs; ends the process, with another code than 0 where a fault was found."""
    import atheris

    with atheris.instrument_imports(include=["tilexplorer", "openpyxl", "rdata", "tomllib"]):
        from tests.fuzz.readers import feed
        from tests.fuzz.seeds import seeds
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(prefix="tilexplorer-fuzz-") as folder:
        corpus, files = Path(folder) / "corpus", Path(folder) / "files"
        corpus.mkdir()
        files.mkdir()
        for number, raw in enumerate(seeds(name)):
            (corpus / str(number)).write_bytes(raw)
        told = [
            f"-runs={runs}", f"-seed={seed}", f"-timeout={SECONDS}", f"-rss_limit_mb={MEGABYTES}",
            f"-max_len={LONGEST}", f"-artifact_prefix={Path.cwd()}/fuzz-{name}-", "-print_final_stats=1", str(corpus),
        ]  # fmt: skip
        atheris.Setup([sys.argv[0], *told], lambda raw: feed(name, raw, files))
        atheris.Fuzz()
