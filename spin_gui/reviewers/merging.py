"""Taking over the verdicts and comments of another copy: read by a job, done as a step of undo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from core.dictionary.reviewers.merging import Merges
from core.dictionary.store import Dictionary
from core.progress import CancelToken, ProgressCallback
from core.types.counted_nouns import counted
from core.types.reviewing.merged_verdicts import VerdictMerge
from spin_gui.jobs.job import Job, JobKind
from spin_gui.session.session import ProjectSession
from spin_gui.session.undo_commands import EditCommand
from spin_gui.widgets.waiting import wait_for

Done = TypeVar("Done")

AT_ONCE = 2_000
"""This many verdicts are written in a moment; with more, a thread works, and the window says so."""


@dataclass(frozen=True)
class RehearsedMerge:
    """What a job found in another copy; nothing is done yet."""

    planned: VerdictMerge

    def short(self) -> str:
        """What of it belongs in one line."""
        return f"{counted(self.planned.size, 'verdict or comment', 'verdicts and comments')} new."


def rehearsal_job(project: Path, other: Path, reviewer: str) -> Job:
    """Read another copy, and say what would be taken over."""

    def work(progress: ProgressCallback, cancel: CancelToken) -> object:
        with Dictionary.open(project) as dictionary:
            dictionary.sign_as(reviewer)
            planned = dictionary.merges.rehearse(other, progress=progress, cancel=cancel)
        return RehearsedMerge(planned)

    title = "Reading another copy"
    return Job(kind=JobKind.MERGE, title=title, project=project, work=work, needs_torch=False)


def merge_verdicts(session: ProjectSession, planned: VerdictMerge) -> VerdictMerge:
    """Take over what was found in another copy, as one step of undo."""
    done = [_work(session, planned, lambda merges: merges.apply(planned))]

    def take_back(words: str) -> None:
        _work(session, planned, lambda merges: merges.take_back(done[0]))
        session.take_in_changes()
        session.saved.emit(f"{words} – saved")

    def again(words: str) -> None:
        done[0] = _work(session, planned, lambda merges: merges.apply(planned))
        session.take_in_changes()
        session.saved.emit(f"{words} – saved")

    session.undo_stack.push(EditCommand("Merge verdicts", undo=take_back, redo=again))
    session.take_in_changes()
    session.saved.emit(f"{done[0].summary()} – saved")
    return done[0]


def _work(session: ProjectSession, planned: VerdictMerge, do: Callable[[Merges], Done]) -> Done:
    if planned.size <= AT_ONCE:
        return do(session.dictionary.merges)
    project, author = session.project, session.dictionary.author

    def on_a_thread() -> Done:
        with Dictionary.open(project) as dictionary:
            dictionary.sign_as(author)
            return do(dictionary.merges)

    return wait_for("Merging verdicts; nothing else can be done meanwhile…", on_a_thread)
