"""The page of exports: what leaves the project as good, what is left out, and the formats."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout

from core.dictionary.search.query import SampleQuery
from core.dictionary.search.work_facts import WorkFacts
from core.types.counted_nouns import counted
from core.types.fits import Verdict
from core.workflows.export_formats import EXPORT_FORMATS
from spin_gui.session.review_counts import ReviewCounts
from spin_gui.tabs.fit_page import WITHOUT_FIT
from spin_gui.tabs.stage_counts import waiting_for_fit
from spin_gui.tabs.stage_page import BUTTON_WIDTH, Fact, NextStep, StagePage
from spin_gui.widgets.layouts import headline
from spin_gui.widgets.stage import Stage

EXPORT_ACTION = "file.export"
GROUP_SPACING = 8


class ExportPage(StagePage):
    """Fits by what an export makes of them, and a button for each format."""

    export_asked = Signal(str)
    """The name of a format."""

    title = "Export"
    what_it_is = (
        "Fits that are neither rejected nor too poor to learn from are exported; accepted ones "
        "always. Who is left out is counted before anything is written, and in the report."
    )
    commands = ("file.export_sheet",)
    commands_title = "To show and to print"

    def facts(self, counts: ReviewCounts, facts: WorkFacts) -> Sequence[Fact]:
        """What goes out and what stays."""
        fits = "fit" if facts.exportable == 1 else "fits"
        lines = [
            Fact(facts.exportable, f"{fits} can be exported"),
            Fact(counts.accepted, "of them accepted", _of_verdict(Verdict.ACCEPTED)),
            Fact(counts.left_to_review, "without a verdict", _of_verdict(Verdict.NONE)),
        ]
        unsure = facts.by_verdict.get(Verdict.UNSURE, 0)
        for number, words, query in (
            (unsure, "marked as unsure", _of_verdict(Verdict.UNSURE)),
            (counts.rejected, "rejected: left out", _of_verdict(Verdict.REJECTED)),
            (facts.too_poor, "too poor to learn from: left out unless you accept them", None),
            (counts.without_fit, "without a fit", WITHOUT_FIT),
        ):
            if number:
                lines.append(Fact(number, words, query))
        return lines

    def next_step(self, counts: ReviewCounts, facts: WorkFacts) -> NextStep | None:
        """What should be done before."""
        if not counts.total:
            return NextStep("bring people in", Stage.IMPORT)
        waiting = waiting_for_fit(counts, facts)
        if waiting:
            return NextStep(f"fit {counted(waiting, 'person', 'people')}", Stage.FIT)
        left = counts.left_to_review
        return NextStep(f"review {counted(left, 'fit', 'fits')}", Stage.REVIEW) if left else None

    def add_sections(self, column: QVBoxLayout) -> None:
        """The formats."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        self.format_buttons: dict[str, QPushButton] = {}
        shown = None
        for export_format in EXPORT_FORMATS.values():
            if export_format.group is not shown:
                shown = export_format.group
                title = headline(shown, larger_by=1.1)
                title.setContentsMargins(0, GROUP_SPACING, 0, 0)
                grid.addWidget(title, grid.rowCount(), 0, 1, 2)
            row = grid.rowCount()
            button = QPushButton(f"{export_format.title}…")
            button.setAccessibleName(f"Export: {export_format.title}")
            button.setMinimumWidth(BUTTON_WIDTH)
            button.setObjectName(export_format.name)
            button.clicked.connect(self._ask)
            self.format_buttons[export_format.name] = button
            words = _Help(f"{export_format.help[0].upper()}{export_format.help[1:]}.")
            grid.addWidget(button, row, 0)
            grid.addWidget(words, row, 1)
        column.addLayout(grid)
        column.addSpacing(10)
        self._actions[EXPORT_ACTION].changed.connect(self._follow_export)
        self._follow_export()

    @Slot()
    def _ask(self) -> None:
        self.export_asked.emit(self.sender().objectName())

    @Slot()
    def _follow_export(self) -> None:
        action = self._actions[EXPORT_ACTION]
        for button in self.format_buttons.values():
            button.setEnabled(action.isEnabled())
            button.setToolTip("" if action.isEnabled() else action.statusTip())


class _Help(QLabel):
    """What a format is, as high as its lines: in a long page Qt forgets that they were broken."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setWordWrap(True)
        self.setForegroundRole(QPalette.ColorRole.PlaceholderText)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for the height that the text has at this width."""
        super().resizeEvent(event)
        self.setMinimumHeight(self.heightForWidth(event.size().width()))


def _of_verdict(verdict: Verdict) -> SampleQuery:
    return SampleQuery(verdicts=frozenset({verdict}))
