"""Runs: one training or fitting with all that is needed to repeat it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class RunStatus(StrEnum):
    """How a run stands; ``interrupted``: its process was killed."""

    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


TRAINING_KIND = "train"
"""The kind of the runs that train a regressor."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One training or fitting with all that is needed to repeat it."""

    id: int
    kind: str
    configuration: Mapping[str, object]
    seed: int | None
    versions: Mapping[str, str]
    started_at: str
    ended_at: str | None
    status: RunStatus

    @property
    def is_training(self) -> bool:
        """Whether it trained a regressor: such runs have checkpoints."""
        return self.kind == TRAINING_KIND
