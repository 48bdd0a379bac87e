"""Checks projects, goes back to backups, and has a backup made when a project is closed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QProcess, Signal, Slot
from PySide6.QtWidgets import QWidget

from core.dictionary.recovery.background_backup import start_backup
from core.dictionary.recovery.backups import backups_of, has_changed
from core.dictionary.storage.project_folder import database_of
from core.dictionary.storage.read_only import cannot_be_written
from core.errors import DictionaryError
from core.resource_files import RESOURCES
from spin_gui.jobs.controller import JobController
from spin_gui.jobs.job import Job, JobKind, RestoreChoice
from spin_gui.widgets.error_reports import report_of
from spin_gui.widgets.question import open_dialog

if TYPE_CHECKING:
    from core.workflows.check_project import CheckReport

SOUND, DAMAGED, RESTORED = "The project is sound", "The project is damaged", "A backup was restored"


class SafetyController(QObject):
    """Between the window, its job line, and what looks after the dictionary.

    window: its dialogs open above it. may_leave: asks about what is not kept yet, and says whether
    the project may be closed.
    """

    checked = Signal(bool)
    """The check that was not asked for has ended; whether it found the project sound."""
    restore_begins = Signal()
    """A backup is about to be restored: the project has to be closed."""
    restored = Signal(object)
    """Going back to a backup of this project (a ``Path``) has ended, in whatever way."""
    failed = Signal(object)
    """An ``ErrorReport``."""

    def __init__(self, window: QWidget, jobs: JobController, may_leave: Callable[[], bool]) -> None:
        super().__init__(window)
        self._window, self._jobs, self._may_leave = window, jobs, may_leave
        self._quiet_check: QProcess | None = None
        self._restoring = False
        jobs.runner.finished.connect(self._on_finished)

    def check(self, project: Path) -> None:
        """Read all of a project, and show what was found."""
        from spin_gui.safety.jobs import check_job

        self._jobs.start(check_job(project))

    def check_quietly(self, project: Path) -> None:
        """The same in a process of its own, which is heard of only where something is wrong."""
        self.end_quiet_check()
        process = QProcess(self)
        process.finished.connect(self._on_checked_quietly)
        self._quiet_check = process
        program = str(RESOURCES.parent / "main.py")
        process.start(sys.executable, [program, "check", "--json", str(project.absolute())])

    def end_quiet_check(self) -> None:
        """The project is about to be closed."""
        process, self._quiet_check = self._quiet_check, None
        if process is not None:
            process.finished.disconnect(self._on_checked_quietly)
            process.kill()
            process.waitForFinished()
            process.deleteLater()

    def ask_restore(self, project: Path) -> None:
        """Ask which backup of a project to go back to."""
        from spin_gui.safety.restore_dialog import RestoreDialog

        backups = backups_of(project)
        if not backups:
            error = DictionaryError(
                f"{project} has no backups.",
                remedy="One is made when a project that was changed is closed.",
            )
            self.failed.emit(report_of(error, during="Restoring a backup"))
            return
        dialog = RestoreDialog(project, backups, self._window)
        dialog.chosen.connect(self._restore)
        open_dialog(dialog, self._window)

    @Slot(object)
    def back_up(self, project: Path) -> None:
        """After a project was closed: the copying is left to a process that is not waited for."""
        if self._restoring:
            return  # it would have the project open
        try:
            if not cannot_be_written(database_of(project)) and has_changed(project):
                start_backup(project)
        except DictionaryError:
            return  # it is not there any more, or cannot be read: nothing to back up

    @Slot(object)
    def _restore(self, choice: RestoreChoice) -> None:
        from spin_gui.safety.jobs import restore_job

        if not self._may_leave():
            return
        self._restoring = True
        self.restore_begins.emit()
        self._jobs.start(restore_job(choice))

    @Slot(object, object)
    def _on_finished(self, job: Job, report: object) -> None:
        from core.workflows.check_project import CheckReport
        from spin_gui.safety.jobs import RestoreReport

        if isinstance(report, CheckReport):
            self._show_check(report)
        elif isinstance(report, RestoreReport):
            left_out = report.replayed.left_out if report.replayed else []
            self._show(RESTORED, report.summary(), left_out)
        if job.kind is JobKind.RESTORE:
            self._restoring = False
            self.restored.emit(job.project)

    @Slot()
    def _on_checked_quietly(self) -> None:
        from core.workflows.check_project import CheckReport

        process, self._quiet_check = self._quiet_check, None
        if process is None:
            return
        text = bytes(process.readAllStandardOutput().data())
        process.deleteLater()
        try:
            found = json.loads(text)
        except ValueError:
            return  # it was ended, or could not look: nothing was found
        if not found["sound"]:
            self._show_check(CheckReport(0, tuple(found["problems"]), tuple(found["notes"])))
        self.checked.emit(found["sound"])

    def _show_check(self, report: CheckReport) -> None:
        title = DAMAGED if report.problems else SOUND
        self._show(title, report.summary(), [*report.problems, *report.notes])

    def _show(self, title: str, summary: str, lines: list[str]) -> None:
        from spin_gui.jobs.problem_report import ReportDialog

        dialog = ReportDialog(title, summary=summary, problems=lines, parent=self._window)
        open_dialog(dialog, self._window)
