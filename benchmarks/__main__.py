"""`make bench`: measure and write docs/benchmarks.md (about ten minutes on two cores, 4 GB)."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks import imports, kernel, package, pages, redraw, report


def main() -> None:
    """Measure every size, then the browser."""
    measured = []
    with tempfile.TemporaryDirectory(prefix="tilexplorer-bench-") as base:
        for patients, repeats, aggregate_repeats in package.SIZES:
            folder = Path(base) / str(patients)
            print(f"{patients:,} patients: publishing", file=sys.stderr)
            package.make_store(folder, patients)
            print(f"{patients:,} patients: measuring", file=sys.stderr)
            measured.append(package.measure(folder, patients, repeats, aggregate_repeats))
        print("the survival page in Chromium", file=sys.stderr)
        page = redraw.measure(Path(base) / "page")
        print("every page in Chromium", file=sys.stderr)
        every = pages.measure(Path(base) / "pages")
        print("importing a million patients", file=sys.stderr)
        imported = imports.text(imports.measure(Path(base) / "imports"))
    print("the statistics alone", file=sys.stderr)
    statistics = kernel.text(kernel.measure())
    report.PATH.parent.mkdir(exist_ok=True)
    report.PATH.write_text(report.text(measured, page, every) + imported + statistics, encoding="utf-8")
    print(report.PATH.relative_to(report.PATH.parent.parent))


if __name__ == "__main__":
    main()
