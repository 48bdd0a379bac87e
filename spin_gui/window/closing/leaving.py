"""What is asked before the open project goes away, or the window with it."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget

from core.errors import StudioError
from spin_gui.jobs.controller import JobController
from spin_gui.training.controller import TrainingController
from spin_gui.widgets.error_reports import ErrorReport, report_of
from spin_gui.window.closing.stop_question import may_stop
from spin_gui.window.closing.unkept_question import Unkept, ask_unkept
from spin_gui.window.project_page import ProjectPage


class LeavingWindow(Protocol):
    """What of the main window takes part, named here so that neither module needs the other."""

    @property
    def page(self) -> ProjectPage | None:
        """The open project's; None without one."""

    @property
    def job_controller(self) -> JobController:
        """Says whether a job runs, and stops it."""

    @property
    def training_controller(self) -> TrainingController:
        """Says whether that job is a training."""

    def show_error(self, report: ErrorReport) -> None:
        """Tell why bodies could not be kept."""

    def close(self) -> bool:
        """Close the window."""


class Leaving(QObject):
    """Asks for one window, and closes it once the work that had to stop has ended.

    parent: of the questions, and of this; the window as a widget.
    """

    def __init__(self, parent: QWidget, window: LeavingWindow) -> None:
        super().__init__(parent)
        self._parent, self._window = parent, window
        self._closing = self._asks = False

    def may_leave(self) -> bool:
        """Whether the project may go: changed bodies were kept or discarded, as the user says.

        Without such bodies nothing is asked. Bodies that cannot be kept hold the project back, and
        a dialog says why.
        """
        page = self._window.page
        if page is None or not page.is_complete:
            return True
        correcting = page.correcting
        correcting.dragging.finish()
        pending = correcting.proposals.pending
        if not pending:
            return True
        if self._asks:
            return False  # the question is up, and something else wants the project to go
        answer = self._answer([row.name for row in page.session.records.rows(pending)])
        if answer is Unkept.CANCEL:
            return False
        if answer is Unkept.DISCARD:
            correcting.proposals.discard_all()
            return True
        try:
            correcting.proposals.keep_all()
        except StudioError as error:
            self._window.show_error(report_of(error, during="Keeping changed bodies"))
            return False
        return True

    def may_close(self) -> bool:
        """Whether the window may close now; running work is stopped first, if it may be."""
        if not self.may_leave():
            self._closing = False
            return False
        jobs = self._window.job_controller
        if not jobs.busy:
            return True
        if not self._closing and self._may_stop_job():
            self._closing = True
            jobs.stop()
        return False

    @Slot()
    def on_job_ended(self) -> None:
        """Close the window where that waited for the job."""
        if self._closing:
            # Not from inside the job's last signal: closing destroys what sent it.
            QTimer.singleShot(0, self._parent, self._window.close)

    @Slot()
    def stop_and_close(self) -> None:
        """Close without asking: the system wants the program to end."""
        page = self._window.page
        if page is not None and page.is_complete:
            page.correcting.proposals.forget()
        if self._window.job_controller.busy:
            self._closing = True
            self._window.job_controller.stop()
        else:
            self._window.close()

    def _answer(self, names: list[str]) -> Unkept:
        self._asks = True
        try:
            return ask_unkept(self._parent, names)
        finally:
            self._asks = False

    def _may_stop_job(self) -> bool:
        is_training = self._window.training_controller.watch.training
        title = self._window.job_controller.runner.title
        return may_stop(self._parent, title, is_training=is_training)
