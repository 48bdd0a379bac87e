"""What can be compared: kinds of bodies, and trainings over which the dictionary is drawn."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from core.engine.evaluation.project_evaluation import ProjectEvaluation
from core.runs.run_folder import RunFolder
from core.types.fits import Verdict
from spin_gui.evaluation.check_list import CheckList, CheckRow
from spin_gui.evaluation.evaluation_plots import SeriesStyle
from spin_gui.evaluation.evaluation_view import KindWords, kinds_of
from spin_gui.session.session import ProjectSession
from spin_gui.session.trainings import ListedRun, length_text, trainings
from spin_gui.session.wording import local_time
from spin_gui.widgets.fact_rows import Note
from spin_gui.widgets.layouts import headline
from spin_gui.widgets.run_style import swatch
from spin_gui.widgets.verdict_marks import VERDICT_COLORS

SIDE_WIDTH = 250
RUNS_CHECKED_AT_FIRST = 3

VERDICT_STYLES = {
    "accepted": SeriesStyle(VERDICT_COLORS[Verdict.ACCEPTED].name()),
    "rejected": SeriesStyle(VERDICT_COLORS[Verdict.REJECTED].name()),
    "unsure": SeriesStyle(VERDICT_COLORS[Verdict.UNSURE].name()),
    "not reviewed": SeriesStyle(VERDICT_COLORS[Verdict.NONE].name()),
}


class ComparedKinds(QWidget):
    """Two lists: checked rows are drawn, the chosen one is looked at more closely."""

    predict_asked = Signal(int)
    """A run whose predictions are to be kept as a set."""

    def __init__(self, session: ProjectSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._kinds: list[KindWords] = []
        self._runs: list[ListedRun] = []
        self._busy = False
        self.bodies = CheckList("Bodies that are judged", last_first=True)
        self.runs = CheckList("Trainings over which the current fits are drawn", last_first=False)
        self._build()
        self.runs.chosen_changed.connect(self._show_predict_button)
        self.predict_button.clicked.connect(self._ask_predict)

    @property
    def titles(self) -> dict[str, str]:
        """How each kind of bodies is called on the screen."""
        return {kind.name: kind.title for kind in self._kinds}

    @property
    def has_runs(self) -> bool:
        """Whether the project has a training."""
        return bool(self._runs)

    def checked_runs(self) -> list[int]:
        """The runs over which the dictionary is to be drawn."""
        return [int(key) for key in self.runs.checked()]

    def styles(self) -> dict[str, SeriesStyle]:
        """How each kind of bodies, and each verdict, is drawn."""
        kinds = {kind.name: SeriesStyle.at(kind.place) for kind in self._kinds}
        return {**kinds, **VERDICT_STYLES}

    def run_styles(self) -> dict[int, SeriesStyle]:
        """How the course of each run is drawn."""
        return {run.id: SeriesStyle.at(run.place) for run in self._runs}

    def set_busy(self, busy: bool) -> None:  # noqa: FBT001 - a state, not a choice
        """Whether a job runs, beside which nothing can be predicted."""
        self._busy = busy
        self._show_predict_button()

    def fill(self, evaluation: ProjectEvaluation) -> None:
        """List what an evaluation is of, and the trainings of the project."""
        dictionary = self._session.dictionary
        self._kinds = kinds_of(evaluation, dictionary.prediction_sets.all())
        self.bodies.show_rows(
            [CheckRow(kind.name, kind.title, swatch(kind.place), kind.tip) for kind in self._kinds]
        )
        self._runs = trainings(self._session.project, dictionary.runs.all())
        self.runs.show_rows(
            [
                CheckRow(
                    str(run.id),
                    f"Run {run.id} · {run.run.configuration.get('profile', '')}\n"
                    f"{local_time(run.run.started_at)} · {length_text(run)}",
                    swatch(run.place),
                    checked=row < RUNS_CHECKED_AT_FIRST,
                )
                for row, run in enumerate(self._runs)
            ]
        )
        self._show_predict_button()

    @Slot()
    def _show_predict_button(self) -> None:
        """Only for a run that has a regressor, and while no job runs."""
        chosen = self.runs.chosen()
        folder = RunFolder.of(self._session.project, int(chosen)) if chosen else None
        trained = folder is not None and (folder.final.is_file() or folder.last.is_file())
        self.predict_button.setEnabled(trained and not self._busy)

    @Slot()
    def _ask_predict(self) -> None:
        if self.runs.chosen():
            self.predict_asked.emit(int(self.runs.chosen()))

    def _build(self) -> None:
        self.predict_button = QPushButton("Predict and keep")
        self.predict_button.setAccessibleName("Predict with the chosen training and keep it")
        self.predict_button.setToolTip(
            "Let the chosen training's regressor predict every sample, as a prediction set that "
            "can be compared with others"
        )
        self.setFixedWidth(SIDE_WIDTH)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(headline("Bodies", larger_by=1.0))
        layout.addWidget(Note("Checked ones are compared; the worst people are the chosen one's."))
        layout.addWidget(self.bodies, 3)
        layout.addWidget(headline("Trainings", larger_by=1.0))
        layout.addWidget(self.runs, 2)
        layout.addWidget(self.predict_button)
