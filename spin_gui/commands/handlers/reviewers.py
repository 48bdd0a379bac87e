"""What the actions about several reviewers do."""

from __future__ import annotations

import secrets

from PySide6.QtCore import Slot

from core.dictionary.search.query import SampleQuery
from core.types.reviewing.merged_verdicts import VerdictMerge
from spin_gui.commands.handlers.base import Handler, MenuHandlers
from spin_gui.jobs.job import Job
from spin_gui.reviewers import sharing_edits
from spin_gui.reviewers.merging import RehearsedMerge, merge_verdicts, rehearsal_job
from spin_gui.reviewers.sharing_choices import (
    Division,
    ErrorsWanted,
    ExpertsCases,
    NothingMore,
    OpinionsWanted,
    SharingChoice,
)
from spin_gui.session.reviewer_edits import sign_as
from spin_gui.session.session import ProjectSession
from spin_gui.widgets.paths import ask_folder
from spin_gui.widgets.question import ask_yes_no, open_dialog

REVIEWER = "reviewer"
"""The remembered name; empty until one was chosen."""

NAME_TOLD = "reviewer.told"
MOST_NAMES = 8


class ReviewerHandlers(MenuHandlers):
    """Names, comments, agreement, and the verdicts of copies."""

    def by_id(self) -> dict[str, Handler]:
        """The handler of each action."""
        return {
            "reviewers.comment": self.comment,
            "reviewers.mine": self.show_mine,
            "reviewers.share": self.ask_sharing,
            "reviewers.agreement": self.show_agreement,
            "reviewers.merge": self.merge,
            "reviewers.name": self.ask_name,
        }

    @property
    def _session(self) -> ProjectSession | None:
        return None if self._page is None else self._page.session

    def sign_in(self) -> None:
        """Give a freshly opened project the reviewer's name; say once which one it is."""
        session, settings = self._session, self._workspace.settings
        if session is None:
            return
        sign_as(session, settings.choice(REVIEWER, default=""))
        told = settings.flag(NAME_TOLD, default=False)
        if not told and not session.dictionary.file.read_only:
            settings.set_flag(NAME_TOLD, on=True)
            name = session.dictionary.author
            session.noticed.emit(
                f"Verdicts are kept under the name {name}: Review ▸ Reviewer's name."
            )

    @Slot()
    def ask_name(self) -> None:
        """Ask who reviews."""
        from spin_gui.reviewers.name_dialog import ReviewerNameDialog

        session = self._session
        if session is None:
            return
        known = session.dictionary.reviewers.names()
        dialog = ReviewerNameDialog(session.dictionary.author, known, self._window)
        dialog.chosen.connect(self._sign_as)
        open_dialog(dialog, self._window)

    @Slot(object)
    def _sign_as(self, name: str) -> None:
        self._workspace.settings.set_choice(REVIEWER, name)
        if self._session is not None:
            sign_as(self._session, name)
            self._session.noticed.emit(f"Verdicts and edits are kept under the name {name}.")

    @Slot()
    def comment(self) -> None:
        """Show the comments on the sample."""
        from spin_gui.reviewers.comments_dialog import CommentsDialog

        session = self._session
        if session is not None and session.current_id is not None:
            open_dialog(CommentsDialog(session, session.current_id, self._window), self._window)

    @Slot()
    def show_mine(self) -> None:
        """List what waits for the reviewer."""
        session = self._session
        if session is not None:
            waiting = frozenset({session.dictionary.author})
            session.open_view(SampleQuery(waiting_for=waiting).in_order_of(session.query))

    @Slot()
    def ask_sharing(self) -> None:
        """Ask how the work is to be shared."""
        from spin_gui.reviewers.sharing_dialog import SharingDialog

        session = self._session
        if session is not None:
            dialog = SharingDialog(session, self._window)
            dialog.chosen.connect(self._share)
            open_dialog(dialog, self._window)

    @Slot(object)
    def _share(self, choice: SharingChoice) -> None:
        session = self._session
        if session is None:
            return
        match choice:
            case Division():
                sharing_edits.divide(session, choice.assigned)
            case OpinionsWanted():
                sharing_edits.ask_second_opinions(
                    session, choice.sample_ids, choice.share, choice.reviewer
                )
            case ExpertsCases():
                sharing_edits.draw_known_cases(
                    session, choice.sample_ids, choice.count, choice.expert
                )
            case ErrorsWanted():
                self._make_errors(session, choice)
            case NothingMore():
                sharing_edits.end_questions(session)

    def _make_errors(self, session: ProjectSession, choice: ErrorsWanted) -> None:
        from core.workflows.reviewing.errors_to_plant import ErrorsToPlant
        from spin_gui.reviewers.planting import planting_job

        asked = ErrorsToPlant(
            count=choice.count,
            kinds=choice.kinds,
            seed=secrets.randbelow(2**31),
            ask_everyone=choice.ask_everyone,
            where=session.query if choice.only_listed else SampleQuery(),
        )
        self._workspace.job_controller.start(planting_job(session.project, asked))

    @Slot()
    def show_agreement(self) -> None:
        """Show who judged what."""
        from spin_gui.reviewers.reviewers_dialog import ReviewersDialog

        session = self._session
        if session is not None:
            report = session.dictionary.reviewers.report()
            open_dialog(ReviewersDialog(report, self._window), self._window)

    @Slot()
    def merge(self) -> None:
        """Choose a copy, say what would be done, and do it."""
        session = self._session
        if session is None:
            return
        folder = ask_folder(self._window, "Another copy of this project")
        if folder is None:
            return
        job = rehearsal_job(session.project, folder, session.dictionary.author)
        self._workspace.job_controller.start(job)

    def _ask_merge(self, session: ProjectSession, planned: VerdictMerge) -> None:
        if not planned:
            session.noticed.emit(planned.summary())
        elif ask_yes_no(
            self._window, "Merge verdicts", merge_text(planned), yes="Merge", no="Cancel"
        ):
            merge_verdicts(session, planned)

    @Slot(object, object)
    def take_report(self, job: Job, report: object) -> None:
        """After a job: errors that were made can be undone, and a copy that was read be merged."""
        from core.workflows.reviewing.errors_to_plant import PlantedErrors

        session = self._session
        if session is None or session.project != job.project:
            return
        if isinstance(report, PlantedErrors) and report.sample_ids:
            sharing_edits.note_planted(session, report.sample_ids)
        elif isinstance(report, RehearsedMerge):
            self._ask_merge(session, report.planned)


def merge_text(planned: VerdictMerge) -> str:
    """What a merge would do, with the first names of each kind."""
    lines = [planned.summary().replace("Took over", "Would take over", 1)]
    for title, names in (
        ("Reviewers disagree", planned.disagreed),
        ("Another fit in the other copy", planned.differing),
        ("Not in this project", planned.missing),
    ):
        if names:
            more = len(names) - MOST_NAMES
            listed = ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
            lines.append(f"{title}: {listed}")
    return "\n\n".join(lines)
