"""Made-up files for the recogniser: small, deterministic, with the habits of real ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd


def people(n: int = 60, seed: int = 7) -> pd.DataFrame:
    """Patients whose survival, progression and response belong together, under plain names; all cells are text.

    `days`, `dead`, `pfs_days`, `progressed` and `response` are the truth; nobody progresses after death.
    """
    draw = np.random.default_rng(seed)
    response = draw.choice(["CR", "PR", "SD", "PD"], n, p=[0.1, 0.2, 0.3, 0.4])
    scale = pd.Series(response).map({"CR": 1600.0, "PR": 1100.0, "SD": 500.0, "PD": 220.0}).to_numpy()
    death = np.maximum(20, draw.exponential(scale)).round()
    end = draw.uniform(300, 900, n).round()
    progression = np.maximum(10, np.where(response == "PD", 55, death * 0.5)).round()
    os, pfs = np.minimum(death, end), np.minimum(np.minimum(progression, death), end)
    frame = pd.DataFrame(
        {
            "id": [f"{i:04d}" for i in range(40, 40 + n)],
            "days": os.astype(int),
            "dead": (death <= end).astype(int),
            "pfs_days": pfs.astype(int),
            "progressed": (np.minimum(progression, death) <= end).astype(int),
            "response": response,
            "sex": draw.choice(["F", "M"], n),
            "age": draw.integers(35, 85, n),
        }
    )
    return frame.astype(str).astype("string")


def written(path: Path, frame: pd.DataFrame, *, sep: str = ",", encoding: str = "utf-8", end: str = "\n") -> Path:
    """The frame as a text file."""
    text = frame.to_csv(index=False, sep=sep, lineterminator="\n")
    path.write_bytes(text.replace("\n", end).encode(encoding))
    return path
