"""The evaluation: how good predictions and fits are, of all people and of single ones."""

from __future__ import annotations

import math
from collections.abc import Collection
from pathlib import Path

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.dictionary.search.query import SampleQuery
from core.engine.evaluation.project_bodies import CURRENT_FITS, ReferenceBodies
from core.engine.evaluation.project_evaluation import ProjectEvaluation
from core.engine.evaluation.tables import write_tables
from core.runs.run_folder import RunFolder
from core.types.fits import Verdict
from spin_gui.evaluation.check_list import CheckList, CheckRow
from spin_gui.evaluation.evaluation_controls import EvaluationControls
from spin_gui.evaluation.evaluation_plots import (
    CoursePlot,
    DrawnCourse,
    DrawnSeries,
    JointBars,
    PeopleHistogram,
    SeriesStyle,
)
from spin_gui.evaluation.evaluation_view import (
    EXPORTED_WORST,
    EvaluationView,
    KindWords,
    about,
    course_metric,
    kinds_of,
)
from spin_gui.evaluation.evaluator import Course, CourseRequest, EvaluationRequest, Evaluator
from spin_gui.evaluation.number_tables import WORST_SHOWN, NumberTable, WorstList
from spin_gui.session.session import ProjectSession
from spin_gui.training.run_list import ListedRun, length_text, swatch, trainings
from spin_gui.widgets.fact_rows import ElidedLabel, Note
from spin_gui.widgets.layouts import headline
from spin_gui.widgets.page import PageWidget, Step
from spin_gui.widgets.paths import ask_new_file
from spin_gui.widgets.verdict_marks import VERDICT_COLORS
from spin_gui.widgets.wording import local_time, number

SIDE_WIDTH = 250
RUNS_CHECKED_AT_FIRST = 3
EVERYONE = (-math.inf, math.inf)
OUTDATED = "The project has changed since; “Evaluate again” takes it in."
FILE_FILTER = "Markdown, one file (*.md);;CSV, a file a table (*.csv)"

VERDICT_STYLES = {
    "accepted": SeriesStyle(VERDICT_COLORS[Verdict.ACCEPTED].name()),
    "rejected": SeriesStyle(VERDICT_COLORS[Verdict.REJECTED].name()),
    "unsure": SeriesStyle(VERDICT_COLORS[Verdict.UNSURE].name()),
    "not reviewed": SeriesStyle(VERDICT_COLORS[Verdict.NONE].name()),
}


