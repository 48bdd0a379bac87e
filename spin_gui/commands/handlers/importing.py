"""The one door through which everything comes into a project."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot

from spin_gui.commands.handlers.base import Handler, MenuHandlers
from spin_gui.jobs.adapters import find_people_job, import_job
from spin_gui.jobs.job import Job, JobKind, PhotosChoice
from spin_gui.widgets.question import open_dialog

if TYPE_CHECKING:
    from spin_gui.importing.choices import BodiesChoice, Choice, PeopleChoice

_IMPORTS = (JobKind.IMPORT, JobKind.IMPORT_PREDICTIONS, JobKind.TAKE_OVER)


class ImportHandlers(MenuHandlers):
    """Asks what is imported, begins it, and asks about what else was dropped once it has ended."""

    _waiting: tuple[Path, ...] = ()

    def by_id(self) -> dict[str, Handler]:
        """The handler of each action: three names of one dialog."""
        return {
            "file.find_people": self.ask,
            "file.import": self.ask,
            "training.import_predictions": self.ask,
        }

    @Slot()
    def ask(self) -> None:
        """Ask what to import."""
        self.ask_about(())

    def ask_about(self, paths: Sequence[Path]) -> None:
        """Ask how to import what was dropped."""
        from core.workflows.demo_report import DEMO_SETTING
        from spin_gui.importing.import_dialog import ImportDialog

        if self._workspace.job_controller.busy:
            if self._page is not None:
                self._page.session.noticed.emit("Wait for the running job to end, then import.")
            return
        dictionary = None if self._page is None else self._page.session.dictionary
        can_add = dictionary is not None and not dictionary.file.read_only
        dialog = ImportDialog(
            paths,
            open_project=dictionary.project if dictionary is not None and can_add else None,
            propose_new=dictionary is not None
            and dictionary.settings.get(DEMO_SETTING) is not None,
            parent=self._window,
        )
        dialog.chosen.connect(self._begin)
        open_dialog(dialog, self._window)

    @Slot(object)
    def _begin(self, choice: Choice) -> None:
        from spin_gui.importing.choices import OpenChoice, PeopleChoice

        if isinstance(choice, OpenChoice):
            self._workspace.open_project(choice.project)
        elif isinstance(choice, PhotosChoice):
            self._start(find_people_job(choice), ())
        elif isinstance(choice, PeopleChoice):
            self._start(_people_job(choice), choice.waiting)
        else:
            self._start(_bodies_job(choice), choice.waiting)

    def _start(self, job: Job, waiting: tuple[Path, ...]) -> None:
        self._waiting = waiting
        self._workspace.job_controller.start(job)

    @Slot(object, object)
    def ask_about_waiting(self, job: Job, report: object) -> None:
        """An import has ended: ask about the next of the files that were dropped with it."""
        waiting, self._waiting = self._waiting, ()
        if waiting and report is not None and job.kind in _IMPORTS:
            self.ask_about(waiting)


def _people_job(choice: PeopleChoice) -> Job:
    return import_job(choice.project, choice.import_choice, is_new=choice.is_new)


def _bodies_job(choice: BodiesChoice) -> Job:
    from spin_gui.jobs.sheet_jobs import import_fits_job, import_predictions_job

    if choice.as_fits:
        return import_fits_job(choice.project, choice.predictions, beside=choice.beside)
    return import_predictions_job(choice.project, choice.predictions)
