"""What the small pages share: what there is in numbers, what can be done, and what comes next."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QPalette, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from core.dictionary.search.query import SampleQuery
from core.dictionary.search.work_facts import WorkFacts
from core.types.fits import RejectReason, Verdict
from spin_gui.session.review_counts import ReviewCounts
from spin_gui.session.session import ProjectSession
from spin_gui.session.wording import count_text
from spin_gui.tabs.project_facts import ProjectFacts
from spin_gui.widgets.command_button import CommandButton
from spin_gui.widgets.layouts import body_label, headline
from spin_gui.widgets.page import PageWidget, Step
from spin_gui.widgets.stage import Stage

COLUMN_WIDTH, MARGIN = 820, 24
BUTTON_WIDTH, NUMBER_WIDTH = 250, 36
COUNTING = "Counting…"


@dataclass(frozen=True)
class Fact:
    """A number, what it counts, and what lists those samples; None for what is no sample."""

    number: int
    words: str
    query: SampleQuery | None = None


@dataclass(frozen=True)
class NextStep:
    """What to do next: a stage to go to, or a command of this page by its id."""

    text: str
    leads_to: Stage | str


class StagePage(PageWidget):
    """A column of text and buttons; it scrolls where the window is low.

    Subclasses say what there is (``facts``) and what comes next (``next_step``); ``commands`` are
    the ids of what can be done, in order.
    """

    list_asked = Signal(object)
    """A ``SampleQuery`` whose samples are to be shown."""
    stage_asked = Signal(object)

    title = ""
    what_it_is = ""
    commands: tuple[str, ...] = ()
    commands_title = "What can be done"

    def __init__(
        self,
        session: ProjectSession,
        facts: ProjectFacts,
        actions: Mapping[str, QAction],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.title)
        # The page takes the keys, so that Tab leads to its first button.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._session, self._facts, self._actions = session, facts, actions
        self.fact_buttons: list[QPushButton] = []
        self.command_buttons: dict[str, CommandButton] = {}
        self._grid_place, self._grid = QVBoxLayout(), QWidget()
        self.next_button = QPushButton()
        self._next_step: NextStep | None = None
        self._lay_out()
        facts.changed.connect(self.refresh)
        session.counts_changed.connect(self.refresh)

    # What a subclass says

    def facts(self, counts: ReviewCounts, facts: WorkFacts) -> Sequence[Fact]:
        """What there is, one line each."""
        raise NotImplementedError

    def next_step(self, counts: ReviewCounts, facts: WorkFacts) -> NextStep | None:
        """What to do next; None where nothing is to be said."""
        raise NotImplementedError

    def add_sections(self, column: QVBoxLayout) -> None:
        """More above what can be done."""

    # As a page

    def walk(self, _step: Step) -> bool:
        """No sample is seen here, so none is walked to."""
        return True

    def judge(self, _verdict: Verdict, _reason: RejectReason | None = None) -> bool:
        """Fits that are not on the screen are not judged."""
        self._session.noticed.emit("Open a sample to judge its fit; here no fit is seen.")
        return True

    def is_drawn(self) -> bool:
        """Whether the numbers are there."""
        return self._facts.known is not None and not self._facts.is_reading

    def showEvent(self, event: QShowEvent) -> None:
        """Count what changed while it was hidden."""
        super().showEvent(event)
        self._facts.read_now()
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the numbers as they are known now."""
        if not self.isVisible():
            return
        counts, facts = self._session.counts(), self._facts.known
        if facts is None:
            self._show_facts([])
            self.next_button.hide()
            return
        self._show_facts(self.facts(counts, facts))
        step = self.next_step(counts, facts)
        self.next_button.setVisible(step is not None)
        self._next_step = step
        if step is not None:
            self.next_button.setText(f"Next: {step.text}")
            self.next_button.setAccessibleName(f"Next: {step.text}")
        self._follow_next()

    # Inside

    def _show_facts(self, facts: Collection[Fact]) -> None:
        """Lay the lines out again: they are few, and another number may bring another line."""
        had_focus = [button.hasFocus() for button in self.fact_buttons]
        place = had_focus.index(True) if True in had_focus else -1
        self.fact_buttons = []
        grid = QWidget()
        lines = QGridLayout(grid)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setHorizontalSpacing(12)
        lines.setVerticalSpacing(6)
        lines.setColumnStretch(3, 1)
        if not facts:
            lines.addWidget(body_label(COUNTING, quiet=True), 0, 1)
        for row, fact in enumerate(facts):
            self._add_fact(lines, row, fact)
        self._grid_place.replaceWidget(self._grid, grid)
        self._grid.hide()
        self._grid.deleteLater()
        self._grid = grid
        if 0 <= place < len(self.fact_buttons):
            self.fact_buttons[place].setFocus()

    def _add_fact(self, lines: QGridLayout, row: int, fact: Fact) -> None:
        number = QLabel(count_text(fact.number))
        font = number.font()
        font.setBold(True)
        number.setFont(font)
        number.setMinimumWidth(NUMBER_WIDTH)
        lines.addWidget(number, row, 0)
        lines.addWidget(body_label(fact.words, wrapped=False), row, 1)
        if fact.query is not None and fact.number:
            button = QPushButton("List them" if fact.number > 1 else "Show it")
            button.setAccessibleName(f"{button.text()}: {fact.number} {fact.words}")
            query = fact.query
            button.clicked.connect(lambda: self.list_asked.emit(query))
            self.fact_buttons.append(button)
            lines.addWidget(button, row, 2)

    @Slot()
    def _follow_next(self) -> None:
        """A step that is a command rests while the command does."""
        step = self._next_step
        action = None if step is None else self._actions.get(step.leads_to)
        self.next_button.setEnabled(action is None or action.isEnabled())

    @Slot()
    def _go_on(self) -> None:
        step = self._next_step
        if step is None:
            return
        if isinstance(step.leads_to, Stage):
            self.stage_asked.emit(step.leads_to)
        else:
            self._actions[step.leads_to].trigger()

    def _lay_out(self) -> None:
        column = QVBoxLayout()
        column.setSpacing(10)
        column.addWidget(headline(self.title, larger_by=1.5))
        column.addWidget(body_label(self.what_it_is, quiet=True))
        column.addSpacing(6)
        self._grid_place.addWidget(self._grid)
        column.addLayout(self._grid_place)
        column.addSpacing(4)
        column.addWidget(self._build_next(), 0, Qt.AlignmentFlag.AlignLeft)
        column.addSpacing(10)
        self.add_sections(column)
        column.addWidget(headline(self.commands_title, larger_by=1.1))
        column.addLayout(self._build_commands())
        column.addStretch(1)
        _fill_with_column(self, column)

    def _build_next(self) -> QPushButton:
        self.next_button.setMinimumSize(BUTTON_WIDTH, 36)
        font = self.next_button.font()
        font.setBold(True)
        self.next_button.setFont(font)
        self.next_button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.next_button.clicked.connect(self._go_on)
        self.next_button.hide()
        return self.next_button

    def _build_commands(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for row, action_id in enumerate(self.commands):
            action = self._actions[action_id]
            button = CommandButton(action.text())
            button.setMinimumWidth(BUTTON_WIDTH)
            button.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
            button.follow(action)
            action.changed.connect(self._follow_next)
            self.command_buttons[action_id] = button
            grid.addWidget(button, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(_HelpLabel(action), row, 1)
        return grid


class _HelpLabel(QLabel):
    """What a command does, and why it rests."""

    def __init__(self, action: QAction) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._action = action
        action.changed.connect(self._refresh)
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        self.setText(self._action.toolTip())


def _fill_with_column(page: QWidget, column: QVBoxLayout) -> None:
    """Lay a page out as one column of readable width in the middle."""
    content, middle = QWidget(), QWidget()
    middle.setLayout(column)
    middle.setMaximumWidth(COLUMN_WIDTH)
    middle.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    row = QHBoxLayout(content)
    row.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
    row.addStretch(1)
    row.addWidget(middle, 100)
    row.addStretch(1)
    area = QScrollArea(widgetResizable=True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setAccessibleName(page.accessibleName())
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(content)
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(area)
