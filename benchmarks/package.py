"""The whole survival package from the store, its aggregates alone, and the memory that each way takes."""

from __future__ import annotations

import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import rows
from benchmarks.timing import Ratio, alternate
from tilexplorer.publish import publish
from tilexplorer.selection import Selection
from tilexplorer.simulate import simulate
from tilexplorer.store import Store

# Patients, repetitions of the package (at a million, one of the other way takes most of a minute), of the aggregates.
SIZES: Final = ((1_000, 15, 25), (100_000, 7, 15), (1_000_000, 5, 7))
SELECTION: Final = Selection(measure=rows.MEASURE, rule="tertile", by=("level",), tau=24.0)
WAYS: Final = ("nothing", "ours", "theirs")


@dataclass(frozen=True)
class Measured:
    """What was measured at one size; memory is the peak of a process of its own [MB]."""

    patients: int
    analysed: int
    package: Ratio
    events: Ratio
    responses: Ratio
    memory: dict[str, float]


def make_store(folder: Path, patients: int) -> None:
    """Publish simulated patients, in a process of its own so that its memory is not counted here."""
    command = [sys.executable, "-m", "benchmarks.package", "publish", str(folder), str(patients)]
    subprocess.run(command, check=True)


def measure(folder: Path, patients: int, repeats: int, aggregate_repeats: int) -> Measured:
    """Both ways on one store."""
    from tilexplorer.analysis.response import response_scope
    from tilexplorer.analysis.survival import survival, survival_scope
    from tilexplorer.queries import events, responses
    from tilexplorer.resolve import resolve

    store = Store.open(folder)
    frame = rows.load(store)
    resolved = resolve(store, SELECTION)
    scope = survival_scope(resolved)
    answers = response_scope(resolved, ("level",))
    return Measured(
        patients=patients,
        analysed=survival(store, SELECTION).context.n,
        package=alternate(lambda: survival(store, SELECTION), lambda: rows.survival(frame), repeats),
        events=alternate(
            lambda: events(scope, ("level",), "os"), lambda: rows.aggregate_events(frame), aggregate_repeats
        ),
        responses=alternate(
            lambda: responses(answers, ("level",)), lambda: rows.aggregate_responses(frame), aggregate_repeats
        ),
        memory={way: peak_memory(way, folder) for way in WAYS},
    )


def peak_memory(way: str, folder: Path) -> float:
    """Peak resident memory of a process that does one thing [MB]."""
    command = [sys.executable, "-m", "benchmarks.package", way, str(folder)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _alone(way: str, folder: Path) -> float:
    """Do one thing and say how much memory that took [MB]. `nothing` loads the libraries of both and stops."""
    import lifelines  # noqa: F401

    from tilexplorer.analysis.survival import survival

    store = Store.open(folder)
    if way == "ours":
        survival(store, SELECTION)
    if way == "theirs":
        rows.survival(rows.load(store))
    return high_water_mark()


def high_water_mark() -> float:
    """Peak resident memory of this process [MB].

    Linux hands the `ru_maxrss` of the process that started this one down to it, so that a small child of a large
    parent reports the parent; /proc counts from the start of this program.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM:"))
        return float(line.split()[1]) / (1 << 10)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20) if sys.platform == "darwin" else peak / (1 << 10)


if __name__ == "__main__":
    if sys.argv[1] == "publish":
        publish(Path(sys.argv[2]), [simulate(patients=int(sys.argv[3]))])
    else:
        print(_alone(sys.argv[1], Path(sys.argv[2])))
