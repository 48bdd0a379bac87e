"""Jobs that look for damage and go back to backups."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.progress import CancelToken, ProgressCallback
from core.workflows.check_project import check_project
from core.workflows.replay_edits import ReplayReport, edits_beyond, replay
from spin_gui.jobs.job import Job, JobKind, RestoreChoice


@dataclass(frozen=True)
class RestoreReport:
    """What was restored, and what was done again."""

    backup: Path
    kept_in: Path
    replayed: ReplayReport | None

    def summary(self) -> str:
        """A sentence or two for the user."""
        text = f"Restored {self.backup.name}. What was there before is in {self.kept_in}."
        return f"{text} {self.replayed.summary()}" if self.replayed else text


def check_job(project: Path) -> Job:
    """Read all of a project."""

    def work(progress: ProgressCallback, cancel: CancelToken) -> object:
        return check_project(project, progress=progress, cancel=cancel)

    title = "Checking the project"
    return Job(kind=JobKind.CHECK, title=title, project=project, work=work, needs_torch=False)


def restore_job(choice: RestoreChoice) -> Job:
    """Put a backup in place; the project must not be open in this process."""

    def work(progress: ProgressCallback, cancel: CancelToken) -> object:
        from core.dictionary.recovery.restore import restore  # noqa: PLC0415

        done = restore(choice.project, choice.backup, progress=progress, cancel=cancel)
        lines = edits_beyond(choice.project) if choice.with_log else []
        again = replay(choice.project, lines, progress=progress) if lines else None
        return RestoreReport(done.backup, done.kept_in, again)

    title = "Restoring a backup"
    return Job(
        kind=JobKind.RESTORE, title=title, project=choice.project, work=work, needs_torch=False
    )
