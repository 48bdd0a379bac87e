"""Where a job reads and stores, and which of its people are its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.dictionary.store import Dictionary
from core.workflows.shards.share import WHOLE, Share


class WorkSource(Protocol):
    """A project, or a snapshot of it of which a share is to be done."""

    @property
    def share(self) -> Share:
        """Which people, moments and subjects are done here; batches are dealt out whole."""

    def open(self, project: Path) -> Dictionary:
        """The dictionary to read from, and to store through; the caller closes it."""


@dataclass(frozen=True)
class _WholeProject:
    """A project's own dictionary, and everybody in it."""

    share: Share = WHOLE

    def open(self, project: Path) -> Dictionary:
        """The project's dictionary; raises as ``Dictionary.open``."""
        return Dictionary.open(project)


WHOLE_PROJECT: WorkSource = _WholeProject()
