"""One official file in a list: what it is for, where it comes from, whether it is in place."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QWidget

from core.workflows.official_files.installed import PlacedFile
from spin_gui.widgets.layouts import body_label, headline
from spin_gui.widgets.paths import breakable

IN_PLACE, NOT_IN_PLACE = "In place", "Not in place"


class OfficialFileRow(QWidget):
    """``choose_asked()`` when its button was pressed."""

    choose_asked = Signal()

    def __init__(self, placed: PlacedFile) -> None:
        super().__init__()
        entry = self.entry = placed.entry
        name: str = entry.kind.value
        title: QLabel = headline(f"{name[0].upper()}{name[1:]}", larger_by=1.05)
        self.state = QLabel()
        self.state.setAccessibleName(f"{name}: state")
        self.where = body_label("", quiet=True)
        self.button = QPushButton("Choose…")
        self.button.setAccessibleName(f"Choose a file for {name}")
        self.button.setAutoDefault(False)
        self.button.clicked.connect(self.choose_asked)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        grid.addWidget(title, 0, 0)
        grid.addWidget(self.state, 0, 1, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self.button, 0, 2)
        purpose = f"For {entry.purpose}. Without it, {entry.without}."
        meant = f"{entry.file_name}, from {entry.page} ({entry.licence})"
        for row, label in enumerate((body_label(purpose), body_label(meant, quiet=True)), start=1):
            grid.addWidget(label, row, 0, 1, 3)
        grid.addWidget(self.where, 3, 0, 1, 3)
        self.show_path(placed.path)

    def show_path(self, path: Path | None) -> None:
        """Say where the file is; None: it is not in place."""
        self.state.setText(NOT_IN_PLACE if path is None else IN_PLACE)
        self.where.setText("" if path is None else breakable(str(path)))
        self.where.setVisible(path is not None)
