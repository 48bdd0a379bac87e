"""The row of tabs at the top of the window: where one is in the work, and what is left of each."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from spin_gui.session.session import ProjectSession
from spin_gui.tabs.project_facts import ProjectFacts
from spin_gui.tabs.stage_counts import COUNTED_STAGES, short_count, stage_counts
from spin_gui.tabs.stage_tab import StageTab
from spin_gui.widgets.page import PAGE_ACTIONS, Page
from spin_gui.widgets.stage import STAGE_ACTIONS, Stage, stage_of

MORE_PAGES = {"view.gallery": "Gallery", "view.compare": "Compare"}
"""Pages that belong to no stage, at the right end: the command and the word."""

MARGIN = 6


class StageTabs(QWidget):
    """Hidden while no project is open. Nothing in it moves while the numbers change."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Stages of the work")
        self.setObjectName("stage tabs")
        self.tabs = {stage: StageTab(stage.value) for stage in Stage}
        self.more = {action_id: StageTab(title) for action_id, title in MORE_PAGES.items()}
        self._actions: dict[StageTab, QAction] = {}
        self._session: ProjectSession | None = None
        self._facts: ProjectFacts | None = None
        self._page, self._editing = Page.SAMPLES, False
        for stage, tab in self.tabs.items():
            tab.setObjectName(f"tab {stage}")
        self._lay_out()
        self.hide()

    def follow(self, actions: Mapping[str, QAction]) -> None:
        """The commands behind the tabs, by their ids."""
        for stage, action_id in STAGE_ACTIONS.items():
            self._actions[self.tabs[stage]] = actions[action_id]
        for action_id, tab in self.more.items():
            self._actions[tab] = actions[action_id]
        for tab, action in self._actions.items():
            tab.clicked.connect(self._choose)
            action.changed.connect(self._show_actions)
        self._show_actions()

    def show_project(self, session: ProjectSession, facts: ProjectFacts) -> None:
        """Count what this project holds, until it closes."""
        self._session, self._facts = session, facts
        session.counts_changed.connect(self._show_counts)
        session.closing.connect(self._leave)
        facts.changed.connect(self._show_counts)
        self._show_counts()
        self.show()

    def show_place(self, page: Page, *, editing: bool) -> None:
        """Mark the tab of what is shown."""
        self._page, self._editing = page, editing
        stage = stage_of(page, editing=editing)
        for its_stage, tab in self.tabs.items():
            tab.setChecked(its_stage is stage)
        for action_id, tab in self.more.items():
            tab.setChecked(PAGE_ACTIONS[action_id] is page)

    @Slot()
    def _choose(self) -> None:
        """Run the command of the tab that was clicked; one whose page is shown stays."""
        for tab, action in self._actions.items():
            if tab is self.sender():
                if action.isCheckable():
                    action.setChecked(True)
                else:
                    action.trigger()
        self.show_place(self._page, editing=self._editing)  # a click alone marks nothing

    @Slot()
    def _show_actions(self) -> None:
        for tab, action in self._actions.items():
            tab.setEnabled(action.isEnabled())
            tab.set_help(action.toolTip(), action.shortcuts())

    @Slot()
    def _show_counts(self) -> None:
        if self._session is None or self._facts is None:
            return
        counts = self._session.counts()
        widest = short_count(counts.total)
        for stage, count in stage_counts(counts, self._facts.known).items():
            tab = self.tabs[stage]
            tab.keep_room_for(widest if stage in COUNTED_STAGES else "")
            tab.set_count(short_count(count.number), count.words)

    @Slot()
    def _leave(self) -> None:
        self._session = self._facts = None
        self.hide()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(MARGIN, 0, MARGIN, 0)
        row.setSpacing(0)
        for tab in self.tabs.values():
            row.addWidget(tab)
        row.addStretch(1)
        for tab in self.more.values():
            row.addWidget(tab)
        line = QFrame()
        line.setFrameShape(QFrame.Shape.HLine)
        line.setFrameShadow(QFrame.Shadow.Sunken)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(line)
