"""The samples as rows: one below the other, with thumbnail, name, loss, flags and verdict."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelectionModel, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from spin_gui.samples.sample_delegate import SampleDelegate, row_height
from spin_gui.widgets.row_table import RowTable


def keep_current_only(view: QAbstractItemView) -> None:
    """Several selected samples become the current one alone."""
    flags = QItemSelectionModel.SelectionFlag
    view.selectionModel().select(view.currentIndex(), flags.ClearAndSelect | flags.Rows)


class SampleListView(RowTable):
    """A list that asks only for what it shows.

    A table with one column, since a ``QListView`` asks the model about every row, twice, whenever
    one comes or goes: 200 ms with 100 000 samples. The table's fixed rows need no question.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Samples", parent)
        self.setItemDelegate(SampleDelegate(self))
        self._set_row_height()

    def changeEvent(self, event: QEvent) -> None:
        """Rows grow with the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._set_row_height()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space goes to the next row and Shift+Space back, as everywhere in the window."""
        if event.key() == Qt.Key.Key_Escape:
            keep_current_only(self)
            return
        if event.key() == Qt.Key.Key_Space:
            back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            row = self.currentIndex().row() + (-1 if back else 1)
            if 0 <= row < self.model().rowCount():
                self.setCurrentIndex(self.model().index(row, 0))
            return
        super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Not here: Qt would read all rows one by one; the search box asks the database."""

    def _set_row_height(self) -> None:
        self.verticalHeader().setDefaultSectionSize(row_height(self.fontMetrics()))
