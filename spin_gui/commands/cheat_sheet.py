"""All keys on one sheet, from the list of actions."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from spin_gui.commands.records import ACTIONS, ActionRecord, Menu
from spin_gui.widgets.layouts import fill_with_sheet, headline

COLUMNS: tuple[tuple[Menu, ...], ...] = (
    (Menu.REVIEW, Menu.GO, Menu.EDIT, Menu.HELP),
    (Menu.VIEW, Menu.FILE, Menu.FITTING, Menu.TRAINING),
    (Menu.CORRECT,),
)
"""What is used most stands first."""

MOUSE_HELP = [
    ("Drag", "Turn all bodies of the row"),
    ("Right or Shift drag", "Move all views of the row"),
    ("Wheel", "Zoom all views of the row"),
]


class CheatSheet(QDialog):
    """Every action with its keys; commands without a key are reached by menu or palette."""

    def __init__(self, parent: QWidget | None, records: Sequence[ActionRecord] = ACTIONS) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        sheet = QWidget()
        columns = QHBoxLayout(sheet)
        columns.setContentsMargins(20, 16, 20, 8)
        columns.setSpacing(40)
        for menus in COLUMNS:
            columns.addLayout(_column(menus, records), 1)
        fill_with_sheet(self, sheet)
        self.resize(sheet.sizeHint().width() + 30, min(sheet.sizeHint().height() + 70, 860))


def _column(menus: tuple[Menu, ...], records: Sequence[ActionRecord]) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(18)
    for menu in menus:
        if menu is Menu.HELP:
            column.addLayout(_group("Mouse", MOUSE_HELP))
        lines = [
            (record.keys_text, record.title.rstrip("…"))
            for record in records
            if record.menu is menu
        ]
        column.addLayout(_group(menu.value, lines))
    column.addStretch(1)
    return column


def _group(title: str, lines: list[tuple[str, str]]) -> QVBoxLayout:
    group = QVBoxLayout()
    group.setSpacing(6)
    group.addWidget(headline(title, larger_by=1.05))
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(0, 1)
    for row, (keys, what) in enumerate(lines):
        grid.addWidget(QLabel(what), row, 0)
        grid.addWidget(_keys_label(keys), row, 1)
    group.addLayout(grid)
    return group


def _keys_label(keys: str) -> QLabel:
    label = QLabel(keys or "–")
    label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    if not keys:
        label.setForegroundRole(label.palette().ColorRole.PlaceholderText)
    return label
