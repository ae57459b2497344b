"""`make calibrate`: simulate, then write docs/calibration.md and data/calibration.json (some minutes on two cores)."""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Final

from benchmarks.calibrate import document
from benchmarks.calibrate.finding import Finding
from benchmarks.calibrate.plan import run, tasks

# One thread each: the matrices are small, and the processes already fill the cores.
THREADS: Final = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def calibrate(share: float, processes: int) -> list[Finding]:
    """All findings, in the order of the tasks, whatever process finishes first."""
    os.environ.update(dict.fromkeys(THREADS, "1"))
    todo, started = tasks(share), time.monotonic()
    findings: list[Finding] = []
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for done, found in enumerate(pool.map(run, todo), 1):
            findings += found
            print(f"{done} of {len(todo)} after {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return findings


def main() -> None:
    """Read the arguments, simulate, write."""
    parser = argparse.ArgumentParser(description="Simulate the calibration of every interval and test.")
    parser.add_argument("--share", type=float, default=1.0, help="of the trials to simulate")
    parser.add_argument("--dry", action="store_true", help="print the document and write nothing")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rewrite", action="store_true", help="only write the document again from the table")
    options = parser.parse_args()
    if options.dry:
        print(document.text(calibrate(options.share, options.processes), options.share))
        return
    if not options.rewrite:
        findings = calibrate(options.share, options.processes)
        document.TABLE.write_text(document.table(findings, options.share), encoding="utf-8")
    document.DOCUMENT.write_text(document.text(*document.read()), encoding="utf-8")
    print(document.DOCUMENT.relative_to(document.ROOT), document.TABLE.relative_to(document.ROOT))


if __name__ == "__main__":
    main()
