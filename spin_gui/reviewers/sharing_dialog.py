"""Divides the work, asks for second opinions and mixes in hidden cases, said first in numbers."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QCheckBox, QPushButton, QTabWidget, QVBoxLayout, QWidget

from core.dictionary.reviewers.questions import QuestionCounts
from core.types.counted_nouns import counted
from spin_gui.reviewers.sharing_choices import NothingMore, SharingChoice
from spin_gui.reviewers.sharing_tabs import CasesTab, DivideTab, OpinionsTab, SharingTab
from spin_gui.session.session import ProjectSession
from spin_gui.widgets.layouts import MARGIN, SPACING, body_label, ok_cancel
from spin_gui.widgets.question import QuestionDialog

COUNT_MS = 150
"""After a change; while a name is being written nothing is counted."""


class SharingDialog(QuestionDialog):
    """``chosen(SharingChoice)``: what is to be done; what it will do stands above the button."""

    def __init__(self, session: ProjectSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Share the work")
        self._session = session
        self._everyone = session.dictionary.search.ids().tolist()
        names = session.dictionary.reviewers.names()
        listed = len(session.sample_ids)
        self.only_listed = QCheckBox(
            f"Only the {listed:,} listed of {len(self._everyone):,} people"
        )
        self.only_listed.setAccessibleName("Only the listed people")
        self.only_listed.setEnabled(0 < listed < len(self._everyone))
        self.divide, self.opinions = DivideTab(session, names), OpinionsTab(session, names)
        self.cases = CasesTab(session, names)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("What is to be shared")
        for tab in self._tabs:
            self.tabs.addTab(tab, tab.title)
            tab.changed.connect(self._count_soon)
        self.result_line = body_label("")
        self.result_line.setAccessibleName("What it will do")
        self.end_button = QPushButton("Ask for nothing any more")
        self.end_button.setAccessibleName("Ask for nothing any more")
        self._soon = QTimer(self, singleShot=True, interval=COUNT_MS)
        self._soon.timeout.connect(self.update_now)
        self._arrange()
        self.tabs.currentChanged.connect(self.update_now)
        self.only_listed.toggled.connect(self.update_now)
        self.end_button.clicked.connect(self._end)
        self._show_asked(session.dictionary.questions.counts())
        self.update_now()

    @property
    def _tabs(self) -> tuple[SharingTab, ...]:
        return self.divide, self.opinions, self.cases

    @property
    def _tab(self) -> SharingTab:
        return self._tabs[self.tabs.currentIndex()]

    def choice(self) -> SharingChoice | None:
        """What was chosen, by the tab that is shown; None while it is incomplete."""
        self.update_now()
        return self._tab.choice(self._ids(), only_listed=self.only_listed.isChecked())

    @Slot()
    def update_now(self) -> None:
        """Say what the tab that is shown would do."""
        self._soon.stop()
        text, can = self._tab.result(self._ids())
        self.result_line.setText(text)
        self.ok_button.setText(self._tab.ok)
        self.ok_button.setAccessibleName(self._tab.ok)
        self.ok_button.setEnabled(can)

    @Slot()
    def _count_soon(self) -> None:
        self._soon.start()

    def _ids(self) -> Collection[int]:
        listed: list[int] = self._session.sample_ids.tolist()
        return listed if self.only_listed.isChecked() else self._everyone

    @Slot()
    def _end(self) -> None:
        self.reject()
        self.chosen.emit(NothingMore())

    def _show_asked(self, counts: QuestionCounts) -> None:
        self.asked_line.setText(asked_text(counts))
        self.end_button.setVisible(bool(counts))

    def _arrange(self) -> None:
        self.asked_line = body_label("", quiet=True)
        buttons, self.ok_button = ok_cancel("Divide")
        buttons.addButton(self.end_button, buttons.ButtonRole.ResetRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 16)
        layout.setSpacing(SPACING)
        for widget in (self.tabs, self.only_listed, self.result_line, self.asked_line, buttons):
            layout.addWidget(widget)
        self.resize(620, 480)


def asked_text(counts: QuestionCounts) -> str:
    """What reviewers are asked about now."""
    if not counts:
        return "No second opinion is asked for, and no hidden case is mixed in."
    parts = [
        counted(number, one, many)
        for number, one, many in (
            (counts.second_opinions, "second opinion", "second opinions"),
            (counts.known_cases, "known case", "known cases"),
            (counts.made_errors, "made error", "made errors"),
        )
        if number
    ]
    return f"Asked for now, answered or not: {', '.join(parts)}."