class EvaluationPanel(PageWidget):
    """Shows what an ``Evaluator`` finds; while it is hidden it neither asks nor draws."""

    sample_asked = Signal(int)
    predict_asked = Signal(int)
    """A run whose predictions are to be kept as a set."""
    failed = Signal(object)

    def __init__(self, session: ProjectSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Evaluation")
        self._session = session
        self._busy = False
        self._shown: EvaluationView | None = None
        self._kinds: list[KindWords] = []
        self._runs: list[ListedRun] = []
        self._range = EVERYONE
        self.evaluator = Evaluator(session, self)
        self.controls = EvaluationControls()
        self.bodies = CheckList("Bodies that are judged", last_first=True)
        self.runs = CheckList("Trainings over which the dictionary is drawn", last_first=False)
        self.table = NumberTable("Means over people")
        self.joints, self.people, self.course = JointBars(), PeopleHistogram(), CoursePlot()
        self.worst = WorstList()
        self._build()
        self._connect()

    # What the window asks

    def walk(self, step: Step) -> bool:
        """The usual keys go through the worst samples; Return opens one."""
        last = self.worst.rowCount()
        ways = {Step.NEXT: 1, Step.PREVIOUS: -1, Step.FIRST: -last, Step.LAST: last}
        self.worst.walk(ways[step])
        self.worst.setFocus()
        return True

    def judge(self, _verdict: Verdict) -> bool:
        """Nobody judges what is not on the screen."""
        self._session.noticed.emit("Open a sample to judge its fit; here no fit is seen.")
        return True

    def ask_export(self) -> bool:
        """Ask for a file, and write the numbers that are shown."""
        if self._shown is None:
            self._session.noticed.emit("There is nothing to export before the evaluation is done.")
            return True
        start = self._session.project / f"evaluation_{self._shown.metric.key}.md"
        path = ask_new_file(self, "Export the evaluation", FILE_FILTER, start)
        if path is not None:
            self.export(path)
        return True

    def export(self, path: Path) -> None:
        """Write the numbers that are shown; raises ``UserFileError``."""
        if self._shown is None:
            return
        people = self._shown.listed()
        rows = people.worst_first(self._shown.metric)[:EXPORTED_WORST]
        names = self._names(people.sample_ids[rows].tolist())
        written = write_tables(path, self._shown.tables(names, self._courses()))
        what = written[0].name if len(written) == 1 else f"{len(written)} files beside {path.name}"
        self._session.saved.emit(f"Wrote {what}")

    @Slot(bool)
    def set_busy(self, busy: bool) -> None:  # noqa: FBT001 - a slot of a signal
        """A job has begun or ended: what it wrote is taken in once it is done."""
        self._busy = busy
        if self.isVisible():
            self._take_in_changes()
        self._show_predict_button()

    def is_drawn(self) -> bool:
        """Whether nothing is being worked out."""
        return not self.evaluator.working

    def close_place(self) -> None:
        """End its thread; it is of no use after."""
        session = self._session
        session.rows_stale.disconnect(self._on_changed)
        session.samples_changed.disconnect(self._on_changed)
        session.query_changed.disconnect(self._on_query)
        self.evaluator.close()

    # Finding out

    def showEvent(self, event: QShowEvent) -> None:
        """Take in what changed while it was hidden and did nothing."""
        super().showEvent(event)
        self._take_in_changes()

    @Slot()
    def evaluate_again(self) -> None:
        """Work everything out anew."""
        self.evaluator.forget()
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Ask for what is missing, and show what is known."""
        if not self.isVisible():
            return
        request = self._request()
        evaluation = self.evaluator.evaluation(request)
        if evaluation is None:
            self.evaluator.want([request])
            return
        self._fill_lists(evaluation)
        self._show(evaluation)
        self.evaluator.want([request, *self._course_requests(evaluation)])

    @Slot(object)
    def _on_ready(self, request: object) -> None:
        """The course of a run changes one plot; an evaluation all of them."""
        if isinstance(request, EvaluationRequest):
            self.refresh()
        elif self.isVisible():
            self._show_courses()

    def _request(self) -> EvaluationRequest:
        return EvaluationRequest(self._where(), self.controls.chosen_truth)

    def _where(self) -> SampleQuery:
        return self._session.query.filters if self.controls.listed_only else SampleQuery()

    def _course_requests(self, evaluation: ProjectEvaluation) -> list[CourseRequest]:
        """Of the checked runs, where current fits have a truth to be held against."""
        fits_known = any(one.name == CURRENT_FITS for one in evaluation.bodies)
        if evaluation.truth is not ReferenceBodies.KNOWN or not fits_known:
            return []
        return [CourseRequest(self._where(), int(key)) for key in self.runs.checked()]

    def _courses(self) -> dict[int, Course]:
        if self._shown is None:
            return {}
        found = {
            request.run_id: self.evaluator.course(request)
            for request in self._course_requests(self._shown.evaluation)
        }
        return {run_id: course for run_id, course in found.items() if course}

    def _take_in_changes(self) -> None:
        """Evaluate anew what changed, but not while a job goes on changing it."""
        outdated = self.evaluator.outdated()
        if outdated and not self._busy:
            self.evaluator.forget()
        self.refresh()
        self._show_note(outdated=outdated and self._busy)

    @Slot()
    def _on_changed(self) -> None:
        if self.isVisible():
            self._show_note(outdated=self.evaluator.outdated())

    @Slot()
    def _on_query(self) -> None:
        if self.controls.listed_only:
            self.refresh()

    # Showing

    def _show(self, evaluation: ProjectEvaluation) -> None:
        self.controls.set_truth_known(known=bool(evaluation.bodies))
        view = EvaluationView(
            evaluation, self.controls.chosen_metric, self.bodies.checked(), self.bodies.chosen()
        )
        self._shown = view
        styles = self._styles()
        drawn = [DrawnSeries(one, styles[one.name]) for one in view.series()]
        titles = {one.name: one.title for one in self._kinds}
        self.table.show_table(view.table(), styles, titles, compare=not view.by_verdict)
        self.joints.show_series(drawn, view.metric)
        chosen = "" if view.by_verdict else view.listed().name
        self.people.show_series(drawn, view.metric, chosen=chosen, legend=view.by_verdict)
        self._show_courses()
        self._give_room(view)
        self._show_worst()
        self._show_note(outdated=False)

    def _give_room(self, view: EvaluationView) -> None:
        """What this project or metric can never have leaves its place to the rest."""
        evaluation = view.evaluation
        with_course = evaluation.truth is ReferenceBodies.KNOWN and bool(evaluation.bodies)
        self.joints.setVisible(not view.by_verdict)
        self.course.setVisible(with_course)
        self._left.setVisible(with_course or not view.by_verdict)

    def _show_courses(self) -> None:
        if self._shown is None:
            return
        metric = course_metric(self._shown.metric)
        places = {run.id: run.place for run in self._runs}
        drawn = [
            DrawnCourse(
                f"Run {run_id}",
                np.array([one.iteration for one in course], dtype=np.float64),
                np.array([metric.moment(one.errors) for one in course], dtype=np.float64),
                SeriesStyle.at(places[run_id]),
            )
            for run_id, course in self._courses().items()
            if metric.moment is not None
        ]
        self.course.show_courses(drawn, metric, self._why_no_course())

    def _why_no_course(self) -> str:
        if self._shown is None or not self._runs:
            return "No training of this project yet."
        if not self.runs.checked():
            return "Check a training in the list to draw the dictionary over it."
        return "Reading the history…" if self.evaluator.working else "Not worked out."

    @Slot()
    def _show_worst(self) -> None:
        view = self._shown
        if view is None:
            return
        people = view.listed()
        rows = view.people_between(*self._range)
        shown = rows[:WORST_SHOWN]
        self.worst.show_people(
            people, shown, self._names(people.sample_ids[shown].tolist()), view.metric
        )
        self.worst_title.set_fact(self._worst_words(people.name, len(rows), len(shown)))
        self.all_button.setVisible(self._range != EVERYONE)

    def _worst_words(self, kind: str, found: int, shown: int) -> str:
        title = next((one.title for one in self._kinds if one.name == kind), kind)
        if self._range == EVERYONE:
            return f"Worst of {title}: {shown} of {found}"
        low, high = self._range
        ends = f"from {number(low)}" if math.isinf(high) else f"{number(low)} to {number(high)}"
        return f"{title}, {ends}: {found}"

    @Slot(object)
    def _on_bin(self, ends: tuple[float, float]) -> None:
        self._range = ends
        self._show_worst()

    @Slot()
    def show_everyone(self) -> None:
        """List the worst of all again."""
        self._range = EVERYONE
        self._show_worst()
        self.worst.setFocus()

    def _names(self, sample_ids: Collection[int]) -> dict[int, str]:
        return {row.id: row.name for row in self._session.dictionary.rows(sample_ids)}

    def _show_note(self, *, outdated: bool) -> None:
        if self._shown is None:
            self.controls.note.setText("")
            return
        text = about(self._shown.evaluation)
        self.controls.note.setText(f"{OUTDATED} {text}" if outdated else text)

    # The lists

    def _fill_lists(self, evaluation: ProjectEvaluation) -> None:
        dictionary = self._session.dictionary
        self._kinds = kinds_of(evaluation, dictionary.prediction_sets.all())
        self.bodies.show_rows(
            [CheckRow(one.name, one.title, swatch(one.place), one.tip) for one in self._kinds]
        )
        self._runs = trainings(self._session.project, dictionary.runs())
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

    def _styles(self) -> dict[str, SeriesStyle]:
        kinds = {one.name: SeriesStyle.at(one.place) for one in self._kinds}
        return {**kinds, **VERDICT_STYLES}

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

    @Slot()
    def _on_choice(self) -> None:
        self._range = EVERYONE
        self.refresh()

    @Slot(bool)
    def _on_working(self, working: bool) -> None:  # noqa: FBT001 - a slot of a signal
        self.controls.set_working(working=working)
        self._show_courses()

    # Building

    def _connect(self) -> None:
        session, controls, evaluator = self._session, self.controls, self.evaluator
        session.rows_stale.connect(self._on_changed)
        session.samples_changed.connect(self._on_changed)
        session.query_changed.connect(self._on_query)
        evaluator.ready.connect(self._on_ready)
        evaluator.progressed.connect(controls.show_progress)
        evaluator.working_changed.connect(self._on_working)
        evaluator.failed.connect(self.failed)
        controls.changed.connect(self._on_choice)
        controls.again_asked.connect(self.evaluate_again)
        controls.stop_asked.connect(evaluator.stop)
        controls.export_asked.connect(self.ask_export)
        self.bodies.checks_changed.connect(self.refresh)
        self.bodies.chosen_changed.connect(self._on_choice)
        self.runs.checks_changed.connect(self.refresh)
        self.runs.chosen_changed.connect(self._show_predict_button)
        self.predict_button.clicked.connect(self._ask_predict)
        self.people.bin_chosen.connect(self._on_bin)
        self.all_button.clicked.connect(self.show_everyone)
        self.worst.sample_asked.connect(self.sample_asked)

    def _build(self) -> None:
        self.predict_button = QPushButton("Predict and keep")
        self.predict_button.setAccessibleName("Predict with the chosen training and keep it")
        self.predict_button.setToolTip(
            "Let the chosen training's regressor predict every sample, as a prediction set that "
            "can be compared with others"
        )
        self.all_button = QPushButton("All")
        self.all_button.setAccessibleName("List the worst of all samples again")
        self.worst_title = ElidedLabel()
        self.worst_title.setAccessibleName("What the list of samples holds")
        self.setFocusProxy(self.controls.metric)
        body = QHBoxLayout()
        body.setSpacing(12)
        body.addWidget(self._build_side())
        body.addLayout(self._build_centre(), 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(8)
        layout.addWidget(self.controls)
        layout.addLayout(body, 1)

    def _build_side(self) -> QWidget:
        side = QWidget()
        side.setFixedWidth(SIDE_WIDTH)
        layout = QVBoxLayout(side)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(headline("Bodies", larger_by=1.0))
        layout.addWidget(Note("Checked ones are compared; the worst people are the chosen one's."))
        layout.addWidget(self.bodies, 3)
        layout.addWidget(headline("Trainings", larger_by=1.0))
        layout.addWidget(self.runs, 2)
        layout.addWidget(self.predict_button)
        return side

    def _build_centre(self) -> QVBoxLayout:
        title, people = QHBoxLayout(), QVBoxLayout()
        title.addWidget(self.worst_title, 1)
        title.addWidget(self.all_button)
        people.setSpacing(4)
        people.addLayout(title)
        people.addWidget(self.worst, 1)
        right, columns, centre = QVBoxLayout(), QHBoxLayout(), QVBoxLayout()
        right.addWidget(self.people, 3)
        right.addLayout(people, 2)
        columns.addWidget(self._build_left(), 1)
        columns.addLayout(right, 1)
        centre.addWidget(self.table)
        centre.addLayout(columns, 1)
        for layout in (right, columns, centre):
            layout.setSpacing(8)
        return centre

    def _build_left(self) -> QWidget:
        """What only some metrics and projects have."""
        left = self._left = QWidget()
        layout = QVBoxLayout(left)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.joints, 3)
        layout.addWidget(self.course, 2)
        return left
