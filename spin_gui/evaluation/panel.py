"""The evaluation: how good predictions and fits are, of all people and of single ones."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.dictionary.search.query import SampleQuery
from core.engine.evaluation.project_bodies import CURRENT_FITS, ReferenceBodies
from core.engine.evaluation.project_evaluation import ProjectEvaluation
from core.engine.evaluation.tables import write_tables
from core.types.fits import RejectReason, Verdict
from spin_gui.evaluation.compared_kinds import ComparedKinds
from spin_gui.evaluation.evaluation_controls import EvaluationControls
from spin_gui.evaluation.evaluation_view import EXPORTED_WORST, EvaluationView, about
from spin_gui.evaluation.evaluator import Course, CourseRequest, EvaluationRequest, Evaluator
from spin_gui.evaluation.results import EvaluationResults
from spin_gui.session.session import ProjectSession
from spin_gui.widgets.page import PageWidget, Step
from spin_gui.widgets.paths import ask_new_file

OUTDATED = "The project has changed since; “Evaluate again” takes it in."
FILE_FILTER = "Markdown, one file (*.md);;CSV, a file a table (*.csv)"


class EvaluationPanel(PageWidget):
    """Requests what is missing of an ``Evaluator``; hidden, it neither requests nor draws.

    What can be compared is in ``ComparedKinds``, what was found in ``EvaluationResults``.
    """

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
        self.evaluator = Evaluator(session, self)
        self.controls = EvaluationControls()
        self.kinds = ComparedKinds(session)
        self.results = EvaluationResults(self._names)
        self._build()
        self._connect()

    # What the window asks

    def walk(self, step: Step) -> bool:
        """The usual keys go through the worst samples; Return opens one."""
        self.results.walk(step)
        return True

    def judge(self, _verdict: Verdict, _reason: RejectReason | None = None) -> bool:
        """Fits that are not on the screen are not judged."""
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
        self.kinds.set_busy(busy)

    def is_drawn(self) -> bool:
        """Whether nothing is being worked out."""
        return not self.evaluator.working

    def close_panel(self) -> None:
        """End its thread; it is of no use after."""
        session = self._session
        session.rows_stale.disconnect(self._on_changed)
        session.samples_changed.disconnect(self._on_changed)
        session.query_changed.disconnect(self._on_query)
        self.evaluator.close()

    # Requesting

    def showEvent(self, event: QShowEvent) -> None:
        """Take in what changed while it was hidden and did nothing."""
        super().showEvent(event)
        self._take_in_changes()

    @Slot()
    def evaluate_again(self) -> None:
        """Work everything out once more."""
        self.evaluator.forget()
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Request what is missing, and show what is known."""
        if not self.isVisible():
            return
        request = EvaluationRequest(self._where(), self.controls.chosen_truth)
        evaluation = self.evaluator.evaluation(request)
        if evaluation is None:
            self.evaluator.request([request])
            return
        self.kinds.fill(evaluation)
        self._show(evaluation)
        self.evaluator.request([request, *self._course_requests(evaluation)])

    @Slot(object)
    def _on_ready(self, request: object) -> None:
        """The course of a run changes one plot; an evaluation all of them."""
        if isinstance(request, EvaluationRequest):
            self.refresh()
        elif self.isVisible():
            self._show_courses()

    def _where(self) -> SampleQuery:
        return self._session.query.filters if self.controls.listed_only else SampleQuery()

    def _course_requests(self, evaluation: ProjectEvaluation) -> list[CourseRequest]:
        """Of the checked runs, where current fits have a truth to be held against."""
        fits_known = any(body.name == CURRENT_FITS for body in evaluation.bodies)
        if evaluation.truth is not ReferenceBodies.KNOWN or not fits_known:
            return []
        return [CourseRequest(self._where(), run_id) for run_id in self.kinds.checked_runs()]

    def _courses(self) -> dict[int, Course]:
        if self._shown is None:
            return {}
        found = {
            request.run_id: self.evaluator.course(request)
            for request in self._course_requests(self._shown.evaluation)
        }
        return {run_id: course for run_id, course in found.items() if course}

    def _take_in_changes(self) -> None:
        """Evaluate again what changed, but not while a job goes on changing it."""
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

    @Slot()
    def _on_choice(self) -> None:
        self.results.forget_range()
        self.refresh()

    # Showing

    def _show(self, evaluation: ProjectEvaluation) -> None:
        self.controls.set_truth_known(known=bool(evaluation.bodies))
        bodies = self.kinds.bodies
        self._shown = EvaluationView(
            evaluation, self.controls.chosen_metric, bodies.checked(), bodies.chosen()
        )
        self.results.show_view(self._shown, self.kinds)
        self._show_courses()
        self._show_note(outdated=False)

    def _show_courses(self) -> None:
        self.results.show_courses(self._courses(), self.kinds.run_styles(), self._why_no_course())

    def _why_no_course(self) -> str:
        if not self.kinds.has_runs:
            return "No training of this project yet."
        if not self.kinds.checked_runs():
            return "Check a training in the list to see how the current fits changed during it."
        return "Reading the history…" if self.evaluator.working else "Not worked out."

    @Slot(bool)
    def _on_working(self, working: bool) -> None:  # noqa: FBT001 - a slot of a signal
        self.controls.set_working(working=working)
        self._show_courses()

    def _names(self, sample_ids: Collection[int]) -> dict[int, str]:
        return {row.id: row.name for row in self._session.dictionary.search.rows(sample_ids)}

    def _show_note(self, *, outdated: bool) -> None:
        if self._shown is None:
            self.controls.note.setText("")
            return
        text = about(self._shown.evaluation)
        self.controls.note.setText(f"{OUTDATED} {text}" if outdated else text)

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
        self.kinds.bodies.checks_changed.connect(self.refresh)
        self.kinds.bodies.chosen_changed.connect(self._on_choice)
        self.kinds.runs.checks_changed.connect(self.refresh)
        self.kinds.predict_asked.connect(self.predict_asked)
        self.results.sample_asked.connect(self.sample_asked)

    def _build(self) -> None:
        self.setFocusProxy(self.controls.metric_choice)
        body = QHBoxLayout()
        body.setSpacing(12)
        body.addWidget(self.kinds)
        body.addWidget(self.results, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(8)
        layout.addWidget(self.controls)
        layout.addLayout(body, 1)
