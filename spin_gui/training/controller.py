"""Asks how to train or refit, starts it, and steers the training that runs."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from spin_gui.jobs.adapters import refit_job
from spin_gui.jobs.controller import JobController
from spin_gui.jobs.job import Job, JobKind, RefitChoice
from spin_gui.session.session import ProjectSession
from spin_gui.widgets.question import ask_yes_no, open_dialog

if TYPE_CHECKING:
    from core.runs.training_configuration import TrainingConfiguration
    from spin_gui.training.job import TrainingEngine
    from spin_gui.training.run_monitor import TrainingWatch


class TrainingController(QObject):
    """Works next to the job controller, which runs one job at a time, a training among them.

    ``begun`` comes when a training was started: the window shows the training page.
    """

    begun = Signal()

    def __init__(
        self, window: QWidget, job_controller: JobController, engine: TrainingEngine | None = None
    ) -> None:
        super().__init__(window)
        self._window, self._job_controller = window, job_controller
        self._session: ProjectSession | None = None
        self.engine = engine
        job_controller.runner.stopping_asked.connect(self.note_stopping)
        job_controller.runner.finished.connect(self._on_finished)

    @cached_property
    def watch(self) -> TrainingWatch:
        """What is known of the training that runs."""
        from spin_gui.training.run_monitor import TrainingWatch

        return TrainingWatch(self)

    # Asking

    def ask_train(self, session: ProjectSession) -> None:
        """Ask how to train on this project, then begin."""
        from spin_gui.training.train import TrainDialog
        from spin_gui.training.training_estimate import paces_of

        self._session = session
        counts = session.counts()
        dialog = TrainDialog(
            session.query,
            listed=counts.listed,
            total=counts.total,
            paces=paces_of(session.project, session.dictionary.runs.all()),
            parent=self._window,
        )
        dialog.chosen.connect(self._train)
        open_dialog(dialog, self._window)

    def ask_refit(self, session: ProjectSession) -> None:
        """Ask what to refit, then do it."""
        from spin_gui.training.refit import RefitDialog, RefitOffer

        self._session = session
        current = session.current_id
        offer = RefitOffer(
            sample_id=current,
            sample_name="" if current is None else session.records.row(current).name,
            query=session.query,
            listed=session.counts().listed,
            sets=tuple(each.name for each in session.dictionary.prediction_sets.all()),
        )
        dialog = RefitDialog(offer, self._window)
        dialog.chosen.connect(self._refit)
        open_dialog(dialog, self._window)

    # Doing

    def train(self, session: ProjectSession, configuration: TrainingConfiguration) -> None:
        """Begin a new run; nothing happens while another job runs."""
        self._session = session
        self._begin(configuration)

    def resume(self, session: ProjectSession, run_id: int) -> None:
        """Go on with an earlier run, by its own configuration."""
        self._session = session
        self._begin(None, resume_run=run_id)

    @Slot(object)
    def _train(self, configuration: TrainingConfiguration) -> None:
        self._begin(configuration)

    @Slot(object)
    def _refit(self, choice: RefitChoice) -> None:
        if self._session is not None:
            self._job_controller.start(refit_job(self._session.project, choice))

    def _begin(
        self, configuration: TrainingConfiguration | None, *, resume_run: int | None = None
    ) -> None:
        from core.runs.training_control import TrainingControl
        from spin_gui.training.job import training_job

        if self._session is None or self._job_controller.runner.busy:
            return
        control = TrainingControl()
        job = training_job(
            self._session.project,
            configuration,
            control=control,
            feeds=self.watch.begin(control),
            resume_run=resume_run,
            engine=self.engine,
        )
        self._job_controller.start(job)
        self.begun.emit()

    # Steering

    @Slot()
    def pause_or_go_on(self) -> None:
        """Pause the training, or let it go on."""
        self.watch.pause_or_go_on()

    @Slot()
    def stop(self) -> None:
        """End the training after its iteration and keep everything."""
        if self.watch.training:
            self._job_controller.stop()

    @Slot()
    def discard(self) -> None:
        """Ask, then end the training and take back what it did."""
        if not self.watch.training or self.watch.control is None:
            return
        if ask_yes_no(
            self._window,
            "Discard the training?",
            "The training ends, and every fit that it has made since it was started is taken "
            "back. This cannot be undone.",
            yes="Discard",
            no="Keep training",
        ):
            self.watch.control.cancel()
            self._job_controller.stop()

    @Slot()
    def note_stopping(self) -> None:
        """The job was asked to stop, from wherever: the training page says so."""
        self.watch.show_ending()

    @Slot(object, object)
    def _on_finished(self, job: Job, report: object) -> None:
        from core.runs.observers import TrainingReport
        from spin_gui.jobs.problem_report import ReportDialog

        if job.kind is not JobKind.TRAIN:
            return
        self.watch.end()
        if isinstance(report, TrainingReport) and report.picture_problems:
            dialog = ReportDialog(
                "Some pictures could not be used",
                summary=report.summary(),
                problems=list(report.picture_problems),
                parent=self._window,
            )
            open_dialog(dialog, self._window)
