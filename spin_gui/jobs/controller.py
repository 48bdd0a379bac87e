"""Starts jobs from their dialogs, and shows their reports when they end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from core.dictionary.storage.folder_names import DATABASE_FILE
from core.dictionary.store import Dictionary
from spin_gui.jobs.adapters import (
    demo_job,
    export_job,
    fit_job,
    measure_job,
)
from spin_gui.jobs.job import ExportChoice, FitChoice, Job, JobKind
from spin_gui.jobs.job_panel import JobPanel
from spin_gui.jobs.runner import JobRunner
from spin_gui.jobs.summaries import Ending, summary_of
from spin_gui.session.session import ProjectSession
from spin_gui.widgets.error_reports import ErrorReport
from spin_gui.widgets.question import QuestionDialog, open_dialog

if TYPE_CHECKING:
    from core.workflows.annotations.import_report import ImportReport
    from core.workflows.photos.photo_report import PhotoReport
    from spin_gui.jobs.new_project import NewProjectChoice


class JobController(QObject):
    """Between the dialogs, the one running job, and the panel that shows it.

    ``project_made(Path)`` asks the window to open a new project; ``wrote(Path)`` says that a job
    has ended and may have changed that project.
    """

    project_made = Signal(object)
    wrote = Signal(object)
    measured = Signal(object, object)
    """A project's folder, and a ``MeasuredPerson`` of it."""
    draw_missed_asked = Signal()
    """People are to be drawn into the pictures in which none was found."""
    busy_changed = Signal(bool)

    def __init__(self, window: QWidget, panel: JobPanel) -> None:
        super().__init__(window)
        self._window, self._panel = window, panel
        self._project = Path()
        self._failed = self._stopped = False
        self.runner = JobRunner(self)
        self.runner.begun.connect(self._on_begun)
        self.runner.busy_changed.connect(self.busy_changed)
        self.runner.progressed.connect(panel.show_progress)
        self.runner.failed.connect(self._on_failed)
        self.runner.finished.connect(self._on_finished)
        panel.stop_asked.connect(self.stop)
        panel.offer_taken.connect(self._fit_found_people)
        panel.aside_taken.connect(self.draw_missed_asked)

    @property
    def busy(self) -> bool:
        """Whether a job runs."""
        return self.runner.busy

    # Asking

    def ask_new_project(self) -> None:
        """Ask where, then make an empty project."""
        from spin_gui.jobs.new_project import NewProjectDialog

        self._ask(NewProjectDialog(self._window), self._make_project)

    def ask_demo(self) -> None:
        """Ask where, then make the demo project."""
        from spin_gui.jobs.new_project import NewProjectDialog

        dialog = NewProjectDialog(self._window, name="demo_project", with_own_body=False)
        dialog.setWindowTitle("Make a demo project")
        self._ask(dialog, self._start_demo)

    def measure(self, project: Path, sample_id: int) -> bool:
        """Let the detector look at one person; False while another job runs."""
        if self.busy:
            return False
        self.start(measure_job(project, sample_id))
        return True

    def ask_export(
        self, session: ProjectSession, format_name: str = "", *, only_selected: bool = False
    ) -> None:
        """Ask how to export, then do it; the file is proposed beside the project.

        Args:
            session: of the project.
            format_name: the format that is proposed; the first where it is empty.
            only_selected: propose those who are selected, or the person shown, also where it is
                one; otherwise several who are selected, else everybody.
        """
        from spin_gui.jobs.export import ExportDialog
        from spin_gui.jobs.export_scopes import export_scopes

        self._project = session.project
        scopes, proposed = export_scopes(session, only_selected=only_selected)
        dialog = ExportDialog(
            scopes,
            session.project.resolve().parent / session.project.resolve().name,
            chosen_scope=proposed,
            has_foreign_bodies=session.dictionary.imported_bodies.has_fits(),
            parent=self._window,
        )
        dialog.propose(format_name)
        self._ask(dialog, self._start_export)

    def ask_fit(self, dictionary: Dictionary) -> None:
        """Ask how to fit a project, then do it."""
        from core.workflows.starting_points import STARTING_POINTS
        from spin_gui.jobs.fit_dialog import FitDialog, WaitingForFit

        self._project = dictionary.project
        waiting = {
            init: WaitingForFit(
                len(dictionary.search.awaiting_fit(origin)),
                accepted=dictionary.search.count_accepted_without_fit(origin),
            )
            for init, origin in STARTING_POINTS.items()
        }
        self._ask(FitDialog(waiting, self._window), self._start_fit)

    def _ask(self, dialog: QuestionDialog, on_chosen: Callable[..., None]) -> None:
        dialog.chosen.connect(on_chosen)
        open_dialog(dialog, self._window)

    # Doing

    def start(self, job: Job) -> None:
        """Run a job and show it."""
        self._failed = self._stopped = False
        self.runner.start(job)

    @Slot()
    def stop(self) -> None:
        """Ask the running job to stop."""
        if self.runner.busy:
            self._stopped = True
            self.runner.cancel()
            self._panel.show_stopping()

    @Slot(object)
    def _make_project(self, choice: NewProjectChoice) -> None:
        make_project(choice)
        self.project_made.emit(choice.project)

    @Slot(object)
    def _start_demo(self, choice: NewProjectChoice) -> None:
        self.start(demo_job(choice.project))

    @Slot()
    def _fit_found_people(self) -> None:
        if not self.busy:
            self.start(fit_job(self._project, FitChoice(profile="studio")))

    @Slot(object)
    def _start_export(self, choice: ExportChoice) -> None:
        self.start(export_job(self._project, choice))

    @Slot(object)
    def _start_fit(self, choice: FitChoice) -> None:
        self.start(fit_job(self._project, choice))

    # How it went

    @Slot(object)
    def _on_begun(self, job: Job) -> None:
        self._panel.begin(job.title)

    @Slot(object)
    def _on_failed(self, _report: ErrorReport) -> None:
        self._failed = True

    @Slot(object, object)
    def _on_finished(self, job: Job, report: object) -> None:
        from core.workflows.annotations.import_report import ImportReport
        from core.workflows.photos.measure_person import MeasuredPerson
        from core.workflows.photos.photo_report import PhotoReport
        from core.workflows.predictions.import_bodies_report import ImportBodiesReport

        ending = Ending.FAILED if self._failed else Ending.STOPPED if self._stopped else Ending.DONE
        self._panel.end(
            summary_of(job, report, ending),
            offer=self._offer_after(job, report),
            aside=_aside_after(report),
        )
        makes = job.kind in (JobKind.DEMO, JobKind.FIND_PEOPLE, JobKind.IMPORT)
        if makes and (job.project / DATABASE_FILE).is_file():
            self.project_made.emit(job.project)
        if isinstance(report, MeasuredPerson):
            self.measured.emit(job.project, report)
        self.wrote.emit(job.project)
        if isinstance(report, ImportReport) and not report.is_plain:
            self._show_import(report, report.summary())
        if isinstance(report, ImportBodiesReport) and not report.is_plain:
            self._show_import(report.people, report.summary())
        if isinstance(report, PhotoReport) and not report.is_plain:
            self._show_photos(report)

    def _offer_after(self, job: Job, report: object) -> str:
        """People were found: bodies can be fitted to them."""
        from core.workflows.photos.measure_person import MeasuredPerson
        from core.workflows.photos.photo_report import PhotoReport

        people = 0
        if isinstance(report, PhotoReport):
            people = report.people
        elif isinstance(report, MeasuredPerson):
            people = int(report.person is not None and not report.has_fit)
        if not people:
            return ""
        self._project = job.project
        return "Fit bodies to them" if people > 1 else "Fit a body"

    def _show_photos(self, report: PhotoReport) -> None:
        from spin_gui.jobs.problem_report import ReportDialog

        missed = [f"No person was found in {name}." for name in report.without_people]
        dialog = ReportDialog(
            "What there is to say about the pictures",
            summary=report.summary(),
            problems=[*report.problems, *missed],
            offer="Draw missed people…" if missed else "",
            parent=self._window,
        )
        dialog.offer_taken.connect(self.draw_missed_asked)
        open_dialog(dialog, self._window)

    def _show_import(self, report: ImportReport, summary: str) -> None:
        from spin_gui.jobs.problem_report import ReportDialog

        dialog = ReportDialog(
            _import_title(report),
            summary=summary,
            problems=[str(problem) for problem in report.problems],
            parent=self._window,
        )
        open_dialog(dialog, self._window)


def make_project(choice: NewProjectChoice) -> None:
    """Make an empty project; files of the user's own are tried first, so that none is half made.

    Raises:
        StudioError: a file cannot be used, or the folder cannot be made.
    """
    from core.runs.project_body import body_settings

    settings: dict[str, str] = {}
    if choice.body_file is not None:
        settings |= body_settings(choice.body_file)
    if choice.prior_file is not None:
        settings |= _prior_settings(choice.prior_file)
    Dictionary.create(choice.project, settings=settings).close()


def _prior_settings(path: Path) -> dict[str, str]:
    # Late: it loads PyTorch, and hardly anyone has a prior of their own.
    from core.engine.project_models import prior_settings

    return prior_settings(path)


def _aside_after(report: object) -> str:
    """Of pictures without people: those who were missed can be drawn."""
    from core.workflows.photos.photo_report import PhotoReport

    has_empty = isinstance(report, PhotoReport) and bool(report.without_people)
    return "Draw missed people…" if has_empty else ""


def _import_title(report: ImportReport) -> str:
    count = report.problem_count
    if not count:
        return "What there is to say about the import"
    return "One entry could not be read" if count == 1 else f"{count} entries could not be read"
