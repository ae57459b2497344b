"""Coverage-guided fuzzing of one reader, or of every reader and the page of numbers.

python -m tests.fuzz csv --runs 2000    # one reader, in this process
python -m tests.fuzz --runs 2000        # each reader in a process of its own, then docs/fuzzing.md
"""

from __future__ import annotations

import argparse

from tests.fuzz import engine


def main() -> None:
    """Fuzz what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("reader", nargs="?")
    parser.add_argument("--runs", type=int, default=5000, help="inputs for each reader")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.reader:
        engine.fuzz(options.reader, options.runs, options.seed)
    else:
        from tests.fuzz import report
        from tests.fuzz.readers import TAKERS

        report.write([report.measured(name, options.runs, options.seed) for name in TAKERS])


if __name__ == "__main__":
    main()
