"""What the actions of the Fitting and Training menus do."""

from __future__ import annotations

from PySide6.QtCore import Slot

from core.dictionary.search.query import SampleQuery
from spin_gui.commands.handlers.base import Handler, MenuHandlers
from spin_gui.jobs.adapters import detect_job, predict_job
from spin_gui.session.session import ProjectSession


class WorkHandlers(MenuHandlers):
    """Fitting, training, predicting."""

    def by_id(self) -> dict[str, Handler]:
        """The handler of each action."""
        return {
            "fitting.fit": self.fit,
            "fitting.refit": self.refit,
            "fitting.detect": self.detect,
            "fitting.stop": self._workspace.job_controller.stop,
            "training.train": self.train,
            "training.predict": self.predict,
            "training.pause": self._workspace.training_controller.pause_or_go_on,
            "training.stop": self._workspace.training_controller.stop,
            "training.discard": self._workspace.training_controller.discard,
            "training.continue": self.continue_last_training,
            "training.list_run": self.list_run,
            "training.continue_run": self.continue_chosen_run,
            "training.predict_run": self.predict_with_chosen_run,
        }

    @Slot()
    def fit(self) -> None:
        """Ask how to fit."""
        if self._page is not None:
            self._workspace.job_controller.ask_fit(self._page.session.dictionary)

    @Slot()
    def refit(self) -> None:
        """Ask what to refit."""
        if self._page is not None:
            self._workspace.training_controller.ask_refit(self._page.session)

    @Slot()
    def detect(self) -> None:
        """Measure everybody who was not measured yet."""
        if self._page is not None:
            self._workspace.job_controller.start(detect_job(self._page.session.project))

    @Slot()
    def train(self) -> None:
        """Ask how to train."""
        if self._page is not None:
            self._workspace.training_controller.ask_train(self._page.session)

    @Slot()
    def predict(self) -> None:
        """Predict every sample."""
        if self._page is not None:
            self._workspace.job_controller.start(predict_job(self._page.session.project))

    @Slot(int)
    def predict_with(self, run_id: int) -> None:
        """Predict every sample with a run's regressor, and keep that as a set beside the latest."""
        if self._page is not None and not self._workspace.job_controller.busy:
            job = predict_job(self._page.session.project, run_id=run_id, keep_as=f"run {run_id}")
            self._workspace.job_controller.start(job)

    @Slot(int)
    def continue_training(self, run_id: int) -> None:
        """Go on with a run."""
        if self._page is not None:
            self._workspace.training_controller.resume(self._page.session, run_id)

    @Slot()
    def list_run(self) -> None:
        """Show the samples whose current fit the chosen run made."""
        run_id = self._chosen_run_id()
        if self._page is not None and run_id is not None:
            self._page.session.open_view(SampleQuery(runs=frozenset({run_id})))
            self._workspace.commands["go.review"].trigger()

    @Slot()
    def continue_chosen_run(self) -> None:
        """Go on with the run that is chosen on the tab Train."""
        run_id, page = self._chosen_run_id(), self._page
        if page is None or run_id is None:
            return
        if run_id in self._resumable(page.session):
            self.continue_training(run_id)
        else:
            page.session.noticed.emit("This run came to its end: there is nothing to go on with.")

    @Slot()
    def predict_with_chosen_run(self) -> None:
        """Predict with it."""
        run_id = self._chosen_run_id()
        if run_id is not None:
            self.predict_with(run_id)

    def _chosen_run_id(self) -> int | None:
        panel = None if self._page is None else self._page.shown_panel
        return None if panel is None else panel.chosen_run_id

    @Slot()
    def continue_last_training(self) -> None:
        """Go on with the newest run that can."""
        if self._page is None:
            return
        session = self._page.session
        resumable = self._resumable(session)
        if resumable:
            self.continue_training(resumable[0])
        else:
            session.noticed.emit("No training of this project was stopped: there is none to go on.")

    def _resumable(self, session: ProjectSession) -> list[int]:
        """The trainings that were stopped, newest first."""
        from spin_gui.session.trainings import trainings

        runs = trainings(session.project, session.dictionary.runs.all())
        return [run.id for run in runs if run.resumable]
