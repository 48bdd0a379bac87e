"""A run of the dictionary while its work is going on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from core.dictionary.store import Dictionary
from core.engine.project_models import program_versions
from core.errors import DictionaryError
from core.types.runs import RunStatus


@dataclass
class FittingRun:
    """A run that is not over; it counts as failed until something better is known."""

    id: int
    status: RunStatus = RunStatus.FAILED

    def close(self, *, cancelled: bool) -> None:
        """Note how the work ended that raised nothing."""
        self.status = RunStatus.CANCELLED if cancelled else RunStatus.FINISHED


@contextmanager
def open_run(
    dictionary: Dictionary, kind: str, configuration: Mapping[str, object]
) -> Iterator[FittingRun]:
    """Start a run, and end it with the status that it has after the block.

    Raises:
        DictionaryError: the run cannot be written. Where the block raises, its error is told and
            not a second one about the run: the disk may be full, or the file damaged.
    """
    run = FittingRun(
        dictionary.runs.start(kind, configuration=configuration, versions=program_versions())
    )
    try:
        yield run
    except BaseException:
        with suppress(DictionaryError):
            dictionary.runs.end(run.id, RunStatus.FAILED)
        raise
    dictionary.runs.end(run.id, run.status)
