"""A process that imports a file in a child, and kills the child when it is told to.

The libraries are loaded once, before the first child: a child that is killed dies while it imports, not while Python
starts. Commands come as lines: the folder of a store begins an import, then `kill` or `wait` ends it.
"""

from __future__ import annotations

import os
import signal
import sys

from tilexplorer import cli, importers, publish
from tilexplorer.importers import local
from tilexplorer.validation import batches

LOADED = (importers, publish, local, batches)


def main(file: str, mapping: str) -> None:
    """Print `begun` when an import has begun, and the child's exit status when it has ended."""
    for store in map(str.strip, sys.stdin):
        child = os.fork()
        if not child:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            os._exit(cli.main(["import", file, "--mapping", mapping, "--store", store]))
        print("begun", flush=True)
        if sys.stdin.readline().strip() == "kill":
            os.kill(child, signal.SIGKILL)
        print(os.waitpid(child, 0)[1], flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
