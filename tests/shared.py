"""Where the reference material and the real cohorts lie, and how a test says loudly that they are not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def shared_there(*parts: str) -> bool:
    """Whether a path below the shared folder is there, for tests that can do without it."""
    return Path(os.environ.get("TILEXPLORER_SHARED", ROOT.parent / "shared")).joinpath(*parts).exists()


def shared_folder(*parts: str) -> Path:
    """A path below the shared folder (env TILEXPLORER_SHARED, else beside the repository); skips where absent."""
    path = Path(os.environ.get("TILEXPLORER_SHARED", ROOT.parent / "shared")).joinpath(*parts)
    if not path.exists():
        pytest.skip(f"NOT RUN: needs {'/'.join(parts) or 'the shared folder'}, which is not beside this checkout")
    return path


def real_cohorts() -> Path:
    """The folder of the real cohorts; tests that read it skip where it is absent."""
    return shared_folder("cohorts")
