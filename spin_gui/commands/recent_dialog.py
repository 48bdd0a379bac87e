"""Asks which of the projects opened last to open again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from spin_gui.widgets.layouts import MARGIN, body_label, ok_cancel
from spin_gui.widgets.paths import project_line
from spin_gui.widgets.question import QuestionDialog

SIZE = (620, 420)
NONE_YET = "No project was opened yet, or none is where it was."


class RecentDialog(QuestionDialog):
    """``chosen(Path)``: a project's folder."""

    def __init__(self, projects: Sequence[Path], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Open recent")
        self._projects = list(projects)
        self.list = QListWidget()
        self.list.setAccessibleName("Recent projects")
        for project in projects:
            item = QListWidgetItem(project_line(project))
            item.setToolTip(str(project))
            self.list.addItem(item)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setSpacing(2)
        self.list.setCurrentRow(0)
        self.list.itemActivated.connect(self.accept)
        box, self.open_button = ok_cancel("Open")
        self.open_button.setEnabled(bool(projects))
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 16)
        if not projects:
            layout.addWidget(body_label(NONE_YET, quiet=True))
        layout.addWidget(self.list, 1)
        layout.addWidget(box)
        self.resize(*SIZE)

    def choice(self) -> Path | None:
        """The project of the marked row."""
        row = self.list.currentRow()
        return self._projects[row] if row >= 0 else None
