"""The samples as a grid of big thumbnails; only what is on screen is asked for.

A ``QListView`` in icon mode lays every item out, which takes seconds with 300 000. Here the place
of a cell follows from its number.
"""

from __future__ import annotations

import time

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    QTimer,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyleOptionViewItem, QWidget

from spin_gui.samples.grid_delegate import GridDelegate, cell_size
from spin_gui.samples.sample_list_view import keep_current_only
from spin_gui.widgets.key_guard import ARROWS

Index = QModelIndex | QPersistentModelIndex
_Move = QAbstractItemView.CursorAction
_Hint = QAbstractItemView.ScrollHint


PAINT_S = 0.008
"""Longer than this no turn of the event loop paints new cells: the rest follows in the next."""

FEWEST_CELLS = 3
"""This many are painted in each turn however late it is: a busy machine gets on, too."""


class SampleGridView(QAbstractItemView):
    """Cells of one size, as many in a line as there is room for."""

    kept_keys = ARROWS | {Qt.Key.Key_Escape}
    """Here the arrows lead up and down lines, and so they do not step through the list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Samples as pictures")
        self._delegate = GridDelegate(self)
        self._late = QRegion()
        self._paint_late = QTimer(self, singleShot=True, interval=0)
        self._paint_late.timeout.connect(self._update_late)
        self.setItemDelegate(self._delegate)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setTabKeyNavigation(False)

    # Where cells are

    @property
    def columns(self) -> int:
        """How many cells stand in a line."""
        return max(self.viewport().width() // cell_size(self.fontMetrics()).width(), 1)

    def visualRect(self, index: Index) -> QRect:
        """The cell of an index in the viewport; the lines use all of its width."""
        if not index.isValid():
            return QRect()
        line, column = divmod(index.row(), self.columns)
        width = self.viewport().width() // self.columns
        height = cell_size(self.fontMetrics()).height()
        return QRect(column * width, line * height - self.verticalOffset(), width, height)

    def indexAt(self, point: QPoint) -> QModelIndex:
        """The index whose cell holds a point of the viewport."""
        width = self.viewport().width() // self.columns
        column = point.x() // max(width, 1)
        line = (point.y() + self.verticalOffset()) // cell_size(self.fontMetrics()).height()
        if not 0 <= column < self.columns or line < 0:
            return QModelIndex()
        return self._index(line * self.columns + column)

    def scrollTo(self, index: Index, hint: _Hint = _Hint.EnsureVisible) -> None:
        """Bring a cell into view."""
        rect, height = self.visualRect(index), self.viewport().height()
        bar = self.verticalScrollBar()
        if hint is _Hint.PositionAtCenter:
            bar.setValue(bar.value() + rect.center().y() - height // 2)
        elif rect.top() < 0 or hint is _Hint.PositionAtTop:
            bar.setValue(bar.value() + rect.top())
        elif rect.bottom() > height or hint is _Hint.PositionAtBottom:
            bar.setValue(bar.value() + rect.bottom() - height + 1)

    def horizontalOffset(self) -> int:
        """It scrolls down only."""
        return 0

    def verticalOffset(self) -> int:
        """Pixels above the viewport."""
        return self.verticalScrollBar().value()

    def isIndexHidden(self, _index: Index) -> bool:
        """No cell is hidden."""
        return False

    # Keys and selection

    def moveCursor(self, action: _Move, _modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Where a key leads from the current cell."""
        count = self._count()
        if not count:
            return QModelIndex()
        screen = max(self.viewport().height() // cell_size(self.fontMetrics()).height(), 1)
        row = max(self.currentIndex().row(), 0)
        target = {
            _Move.MoveLeft: row - 1,
            _Move.MovePrevious: row - 1,
            _Move.MoveRight: row + 1,
            _Move.MoveNext: row + 1,
            _Move.MoveUp: row - self.columns,
            _Move.MoveDown: row + self.columns,
            _Move.MovePageUp: row - screen * self.columns,
            _Move.MovePageDown: row + screen * self.columns,
            _Move.MoveHome: 0,
            _Move.MoveEnd: count - 1,
        }[action]
        if action in (_Move.MoveUp, _Move.MoveDown) and not 0 <= target < count:
            return self.currentIndex()
        return self._index(min(max(target, 0), count - 1))

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """From the cell at one corner to that at the other, line by line as text is selected."""
        rows = sorted(self._nearest(point) for point in (rect.topLeft(), rect.bottomRight()))
        if rows[0] < 0:
            return
        self.selectionModel().select(
            QItemSelection(self._index(rows[0]), self._index(rows[1])), command
        )

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        """The cells on screen that a selection covers."""
        region = QRegion()
        first, last = self._rows_on_screen()
        for part in [selection.at(index) for index in range(selection.count())]:
            for row in range(max(part.top(), first), min(part.bottom(), last) + 1):
                region += self.visualRect(self._index(row))
        return region

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc lets several selected samples be the current one alone."""
        if event.key() == Qt.Key.Key_Escape:
            keep_current_only(self)
            return
        super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Not here: Qt would read all rows one by one; the search box asks the index."""

    # Showing

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move what is painted already; only what comes into sight is painted then."""
        self._late.translate(dx, dy)
        self.viewport().scroll(dx, dy)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cells that are to be painted: those that changed, or came into sight."""
        region, late = event.region(), QRegion()
        fresh, until = 0, time.perf_counter() + PAINT_S
        painter = QPainter(self.viewport())
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        first, last = self._rows_on_screen()
        focused = self.hasFocus()
        for row in range(first, last + 1):
            index = self._index(row)
            rect = self.visualRect(index)
            if not region.intersects(rect):
                continue
            cell = QStyleOptionViewItem(option)
            cell.rect = rect
            if self.selectionModel().isSelected(index):
                cell.state |= QStyle.StateFlag.State_Selected
            if focused and index == self.currentIndex():
                cell.state |= QStyle.StateFlag.State_HasFocus
            is_painted = self._delegate.is_painted(cell, index)
            if not is_painted and fresh >= FEWEST_CELLS and time.perf_counter() > until:
                self._delegate.paint_blank(painter, cell)
                late += rect
                continue
            fresh += not is_painted
            self._delegate.paint(painter, cell, index)
        painter.end()
        if not late.isEmpty():
            self._late += late
            self._paint_late.start()

    def _update_late(self) -> None:
        late, self._late = self._late, QRegion()
        self.viewport().update(late)

    def updateGeometries(self) -> None:
        """Fit the scroll bar to the number of lines."""
        super().updateGeometries()
        height = cell_size(self.fontMetrics()).height()
        lines = -(-self._count() // self.columns)
        bar = self.verticalScrollBar()
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(height // 4)
        bar.setRange(0, max(lines * height - self.viewport().height(), 0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the current cell in view when the lines break elsewhere."""
        super().resizeEvent(event)
        self.updateGeometries()
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def changeEvent(self, event: QEvent) -> None:
        """Cells grow with the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometries()

    def rowsInserted(self, parent: Index, start: int, end: int) -> None:
        """Lines may have come."""
        super().rowsInserted(parent, start, end)
        self.updateGeometries()
        self.viewport().update()

    def rowsAboutToBeRemoved(self, parent: Index, start: int, end: int) -> None:
        """Cells move up once the rows are gone."""
        super().rowsAboutToBeRemoved(parent, start, end)
        self.scheduleDelayedItemsLayout()

    def _count(self) -> int:
        """How many samples are listed; Qt asks before there is a model, too."""
        return 0 if self.model() is None else self.model().rowCount()

    def _index(self, row: int) -> QModelIndex:
        return self.model().index(row, 0) if row < self._count() else QModelIndex()

    def _nearest(self, point: QPoint) -> int:
        """The row of the cell at a point, or of the one nearest before it; -1 without samples."""
        count = self._count()
        index = self.indexAt(point)
        if index.isValid():
            return index.row()
        height = cell_size(self.fontMetrics()).height()
        line = max((point.y() + self.verticalOffset()) // height, 0)
        return min((line + 1) * self.columns, count) - 1

    def _rows_on_screen(self) -> tuple[int, int]:
        height = cell_size(self.fontMetrics()).height()
        first = self.verticalOffset() // height * self.columns
        lines = self.viewport().height() // height + 2
        return first, min(first + lines * self.columns, self._count()) - 1
