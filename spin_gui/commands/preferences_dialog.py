"""What can be set once for all projects: the look, what is shown, the keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Signal, SignalInstance
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QDialog,
    QGridLayout,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from spin_gui.commands.records import COLUMN_ACTIONS, RECORDS, THEME_ACTIONS
from spin_gui.widgets.layouts import (
    MARGIN,
    body_label,
    fill_with_sheet,
    headline,
    resize_within_screen,
)

SIZE = QSize(660, 640)

SWITCHES = (
    "view.one_large",
    "view.keypoints",
    "view.whole_picture",
    "view.everyone",
    *COLUMN_ACTIONS,
    "view.list",
    "view.details",
    "view.histograms",
    "view.grid",
)
"""Switches of the menus that are remembered from one start to the next."""


class PreferencesDialog(QDialog):
    """Its boxes are the switches of the menus: what is changed holds at once and is remembered."""

    keys_asked = Signal()
    """Keys are to be changed."""

    official_files_asked = Signal()
    """Official files are to be shown."""

    def __init__(self, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Preferences")
        self._actions = actions
        self.boxes: dict[str, QAbstractButton] = {}
        sheet = QWidget()
        column = QVBoxLayout(sheet)
        column.setContentsMargins(MARGIN, 16, MARGIN, 8)
        column.setSpacing(10)
        column.addWidget(headline("Look", larger_by=1.05))
        column.addLayout(self._build_boxes(tuple(THEME_ACTIONS), QRadioButton))
        column.addWidget(headline("What is shown", larger_by=1.05))
        column.addWidget(body_label("While a project is open.", quiet=True))
        column.addLayout(self._build_boxes(SWITCHES, QCheckBox))
        column.addWidget(headline("Keys", larger_by=1.05))
        column.addWidget(_button("Change keys…", self.keys_asked))
        column.addWidget(headline("Official files", larger_by=1.05))
        column.addWidget(_button("Bodies, priors and checkpoints…", self.official_files_asked))
        column.addStretch(1)
        fill_with_sheet(self, sheet)
        resize_within_screen(self, SIZE)

    def _build_boxes(
        self, action_ids: Sequence[str], kind: type[QCheckBox | QRadioButton]
    ) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for row, action_id in enumerate(action_ids):
            record, action = RECORDS[action_id], self._actions[action_id]
            box = kind(record.title)
            box.setAccessibleName(record.title)
            box.setAccessibleDescription(record.help)
            box.setChecked(action.isChecked())
            box.setEnabled(action.isEnabled())
            box.toggled.connect(action.setChecked)
            action.toggled.connect(box.setChecked)
            self.boxes[action_id] = box
            grid.addWidget(box, row, 0)
            grid.addWidget(body_label(record.help, quiet=True), row, 1)
        return grid


def _button(text: str, asked: SignalInstance) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text.rstrip("…"))
    button.setAutoDefault(False)
    button.clicked.connect(asked)
    return button
