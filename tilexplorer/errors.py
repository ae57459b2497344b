"""Every fault that a user can cause or mend, one class each. A message says what, where, and how to mend it."""

from __future__ import annotations


class TilExplorerError(Exception):
    """A fault with a message for the user. The command line prints it and ends with exit code 1."""


class UnknownCohort(TilExplorerError):
    """A cohort id that neither the catalogue nor the store knows."""


class UnreachableFile(TilExplorerError):
    """A source file that could not be fetched: no network, an HTTP error, a transfer that was cut off."""


class WrongChecksum(TilExplorerError):
    """A source file whose bytes are not the ones that the catalogue names."""


class UnreadableFile(TilExplorerError):
    """A source file that is not in the format that was declared for it."""


class InvalidMapping(TilExplorerError):
    """A mapping that contradicts itself, misspells a key, or asks for what the vocabulary does not have."""


class InvalidData(TilExplorerError):
    """Source rows that the mapping cannot turn into canonical rows: missing column, unparsable number, ..."""


class InvalidQuery(TilExplorerError):
    """A query string or a command line that names no view, or that cannot be read at all."""


class UnwritableFile(TilExplorerError):
    """A file that cannot be written, or that is there already and may hold somebody's work."""


class InvalidExport(TilExplorerError):
    """Rows that the format of an export cannot hold: ids that would collide, several courses of one patient, ..."""


class StoreMissing(TilExplorerError):
    """No generation has been published in this store."""


class StoreDamaged(TilExplorerError):
    """A generation file that is missing, unreadable, or written by another schema version."""


class StoreBusy(TilExplorerError):
    """Another process is publishing into the same store."""
