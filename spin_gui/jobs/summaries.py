"""A line on how a job ended, from its report."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol, runtime_checkable

from spin_gui.jobs.job import Job, JobKind


class Ending(StrEnum):
    """How a job ended."""

    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@runtime_checkable
class JobReport(Protocol):
    """What every report of the core can say of itself."""

    def summary(self) -> str:
        """The report in a sentence or a few lines."""


@runtime_checkable
class ShortReport(Protocol):
    """A report that is longer than one line."""

    def short(self) -> str:
        """What of it belongs in one line."""


_KEPT = {
    JobKind.IMPORT: "nothing was added",
    JobKind.EXPORT: "nothing was written",
    JobKind.FIT: "the fits made before are kept",
    JobKind.REFIT: "the fits made before are kept",
    JobKind.TRAIN: "the checkpoints made before are kept",
    JobKind.PREDICT: "the predictions made before are kept",
    JobKind.SHEET: "nothing was written",
    JobKind.IMPORT_PREDICTIONS: "the predictions stored before are kept",
    JobKind.DEMO: "nothing was made",
    JobKind.CHECK: "nothing was changed",
    JobKind.RESTORE: "nothing was changed",
    JobKind.FIND_PEOPLE: "the people found before are kept",
    JobKind.MEASURE: "nothing was changed",
    JobKind.FOLLOW: "nothing was changed",
    JobKind.TAKE_OVER: "the fits taken over before are kept",
    JobKind.MAKE_ERRORS: "nothing was changed",
    JobKind.MERGE: "nothing was changed",
}
"""What an unfinished job leaves: an import is all or nothing, a fit goes batch by batch."""


def summary_of(job: Job, report: object, ending: Ending) -> str:
    """What the job line says after the job."""
    if isinstance(report, ShortReport):
        return f"{job.title}: {report.short()}"
    if isinstance(report, JobReport):
        return f"{job.title}: {_on_one_line(report.summary())}"
    words = {
        Ending.DONE: "done",
        Ending.STOPPED: f"stopped; {_KEPT[job.kind]}",
        Ending.FAILED: f"failed; {_KEPT[job.kind]}",
    }
    return f"{job.title}: {words[ending]}."


def _on_one_line(text: str) -> str:
    return " · ".join(line.strip() for line in text.splitlines() if line.strip())
