"""What an evaluation found: the table, the plots, and the people whose bodies are worst."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.engine.evaluation.project_bodies import ReferenceBodies
from spin_gui.evaluation.compared_kinds import ComparedKinds
from spin_gui.evaluation.evaluation_plots import (
    CoursePlot,
    DrawnCourse,
    DrawnSeries,
    JointBars,
    PeopleHistogram,
    SeriesStyle,
)
from spin_gui.evaluation.evaluation_view import EvaluationView, course_metric
from spin_gui.evaluation.evaluator import Course
from spin_gui.evaluation.number_tables import WORST_SHOWN, NumberTable, WorstList
from spin_gui.session.wording import number
from spin_gui.widgets.fact_rows import ElidedLabel
from spin_gui.widgets.page import Step

EVERYONE = (-math.inf, math.inf)

NameSamples = Callable[[Collection[int]], Mapping[int, str]]
"""Finds the names of samples by their ids."""


class EvaluationResults(QWidget):
    """Draws one ``EvaluationView``; a bin of the histogram narrows the list of people."""

    sample_asked = Signal(int)

    def __init__(self, name_samples: NameSamples, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name_samples = name_samples
        self._view: EvaluationView | None = None
        self._titles: Mapping[str, str] = {}
        self._range = EVERYONE
        self.table = NumberTable("Means over people")
        self.joints, self.people, self.course = JointBars(), PeopleHistogram(), CoursePlot()
        self.worst = WorstList()
        self._build()
        self.people.bin_chosen.connect(self._on_bin)
        self.all_button.clicked.connect(self.show_everyone)
        self.worst.sample_asked.connect(self.sample_asked)

    def walk(self, step: Step) -> None:
        """Go through the worst samples."""
        last = self.worst.rowCount()
        ways = {Step.NEXT: 1, Step.PREVIOUS: -1, Step.FIRST: -last, Step.LAST: last}
        self.worst.walk(ways[step])
        self.worst.setFocus()

    def show_view(self, view: EvaluationView, kinds: ComparedKinds) -> None:
        """Draw everything but the courses of trainings."""
        self._view, self._titles = view, kinds.titles
        styles = kinds.styles()
        drawn = [DrawnSeries(part, styles[part.name]) for part in view.series()]
        self.table.show_table(view.table(), styles, self._titles, compare=not view.by_verdict)
        self.joints.show_series(drawn, view.metric)
        chosen = "" if view.by_verdict else view.listed().name
        self.people.show_series(drawn, view.metric, chosen=chosen, legend=view.by_verdict)
        self._give_room(view)
        self._show_worst()

    def show_courses(
        self, courses: Mapping[int, Course], styles: Mapping[int, SeriesStyle], why_none: str
    ) -> None:
        """Draw the dictionary over trainings; ``why_none`` is said where there is nothing."""
        if self._view is None:
            return
        metric = course_metric(self._view.metric)
        drawn = [
            DrawnCourse(
                f"Run {run_id}",
                np.array([moment.iteration for moment in course], dtype=np.float64),
                np.array([metric.moment(moment.errors) for moment in course], dtype=np.float64),
                styles[run_id],
            )
            for run_id, course in courses.items()
            if metric.moment is not None
        ]
        self.course.show_courses(drawn, metric, why_none)

    def forget_range(self) -> None:
        """List the people of all bins when the next view is shown."""
        self._range = EVERYONE

    @Slot()
    def show_everyone(self) -> None:
        """List the worst of all again."""
        self._range = EVERYONE
        self._show_worst()
        self.worst.setFocus()

    def _give_room(self, view: EvaluationView) -> None:
        """What this project or metric can never have leaves its place to the rest."""
        evaluation = view.evaluation
        with_course = evaluation.truth is ReferenceBodies.KNOWN and bool(evaluation.bodies)
        self.joints.setVisible(not view.by_verdict)
        self.course.setVisible(with_course)
        self._left.setVisible(with_course or not view.by_verdict)

    def _show_worst(self) -> None:
        view = self._view
        if view is None:
            return
        people = view.listed()
        rows = view.people_between(*self._range)
        shown = rows[:WORST_SHOWN]
        names = self._name_samples(people.sample_ids[shown].tolist())
        self.worst.show_people(people, shown, names, view.metric)
        self.worst_title.set_fact(self._worst_words(people.name, rows, shown))
        self.all_button.setVisible(self._range != EVERYONE)

    def _worst_words(self, kind: str, found: Sequence[int], shown: Sequence[int]) -> str:
        title = self._titles.get(kind, kind)
        if self._range == EVERYONE:
            return f"Worst of {title}: {len(shown)} of {len(found)}"
        low, high = self._range
        ends = f"from {number(low)}" if math.isinf(high) else f"{number(low)} to {number(high)}"
        return f"{title}, {ends}: {len(found)}"

    @Slot(object)
    def _on_bin(self, ends: tuple[float, float]) -> None:
        self._range = ends
        self._show_worst()

    def _build(self) -> None:
        self.all_button = QPushButton("All")
        self.all_button.setAccessibleName("List the worst of all samples again")
        self.worst_title = ElidedLabel()
        self.worst_title.setAccessibleName("What the list of samples holds")
        title, people = QHBoxLayout(), QVBoxLayout()
        title.addWidget(self.worst_title, 1)
        title.addWidget(self.all_button)
        people.setSpacing(4)
        people.addLayout(title)
        people.addWidget(self.worst, 1)
        right, columns, centre = QVBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        right.addWidget(self.people, 3)
        right.addLayout(people, 2)
        columns.addWidget(self._build_left(), 1)
        columns.addLayout(right, 1)
        centre.setContentsMargins(0, 0, 0, 0)
        centre.addWidget(self.table)
        centre.addLayout(columns, 1)
        for layout in (right, columns, centre):
            layout.setSpacing(8)

    def _build_left(self) -> QWidget:
        """What only some metrics and projects have."""
        left = self._left = QWidget()
        layout = QVBoxLayout(left)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.joints, 3)
        layout.addWidget(self.course, 2)
        return left
