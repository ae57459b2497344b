"""Uploaded files on the disk, under a name that stays in its folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from streamlit.runtime.uploaded_file_manager import UploadedFile


def kept(given: Sequence[UploadedFile], folder: Path) -> list[Path]:
    """Uploaded files, written to a folder."""
    return [_written(file, folder) for file in given]


def _written(file: UploadedFile, folder: Path) -> Path:
    path = folder / Path(file.name.replace("\\", "/")).name  # a name from outside never leaves the folder
    path.write_bytes(file.getbuffer())
    return path
