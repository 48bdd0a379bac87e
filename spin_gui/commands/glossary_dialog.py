"""The words and symbols of the program on one sheet."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from spin_gui.session.glossary import GLOSSARY, GlossarySection
from spin_gui.widgets.layouts import MARGIN, body_label, fill_with_sheet, headline

WIDTH, HEIGHT = 720, 640
WORD_WIDTH = 170


class GlossaryDialog(QDialog):
    """Every term with its meaning, section by section."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Words and symbols")
        sheet = QWidget()
        column = QVBoxLayout(sheet)
        column.setContentsMargins(MARGIN, 16, MARGIN, 8)
        column.setSpacing(18)
        for section in GLOSSARY:
            column.addLayout(_section(section))
        column.addStretch(1)
        fill_with_sheet(self, sheet)
        self.resize(WIDTH, HEIGHT)


def _section(section: GlossarySection) -> QVBoxLayout:
    group = QVBoxLayout()
    group.setSpacing(6)
    group.addWidget(headline(section.title, larger_by=1.05))
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(6)
    grid.setColumnMinimumWidth(0, WORD_WIDTH)
    grid.setColumnStretch(1, 1)
    for row, term in enumerate(section.terms):
        grid.addWidget(_word_label(term.word), row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(body_label(term.meaning), row, 1, Qt.AlignmentFlag.AlignTop)
    group.addLayout(grid)
    return group


def _word_label(word: str) -> QLabel:
    label = body_label(word)
    label.setFixedWidth(WORD_WIDTH)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    return label
