"""Contact sheets of what is shown, and prediction sets: asked for, then done in the background."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot

from spin_gui.commands.handlers.base import Handler, MenuHandlers
from spin_gui.jobs.job import Job, JobKind, TakeOverChoice
from spin_gui.jobs.summaries import Ending, summary_of
from spin_gui.widgets.question import open_dialog

if TYPE_CHECKING:
    from spin_gui.jobs.sheet_jobs import SheetChoice, SheetRequest


class SheetHandlers(MenuHandlers):
    """What leaves a page as a picture."""

    def by_id(self) -> dict[str, Handler]:
        """The handler of each action."""
        return {
            "file.export_sheet": self.export_shown,
            "training.prediction_sets": self.show_sets,
            "fitting.take_over": self.take_over,
        }

    @Slot()
    def export_shown(self) -> None:
        """A sheet of the page that is shown; of the samples, those selected or listed."""
        from spin_gui.jobs.export_sheet import MOST_ROWS
        from spin_gui.jobs.sheet_jobs import FailuresChoice

        page = self._page
        if page is None:
            return
        panel = page.shown_panel
        if panel is not None and panel.ask_export():
            return
        session = page.session
        chosen = session.selected_ids if len(session.selected_ids) else session.sample_ids
        ids = tuple(int(sample_id) for sample_id in chosen[:MOST_ROWS])
        self.ask(FailuresChoice(sample_ids=ids))

    @Slot(object)
    def ask(self, choice: SheetChoice) -> None:
        """Ask for rows and file, then make it."""
        from spin_gui.jobs.export_sheet import MOST_ROWS, ExportSheetDialog

        page = self._page
        if page is None:
            return
        if self._workspace.job_controller.busy:
            page.session.noticed.emit("Wait for the running job to end, then export.")
            return
        ids = choice.sample_ids
        available = MOST_ROWS if ids is None else len(ids)
        if not available:
            page.session.noticed.emit("There is nothing to export.")
            return
        dialog = ExportSheetDialog(
            choice, self._folder(page.session.project), available=available, parent=self._window
        )
        dialog.chosen.connect(self._start)
        open_dialog(dialog, self._window)

    @Slot(object)
    def _start(self, request: SheetRequest) -> None:
        from spin_gui.jobs.sheet_jobs import sheet_job

        if self._page is not None:
            session = self._page.session
            job = sheet_job(session.project, request, reviewer=session.dictionary.author)
            self._workspace.job_controller.start(job)

    # Prediction sets

    @Slot()
    def show_sets(self) -> None:
        """List the prediction sets, and let them be changed."""
        from spin_gui.jobs.prediction_sets import PredictionSetsDialog

        if self._page is None:
            return
        dialog = PredictionSetsDialog(self._page.session, self._window)
        dialog.changed.connect(self._page.session.rows_stale)
        dialog.import_asked.connect(self._workspace.commands["training.import_predictions"].trigger)
        dialog.take_over_asked.connect(self._ask_take_over)
        open_dialog(dialog, self._window)

    @Slot()
    def take_over(self) -> None:
        """Ask whose bodies of which set become fits."""
        self._ask_take_over("")

    @Slot(str)
    def _ask_take_over(self, set_name: str) -> None:
        from spin_gui.jobs.take_over import TakeOverDialog

        if self._page is None:
            return
        if self._workspace.job_controller.busy:
            self._page.session.noticed.emit("Wait for the running job to end, then take over.")
            return
        dialog = TakeOverDialog(self._page.session, set_name, self._window)
        dialog.import_asked.connect(self._workspace.commands["training.import_predictions"].trigger)
        dialog.chosen.connect(self._start_take_over)
        open_dialog(dialog, self._window)

    @Slot(object)
    def _start_take_over(self, choice: TakeOverChoice) -> None:
        from spin_gui.jobs.adapters import take_over_job

        if self._page is not None:
            job = take_over_job(self._page.session.project, choice)
            self._workspace.job_controller.start(job)

    @Slot(object, object)
    def show_left_out(self, job: Job, report: object) -> None:
        """After an import: who is not in the set, and why, and what looks odd about it."""
        from spin_gui.jobs.problem_report import ReportDialog

        if job.kind is not JobKind.IMPORT_PREDICTIONS or not hasattr(report, "left_out"):
            return
        left_out, notices = report.left_out(), getattr(report, "notices", ())
        if left_out or notices:
            title = (
                "Some entries belong to no one here" if left_out else "Look at what was imported"
            )
            dialog = ReportDialog(
                title,
                summary=summary_of(job, report, Ending.DONE),
                problems=[*left_out, *notices],
                parent=self._window,
            )
            open_dialog(dialog, self._window)

    def _folder(self, project: Path) -> Path:
        return project.resolve().parent
