"""Headers and cells of the views in their grid; knows widgets, not what they show."""

from __future__ import annotations

import math
from collections.abc import Iterator

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from spin_gui.viewer.cell_plan import ROWS, SUMMARY_CELL, Cell
from spin_gui.viewer.column_header import TITLES, ColumnHeader
from spin_gui.viewer.keypoint_summary import KeypointSummary
from spin_gui.viewer.sample_scene import Column
from spin_gui.viewer.view_canvas import ViewCanvas
from spin_gui.viewer.view_grid import MIN_NARROW, NARROW_SHARE, CellRectangle, plan_grid

GAP = 6
ROW_NAMES = ("from the camera", "from the top", "from the side")
CONTEXT_NAME = "Picture, the other extent"
SMALLEST_CELL = 110
WORTH_USING = 60
"""Less height than this below the cells, in logical pixels, would only look out of line."""


class ViewGrid(QWidget):
    """Lays out a header a column and equal square cells below."""

    cell_side_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.headers = {column: ColumnHeader(column, self) for column in Column}
        self.canvases: dict[Cell, ViewCanvas] = {}
        for row in range(ROWS):
            for column in Column:
                if (row, column) != SUMMARY_CELL:
                    self.canvases[row, column] = ViewCanvas(_cell_name(row, column), self)
        self.summary = KeypointSummary(self)
        self.cell_side = 0
        self._narrow: frozenset[Column] = frozenset()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def minimumSizeHint(self) -> QSize:
        """Cells that still show something."""
        return self._size_for(SMALLEST_CELL)

    def sizeHint(self) -> QSize:
        """Cells of the size of a crop."""
        return self._size_for(224)

    @property
    def cell_size_px(self) -> int:
        """Side of a cell in pixels of the screen."""
        return max(1, round(self.cell_side * self.devicePixelRatioF()))

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """See ``QWidget.resizeEvent``."""
        self._lay_out()

    def set_narrow(self, columns: frozenset[Column]) -> None:
        """Give less room to columns that only say why they are empty."""
        if columns != self._narrow:
            self._narrow = columns
            self._lay_out()

    def _lay_out(self) -> None:
        plan = plan_grid(
            self.width(),
            self.height(),
            rows=ROWS,
            columns=len(Column),
            header_height=self._header_height(),
            gap=GAP,
            narrow=frozenset(list(Column).index(column) for column in self._narrow),
        )
        for header, place in zip(self.headers.values(), plan.headers, strict=True):
            _put(header, place)
        for row, places in enumerate(plan.cells):
            for column, place in zip(Column, places, strict=True):
                _put(self._cell_widget((row, column)), place)
        self._give_summary_what_is_left()
        if plan.cell_side != self.cell_side:
            self.cell_side = plan.cell_side
            self.cell_side_changed.emit()

    def __iter__(self) -> Iterator[tuple[Cell, ViewCanvas]]:
        return iter(self.canvases.items())

    def _give_summary_what_is_left(self) -> None:
        """Where width limits the cells, the summary's text may use the height below them."""
        left_over = self.height() - self.summary.geometry().bottom() - 1
        if left_over >= WORTH_USING:
            self.summary.resize(self.summary.width(), self.summary.height() + left_over)

    def _cell_widget(self, cell: Cell) -> QWidget:
        return self.summary if cell == SUMMARY_CELL else self.canvases[cell]

    def _header_height(self) -> int:
        return max(header.height_needed() for header in self.headers.values())

    def _size_for(self, cell_side: int) -> QSize:
        columns = len(Column)
        narrow_width = max(MIN_NARROW, math.ceil(NARROW_SHARE * cell_side))
        wide = columns - len(self._narrow)
        return QSize(
            wide * cell_side + len(self._narrow) * narrow_width + (columns - 1) * GAP,
            self._header_height() + ROWS * (cell_side + GAP),
        )


def _put(widget: QWidget, place: CellRectangle) -> None:
    widget.setGeometry(place.x, place.y, place.width, place.height)


def _cell_name(row: int, column: Column) -> str:
    if column is Column.PICTURE:
        return "Picture with keypoints" if row == 0 else CONTEXT_NAME
    return f"{TITLES[column]} {ROW_NAMES[row]}"
